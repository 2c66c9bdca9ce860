"""`schema`: the JSON Schema that editors use."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from pocketapi.__main__ import main


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    out = io.StringIO()
    assert main(["schema"], out) == 0
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_its_head(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["appUrl", "jwtSecret", "tables"]
    assert schema["additionalProperties"] is False


def test_properties_have_the_names_of_the_file(schema: dict[str, Any]) -> None:
    assert {"appName", "jwtIssuer", "corsOrigins", "authProviders"} <= schema["properties"].keys()
    assert {"notNull", "sqlType", "foreignKey", "mimeTypes"} <= schema["$defs"]["Field"]["properties"].keys()
    assert {"idInR2", "autoDeleteR2Files", "r2Base"} <= schema["$defs"]["Table"]["properties"].keys()


def test_scaffolds_are_taken_for_fields(schema: dict[str, Any]) -> None:
    field, names = schema["$defs"]["Table"]["properties"]["fields"]["items"]["anyOf"]
    assert field == {"$ref": "#/$defs/Field"}
    assert {"baseFields", "authFields", "baseFields.id", "authFields.role"} <= set(names["enum"])


def test_variables_are_taken_for_numbers_and_choices(schema: dict[str, Any]) -> None:
    for found in (schema["$defs"]["Auth"]["properties"]["jwtTokenDuration"], schema["properties"]["jwtAlgorithm"]):
        assert found["anyOf"][1]["pattern"] == r"^\$[A-Za-z_][A-Za-z0-9_]*$"
