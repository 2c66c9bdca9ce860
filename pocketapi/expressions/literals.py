"""Literals and variables brought to the kind of what they meet: `'5'` beside an integer is 5, `1` beside a bool is true.

The converted values are what a database is given: text, int, float, bool, a date in its one textual form, JSON as text.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind

INTEGER = re.compile(r"-?\d+", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
BOOLS = {"true": True, "false": False, "1": True, "0": False}
LIMIT = 2**63
WIDE = Context(prec=20)  # a double has 17 digits


def convert(value: Any, kind: Kind) -> Any:
    """A scalar as a kind; ValueError where it cannot be, None stays None."""
    if value is None:
        return None
    return CONVERTERS[kind](value)


def convert_variable(value: Any, kind: Kind) -> Any:
    """A caller's value as a kind, None where it cannot be: it equals nothing then."""
    try:
        if kind is Kind.JSON:
            return to_json(value)
        return None if isinstance(value, dict | list) else convert(value, kind)
    except (ValueError, RecursionError):
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
    """A value as JSON text; null is None. ValueError where it is no JSON that databases hold."""
    if value is None:
        return None
    return _storable(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")), value)


def number_text(value: float) -> str:
    """A number as JSON writes it: 10 and not 10.0, and from 1e15 on with an exponent, as PostgreSQL has it."""
    if isinstance(value, int):
        return str(value)
    sign, digits, exponent = Decimal(repr(value)).normalize(WIDE).as_tuple()
    power = len(digits) + int(exponent) - 1
    if value == 0 or -5 < power < 15:
        return str(int(value)) if value.is_integer() else repr(value)
    figures = "".join(map(str, digits))
    if _is_midway(value):
        figures = f"{abs(value):.16e}"[:18].replace(".", "")
    fraction = f".{figures[1:]}" if len(figures) > 1 else ""
    return f"{'-' if sign else ''}{figures[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02}"


def _is_midway(value: float) -> bool:
    """Whether the shortest text lies midway to a neighbour: Python takes it where it is read back so, PostgreSQL never does."""
    shortest = 2 * Fraction(repr(value))
    return any(Fraction(value) + Fraction(math.nextafter(value, way)) == shortest for way in (-1.7e308, 1.7e308))


def _storable(text: str, value: Any) -> str:
    """The text, unless it holds what no text in a database can: the character NUL, or half a surrogate pair."""
    if "\0" in text or ("\\u0000" in text and _holds_nul(value)):
        raise ValueError("text cannot hold the character NUL")
    if not text.isascii():
        text.encode()
    return text


def _holds_nul(value: Any) -> bool:
    """Whether a JSON value holds the character in any of its texts."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str) and "\0" in part:
            return True
        if isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
    return False


def _text(value: Any) -> str:
    if isinstance(value, bool):
        raise ValueError(f"{str(value).lower()} is not text")
    return _storable(value, None) if isinstance(value, str) else number_text(value)


def _integer(value: Any) -> int:
    if isinstance(value, str) and INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int):
        raise ValueError(f"{value!r} is not an integer")
    if not -LIMIT <= value < LIMIT:
        raise ValueError(f"{value} is beyond 64 bits")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{value} is beyond double precision")
    return number


def _bool(value: Any) -> bool:
    if isinstance(value, str):
        value = BOOLS.get(value.lower(), value)
    if value not in (0, 1):
        raise ValueError(f"{value!r} is neither true nor false")
    return bool(value)


def _date(kind: Kind) -> Any:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{value!r} is not a date")
        return dates.canonical(kind, value)

    return parse


def _json(value: Any) -> str:
    """A text literal is JSON text itself; numbers and booleans are JSON already."""
    try:
        return str(to_json(json.loads(value, parse_constant=_no_constant) if isinstance(value, str) else value))
    except (ValueError, RecursionError):
        raise ValueError(f"{value!r} is not JSON") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _blob(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
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
}
