"""Values of the reference evaluator: kinds, conversions, comparisons, LIKE and JSON. See evaluator.py for what is assumed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import Enum
from typing import Any


class Refused(Exception):
    """The expression is one that the spec answers with a 400."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unspecified(Exception):
    """The spec does not say what this is and readings differ: a property should skip the example (`hypothesis.assume`)."""


class K(Enum):
    """Kinds. NUMERIC is a number of which only the value tells whether it is an integer (from JSON or a variable)."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    NUMERIC = "numeric"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    DAY = "day"
    TIME = "time"
    JSON = "json"
    NULL = "null"
    DYNAMIC = "dynamic"

    @property
    def family(self) -> str:
        return FAMILY.get(self, self.value)


FAMILY = {K.INTEGER: "number", K.NUMERIC: "number", K.TIMESTAMP: "date", K.DAY: "date", K.TIME: "date"}


class Form(Enum):
    """How firmly a node has its kind."""

    FIXED = "fixed"
    LITERAL = "literal"
    VARIABLE = "variable"
    LOOSE = "loose"  # ->>
    PART = "part"  # ->
    NULL = "null"


@dataclass(frozen=True)
class Static:
    """What is known of a node before any row is."""

    kind: K
    form: Form = Form.FIXED
    value: Any = None
    collation: str | None = None


INT_MAX, INT_MIN, EXACT = 2**63 - 1, -(2**63), 2**53
NUMBER_TEXT = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
DATE_TEXT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?P<zone>Z|[+-]\d\d:\d\d)?)?", re.ASCII
)
CLOCK_TEXT = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?", re.ASCII)
PATH_STEP = re.compile(r'\.([^.\[\]"]+)|\[(\d+)\]', re.ASCII)


# Dates


def parse_clock(text: str) -> time | None:
    """`10:00`, `10:00:01`, `10:00:01.250`."""
    found = CLOCK_TEXT.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds, fraction = found.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    if micro % 1000 or (fraction and len(fraction) > 6 and int(fraction[6:])):
        raise Unspecified("digits below a millisecond")
    try:
        return time(int(hours), int(minutes), int(seconds or 0), micro)
    except ValueError:
        return None


def parse_stamp(text: str) -> datetime | None:
    """An ISO 8601 date, with or without a time and a zone, as UTC; None where it is none."""
    found = DATE_TEXT.fullmatch(text)
    if not found:
        return None
    if text.startswith("0000"):
        raise Unspecified("the year 0")
    clock = parse_clock(found["clock"]) if found["clock"] else time()
    if clock is None:
        return None
    try:
        stamp = datetime.combine(date.fromisoformat(found["day"]), clock, zone_of(found["zone"]))
        return stamp.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zone_of(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def midnight(value: date) -> datetime:
    return value.astimezone(UTC) if isinstance(value, datetime) else datetime.combine(value, time(), UTC)


def as_date(text: str, target: K) -> Any:
    """The text as a value of a date kind, or None."""
    if target is K.TIME:
        if DATE_TEXT.fullmatch(text):
            raise Unspecified("a date against a time")
        return parse_clock(text)
    stamp = parse_stamp(text)
    if target is K.TIMESTAMP or stamp is None:
        return stamp
    if len(text) > len("2025-01-01"):
        raise Unspecified("a timestamp against a day")
    return stamp.date()


# Conversions


def number_text(value: float) -> str:
    """A number as JSON writes it."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        if str(value).startswith("-"):
            raise Unspecified("the text of -0.0")
        return "0"
    if not 1e-4 <= abs(value) < 1e15:
        raise Unspecified("the text of a number with an exponent")
    return str(int(value)) if value.is_integer() else repr(value)


def text_number(text: str) -> int | float | None:
    """The number that a text is, or None."""
    if not NUMBER_TEXT.fullmatch(text):
        return None
    if text.lstrip("-").isdigit():
        return checked_integer(int(text))
    return checked_float(float(text))


def checked_integer(value: int) -> int | None:
    return value if INT_MIN <= value <= INT_MAX else None


def checked_float(value: float) -> float | None:
    return value if math.isfinite(value) else None


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def text_json(text: str) -> Any:
    """The JSON value that a text is; ValueError where it is none."""

    def constant(name: str) -> None:
        raise ValueError(name)

    value = json.loads(text, parse_constant=constant)
    if value is None:
        raise Unspecified("the text null against json")
    return value


