"""The JSON Schema of the config file, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from pocketapi.config import schema
from pocketapi.config.scaffolds import NAMES

REFERENCE = {"type": "string", "pattern": r"^\$[A-Za-z_][A-Za-z0-9_]*$", "description": "An environment variable."}
CONVERTED = ("integer", "number", "boolean")


def document() -> dict[str, Any]:
    """The whole schema; scaffolds' names are taken for fields, `$NAME` for numbers and booleans."""
    made: dict[str, Any] = schema.Config.model_json_schema(by_alias=True)
    fields = made["$defs"]["Table"]["properties"]["fields"]
    fields["items"] = {"anyOf": [fields["items"], {"enum": list(NAMES)}]}
    for part in (made, *made["$defs"].values()):
        part["properties"] = {name: _or_reference(given) for name, given in part.get("properties", {}).items()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "pocketapi.yaml"}


def _or_reference(given: dict[str, Any]) -> dict[str, Any]:
    if given.get("type") not in CONVERTED and "enum" not in given:
        return given
    kept: dict[str, Any] = {name: given.pop(name) for name in ("default", "title", "description") if name in given}
    return {"anyOf": [given, REFERENCE], **kept}
