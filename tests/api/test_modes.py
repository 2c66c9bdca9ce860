"""What `or` does about unique conflicts, and that it does nothing about other failures."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api, run_sql

UNIQUE = {"code": "unique", "message": "A record with this value already exists."}
STORED = [
    {"name": "one", "code": "1", "qty": 1},
    {"name": "two", "code": "2", "qty": 2},
]


@pytest.fixture
def items(api: Api) -> Api:
    api("POST items/insert", {"values": STORED}).expect(200)
    return api


def codes(api: Api) -> dict[str, str]:
    return {row["name"]: row["code"] for row in api("GET items/select", query={"order": "id"}).body}


# (mode, values, status, answer, what is stored then by name)
INSERTS: list[tuple[str | None, Any, int, Any, dict[str, str | None]]] = [
    (None, {"name": "x", "code": "1"}, 409, {"data": {"code": UNIQUE}}, {}),
    ("", {"name": "x", "code": "1"}, 409, {"data": {"code": UNIQUE}}, {}),
    ("ABORT", {"name": "x", "code": "1"}, 409, {"data": {"code": UNIQUE}}, {}),
    ("ROLLBACK", [{"name": "x", "code": "9"}, {"name": "y", "code": "1"}], 409, {"data": {"rows": {"1": {"code": UNIQUE}}}}, {}),
    (None, [{"name": "x", "code": "9"}, {"name": "y", "code": "9"}], 409, {"data": {"rows": {"1": {"code": UNIQUE}}}}, {}),
    ("IGNORE", {"name": "x", "code": "1"}, 200, [], {}),
    ("IGNORE", [{"name": "x", "code": "9"}, {"name": "y", "code": "1"}, {"name": "z"}], 200, [{"name": "x"}, {"name": "z"}], {"x": "9", "z": None}),
    ("IGNORE", [{"name": "x", "code": "9"}, {"name": "y", "code": "9"}], 200, [{"name": "x"}], {"x": "9"}),
    ("IGNORE", [{"name": "x", "price": -1}], 400, {"data": {"rows": {"0": {"price": {"code": "check"}}}}}, {}),
    ("REPLACE", {"name": "x", "code": "1"}, 200, [{"name": "x"}], {"x": "1", "-": "one"}),
    ("REPLACE", {"name": "x", "code": "9"}, 200, [{"name": "x"}], {"x": "9"}),
    ("REPLACE", [{"name": "x", "code": "9"}, {"name": "y", "code": "9"}], 200, [{"name": "x"}, {"name": "y"}], {"y": "9"}),
    ("REPLACE", [{"name": "x", "code": "1"}, {"name": "y", "price": -1}], 400, {"data": {"rows": {"1": {"price": {"code": "check"}}}}}, {}),
    ("FAIL", {"name": "x", "code": "1"}, 409, {"data": {"code": UNIQUE}}, {}),
    ("FAIL", [{"name": "x"}, {"name": "y", "code": "1"}, {"name": "z"}], 409, {"data": {"rows": {"1": {"code": UNIQUE}}}}, {"x": None}),
    ("FAIL", [{"name": "x"}, {"name": "y", "price": -1}], 400, {"data": {"rows": {"1": {"price": {"code": "check"}}}}}, {}),
    ("FAIL", [{"name": "x"}, {"name": "y"}], 200, [{"name": "x"}, {"name": "y"}], {"x": None, "y": None}),
    ("ignore", {"name": "x"}, 400, {"data": {}}, {}),
    ("INSERT", {"name": "x"}, 400, {"data": {}}, {}),
    ("SOMETHING", {"name": "x"}, 400, {"data": {}}, {}),
    (["IGNORE"], {"name": "x"}, 400, {"data": {}}, {}),  # type: ignore[list-item]
    ({}, {"name": "x"}, 400, {"data": {}}, {}),  # type: ignore[list-item]
]  # fmt: skip


@pytest.mark.parametrize(("mode", "values", "status", "answer", "stored"), INSERTS)
def test_insert(items: Api, mode: Any, values: Any, status: int, answer: Any, stored: dict[str, Any]) -> None:
    items("POST items/insert", {"values": values, "or": mode, "returning": "name"}).expect(status, answer)
    gone = stored.get("-")
    kept = {row["name"]: row["code"] for row in STORED if row["name"] != gone}
    assert codes(items) == kept | {name: code for name, code in stored.items() if name != "-"}


# (mode, set, status, answer in the order of keys, codes of one and two)
UPDATES: list[tuple[str | None, dict[str, Any], int, Any, dict[str, str]]] = [
    (None, {"setValues": {"code": "9"}}, 409, {"data": {"code": UNIQUE}}, {"one": "1", "two": "2"}),
    ("ABORT", {"setValues": {"code": "2"}}, 409, {"data": {"code": UNIQUE}}, {"one": "1", "two": "2"}),
    ("IGNORE", {"setValues": {"code": "9"}}, 200, [{"name": "one"}], {"one": "9", "two": "2"}),
    ("IGNORE", {"setValues": {"code": "2"}}, 200, [{"name": "two"}], {"one": "1", "two": "2"}),
    ("IGNORE", {"set": {"price": "qty - 2"}}, 400, {"data": {"price": {"code": "check"}}}, {"one": "1", "two": "2"}),
    ("REPLACE", {"setValues": {"code": "2"}}, 200, [{"name": "one"}], {"one": "2"}),
    ("REPLACE", {"setValues": {"code": "9"}}, 200, [{"name": "one"}, {"name": "two"}], {"two": "9"}),
    ("REPLACE", {"set": {"code": "code || ''"}}, 200, [{"name": "one"}, {"name": "two"}], {"one": "1", "two": "2"}),
    ("REPLACE", {"set": {"price": "qty - 2"}}, 400, {"data": {"price": {"code": "check"}}}, {"one": "1", "two": "2"}),
    ("INSERT", {"setValues": {"code": "9"}}, 400, {"data": {}}, {"one": "1", "two": "2"}),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "change", "status", "answer", "stored"), UPDATES)
def test_update(items: Api, mode: Any, change: Any, status: int, answer: Any, stored: dict[str, str]) -> None:
    items("POST items/update", {"where": "id > 0", **change, "or": mode, "returning": "name"}).expect(status, answer)
    assert codes(items) == stored


# (slots that are there, the one that is written with REPLACE, the ids that are left, or the status)
SLOTS: list[tuple[list[dict[str, Any]], dict[str, Any], list[int] | int]] = [
    # a partial index: only rows that it holds are in the way
    ([{"room": "a", "hour": 1}], {"room": "a", "hour": 1}, [2]),
    ([{"room": "a", "hour": 1, "live": False}], {"room": "a", "hour": 1}, [1, 2]),
    ([{"room": "a", "hour": 1}], {"room": "a", "hour": 1, "live": False}, [1, 2]),
    ([{"room": "a", "hour": 1, "live": False}, {"room": "a", "hour": 1}], {"room": "a", "hour": 1}, [1, 3]),
    # a collation
    ([{"room": "a", "hour": 1, "label": "X"}], {"room": "b", "hour": 1, "label": "x"}, [2]),
    # rows in the way of several constraints
    ([{"room": "a", "hour": 1}, {"room": "b", "hour": 2, "label": "l"}], {"room": "a", "hour": 1, "label": "L"}, [3]),
    ([{"room": "a", "hour": 1, "label": "l"}], {"room": "a", "hour": 1, "label": "l"}, [2]),
    ([{"room": "a", "hour": 1, "owner": "o"}, {"room": "b", "hour": 1}], {"room": "a", "hour": 2, "owner": "o"}, [2, 3]),
    # the caller may not delete one of them
    ([{"room": "a", "hour": 1, "owner": "kept"}], {"room": "a", "hour": 1}, 403),
    ([{"room": "a", "hour": 1}, {"room": "b", "hour": 2, "label": "l", "owner": "kept"}], {"room": "a", "hour": 1, "label": "L"}, 403),
]  # fmt: skip


@pytest.mark.parametrize(("there", "written", "left"), SLOTS)
def test_replace_deletes_what_is_in_the_way_and_nothing_else(api: Api, there: Any, written: Any, left: Any) -> None:
    api("POST slots/insert", {"values": there}).expect(200)
    found = api("POST slots/insert", {"values": written, "or": "REPLACE", "returning": "id"})
    ids = [row["id"] for row in api("GET slots/select").body]
    if isinstance(left, int):
        found.expect(left)
        assert ids == list(range(1, len(there) + 1))
    else:
        found.expect(200)
        assert len(ids) == len(left)
        assert ids[: len(left) - 1] == left[:-1]
        assert found.body == [{"id": ids[-1]}]


@pytest.mark.parametrize(("owner", "status", "left"), [("o", 200, ["a"]), ("kept", 403, ["a", "b"])])
def test_replace_of_an_update_needs_the_delete_rule(api: Api, owner: str, status: int, left: list[str]) -> None:
    api("POST slots/insert", {"values": [{"room": "a", "hour": 1}, {"room": "b", "hour": 2, "owner": owner}]}).expect(200)
    change = {"where": "room == 'a'", "setValues": {"hour": 2}, "set": {"room": "'b'"}, "or": "REPLACE", "returning": "hour"}
    api("POST slots/update", change).expect(status)
    assert len(api("GET slots/select").body) == len(left)


def test_replace_under_a_null_delete_rule_is_denied(api: Api) -> None:
    api("POST kv/insert", {"values": {"key": "k", "value": 1}}, "ann").expect(200)
    api("POST kv/insert", {"values": {"key": "k", "value": 2}, "or": "REPLACE"}, "ann").expect(403)
    api("POST kv/insert", {"values": {"key": "k", "value": 3}, "or": "REPLACE"}, "admin").expect(200)
    api("GET kv/select").expect(200, [{"key": "k", "value": 3}])


def test_replace_runs_the_cascades_and_heeds_restrictions(api: Api) -> None:
    api("POST parents/insert", {"values": {"id": "p", "name": "n"}}).expect(200)
    api("POST children/insert", {"values": {"other": "n"}}).expect(200)
    api("POST parents/insert", {"values": {"id": "q", "name": "n"}, "or": "REPLACE"}).expect(200)
    api("GET children/select").expect(200, [{"id": 1, "other": None}])
    api("POST children/insert", {"values": {"parent_id": "q"}}).expect(200)
    api("POST parents/insert", {"values": {"id": "r", "name": "n"}, "or": "REPLACE"}).expect(
        400, {"data": {"id": {"code": "restricted"}}}
    )
    assert run_sql("SELECT id FROM parents") == [("q",)]


def test_ignore_skips_in_a_batch_of_rows_with_different_keys(items: Api) -> None:
    values = [{"name": "a", "code": "1"}, {"name": "b"}, {"name": "c", "qty": 5}, {"name": "d", "code": "2", "qty": 1}]
    items("POST items/insert", {"values": values, "or": "IGNORE", "returning": "name"}).expect(
        200, [{"name": "b"}, {"name": "c"}]
    )
