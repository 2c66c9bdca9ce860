"""insert: values, defaults, the createRule and what the database refuses."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.answers import Api, matches, run_sql

POST = {"author_id": "ann", "title": "t"}
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def code(**codes: str) -> dict[str, Any]:
    return {"data": {name: {"code": code} for name, code in codes.items()}}


# request, body, caller, status, answer
CASES: list[tuple[str, Any, str | None, int, Any]] = [
    ("items", {"values": {"name": "x"}}, None, 200, []),
    ("items", {"values": []}, None, 200, []),
    ("items", {"values": [], "returning": "*"}, None, 200, []),
    ("items", {"values": [], "returning": "nothing"}, None, 400, None),
    ("items", {"values": [{"name": "x"}, {"name": "y", "qty": 2}], "returning": "name,qty"}, None, 200, [{"name": "x", "qty": 1}, {"name": "y", "qty": 2}]),
    ("items", {"values": {"name": "x"}, "returning": ["name => n", "qty + 1 as more"]}, None, 200, [{"n": "x", "more": 2}]),
    ("items", {"values": {"name": "x"}, "returning": "*, upper(name) => name"}, None, 200, [{"id": 1, "name": "X", "code": None}]),
    ("items", {"values": {"name": "x"}, "returning": "count()"}, None, 400, None),
    ("items", {"values": {"name": "x"}, "returning": "name, name"}, None, 400, None),
    ("items", {"values": {"name": "x"}, "returning": "qty + 1"}, None, 400, None),
    ("items", {"values": {"name": "x"}, "returning": ""}, None, 200, []),
    ("items", {"values": {"name": "x"}, "returning": 5}, None, 400, None),
    ("items", {"values": {"name": "x"}, "expr": {"qty": "1"}}, None, 400, None),
    ("items", {"values": {"name": "x"}, "retruning": "*"}, None, 400, {"message": "There is no parameter retruning: did you mean `returning`?"}),
    ("items", {"values": "x"}, None, 400, None),
    ("items", {"values": None}, None, 400, None),
    ("items", {"values": ["x"]}, None, 400, None),
    ("items", {"values": [{"name": "x"}] * 1001}, None, 400, None),
    ("items", {"values": [{"name": "x"}] * 1000, "returning": "count() => n"}, None, 400, None),
    ("items", {"values": {}}, None, 400, code(name="required")),
    ("items", {"values": [{"name": "x"}, {}, {"qty": "x"}]}, None, 400, {"data": {"rows": {"1": {"name": {"code": "required"}}, "2": {"name": {"code": "required"}, "qty": {"code": "invalid"}}}}}),
    ("items", {"values": {"name": None, "qty": None}}, None, 400, code(name="null", qty="null")),
    ("items", {"values": {"nmae": "x"}}, None, 400, code(nmae="unknown")),
    ("items", {"values": [{"name": "x"}, {"nmae": "x"}]}, None, 400, {"data": {"rows": {"1": {"nmae": {"code": "unknown"}}}}}),
    ("items", {"values": {"name": "x", "price": -1}}, None, 400, code(price="check")),
    ("items", {"values": [{"name": "x"}, {"name": "y", "price": -1}]}, None, 400, {"data": {"rows": {"1": {"price": {"code": "check"}}}}}),
    ("items", {"values": {"name": "x", "id": 5}}, None, 403, {"message": "Cannot insert id field"}),
    ("items", {"values": {"name": "x", "id": 5}, "returning": "id"}, "admin", 200, [{"id": 5}]),
    ("posts", {"values": POST}, None, 403, {"data": {}}),
    ("posts", {"values": POST}, "bob", 403, {"data": {}}),
    ("posts", {"values": [{**POST, "author_id": "bob"}, POST]}, "bob", 403, {"data": {}}),
    ("posts", {"values": {**POST, "clicks": 1}}, "ann", 403, {"message": "Cannot insert clicks field"}),
    ("posts", {"values": {**POST, "created": "2001-01-01"}}, "ann", 403, {"message": "Cannot insert created field"}),
    ("posts", {"values": {**POST, "clicks": 1, "created": "2001-01-01"}, "returning": "clicks,created"}, "admin", 200, [{"clicks": 1, "created": "2001-01-01T00:00:00.000Z"}]),
    ("posts", {"values": {**POST, "id": "my-id_1"}, "returning": "id"}, "ann", 200, [{"id": "my-id_1"}]),
    *(("posts", {"values": {**POST, "id": bad}}, "ann", 400, code(id="invalid")) for bad in ("", "a b", "ü", "x" * 65, "a/b", 5)),
    ("posts", {"values": {**POST, "title": "x" * 21}}, "ann", 400, code(title="max_length")),
    ("posts", {"values": {**POST, "views": 1001}}, "ann", 400, code(views="max")),
    ("posts", {"values": {**POST, "author_id": "nobody"}}, "admin", 400, code(author_id="missing")),
    ("posts", {"values": [POST, {**POST, "author_id": "nobody"}, {**POST, "author_id": "gone"}]}, "admin", 400, {"data": {"rows": {"1": {"author_id": {"code": "missing"}}}}}),
    ("children", {"values": {"parent_id": "x", "other": "y"}}, None, 400, code(parent_id="missing", other="missing")),
    ("slots", {"values": [{"room": "a", "hour": 1}, {"room": "a", "hour": 1}]}, None, 409, {"data": {"rows": {"1": {"room": {"code": "unique"}, "hour": {"code": "unique"}}}}}),
    ("slots", {"values": [{"room": "a", "hour": 1, "label": "x"}, {"room": "b", "hour": 1, "label": "X"}]}, None, 409, {"data": {"rows": {"1": {"label": {"code": "unique"}}}}}),
    ("slots", {"values": [{"room": "a", "hour": 1, "owner": "x"}, {"room": "a", "hour": 2, "owner": "x"}]}, None, 409, {"data": {"rows": {"1": {"owner": {"code": "unique"}, "room": {"code": "unique"}}}}}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "body", "by", "status", "answer"), CASES, ids=range(len(CASES)))
def test_cases(api: Api, table: str, body: Any, by: str | None, status: int, answer: Any) -> None:
    found = api(f"POST {table}/insert", body, by).expect(status, answer)
    if status == 200:
        assert len(run_sql(f"SELECT 1 FROM {table}")) == (len(body["values"]) if isinstance(body["values"], list) else 1)
    else:
        assert found.keys() == {"code", "message", "data"}
        assert run_sql(f"SELECT 1 FROM {table}") == []
        if answer and "rows" in answer.get("data", {}):
            assert found["data"].keys() == {"rows"}


def test_defaults_uids_and_timestamps_are_filled_in(api: Api) -> None:
    first, second = api("POST posts/insert", {"values": [POST, POST], "returning": "*"}, "ann").expect(200)
    known = {"author_id": "ann", "title": "t", "slug": None, "published": False, "views": 0, "tags": None, "clicks": 0}
    assert matches(known, first)
    assert list(first) == ["id", "created", "updated", *known]
    assert re.fullmatch(r"[0-9A-Za-z]{22}", first["id"])
    assert first["id"] < second["id"]
    assert ISO.fullmatch(first["created"])
    assert len({row[name] for row in (first, second) for name in ("created", "updated")}) == 1


def test_a_thousand_rows_with_different_keys(api: Api) -> None:
    values = [{"name": f"n{n}", **({"qty": n} if n % 2 else {"data": [n]})} for n in range(1000)]
    found = api("POST items/insert", {"values": values, "returning": "id,name"}).expect(200)
    assert found == [{"id": n + 1, "name": f"n{n}"} for n in range(1000)]
    run_sql("DELETE FROM items")
    values[999] = {"name": "n", "price": -1}
    api("POST items/insert", {"values": values}).expect(400, {"data": {"rows": {"999": {"price": {"code": "check"}}}}})
    assert run_sql("SELECT 1 FROM items") == []


def test_defaults_in_sql_are_judged_and_written_as_judged(api: Api) -> None:
    (row,) = api("POST computed/insert", {"values": {}, "returning": "*"}).expect(200)
    known = {"word": "abc", "amount": 0.25, "count": 5, "data": [1], "yes": True, "bytes": "YWI=", "literal": 5}
    assert matches(known, row)
    assert re.fullmatch(r"[0-9A-Fa-f]{16,32}", row["random"])
    assert ISO.fullmatch(row["made"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["day"])
    api("POST computed/insert", {"values": {"count": 4}}).expect(403)
    api("POST computed/insert", {"values": {"count": None}}).expect(403)
    api("POST computed/insert", {"values": [{}, {"word": "abc"}, {}]}).expect(200)
    assert len({row["random"] for row in api("GET computed/select").body}) == 4


def test_defaults_in_sql_that_nobody_judges_are_the_database_s(api: Api) -> None:
    (row,) = api("POST computed/insert", {"values": {}, "returning": "*"}, "admin").expect(200)
    assert matches({"word": "abc", "amount": 0.25, "count": 5, "data": [1], "yes": True, "bytes": "YWI=", "literal": 5}, row)
    assert ISO.fullmatch(row["made"])


def test_who_may_not_insert_learns_nothing_of_what_is_there(api: Api) -> None:
    api("POST posts/insert", {"values": {**POST, "slug": "s", "code": "c"}}, "ann").expect(200)
    for values in ({"slug": "s"}, {"slug": "free"}, {"code": "c"}, {"code": "free"}, {"author_id": "nobody"}):
        found = api("POST posts/insert", {"values": {**POST, **values}}, "bob").expect(403)
        assert found == api("POST posts/insert", {"values": POST}, "bob").body


def test_a_lower_limit_of_pages_is_none_of_batches(api: Api, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MAX_LIMIT": 2}
    api("POST items/insert", {"values": [{"name": "x"}] * 3}).expect(200)
