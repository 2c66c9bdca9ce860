"""The tables of configs/desk.yaml with the actions of configs/actions.yaml, and a few rows."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pocketapi.config import link, loader
from pocketapi.credentials.tokens import issue_admin
from pocketapi.tables.table import model_of
from tests.api.answers import SERVICE, START, Api
from tests.api.conftest import ADMIN_SECRET
from tests.conftest import HERE, UseConfig


@cache
def acting() -> link.Config:
    """The config, loaded once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pocketapi.yaml"
        path.write_text("".join((HERE / "configs" / name).read_text("utf-8") for name in ("desk.yaml", "actions.yaml")), "utf-8")
        return loader.load(path, debug=False)


@pytest.fixture
def api(use_config: UseConfig, settings: Any) -> Api:
    """The API with `ann`, `bob`, the service token `admin`, a `viewer` and an `editor`."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": ADMIN_SECRET}
    use_config(acting())
    found = Api()
    found.user("ann")
    found.user("bob")
    for role in ("viewer", "editor"):
        found.tokens[role] = issue_admin(role)
    for name, qty, code in (("one", 1, "a"), ("two", 2, "b"), ("three", 2, None)):
        model_of("items")._default_manager.create(name=name, qty=qty, code=code, price=qty / 2)
    for number, (author, published) in enumerate([("ann", True), ("ann", False), ("bob", False)], 1):
        values = {"title": f"t{number}", "note": f"n{number}", "published": published, "views": number}
        model_of("posts")._default_manager.create(
            id=f"p{number}", author_id=author, created=START, updated=START, clicks=0, **values
        )
    model_of("bare")._default_manager.create(id="b", created=START, updated=START, text="bare")
    return found
