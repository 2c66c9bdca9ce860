"""`cleanup`, and what is removed beside other work: only what is over."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from pocketapi.commands import cleanup
from pocketapi.credentials import expiry, sessions
from pocketapi.credentials.sessions import Device
from pocketapi.models import Counter, OneTimeToken, RefreshToken, Session

PAST, FUTURE = (timezone.now() + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def _rows(connection: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each kind some that are over, and one that is not."""
    monkeypatch.setattr(sessions.secrets, "randbelow", lambda most: most - 1)  # no cleaning while these are made
    for number in range(4):
        sid, _ = sessions.open_session("users", number, Device())
        common = {"expires": FUTURE if number == 3 else PAST}
        Session.objects.filter(sid=sid).update(**common)
        Counter.objects.create(key=str(number), count=1, **common)
        OneTimeToken.objects.create(hash=str(number), table="users", user="1", purpose="otp", created=PAST, **common)


def left() -> list[int]:
    return [model.objects.count() for model in (Session, RefreshToken, OneTimeToken, Counter)]


@pytest.mark.usefixtures("_rows")
def test_the_command_removes_what_is_over_and_says_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expiry, "AT_A_TIME", 2)
    out = io.StringIO()
    call_command("pocketapi", "cleanup", stdout=out)
    assert out.getvalue() == "Removed 3 sessions, 3 one-time tokens, 3 counters.\n"
    assert left() == [1, 1, 1, 1]


@pytest.mark.usefixtures("_rows")
def test_a_few_new_sessions_remove_some_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions.secrets, "randbelow", lambda most: 1 if most == sessions.CLEANED_ONE_IN else 0)
    sessions.open_session("users", 5, Device())
    assert left() == [5, 5, 4, 4]
    monkeypatch.setattr(sessions.secrets, "randbelow", lambda _: 0)
    monkeypatch.setattr(sessions, "random_token", iter("abcd").__next__)
    sessions.open_session("users", 6, Device())
    assert left() == [3, 3, 1, 4]


@pytest.mark.django_db
def test_what_the_database_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("no such table")

    monkeypatch.setattr(cleanup, "remove_all_expired", refuse)
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("pocketapi", "cleanup", stdout=out)
    assert ended.value.code == 1
    assert "migrate" in out.getvalue()
