"""Literals and variables brought to the kind of what they meet: `'5'` beside an integer is 5, `1` beside a bool is true.

The converted values are what a database is given: text, int, float, bool, a date in its one textual form, JSON as text.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from typing import Any

from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind

INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
BOOLS = {"true": True, "false": False, "1": True, "0": False}
LIMIT = 2**63


def convert(value: Any, kind: Kind) -> Any:
    """A scalar as a kind; ValueError where it cannot be, None stays None."""
    if value is None:
        return None
    return CONVERTERS[kind](value)


def convert_variable(value: Any, kind: Kind) -> Any:
    """A caller's value as a kind, None where it cannot be: it equals nothing then."""
    if kind is Kind.JSON:
        return to_json(value)
    try:
        return None if isinstance(value, dict | list) else convert(value, kind)
    except ValueError:
        return None


def kind_of_value(value: Any) -> Kind:
    """The kind that a Python value has by itself."""
    if isinstance(value, bool):
        return Kind.BOOL
    if isinstance(value, int):
        return Kind.INTEGER
    if isinstance(value, float):
        return Kind.NUMBER
    if isinstance(value, str):
        return Kind.TEXT
    return Kind.NULL if value is None else Kind.JSON


def to_json(value: Any) -> str | None:
    """A value as JSON text; null is None."""
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def number_text(value: float) -> str:
    """A number as JSON writes it: 10, not 10.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else repr(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not text")
    return value if isinstance(value, str) else number_text(value)


def _integer(value: Any) -> int:
    if isinstance(value, str) and INTEGER.fullmatch(value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is not an integer")
    if not -LIMIT <= value < LIMIT:
        raise ValueError(f"{value} is beyond 64 bits")
    return int(value)


def _number(value: Any) -> float | int:
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = int(value) if INTEGER.fullmatch(value.strip()) else float(value)
    if isinstance(value, str) or not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number")
    return float(value)


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        value = BOOLS.get(value.lower(), value)
    if value not in (0, 1):
        raise ValueError(f"{value!r} is neither true nor false")
    return bool(value)


def _date(kind: Kind) -> Any:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a date")  # noqa: TRY004 - one error type for all literals
        return dates.canonical(kind, value)

    return parse


def _json(value: Any) -> str:
    """A text literal is JSON text itself; numbers and booleans are JSON already."""
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        parsed = json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValueError(f"{value!r} is not JSON") from None
    return json.dumps(parsed, ensure_ascii=False, separators=(",", ":"))


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _blob(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise ValueError(f"{value!r} is not base64") from None


CONVERTERS = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOL: _bool,
    Kind.TIMESTAMP: _date(Kind.TIMESTAMP),
    Kind.DAY: _date(Kind.DAY),
    Kind.TIME: _date(Kind.TIME),
    Kind.JSON: _json,
    Kind.BLOB: _blob,
    Kind.NULL: lambda value: value,
    Kind.ANY: lambda value: value,
}
