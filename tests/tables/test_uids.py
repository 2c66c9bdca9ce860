"""Uids: fixed width, sorted by creation, never the same twice."""

import threading
import time

import pytest
from hypothesis import given, strategies

from pocketapi.tables import uids


@given(strategies.integers(0, 2**128 - 1))
def test_a_number_comes_back(number: int) -> None:
    uid = uids.encode(number)
    assert len(uid) == 22
    assert uid.isalnum()
    assert uids.decode(uid) == number


@given(strategies.integers(0, 2**128 - 1), strategies.integers(0, 2**128 - 1))
def test_text_sorts_as_numbers_do(one: int, other: int) -> None:
    assert (uids.encode(one) < uids.encode(other)) == (one < other)


def test_a_uid_is_a_uuid_of_version_7() -> None:
    before = time.time_ns() // 1_000_000
    number = uids.decode(uids.new_uid())
    assert before <= number >> 80 <= time.time_ns() // 1_000_000 + 5_000
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10


def test_uids_ascend_within_a_millisecond() -> None:
    made = [uids.new_uid() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same_and_each_ascends() -> None:
    made: list[list[str]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=lambda row=row: row.extend(uids.new_uid() for _ in range(5_000))) for row in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({uid for row in made for uid in row}) == 20_000
    assert all(row == sorted(row) for row in made)


def test_a_clock_that_goes_back_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = uids.Clock()
    moments = iter([5_000_000_000, 4_000_000_000, 4_000_000_000, 5_001_000_000])
    monkeypatch.setattr(uids.time, "time_ns", lambda: next(moments))
    assert [clock.tick() for _ in range(4)] == [(5000, 0), (5000, 1), (5000, 2), (5001, 0)]


def test_a_full_millisecond_borrows_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = uids.Clock()
    monkeypatch.setattr(uids.time, "time_ns", lambda: 7_000_000)
    ticks = [clock.tick() for _ in range(uids.COUNTS + 2)]
    assert ticks == sorted(set(ticks))
    assert ticks[-1] == (8, 1)
