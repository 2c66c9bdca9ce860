"""`inspect`: the process's config, without its secrets."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from pocketapi.config.loader import load
from pocketapi.tables import models

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.yaml"


@pytest.fixture(autouse=True)
def _example(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "CONFIG", load(EXAMPLE, environ={"JWT_SECRET": "j" * 40, "JWT_SECRET_USERS": "u" * 40}))


def inspect(*arguments: str) -> str:
    out = io.StringIO()
    call_command("pocketapi", "inspect", *arguments, stdout=out)
    return out.getvalue()


def test_yaml_and_json_say_the_same() -> None:
    assert yaml.safe_load(inspect()) == json.loads(inspect("--format", "json")) == json.loads(inspect("--format=json"))


def test_scaffolds_and_defaults_are_filled_in_and_secrets_are_names() -> None:
    shown = yaml.safe_load(inspect())
    assert shown["jwtSecret"] == "$JWT_SECRET"
    assert shown["jwtAlgorithm"] == "HS256"
    assert [field["name"] for field in shown["tables"][1]["fields"]][:4] == ["id", "created", "updated", "author_id"]
    assert "jjjj" not in inspect()
