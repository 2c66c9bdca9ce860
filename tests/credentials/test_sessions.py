"""Sessions without HTTP: tokens, their hashes, and what ends which session."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from pocketapi.credentials import sessions
from pocketapi.credentials.sessions import Device
from pocketapi.errors import InvalidSession
from pocketapi.models import RefreshToken, Session


def test_tokens_are_22_characters_and_never_the_same() -> None:
    found = {sessions.random_token() for _ in range(1000)}
    assert len(found) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9]{22}", token) for token in found)


def test_a_session_with_its_token(connection: BaseDatabaseWrapper) -> None:
    sid, token = sessions.open_session("users", 5, Device("agent", "127.0.0.1"))
    session = Session.objects.get()
    assert (session.sid, session.table, session.user, session.ip) == (sid, "users", "5", "127.0.0.1")
    assert str(session) == "users 5"
    stored = RefreshToken.objects.get()
    assert stored.hash == sessions.hash_of(token)
    assert token not in str(stored)


@pytest.mark.parametrize("but", [False, True])
def test_end_ends_a_user_s_sessions_and_no_others(connection: BaseDatabaseWrapper, but: bool) -> None:
    mine, second = (sessions.open_session("users", "ann", Device())[0] for _ in range(2))
    others = {sessions.open_session(table, uid, Device())[0] for table, uid in (("users", "bob"), ("staff", "ann"))}
    sessions.end("users", "ann", but=mine if but else None)
    assert set(Session.objects.values_list("sid", flat=True)) == others | ({mine} if but else set())
    assert RefreshToken.objects.filter(session=second).count() == 0


def test_close_tells_whether_there_was_a_session(connection: BaseDatabaseWrapper) -> None:
    sid, token = sessions.open_session("users", "ann", Device())
    assert sessions.close(sid)
    assert not sessions.close(sid)
    with pytest.raises(InvalidSession):
        sessions.refresh(sid, token, 0)


def test_a_spent_token_tells_of_a_theft_however_old_it_is(connection: BaseDatabaseWrapper) -> None:
    sid, first = sessions.open_session("users", "ann", Device())
    fresh = sessions.refresh(sid, first, 0)
    RefreshToken.objects.filter(spent=True).update(expires=timezone.now() - timedelta(days=1))
    with pytest.raises(InvalidSession):
        sessions.refresh(sid, first, 0)
    assert not Session.objects.exists()
    with pytest.raises(InvalidSession):
        sessions.refresh(sid, fresh, 0)
