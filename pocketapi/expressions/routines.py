"""The SQL functions that SQLite lacks, in Python. They answer as PostgreSQL does, and never raise for a row's value.

tables/connection.py gives them to each connection. No Django here.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from pocketapi.expressions import dates, json_changes, json_paths, literals
from pocketapi.expressions.kinds import Kind

MOST_CHARACTERS = 10_000_000  # of a text with replacements
FAR = 1_000_000_000  # characters before a text
LONGEST_PATTERN = 50_000  # bytes, SQLite's own limit
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WIDE = Context(prec=1100)


def rounded(value: float, places: int) -> float | None:
    """Rounded half away from zero, as the shortest decimal form reads; null past double precision."""
    if places > 330:
        return float(value)
    unit = Decimal(1).scaleb(-max(places, -330))
    found = float(Decimal(repr(value)).quantize(unit, rounding=ROUND_HALF_UP, context=WIDE))
    return found if math.isfinite(found) else None


def replaced(text: str, old: str, new: str) -> str | None:
    """Text with `old` replaced; null where that may get too long."""
    if not old:
        return text
    return text.replace(old, new) if len(text) * (1 + len(new)) < MOST_CHARACTERS else None


def substring(text: str, start: int, length: int) -> str | None:
    """Characters from `start` (the first is 1) on; what lies before the text counts. Null for an absurd length or start."""
    if length < 0 or start < -FAR:
        return None
    return text[max(start, 1) - 1 : max(start + length, 1) - 1]


def parsed_date(text: str) -> str | None:
    """A text as a moment in the one textual form, null where it is none; a clock alone is of the year 2000's first day."""
    try:
        if dates.TIME.fullmatch(text):
            return f"2000-01-01T{dates.canonical(Kind.TIME, text)}Z"
        return dates.canonical(Kind.TIMESTAMP, text)
    except ValueError:
        return None


def since_epoch(seconds: float) -> str | None:
    """A number of seconds since 1970, cut to milliseconds, in the one textual form; null past the years that there are."""
    try:
        return dates.format_timestamp(EPOCH + timedelta(milliseconds=math.floor(seconds * 1000)))
    except (OverflowError, ValueError):
        return None


def pattern(text: str) -> str | None:
    """A LIKE pattern in which a lone backslash at the end stands for itself; null where it is longer than SQLite takes."""
    if len(text) * 4 > LONGEST_PATTERN and len(text.encode()) >= LONGEST_PATTERN:
        return None
    return text + "\\" if (len(text) - len(text.rstrip("\\"))) % 2 else text


# JSON


def canonical_json(text: str) -> str | None:
    """JSON text such that equal values have equal texts: sorted keys, 1 for 1.0. Null where it nests too deep."""
    try:
        value = json.loads(text, parse_float=_shortest)
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return None


def _shortest(text: str) -> float | int:
    value = Decimal(text)
    whole = value.adjusted() < 400 and value == value.to_integral_value()
    return int(value) if whole else float(text)


def json_holds(array: str, value: str) -> bool:
    """Whether a JSON array has an item equal to a JSON value."""
    found = canonical_json(array)
    items = None if found is None else json.loads(found)
    if not isinstance(items, list):
        return False
    wanted = canonical_json(value)
    return any(_dumped(item) == wanted for item in items)


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def json_changed(name: str, document: str, path: str, value: str) -> str | None:
    """json_set, json_insert and json_replace."""
    try:
        return literals.to_json(json_changes.changed(name, json.loads(document), json_paths.parse(path), json.loads(value)))
    except (ValueError, RecursionError):
        return None


def json_patched(document: str, patch: str) -> str | None:
    """json_patch: RFC 7396."""
    try:
        return literals.to_json(json_changes.merged(json.loads(document), json.loads(patch)))
    except (ValueError, RecursionError):
        return None


def integer(value: float) -> int | None:
    """An integer; SQLite answers a fraction where one overflows, which is null."""
    return value if isinstance(value, int) else None


def finite(value: float) -> float | None:
    """A number, null past double precision."""
    return value if math.isfinite(value) else None


def real(value: float) -> str:
    """A double as JSON with all its digits; what is not finite is null."""
    return literals.number_text(value) if math.isfinite(value) else "null"


def refuse() -> None:
    """End the statement: what was to be written is past its range."""
    raise OverflowError


def _null_safe(compute: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        return None if None in args else compute(*args)

    return call


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "pocket_written": (1, _null_safe(literals.number_text)),
    "pocket_integer": (1, _null_safe(integer)),
    "pocket_finite": (1, _null_safe(finite)),
    "pocket_round": (2, _null_safe(rounded)),
    "pocket_substring": (3, _null_safe(substring)),
    "pocket_replace": (3, _null_safe(replaced)),
    "pocket_parse_date": (1, _null_safe(parsed_date)),
    "pocket_since_epoch": (1, _null_safe(since_epoch)),
    "pocket_pattern": (1, _null_safe(pattern)),
    "pocket_refuse": (0, refuse),
    "pocket_real": (1, _null_safe(real)),
    "pocket_base64": (1, _null_safe(lambda value: base64.b64encode(value).decode())),
    "pocket_json_number": (1, _null_safe(literals.number_text)),
    "pocket_json_canonical": (1, _null_safe(canonical_json)),
    "pocket_json_holds": (2, _null_safe(json_holds)),
    "pocket_json_changed": (4, _null_safe(json_changed)),
    "pocket_json_patched": (2, _null_safe(json_patched)),
}
