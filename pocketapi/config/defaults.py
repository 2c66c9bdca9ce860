"""Defaults: literals brought to the kind of their field, raw SQL, and the many spellings of now."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from pocketapi.config import schema
from pocketapi.config.link import Default, LiteralDefault, Now, SqlDefault
from pocketapi.expressions import dates, literals
from pocketapi.expressions.kinds import DATE_KINDS, Kind

NOW = re.compile(
    r"""current_timestamp (?:\(\))? | now(?:\(\))? |
    (?:strftime|date|time|datetime) \( (?:'[^']*',)? '?now'? (?:,'subsec')? \)""",
    re.IGNORECASE | re.VERBOSE,
)
JSON_TYPES = (str, int, float, bool, list, dict, type(None))


def is_now(text: str) -> bool:
    """Whether SQL, or a bare text, says the time of the insert."""
    text = re.sub(r"\s+", "", text)
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return NOW.fullmatch(text) is not None


def default_of(field: schema.Field) -> Default | None:
    """A field's default; ValueError, with the sentence, where the literal does not fit."""
    given = field.default
    if isinstance(given, schema.SqlText):
        texts = [given.q] if isinstance(given.q, str) else list(given.q.values())
        return Now() if field.type == "date" and all(map(is_now, texts)) else SqlDefault(given)
    value = given.l if isinstance(given, schema.LiteralValue) else given
    if value is None:
        return None
    if field.type == "date" and isinstance(value, str) and is_now(value):
        return Now()
    return LiteralDefault(fitting(value, field))


def fitting(value: Any, field: schema.Field) -> Any:
    """A literal as the field holds it; ValueError, with the sentence, where it does not fit."""
    match field.type:
        case "json":
            return _json(value)
        case "bool":
            return bool(_of(value, value in (0, 1) and isinstance(value, bool | int), "true or false"))
        case "date":
            return _date(value, DATE_KINDS[field.storage])
        case "blob":
            return _base64(value)
        case "file":
            raise ValueError("A file field has no default: files are uploaded.")
    if field.options and value not in field.options:
        raise ValueError(f"The default is none of the options: {', '.join(map(str, field.options))}.")
    return _plain(value, field)


def _plain(value: Any, field: schema.Field) -> Any:
    """Text and numbers, by storage."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if field.storage == "text":
        return _of(value, isinstance(value, str), "a string")
    if field.type == "integer" or field.storage in ("integer", "int"):
        whole = is_number and float(value).is_integer() and -(2**63) <= value < 2**63
        return int(_of(value, whole, "a 64-bit integer"))
    return _of(value, is_number and math.isfinite(value), "a number")


def _of(value: Any, fits: bool, kind: str) -> Any:
    if not fits:
        raise ValueError(f"The default does not fit: expected {kind}.")
    return value


def _date(value: Any, kind: Kind) -> str:
    try:
        return dates.canonical(kind, _of(value, isinstance(value, str), "an ISO 8601 date"))
    except ValueError:
        wanted = {Kind.DAY: "a day such as '2025-03-11'", Kind.TIME: "a time such as '10:00:00'"}
        raise ValueError(
            f"The default does not fit: expected {wanted.get(kind, 'an ISO 8601 date')}, or {{q: CURRENT_TIMESTAMP}}."
        ) from None


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(literals.convert(value, Kind.JSON))
    except ValueError:
        raise ValueError("The default does not fit: a string must be JSON text itself, such as '\"text\"' or '[]'.") from None


def _base64(value: Any) -> str:
    try:
        literals.convert(_of(value, isinstance(value, str), "a base64 string"), Kind.BLOB)
    except ValueError:
        raise ValueError("The default does not fit: expected a base64 string.") from None
    return str(value)
