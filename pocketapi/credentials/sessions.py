"""Sessions: opened, refreshed by tokens that rotate, looked up at each request, ended at once.

A refresh token is stored as its SHA-256: it is random, so nothing slower is needed. Spending one is a conditional update,
which only one of many parallel requests wins.
"""

from __future__ import annotations

import hashlib
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from pocketapi.errors import InvalidSession
from pocketapi.models import RefreshToken, Session

ALPHABET = string.ascii_letters + string.digits
LENGTH = 22  # characters of 62: 130 bits
SESSION_LIFE = timedelta(days=30)
REFRESH_LIFE = timedelta(days=7)


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
    mine = RefreshToken.objects.filter(hash=hash_of(token), session=sid)
    with transaction.atomic():
        if mine.filter(spent=False, expires__gt=now, session__expires__gt=now).update(spent=True):
            fresh = _renew(sid, most)
            if fresh is not None:
                return fresh
        elif mine.filter(spent=True).exists():
            Session.objects.filter(sid=sid).delete()
    raise InvalidSession


def _renew(sid: str, most: int) -> str | None:
    session = Session.objects.select_for_update().get(sid=sid)
    if most and session.refreshes >= most:
        session.delete()
        return None
    now = timezone.now()
    Session.objects.filter(sid=sid).update(refreshes=session.refreshes + 1, refreshed=now, expires=now + SESSION_LIFE)
    token = random_token()
    _issue(sid, token)
    return token


def _issue(sid: str, token: str) -> None:
    RefreshToken.objects.create(hash=hash_of(token), session_id=sid, expires=timezone.now() + REFRESH_LIFE)


def lives(sid: str) -> bool:
    """Whether a session has not ended."""
    return Session.objects.filter(sid=sid, expires__gt=timezone.now()).exists()


def close(sid: str) -> bool:
    """End a session; whether there was one."""
    return Session.objects.filter(sid=sid).delete()[0] > 0


def end(table: str, uid: Any, but: str | None = None) -> None:
    """End a user's sessions, all or all but one."""
    Session.objects.filter(table=table, user=str(uid)).exclude(sid=but or "").delete()
