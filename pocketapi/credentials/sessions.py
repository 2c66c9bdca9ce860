"""Sessions: opened, refreshed by tokens that rotate, looked up at each request, ended at once.

A refresh token is stored as its SHA-256: it is random, so nothing slower is needed. Who changes a session locks it first, so
that of many parallel requests one spends a token, and the next one sees it spent.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from pocketapi.credentials.expiry import remove_expired
from pocketapi.errors import InvalidSession
from pocketapi.models import OneTimeToken, RefreshToken, Session

ALPHABET = string.ascii_letters + string.digits
LENGTH = 22  # characters of 62: 130 bits
SESSION_LIFE = timedelta(days=30)
REFRESH_LIFE = timedelta(days=7)
CLEANED_ONE_IN = 100  # new sessions: one of so many removes what is over


@dataclass(frozen=True)
class Device:
    """Where a session is opened from, for the panel."""

    user_agent: str = ""
    ip: str | None = None


def random_token() -> str:
    """A token or session id nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def hash_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(table: str, uid: Any, device: Device) -> tuple[str, str]:
    """A new session of a user: its id and its first refresh token."""
    now = timezone.now()
    token = random_token()
    if secrets.randbelow(CLEANED_ONE_IN) == 0:
        remove_expired(Session, now)
        remove_expired(OneTimeToken, now)
    with transaction.atomic():
        session = Session.objects.create(
            sid=random_token(),
            table=table,
            user=str(uid),
            created=now,
            refreshed=now,
            expires=now + SESSION_LIFE,
            user_agent=device.user_agent[:255],
            ip=device.ip,
        )
        _issue(session.sid, token)
    return session.sid, token


def refresh(sid: str, token: str, most: int) -> str:
    """Spend a session's refresh token for a new one; InvalidSession where it is not to be had.

    A spent token ends the session, since one of two holders stole it; so does a refresh beyond `most` (0 is unlimited).
    """
    now = timezone.now()
    living = Session.objects.filter(sid=sid, expires__gt=now)
    with transaction.atomic():
        fresh = _spend(living.get(), token, most, now) if _locked(living) else None
    if fresh is None:
        raise InvalidSession
    return fresh


def _locked(found: QuerySet[Session]) -> bool:
    """Keep others from sessions until the transaction ends, on both databases; whether there are any."""
    return found.update(refreshes=F("refreshes")) > 0


def _spend(session: Session, token: str, most: int, now: datetime) -> str | None:
    mine = RefreshToken.objects.filter(session=session, hash=hash_of(token))
    known = mine.first()
    if known is None or (known.expires <= now and not known.spent):
        return None
    if known.spent or (most and session.refreshes >= most):
        session.delete()
        return None
    mine.update(spent=True)
    session.refreshes, session.refreshed, session.expires = session.refreshes + 1, now, now + SESSION_LIFE
    session.save(update_fields=["refreshes", "refreshed", "expires"])
    fresh = random_token()
    _issue(session.sid, fresh)
    return fresh


def _issue(sid: str, token: str) -> None:
    RefreshToken.objects.create(hash=hash_of(token), session_id=sid, expires=timezone.now() + REFRESH_LIFE)


def living(table: str, uid: Any) -> QuerySet[Session]:
    """A user's sessions, the latest first."""
    return Session.objects.filter(table=table, user=str(uid), expires__gt=timezone.now()).order_by("-refreshed", "sid")


def close(sid: str, table: str | None = None, uid: Any = None) -> bool:
    """End a session, with a table only if it is that user's; whether there was one."""
    found = Session.objects.filter(sid=sid)
    return _delete(found if table is None else found.filter(table=table, user=str(uid)))


def end(table: str, uid: Any, but: str | None = None) -> None:
    """End a user's sessions, all or all but one."""
    _delete(Session.objects.filter(table=table, user=str(uid)).exclude(sid=but or ""))


def _delete(found: QuerySet[Session]) -> bool:
    """Delete sessions and their tokens, those included that a refresh is about to add."""
    with transaction.atomic():
        return _locked(found) and found.delete()[0] > 0
