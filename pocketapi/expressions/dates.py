"""Dates as the API writes them: `2025-03-11T10:00:00.000Z`, `2025-03-11`, `10:00:00.000`.

All times are UTC, to the millisecond. functions.py has the same in SQL for PostgreSQL: DATE_TEXT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from pocketapi.expressions.kinds import Kind

DAY = r"(\d{4})-(\d{2})-(\d{2})"
CLOCK = r"(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?"
ZONE = r"(Z|z|[+-]\d{2}(?::?\d{2})?)?"
MOST_HOURS = 14  # that a zone lies from UTC
TIMESTAMP = re.compile(rf"{DAY}(?:[T ]{CLOCK}{ZONE})?", re.ASCII)
TIME = re.compile(CLOCK, re.ASCII)


def parse_timestamp(text: str) -> datetime:
    """A moment in UTC, cut to milliseconds; ValueError where the text is no ISO 8601 date. Without a zone it is UTC."""
    found = TIMESTAMP.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a date")
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    clock = (int(hour or 0), int(minute or 0), int(second or 0), _microseconds(fraction))
    try:
        return datetime(int(year), int(month), int(day), *clock, tzinfo=UTC) - _offset(zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a date") from None


def parse_day(text: str) -> date:
    """A day; of a timestamp, its day in UTC."""
    return parse_timestamp(text).date()


def parse_time(text: str) -> time:
    """A time of day, cut to milliseconds."""
    found = TIME.fullmatch(text)
    try:
        if found:
            hour, minute, second, fraction = found.groups()
            return time(int(hour), int(minute), int(second or 0), _microseconds(fraction))
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a time")


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(3, "0")[:3]) * 1000


def _offset(zone: str | None) -> timedelta:
    if not zone or zone in "Zz":
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > MOST_HOURS or minutes > 59:
        raise ValueError(zone)
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


def format_timestamp(moment: datetime) -> str:
    """`2025-03-11T10:00:00.000Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.").rjust(20, "0") + f"{moment.microsecond // 1000:03}Z"


def format_day(day: date) -> str:
    """`2025-03-11`."""
    return day.isoformat()


def format_time(clock: time) -> str:
    """`10:00:00.000`."""
    return clock.isoformat(timespec="milliseconds")


PARSERS: dict[Kind, Callable[[str], date | time]] = {Kind.TIMESTAMP: parse_timestamp, Kind.DAY: parse_day, Kind.TIME: parse_time}


def format_date(value: date | time) -> str:
    """The one textual form of a moment, a day or a time."""
    if isinstance(value, datetime):
        return format_timestamp(value)
    return format_time(value) if isinstance(value, time) else format_day(value)


def canonical(kind: Kind, text: str) -> str:
    """A date's text in the one form of its kind; ValueError where it is none."""
    return format_date(PARSERS[kind](text))
