"""What the endpoints of accounts are sent: a few texts by name, all of them needed, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketapi.errors import REQUIRED, Data, ValidationFailed, field_error
from pocketapi.expressions.scope import nearest


def texts(data: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """The texts of a body by name; ValidationFailed with everything that is missing, unknown or no text."""
    errors: Data = unknown(data, names)
    for name in names:
        if data.get(name) in (None, ""):
            errors[name] = REQUIRED
        elif not isinstance(data[name], str):
            errors[name] = field_error("invalid", "Expected a string.")
    if errors:
        raise ValidationFailed(errors)
    return tuple(data[name] for name in names)


def unknown(data: Mapping[str, Any], names: tuple[str, ...]) -> Data:
    """The fields of a body that are none of its own."""
    return {name: field_error("unknown", f"There is no field {name}{nearest(name, names)}") for name in data if name not in names}
