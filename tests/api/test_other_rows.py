"""Other rows over HTTP: what paths, nested records, groups and answers of writes say, byte for byte alike on both databases."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.api.answers import SERVICE, Api
from tests.conftest import UseConfig

CONFIG = """
tables:
  - name: teams
    fields:
      - {name: id, type: integer, primary: true, usage: record_uid}
      - {name: name, type: text, collate: NOCASE}
      - {name: open, type: bool, notNull: true, default: true}
      - {name: secret, type: text, noSelect: true}
      - {name: parent, type: relation, sqlType: integer, foreignKey: {table: teams, column: id}}
    extensions: [{name: rules, listRule: open, viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
  - name: things
    fields:
      - {name: id, type: text, primary: true, usage: record_uid}
      - {name: name, type: text}
      - {name: qty, type: integer}
      - {name: price, type: number}
      - {name: exact, type: number, sqlType: numeric}
      - {name: data, type: json}
      - {name: bytes, type: blob}
      - {name: team, type: relation, sqlType: integer, foreignKey: {table: teams, column: id}}
      - {name: other, type: relation, sqlType: integer, foreignKey: {table: teams, column: id}}
    extensions: [{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
  - name: notes
    fields:
      - {name: number, type: integer, primary: true, autoIncrement: true, noSelect: true}
      - {name: slug, type: text, notNull: true, unique: true, usage: record_uid}
      - {name: thing, type: relation, foreignKey: {table: things, column: id, onDelete: CASCADE, onUpdate: CASCADE}}
    extensions: [{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
"""
TEAMS = [
    {"id": 1, "name": "Alpha", "secret": "s"},
    {"id": 2, "name": "beta", "parent": 1},
    {"id": 3, "name": "ALPHA", "parent": 2, "open": False},
]
THINGS = [
    {"id": "a", "name": "x", "qty": 1, "price": 2, "exact": 0.1, "data": {"k": 1}, "team": 1, "other": 2},
    {"id": "b", "name": "y", "qty": 2, "price": 0.1, "exact": 2, "data": {"k": "s"}, "team": 2, "other": 1},
    {"id": "c", "qty": 3, "price": 1e22, "team": 3, "other": 1},
]
NOTES = [{"slug": "n1", "thing": "a"}, {"slug": "n2", "thing": "a"}, {"slug": "n3", "thing": "b"}]
A, B, C = ({"id": each} for each in "abc")


@pytest.fixture
def things(use_config: UseConfig, settings: Any) -> Api:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(CONFIG)
    api = Api()
    for table, values in (("teams", TEAMS), ("things", THINGS), ("notes", NOTES)):
        api(f"POST {table}/insert", {"values": values}, "admin").expect(200)
    return api


# parameters of select, status, rows or words of the message
READS: list[tuple[dict[str, Any], int, Any]] = [
    ({"where": "team.name == 'ALPHA'", "select": "id"}, 200, [A]),
    ({"where": "team.name in ('BETA', 'x')", "select": "id"}, 200, [B]),
    ({"where": "team.name != 'ALPHA'", "select": "id"}, 200, [B, C]),
    ({"where": "team.name > 'ALPHA'", "select": "id"}, 200, [B]),
    ({"where": "other.name == team.parent.name", "select": "id"}, 200, [B]),
    ({"order": "-team.name", "select": "id"}, 200, [B, A, C]),
    ({"select": "id => r, name => o, team(id => r, name => o) => t", "limit": 1}, 200, [{"r": "a", "o": "x", "t": {"r": 1, "o": "Alpha"}}]),
    ({"select": "data->>'k' => r", "where": "id == 'a'"}, 200, [{"r": 1}]),
    (
        {"select": "team.name => t, other.name => o, count() => n", "group": "other.name, team.name", "order": "o, t"},
        200,
        [{"t": "beta", "o": "Alpha", "n": 1}, {"t": None, "o": "Alpha", "n": 1}, {"t": "Alpha", "o": "beta", "n": 1}],
    ),
    ({"select": "team.name || other.name => t", "group": "other.name, team.name", "order": "team.name"}, 200, [{"t": "Alphabeta"}, {"t": "betaAlpha"}, {"t": None}]),
    ({"select": "team.name || other.name => t", "distinct": True, "order": "team.name || other.name"}, 200, [{"t": "Alphabeta"}, {"t": "betaAlpha"}, {"t": None}]),
    ({"select": "exists(teams, id == outer.team) => e, count() => n", "group": "exists(teams, id == outer.team)", "order": "e"}, 200, [{"e": False, "n": 1}, {"e": True, "n": 2}]),
    ({"order": "null, -id", "select": "id"}, 200, [C, B, A]),
    ({"order": "1, 'a', true, -id", "select": "id"}, 200, [C, B, A]),
    ({"select": "null => x, count() => n", "group": "x"}, 200, [{"x": None, "n": 3}]),
    ({"select": "null => x", "distinct": True, "order": "x"}, 200, [{"x": None}]),
    ({"select": "min(data) => m"}, 400, "min"),
    ({"select": "max(data->>'k') => m"}, 400, "max"),
    ({"select": "max(bytes) => m"}, 400, "max"),
    ({"select": "min(null) => m"}, 400, "min"),
    ({"select": "team(secret)"}, 400, "secret"),
    ({"order": "team.secret"}, 400, "secret"),
    ({"select": "notes(number)"}, 400, "number"),
    ({"where": "exists(notes, number == 1)"}, 400, "number"),
    ({"where": "exists(notes)"}, 400, "`exists` takes a table and a condition"),
    ({"where": "exists('notes', true)"}, 400, "`exists` takes a table and a condition"),
    ({"where": "exists(notes, exists(things, exists(teams, true)))"}, 400, "no deeper"),
    ({"where": "exists(notes, exists(things, id == 'c'))", "select": "id"}, 200, [A, B, C]),
    ({"where": "team.parent.parent.parent.name == 'x'"}, 400, "at most 3 keys"),
    ({"where": "team.parent.parent.name == 'x'", "select": "id"}, 200, []),
    ({"select": "team(id)", "distinct": "true"}, 400, "do not nest"),
    ({"select": "count() => n", "group": "n"}, 400, "An aggregate is nothing to group by."),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "status", "found"), READS)
def test_reads(things: Api, parameters: dict[str, Any], status: int, found: Any) -> None:
    answer = things("POST things/select", parameters).expect(status)
    if status == 200:
        assert answer == found
    else:
        assert found in answer["message"]


BOTH = [{"id": "d", "team": 1}, {"id": "e", "team": 1}]
OF_TEAM = "team(things.team(id) => t)"

# request, body, status, rows or words of the message
WRITES: list[tuple[str, dict[str, Any], int, Any]] = [
    ("insert", {"values": BOTH, "returning": OF_TEAM}, 200, [{"team": {"t": [A, {"id": "d"}, {"id": "e"}]}}] * 2),
    ("insert", {"values": BOTH[0], "returning": "id, team(name), exists(things, id == 'd') => e"}, 200, [{"id": "d", "team": {"name": "Alpha"}, "e": True}]),
    ("update", {"where": "team == 1", "setValues": {"team": 2}, "returning": OF_TEAM}, 200, [{"team": {"t": [A, B]}}]),
    ("update", {"where": "id == 'a'", "setValues": {"id": "z"}, "returning": "notes(slug, thing)"}, 200, [{"notes": [{"slug": "n1", "thing": "z"}, {"slug": "n2", "thing": "z"}]}]),
    ("edit/a?returning=team(name),team.name => n", {"team": 2}, 200, {"team": {"name": "beta"}, "n": "beta"}),
    ("delete", {"where": "qty < 3", "returning": f"id, notes(slug), {OF_TEAM}, exists(things, id == 'a') => e"}, 200, [
        {"id": "a", "notes": [{"slug": "n1"}, {"slug": "n2"}], "team": {"t": [A]}, "e": True},
        {"id": "b", "notes": [{"slug": "n3"}], "team": {"t": [B]}, "e": True},
    ]),
    ("update", {"where": "true", "set": {"name": "team.name"}, "returning": "name"}, 200, [{"name": "Alpha"}, {"name": "beta"}, {"name": None}]),
    ("update", {"where": "true", "set": {"data": "json_set('{}', '$.more', exists(things, qty > outer.qty))", "qty": "10"}, "returning": "data"}, 200, [
        {"data": {"more": True}}, {"data": {"more": True}}, {"data": {"more": False}},
    ]),
    ("update", {"where": "true", "set": {"exact": "exact / 3"}, "returning": "exact"}, 200, [{"exact": 0.03333333333333333}, {"exact": 0.6666666666666666}, {"exact": None}]),
    ("update", {"where": "id == 'a'", "setValues": {"exact": 0.1 + 0.2}, "returning": "exact"}, 200, [{"exact": 0.1 + 0.2}]),
    ("update", {"where": "id == 'a'", "set": {"qty": "new.qty"}}, 400, "new.qty"),
    ("update", {"where": "new.team.name == 'x'", "setValues": {"qty": 1}}, 400, "only an updateRule follows keys of `new`"),
    ("update", {"where": "id == 'a'", "set": {"name": "team.secret"}}, 400, "secret"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "status", "found"), WRITES)
def test_writes(things: Api, request_: str, body: dict[str, Any], status: int, found: Any) -> None:
    answer = things(f"POST things/{request_}", body).expect(status)
    if status == 200:
        assert sorted(answer, key=str) == sorted(found, key=str) if isinstance(found, list) else answer == found
    else:
        assert found in answer["message"]


def test_numbers_are_written_alike_by_every_route(things: Api) -> None:
    written = b'"price":2,"exact":0.1,"p":1e-07,"z":0,"big":1e+16}'
    select = "price, exact, price / 2e7 => p, price * -0.0 => z, price * 5e15 => big"
    for method, path, body in (
        ("GET", f"view/a?select={select}", None),
        ("POST", "select", {"select": select, "where": "id == 'a'"}),
        ("POST", "update", {"where": "id == 'a'", "setValues": {"qty": 1}, "returning": select}),
    ):
        found = things.client.generic(
            method, f"/api/v1/table/things/{path}", data=json.dumps(body) if body else "", content_type="application/json"
        )
        assert found.content.strip(b"[]{") == written.strip(b"[]{"), path


def test_a_cursor_tells_nothing_of_a_key_that_is_hidden(things: Api) -> None:
    first = things("GET notes/select?cursor=*&limit=2")
    following = first.headers["X-Next-Cursor"]
    assert base64.urlsafe_b64decode(following).isascii() is False
    assert things("GET notes/select", query={"cursor": following, "limit": 2}).expect(200) == [{"slug": "n3", "thing": "b"}]
    for broken in ("é", "x" * 100, following[:-2], following[1:], "gAAAAA=="):
        assert "cursor" in things("GET notes/select", query={"cursor": broken, "limit": 2}).expect(400)["message"]


def test_a_changed_limit_counts_for_nested_lists(things: Api, settings: Any) -> None:
    request = "GET things/select?select=id,notes(slug)&limit=1"
    assert len(things(request).expect(200)[0]["notes"]) == 2
    settings.POCKETAPI = {**settings.POCKETAPI, "MAX_LIMIT": 1}
    assert len(things(request).expect(200)[0]["notes"]) == 1
