"""What every part of the schema is made of."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints
from pydantic import Field as Property
from pydantic.alias_generators import to_camel

Scalar = str | int | float | bool | None
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def _identifier(text: str) -> str:
    if not IDENTIFIER.fullmatch(text):
        raise ValueError("a name has letters, digits and `_`, does not start with a digit, and is at most 63 long")
    return text


def upper(value: Any) -> Any:
    """Words in capitals, with one blank between them; anything else as it is."""
    return " ".join(value.upper().split()) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    """`a, b` and `[a, b]` are the same list."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


Identifier = Annotated[str, AfterValidator(_identifier)]
Text = Annotated[str, StringConstraints(min_length=1)]
Names = Annotated[list[Text], BeforeValidator(_listed), Property(min_length=1)]


class Part(BaseModel):
    """A mapping of the config: camelCase in the file, no property but those declared."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=True)
