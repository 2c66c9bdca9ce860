"""What the date columns take (text, datetimes, days, times of day) in the one form of each, by expressions/dates.py."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from pocketapi.expressions import dates


def timestamp(value: object) -> datetime:
    """A point in time in UTC, cut to milliseconds; without a zone it is UTC, a day is its midnight. ValueError otherwise."""
    if isinstance(value, str):
        return dates.parse_timestamp(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError("not a point in time")
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.replace(microsecond=_cut(moment.microsecond))


def timestamp_text(value: object) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return dates.format_timestamp(timestamp(value))


def day(value: object) -> date:
    """A day: of a point in time, its day in UTC. ValueError otherwise."""
    return timestamp(value).date()


def time_of_day(value: object) -> time:
    """A time of day without zone, cut to milliseconds. ValueError otherwise."""
    if isinstance(value, str):
        return dates.parse_time(value)
    if isinstance(value, datetime):
        return timestamp(value).time()
    if not isinstance(value, time):
        raise ValueError("not a time of day")
    return value.replace(microsecond=_cut(value.microsecond), tzinfo=None)


def time_text(value: object) -> str:
    """`HH:MM:SS.mmm`."""
    return dates.format_time(time_of_day(value))


def _cut(microseconds: int) -> int:
    return microseconds // 1000 * 1000
