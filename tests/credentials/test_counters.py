"""Counting tries, in the table and in a cache."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from pocketapi.credentials import counters
from pocketapi.credentials.counters import CacheCounters, Counters, Limit, TableCounters, key_of
from pocketapi.models import Counter

NOW = 1_700_000_000 // 60 * 60
LIMIT, HELD = Limit(3, 60), Limit(3, 60, held=True)


class Clock:
    """The time as it is told to both."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = float(NOW)
        start = timezone.now()
        monkeypatch.setattr(time, "time", lambda: self.now)
        monkeypatch.setattr(timezone, "now", lambda: start + timedelta(seconds=self.now - NOW))

    def wait(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture(params=["table", "cache"])
def counted(request: pytest.FixtureRequest, connection: BaseDatabaseWrapper, settings: Any, clock: Clock) -> Counters:
    if request.param == "table":
        return TableCounters()
    settings.CACHES = {"shared": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.name}}
    return CacheCounters(caches["shared"])


def test_as_many_as_there_may_be(counted: Counters, clock: Clock) -> None:
    assert counted.wait("a", LIMIT) == 0
    assert [counted.count("a", LIMIT) for _ in range(5)] == [True] * 3 + [False] * 2
    assert counted.count("b", LIMIT)
    clock.wait(20)
    assert (counted.wait("a", LIMIT), counted.wait("b", LIMIT)) == (40, 0)
    clock.wait(40)
    assert counted.wait("a", LIMIT) == 0
    assert [counted.count("a", LIMIT) for _ in range(4)] == [True] * 3 + [False]


def test_the_last_one_shuts_the_window_for_its_whole_time(counted: Counters, clock: Clock) -> None:
    assert [counted.count("a", HELD) for _ in range(2)] == [True] * 2
    clock.wait(50)
    assert counted.wait("a", HELD) == 0
    assert [counted.count("a", HELD) for _ in range(2)] == [True, False]
    assert counted.wait("a", HELD) == 60
    clock.wait(59.5)
    assert counted.wait("a", HELD) == 1
    clock.wait(0.5)
    assert counted.wait("a", HELD) == 0
    assert counted.count("a", HELD)


def test_forgetting(counted: Counters) -> None:
    for key in ("a", "b"):
        assert [counted.count(key, HELD) for _ in range(4)] == [True] * 3 + [False]
    counted.forget("a", HELD)
    assert (counted.wait("a", HELD), counted.wait("b", HELD)) == (0, 60)
    assert counted.count("a", HELD)


def test_what_is_over_its_limit_writes_nothing(connection: BaseDatabaseWrapper, clock: Clock) -> None:
    for _ in range(10):
        TableCounters().count("a", LIMIT)
        clock.wait(1)
    assert Counter.objects.get().count == 3
    assert str(Counter.objects.get()) == "a 3"


def test_a_few_tries_remove_what_is_over(connection: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    TableCounters().count("old", LIMIT)
    clock.wait(60)
    monkeypatch.setattr(counters.secrets, "randbelow", lambda _: 1)
    TableCounters().count("a", LIMIT)
    assert Counter.objects.count() == 2
    monkeypatch.setattr(counters.secrets, "randbelow", lambda _: 0)
    TableCounters().count("b", LIMIT)
    assert set(Counter.objects.values_list("key", flat=True)) == {"a", "b"}


def test_a_key_tells_nothing_without_the_secret(settings: Any) -> None:
    first = key_of("login", "ip", "192.0.2.1")
    assert len({first, key_of("login", "ip", "192.0.2.2"), key_of("login", "ip192.0.2.1")}) == 3
    assert first == key_of("login", "ip", "192.0.2.1")
    settings.SECRET_KEY = "another-secret-of-the-tests-only"
    assert key_of("login", "ip", "192.0.2.1") != first


def test_a_turn_comes_once_in_an_interval(counted: Counters, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(counters, "counters", lambda: counted)
    assert [counters.claim("a", 60) for _ in range(3)] == [0, 60, 60]
    clock.wait(59)
    assert counters.claim("a", 60) == 1
    clock.wait(1)
    assert counters.claim("a", 60) == 0
    counters.release("a", 60)
    assert counters.claim("a", 60) == 0


def test_no_interval_is_always_ones_turn(connection: BaseDatabaseWrapper) -> None:
    assert [counters.claim("a", 0) for _ in range(3)] == [0, 0, 0]
