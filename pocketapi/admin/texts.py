"""The values of rows as texts: as inputs have them, and as people read them."""

from __future__ import annotations

import base64
import json
from datetime import date, time
from typing import Any

from pocketapi.config import link
from pocketapi.errors import PocketError
from pocketapi.expressions import dates, literals
from pocketapi.expressions.kinds import Kind


def shown(field: link.Field, value: Any) -> Any:
    """A row's value as a form shows it."""
    if value is None:
        return ""
    match field.column.kind:
        case Kind.BOOL:
            return bool(value)
        case Kind.JSON:
            return json.dumps(value, indent=2, ensure_ascii=False)
        case Kind.BLOB:
            return base64.b64encode(bytes(value)).decode()
        case Kind.NUMBER:
            return literals.number_text(float(value))
        case _:
            return local(value) if isinstance(value, date | time) else str(value)


def local(value: date | time) -> str:
    """A moment as a browser's inputs have it: in UTC, without saying so, and without seconds that are zero."""
    return dates.format_date(value).removesuffix("Z").removesuffix(".000")


def read(field: link.Field, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, date | time):
        return dates.format_date(value)
    if field.column.kind is Kind.BLOB:
        return f"{len(bytes(value))} bytes"
    return str(shown(field, value))


def by_field(error: PocketError) -> dict[str, str]:
    """What an error says of each field."""
    return {name: told["message"] for name, told in error.data.items() if isinstance(told, dict) and "message" in told}


def sentence(error: PocketError) -> str:
    """An error as one text, where there is no field to show it at."""
    return " ".join(by_field(error).values()) or error.message
