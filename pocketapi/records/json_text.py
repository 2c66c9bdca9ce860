"""JSON text to values. What two readers could read in two ways, and what no database stores, is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

LIMIT = 2**63
LONGEST_INTEGER = 20  # characters of -9223372036854775808
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class NotJson(ValueError):
    """A text that is no JSON, or holds what is not taken; the message is the rest of a sentence, `The body ...`."""


def parse(text: str) -> Any:
    """The value of a JSON text; NotJson where there is none, or none that every reader would agree on."""
    try:
        parsed = json.loads(text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("nests too deep") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"is no valid JSON at line {error.lineno}, column {error.colno}") from None
    if "\\u" in text:
        check_text(parsed)
    return parsed


def check_text(value: Any) -> None:
    """NotJson where a text anywhere in a value has a NUL or a lone surrogate."""
    if isinstance(value, str):
        if UNSTORABLE.search(value):
            raise NotJson("has a NUL or a lone surrogate in a text")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_text(key)
            check_text(item)
    elif isinstance(value, list):
        for item in value:
            check_text(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJson(f"has the key {twice} twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > LONGEST_INTEGER or not -LIMIT <= (value := int(text)) < LIMIT:
        raise NotJson("has an integer beyond 64 bits")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotJson("has a number beyond double precision")
    return value


def _constant(name: str) -> None:
    raise NotJson(f"has {name}, which is no JSON")
