"""The one textual form of a point in time, a day and a time of day, and the way back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.utils.dateparse import parse_date, parse_datetime, parse_time


def timestamp(value: object) -> datetime:
    """A point in time in UTC, cut to milliseconds; without a zone it is UTC, a day is its midnight. ValueError otherwise."""
    if isinstance(value, str):
        value = parse_datetime(value) or parse_date(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError("not a point in time")
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def timestamp_text(value: object) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return timestamp(value).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(value: object) -> date:
    """A day: of a point in time, its day in UTC. ValueError otherwise."""
    if isinstance(value, str):
        value = parse_date(value[:10]) if len(value) == 10 else timestamp(value)
    if isinstance(value, datetime):
        return timestamp(value).date()
    if not isinstance(value, date):
        raise ValueError("not a day")
    return value


def time_of_day(value: object) -> time:
    """A time of day without zone, cut to milliseconds. ValueError otherwise."""
    if isinstance(value, str):
        value = parse_time(value)
    if isinstance(value, datetime):
        value = timestamp(value).time()
    if not isinstance(value, time):
        raise ValueError("not a time of day")
    return value.replace(microsecond=value.microsecond // 1000 * 1000, tzinfo=None)


def time_text(value: object) -> str:
    """`HH:MM:SS.mmm`."""
    return time_of_day(value).isoformat(timespec="milliseconds")