def scalar_as(value: Any, target: K) -> Any:
    """A literal's or variable's value as the kind that it meets; None where it cannot be."""
    match target.family:
        case "text":
            if isinstance(value, bool):
                raise Unspecified("a bool as text")
            return number_text(value) if is_number(value) else value if isinstance(value, str) else None
        case "number":
            if isinstance(value, bool):
                raise Unspecified("a bool against a number")
            if isinstance(value, int):
                return checked_integer(value)
            return value if isinstance(value, float) else text_number(value) if isinstance(value, str) else None
        case "bool":
            if isinstance(value, bool):
                return value
            if is_number(value):
                return bool(value) if value in (0, 1) else None
            return {"true": True, "1": True, "false": False, "0": False}.get(value) if isinstance(value, str) else None
        case "date":
            return as_date(value, target) if isinstance(value, str) else None
        case _:
            return value


def literal_as(value: Any, target: K) -> Any:
    """A literal as the kind that it meets; Refused where it cannot be."""
    if target is K.JSON and isinstance(value, str):
        try:
            return text_json(value)
        except ValueError:
            raise Refused(f"{value!r} is no JSON") from None
    converted = scalar_as(value, target)
    if converted is None:
        raise Refused(f"{value!r} cannot be {target.value}")
    return converted


def variable_as(value: Any, target: K) -> Any:
    """A variable as the kind that it meets; None, which equals nothing, where it cannot be."""
    if value is None:
        return None
    if target is K.JSON:
        if isinstance(value, str):
            raise Unspecified("a text variable against json")
        return value
    return scalar_as(value, target)


def loose_as(value: Any, target: K) -> Any:
    """What `->>` found, as the kind that it meets: only JSON values of that kind count."""
    match target.family:
        case "text":
            return value if isinstance(value, str) else None
        case "number":
            return value if is_number(value) else None
        case "bool":
            return value if isinstance(value, bool) else None
        case "date":
            if isinstance(value, str):
                raise Unspecified("->> against a date")
            return None
        case _:
            return value


# Comparisons


def json_equal(left: Any, right: Any) -> bool:
    """Whether two JSON values are one: 1 is 1.0 and is not true, the order of an object's keys does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if is_number(left) and is_number(right):
        return compare_numbers(left, right) == 0
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(json_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(json_equal(left[key], right[key]) for key in left)
    return type(left) is type(right) and left == right


def sign(left: Any, right: Any) -> int:
    return (left > right) - (left < right)


def compare_numbers(left: float, right: float) -> int:
    exact = sign(left, right)
    if isinstance(left, int) != isinstance(right, int) and exact != sign(float(left), float(right)):
        raise Unspecified("an integer past 2**53 against a fraction")
    return exact


def collated(text: str, collation: str) -> str:
    """The text that stands for another under a collation."""
    return ascii_lower(text) if collation == "NOCASE" else text.rstrip(" ") if collation == "RTRIM" else text


def ascii_lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def ascii_upper(text: str) -> str:
    return "".join(chr(ord(c) - 32) if "a" <= c <= "z" else c for c in text)


def compare(left: Any, right: Any, target: K, collations: Sequence[str]) -> int:
    """-1, 0 or 1 for two values of one kind, neither null."""
    match target.family:
        case "text":
            found = {sign(collated(left, name), collated(right, name)) for name in collations or ("BINARY",)}
            if len(found) > 1:
                raise Unspecified("columns of two collations")
            return found.pop()
        case "number":
            return compare_numbers(left, right)
        case "date" if target is not K.TIME:
            return sign(midnight(left), midnight(right))
        case _:
            return sign(left, right)


def like(text: str, pattern: str) -> bool:
    """SQL LIKE, ASCII case ignored, `\\` escaping."""
    parts, index = [], 0
    pattern = ascii_lower(pattern)
    while index < len(pattern):
        character = pattern[index]
        if character == "\\" and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]))
        else:
            parts.append({"%": ".*", "_": "."}.get(character) or re.escape(character))
        index += 1
    return re.fullmatch("".join(parts), ascii_lower(text), re.DOTALL) is not None


def truthy(value: Any) -> bool:
    """A bare value as a condition, null left out."""
    if isinstance(value, bool) or is_number(value):
        return bool(value)
    return value != ""


# JSON paths

Path = tuple[str | int, ...]


def parse_path(text: str) -> Path:
    """`$.a.b[0]`, or a key alone."""
    if not text.startswith("$"):
        return (text,)
    if not re.fullmatch(rf"(?:{PATH_STEP.pattern})*", text[1:], re.ASCII):
        raise Refused(f"{text!r} is no path")
    return tuple(int(index) if index else key for key, index in PATH_STEP.findall(text))


def step(value: Any, key: str | int) -> Any:
    """One step down; None where there is nothing, for JSON null as well."""
    if isinstance(key, str):
        return value.get(key) if isinstance(value, dict) else None
    return value[key] if isinstance(value, list) and key < len(value) else None


def follow(value: Any, path: Path) -> Any:
    for key in path:
        value = step(value, key)
    return value
