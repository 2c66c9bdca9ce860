"""The functions of dates of the reference evaluator: modifiers, formats, and what a value is a date of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tests.evaluator_values import Refused, Unspecified, midnight, parse_clock, parse_stamp

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK_DAY = date(2000, 1, 1)
SHIFT = re.compile(r"([+-]\d+) (seconds|minutes|hours|days|months|years)", re.ASCII)
STARTS = ("start of day", "start of month", "start of year")
SPECIFIERS = "YmdHMSfjws%"
OF_DAYS = set("Ymdjws")


def check_modifier(text: str) -> None:
    """Refuse an unknown modifier."""
    if text not in (*STARTS, "unixepoch") and not SHIFT.fullmatch(text):
        raise Refused(f"no modifier {text!r}")


def check_format(text: str) -> None:
    """Refuse a format with an unknown specifier."""
    if re.search(rf"%(?![{SPECIFIERS}])", text.replace("%%", "")):
        raise Refused(f"no format {text!r}")


@dataclass(frozen=True)
class Moment:
    """A moment, and whether its day was given."""

    stamp: datetime
    dated: bool = True


def moment(value: Any, modifiers: Sequence[str], now: datetime) -> Moment | None:
    """The moment that a value and modifiers give; None for a bad date or one past the years 1 to 9999."""
    found = read(value, modifiers, now)
    if found is None:
        return None
    stamp = found.stamp
    for modifier in modifiers[1:] if modifiers[:1] == ["unixepoch"] else modifiers:
        if modifier == "unixepoch":
            raise Unspecified("unixepoch that is not the first modifier")
        try:
            stamp = modified(stamp, modifier)
        except (OverflowError, ValueError):
            return None
    return Moment(stamp, found.dated)


def read(value: Any, modifiers: Sequence[str], now: datetime) -> Moment | None:
    """What the value alone is."""
    epoch = modifiers[:1] == ["unixepoch"]
    match value:
        case None:
            return None
        case bool() | int() | float() if not epoch or isinstance(value, bool):
            raise Unspecified("a number as a date without unixepoch")
        case int() | float():
            return since_epoch(value)
        case _ if epoch:
            raise Unspecified("unixepoch of no number")
        case "now":
            return Moment(now)
        case str():
            return read_text(value)
        case time():
            return Moment(datetime.combine(CLOCK_DAY, value, UTC), dated=False)
        case date():
            return Moment(midnight(value))
    raise Unspecified("a variable that is no date")


def since_epoch(value: float) -> Moment | None:
    if isinstance(value, float) and abs(value) < 1e12 and not (value * 1000).is_integer():
        raise Unspecified("parts of a millisecond")
    try:
        return Moment(EPOCH + timedelta(milliseconds=int(value * 1000)))
    except OverflowError:
        return None


def read_text(text: str) -> Moment | None:
    clock = parse_clock(text)
    if clock is not None:
        return Moment(datetime.combine(CLOCK_DAY, clock, UTC), dated=False)
    stamp = parse_stamp(text)
    return None if stamp is None else Moment(stamp)


def modified(stamp: datetime, modifier: str) -> datetime:
    """The moment after one modifier; OverflowError and ValueError past the years that there are."""
    if modifier in STARTS:
        stamp = stamp.replace(hour=0, minute=0, second=0, microsecond=0)
        return {"day": stamp, "month": stamp.replace(day=1), "year": stamp.replace(month=1, day=1)}[modifier[9:]]
    found = SHIFT.fullmatch(modifier)
    if found is None:
        raise Refused(f"no modifier {modifier!r}")
    count, unit = int(found[1]), found[2]
    if unit in ("months", "years"):
        months = stamp.year * 12 + stamp.month - 1 + count * (12 if unit == "years" else 1)
        first = stamp.replace(year=months // 12, month=months % 12 + 1, day=1)
        return first + timedelta(days=stamp.day - 1)
    return stamp + timedelta(**{unit: count})


def call_date(name: str, values: Sequence[Any], now: datetime) -> Any:
    """date, time, datetime, unixepoch and strftime."""
    form, value, *modifiers = values if name == "strftime" else ("", *values)
    found = moment(value, modifiers, now)
    if found is None:
        return None
    if name == "time":
        return found.stamp.time()
    if not found.dated and (name != "strftime" or OF_DAYS & set(re.findall("%(.)", form))):
        raise Unspecified("the day of a time")
    match name:
        case "date":
            return found.stamp.date()
        case "datetime":
            return found.stamp
        case "unixepoch":
            return seconds(found.stamp)
        case _:
            return formatted(found.stamp, form)


def seconds(stamp: datetime) -> int:
    """Whole seconds since 1970, downwards."""
    return (stamp - EPOCH) // timedelta(seconds=1)


def formatted(stamp: datetime, form: str) -> str:
    parts = {
        "Y": f"{stamp.year:04}",
        "m": f"{stamp.month:02}",
        "d": f"{stamp.day:02}",
        "H": f"{stamp.hour:02}",
        "M": f"{stamp.minute:02}",
        "S": f"{stamp.second:02}",
        "f": f"{stamp.second:02}.{stamp.microsecond // 1000:03}",
        "j": f"{stamp.timetuple().tm_yday:03}",
        "w": str(stamp.isoweekday() % 7),
        "s": str(seconds(stamp)),
        "%": "%",
    }
    return re.sub("%(.)", lambda found: parts[found[1]], form, flags=re.DOTALL)
