"""Parameters of actions: of their declared type, without coercion, every mistake told at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from pocketapi.config.actions import fits
from pocketapi.config.statements import Param
from pocketapi.errors import REQUIRED, ValidationFailed, field_error
from pocketapi.expressions.literals import BOOLS
from pocketapi.expressions.scope import nearest
from pocketapi.records import json_text
from pocketapi.records.json_text import NotJson
from pocketapi.records.values import FormText

LIMIT = 2**63
Errors = dict[str, dict[str, str]]


def validated(params: Mapping[str, Param], given: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each declared parameter; ValidationFailed with all that is wrong. Null counts as absent."""
    unknown = [name for name in given if name not in params]
    errors: Errors = {name: field_error("unknown", f"There is no parameter {name}{nearest(name, params)}") for name in unknown}
    found: dict[str, Any] = {}
    for name, param in params.items():
        value = given.get(name)
        if value is None:
            if not param.optional:
                errors[name] = REQUIRED
            value = param.default
        elif problem := _problem(value := _from_form(value, param.type), param.type):
            errors[name] = field_error("invalid", problem)
        found[name] = _whole(value) if param.type == "integer" else value
    if errors:
        raise ValidationFailed(errors)
    return found


def _from_form(value: Any, kind: str) -> Any:
    """A form's text as the JSON value that the type expects; other text is left to be refused."""
    if not isinstance(value, FormText):
        return value
    text = str(value)
    if kind == "boolean":
        return BOOLS.get(text.lower(), text)
    if kind in ("number", "integer"):
        try:
            return orjson.loads(text)
        except ValueError:
            return text
    return text


def _whole(value: Any) -> Any:
    """5.0 is the integer 5."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problem(value: Any, kind: str) -> str | None:
    """What is wrong with a value."""
    value = _whole(value) if kind == "integer" else value
    if not fits(value, kind):
        return f"This is no {kind}."
    if isinstance(value, str):
        try:
            json_text.check_text(value)
        except NotJson as error:
            return f"This {error}."
    elif not math.isfinite(value) or (isinstance(value, int) and not -LIMIT <= value < LIMIT):
        return "This number is beyond 64 bits."
    return None
