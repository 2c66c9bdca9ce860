"""Second factors of accounts: an authenticator, and codes that replace it once.

The authenticator's secret is encrypted with a key made of the table's own, so that rows alone give no codes.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.db import transaction
from django.utils import timezone

from pocketapi.config import link
from pocketapi.credentials import tokens, totp
from pocketapi.credentials.sessions import hash_of
from pocketapi.models import RecoveryCode, SecondFactor

RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # no two that look alike
GROUPS, GROUP = 4, 4  # 79 bits


def factor_of(table: link.Table, uid: Any) -> SecondFactor | None:
    """A user's authenticator, confirmed or not."""
    return SecondFactor.objects.filter(table=table.name, user=str(uid)).first()


def is_asked_for(table: link.Table, uid: Any) -> bool:
    """Whether an account has a second factor that its logins must pass."""
    if table.auth is None or table.auth.mfa != "totp":
        return False
    return SecondFactor.objects.filter(table=table.name, user=str(uid), confirmed__isnull=False).exists()


def begin(table: link.Table, uid: Any) -> str:
    """A new authenticator that is not confirmed yet, in the place of one that never was; its secret."""
    secret = totp.new_secret()
    fresh = {"secret": _cipher(table).encrypt(secret.encode()).decode(), "counter": 0, "created": timezone.now()}
    SecondFactor.objects.update_or_create(table=table.name, user=str(uid), confirmed=None, defaults=fresh)
    return secret


def confirm(table: link.Table, factor: SecondFactor) -> list[str]:
    """Ask for an authenticator from now on; its recovery codes, which are never told again."""
    codes = ["-".join(_group() for _ in range(GROUPS)) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(table=table.name, user=factor.user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(table=table.name, user=factor.user, hash=_recovery_hash(table, factor.user, code)) for code in codes
        )
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed=timezone.now())
    return codes


def remove(table: link.Table, uid: Any) -> None:
    """Ask for no second factor any more."""
    for kind in (SecondFactor, RecoveryCode):
        kind.objects.filter(table=table.name, user=str(uid)).delete()


def is_right(table: link.Table, factor: SecondFactor, code: str, *, recovery: bool = True) -> bool:
    """Whether a code is the authenticator's of this minute or, if `recovery`, one that replaces it; it is used up then."""
    digits = code.replace(" ", "")
    if len(digits) == totp.DIGITS and digits.isdecimal() and digits.isascii():
        step = totp.step_of(_secret(table, factor), digits, factor.counter)
        later = SecondFactor.objects.filter(pk=factor.pk, counter__lt=step) if step is not None else None
        return later is not None and later.update(counter=step) == 1
    hashed = _recovery_hash(table, factor.user, code)
    return recovery and RecoveryCode.objects.filter(table=table.name, user=factor.user, hash=hashed).delete()[0] == 1


def _recovery_hash(table: link.Table, user: str, code: str) -> str:
    bare = "".join(letter for letter in code.lower() if letter.isalnum())
    return hash_of(f"{table.name}\0{user}\0{bare}")


def _group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))


def _cipher(table: link.Table) -> Fernet:
    key = hashlib.sha256(b"pocketapi second factor\0" + tokens.secret_of(table).encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _secret(table: link.Table, factor: SecondFactor) -> str:
    """The authenticator's secret; one that nobody has where the table's key is another now."""
    try:
        return _cipher(table).decrypt(factor.secret.encode()).decode()
    except InvalidToken:
        return totp.new_secret()
