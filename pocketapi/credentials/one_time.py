"""Tokens that are good once: sent by mail, or held between two steps of a login. Only their hash is stored.

Who spends a token deletes its row: of many requests at a time the database lets one delete it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from pocketapi.credentials.sessions import hash_of, random_token
from pocketapi.models import OneTimeToken

VERIFICATION, PASSWORD_RESET, OTP, MFA = (purpose for purpose, _ in OneTimeToken.PURPOSES)
MOST_TRIES = 5


def issue(table: str, uid: Any, purpose: str, seconds: int, *, email: str = "", token: str | None = None, code: str = "") -> str:
    """A token for a user, a purpose and an address; `code` is the hash of the code that goes with it. Clears old ones away."""
    now = timezone.now()
    OneTimeToken.objects.filter(expires__lte=now).delete()
    token = token or random_token()
    OneTimeToken.objects.create(
        hash=hash_of(token),
        table=table,
        user=str(uid),
        purpose=purpose,
        email=email,
        code=code,
        created=now,
        expires=now + timedelta(seconds=seconds),
    )
    return token


def find(token: str, purpose: str) -> OneTimeToken | None:
    """The row of a token that is still good."""
    return OneTimeToken.objects.filter(hash=hash_of(token), purpose=purpose, expires__gt=timezone.now()).first()


def tried(token: str, purpose: str, table: str) -> OneTimeToken | None:
    """The row of a token that is still good, with one more try counted; none after the last one."""
    good = OneTimeToken.objects.filter(hash=hash_of(token), purpose=purpose, table=table, expires__gt=timezone.now())
    return good.first() if good.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1) else None


def spend(row: OneTimeToken) -> bool:
    """Use a token up; whether nobody else did."""
    return OneTimeToken.objects.filter(hash=row.hash).delete()[0] == 1


def void(table: str, uid: Any, *purposes: str) -> None:
    """Take back a user's tokens: all of them, or those for some purposes."""
    found = OneTimeToken.objects.filter(table=table, user=str(uid))
    (found.filter(purpose__in=purposes) if purposes else found).delete()


def code_hash(secret: str, token: str, code: str) -> str:
    """What is stored of a code: codes are short, so their hash is worth nothing without the key."""
    return hmac.new(secret.encode(), f"{token}:{code}".encode(), hashlib.sha256).hexdigest()
