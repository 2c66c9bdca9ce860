"""What may happen once, or so many times, in a while."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from pocketapi.credentials import counters
from pocketapi.models import Counter

KEY = counters.key_of("somebody", "something")


def pass_by() -> None:
    Counter.objects.update(expires=timezone.now())


def test_a_counter_counts_and_starts_anew(connection: BaseDatabaseWrapper) -> None:
    assert [counters.count(KEY, 60) for _ in range(3)] == [1, 2, 3]
    assert counters.count(counters.key_of("somebody else", "something"), 60) == 1
    pass_by()
    assert counters.count(KEY, 60) == 1
    counters.release(KEY)
    assert counters.count(KEY, 60) == 1


def test_a_turn_comes_once_in_an_interval(connection: BaseDatabaseWrapper) -> None:
    assert counters.claim(KEY, 60) == 0
    assert 0 < counters.claim(KEY, 60) <= 60
    pass_by()
    assert counters.claim(KEY, 60) == 0
    counters.release(KEY)
    assert counters.claim(KEY, 60) == 0


def test_no_interval_is_always_ones_turn(connection: BaseDatabaseWrapper) -> None:
    assert [counters.claim(KEY, 0) for _ in range(3)] == [0, 0, 0]


def test_the_wait_for_what_nobody_counted(connection: BaseDatabaseWrapper) -> None:
    assert counters.wait(KEY) == 1


def test_the_words_of_a_key_do_not_run_together() -> None:
    assert counters.key_of("a", "bc") != counters.key_of("ab", "c")
