"""Health, settings, set-up and migrations."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables.table import current
from tests.api.answers import Api


def test_health_says_what_runs(api: Api) -> None:
    before = time.time_ns() // 1_000_000
    found = api("GET /health").expect(200, {"status": "ok", "appName": "Desk", "version": 7, "config": current().fingerprint})
    assert found.keys() == {"status", "timestamp", "version", "appName", "config"}
    assert before <= found["timestamp"] <= time.time_ns() // 1_000_000
    assert api("GET /health").headers["Cache-Control"] == "no-store"


def test_health_without_a_database(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: Any) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(connections["default"], "cursor", gone)
    found = api("GET /health")
    assert (found.status, found.body) == (503, {"status": "unavailable"})


def test_settings_are_the_config_without_secrets(api: Api) -> None:
    found = api("GET /settings", by="admin").expect(200, {"appName": "Desk", "jwtSecret": "***", "version": 7})
    assert "only-for-tests" not in str(found)
    assert "secret-of" not in str(found)
    assert found["tables"][2]["extensions"] == [{"name": "rules", **{name: found["tables"][2]["extensions"][0][name] for name in
        ("listRule", "viewRule", "createRule", "updateRule", "deleteRule")}}]  # fmt: skip


@pytest.mark.parametrize("query", ["raw=true", "raw=1", "raw=TRUE"])
def test_raw_settings_are_the_database_s_tables(api: Api, query: str, connection: BaseDatabaseWrapper) -> None:
    tables = {table["name"]: table for table in api(f"GET /settings?{query}", by="admin").expect(200)["tables"]}
    assert list(tables) == list(current().tables)
    items = {column["name"]: column for column in tables["items"]["columns"]}
    assert items.keys() == {"id", "name", "code", "price", "qty", "data"}
    assert all(column.keys() == {"name", "type", "notNull", "default", "primary"} for column in items.values())
    assert (items["id"]["primary"], items["name"]["primary"]) == (True, False)
    assert (items["name"]["notNull"], items["code"]["notNull"]) == (True, False)
    assert (items["qty"]["default"], items["name"]["default"]) in (("1", None), ("'1'::bigint", None), ("1::bigint", None))
    slots = {tuple(index["columns"]): index["unique"] for index in tables["slots"]["indexes"]}
    assert slots["room", "hour"] is True
    assert all(index.keys() == {"name", "columns", "unique"} for index in tables["slots"]["indexes"])


@pytest.mark.parametrize("query", ["raw=false", "raw=0", "raw="])
def test_raw_may_be_false(api: Api, query: str) -> None:
    assert "appName" in api(f"GET /settings?{query}", by="admin").expect(200)


@pytest.mark.parametrize("query", ["raw=maybe", "row=true"])
def test_settings_take_no_other_parameter(api: Api, query: str) -> None:
    api(f"GET /settings?{query}", by="admin").expect(400)


@pytest.mark.parametrize(("request_", "ann", "editor"), [
    ("GET /settings", 403, 200), ("GET /migrations", 403, 403), ("POST /migrations", 403, 403), ("POST /setup-db", 403, 403),
])  # fmt: skip
def test_who_may(api: Api, request_: str, ann: int, editor: int) -> None:
    from pocketapi.credentials.tokens import issue_admin

    for by, status in ((None, 401), ("ann", ann), (issue_admin("editor"), editor)):
        api(request_, by=by).expect(status)


def test_sql_in_a_request_for_migrations_is_refused(api: Api) -> None:
    api("POST /migrations", {"sql": "DROP TABLE users"}, by="admin").expect(400)
