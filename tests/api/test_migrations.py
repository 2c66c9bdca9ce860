"""Set-up and migrations over HTTP, from an empty database on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables import databases
from tests.api.answers import SERVICE, Api
from tests.tables.conftest import Change, change, empty, entry, migrations_dir

__all__ = ["change", "empty", "entry", "migrations_dir"]

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ONE = """
version: 3
tables:
  - name: notes
    fields: [{name: id, type: integer, primary: true, autoIncrement: true}, {name: text, type: text}]
    extensions: [{name: rules, listRule: 'true', createRule: 'true'}]
"""
TWO = ONE.replace("{name: text, type: text}", "{name: text, type: text}, {name: more, type: integer, default: 5}")
THREE = ONE.replace(", {name: text, type: text}", "")


@pytest.fixture
def nothing(empty: BaseDatabaseWrapper, change: Change, settings: Any, django_db_blocker: Any) -> Iterator[Api]:
    """The API over an empty database of each kind in turn."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    kept = connections["default"]
    if not databases.exists(empty):
        databases.create(empty)
    connections["default"] = empty
    yield Api()
    connections["default"] = kept


def test_a_database_follows_the_config(nothing: Api, change: Change) -> None:
    change(ONE)
    nothing("GET /migrations", by="admin").expect(200, {"migrations": [], "pending": 1, "version": 3, "settings": {"version": 3}})
    nothing("POST /setup-db", by="admin").expect(200, {"message": "Success", "settings": {"appName": "Pocket App"}})
    nothing("POST /setup-db", by="admin").expect(200, {"message": "Success"})
    nothing("POST notes/insert", {"values": {"text": "kept"}}).expect(200)
    change(TWO)
    nothing("GET /migrations", by="admin").expect(200, {"pending": 1})
    applied = nothing("POST /migrations", by="admin").expect(200)["applied"]
    assert len(applied) == 1
    nothing("POST /migrations", {}, by="admin").expect(200, {"applied": []})
    found = nothing("GET /migrations", by="admin").expect(200, {"pending": 0})["migrations"]
    assert [migration["applied"] for migration in found] == [True, True]
    assert all(migration.keys() == {"name", "applied", "applied_at", "sql", "sql_revert"} for migration in found)
    assert all(ISO.fullmatch(migration["applied_at"]) for migration in found)
    assert "more" in found[1]["sql"]
    nothing("GET notes/select").expect(200, [{"id": 1, "text": "kept", "more": 5}])


def test_what_would_destroy_data_is_refused(nothing: Api, change: Change) -> None:
    change(ONE)
    nothing("POST /setup-db", by="admin").expect(200)
    change(THREE)
    for request in ("POST /setup-db", "POST /migrations"):
        assert "destroy" in nothing(request, by="admin").expect(400, {"data": {}})["message"]
