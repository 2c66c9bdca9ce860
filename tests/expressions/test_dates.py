"""Dates as texts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind

CANONICAL = [
    (Kind.TIMESTAMP, "2025-03-11", "2025-03-11T00:00:00.000Z"),
    (Kind.TIMESTAMP, "2025-03-11T10:20", "2025-03-11T10:20:00.000Z"),
    (Kind.TIMESTAMP, "2025-03-11 10:20:30", "2025-03-11T10:20:30.000Z"),
    (Kind.TIMESTAMP, "2025-03-11T10:20:30.1Z", "2025-03-11T10:20:30.100Z"),
    (Kind.TIMESTAMP, "2025-03-11T10:20:30.999999999z", "2025-03-11T10:20:30.999Z"),
    (Kind.TIMESTAMP, "2025-03-11T00:30:00+02:00", "2025-03-10T22:30:00.000Z"),
    (Kind.TIMESTAMP, "2025-03-11T00:30:00-0130", "2025-03-11T02:00:00.000Z"),
    (Kind.TIMESTAMP, "2025-03-11T00:30:00+02", "2025-03-10T22:30:00.000Z"),
    (Kind.TIMESTAMP, "0001-01-01", "0001-01-01T00:00:00.000Z"),
    (Kind.DAY, "2025-03-11", "2025-03-11"),
    (Kind.DAY, "2025-03-11T00:30:00+02:00", "2025-03-10"),
    (Kind.TIME, "10:20", "10:20:00.000"),
    (Kind.TIME, "10:20:30.1239", "10:20:30.123"),
]


@pytest.mark.parametrize(("kind", "text", "written"), CANONICAL)
def test_canonical(kind: Kind, text: str, written: str) -> None:
    assert dates.canonical(kind, text) == written


WRONG = [
    *("", "soon", "2025-3-11", "2025-02-30", "2025-13-01", "2025-03-11T24:00", "2025-03-11T10:60", "2025-03-11T10:20:60"),
    *("2025-03-11T10", "2025-03-11T10:20+15:00", "2025-03-11T10:20+02:60", "0000-01-01", "0001-01-01T00:00+01:00"),
    *(" 2025-03-11", "2025-03-11 ", "2025-03-11T10:20 Z", "٢٠٢٥-٠٣-١١", "9999-12-31T23:59-01:00", "2025-03-11\n"),
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date"):
        dates.canonical(Kind.TIMESTAMP, text)


@pytest.mark.parametrize("text", ["", "10", "24:00", "10:60", "10:20Z", " 10:20", "2025-03-11"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        dates.canonical(Kind.TIME, text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2025, 3, 11, 10, 20, 30, 456789, tzinfo=UTC), "2025-03-11T10:20:30.456Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (date(2025, 3, 11), "2025-03-11"),
        (time(10, 20), "10:20:00.000"),
    ],
)
def test_format(value: date | time, text: str) -> None:
    assert dates.format_date(value) == text
