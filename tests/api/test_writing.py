"""update and delete: what they need, whom they reach, and what keeps a row."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api, run_sql


@pytest.fixture
def ready(api: Api) -> Api:
    api("POST items/insert", {"values": [{"name": "one", "qty": 1}, {"name": "two", "qty": 2}]}).expect(200)
    for id_, author in (("a1", "ann"), ("a2", "ann"), ("b1", "bob")):
        api("POST posts/insert", {"values": {"id": id_, "author_id": author, "title": id_, "published": True}}, author).expect(
            200
        )
    api("POST parents/insert", {"values": [{"id": "p", "name": "pn"}, {"id": "q", "name": "qn"}]}).expect(200)
    api("POST children/insert", {"values": {"parent_id": "p", "other": "qn"}}).expect(200)
    return api


# request, body, caller, status, answer
CASES: list[tuple[str, Any, str | None, int, Any]] = [
    ("items/update", {"where": "qty > 1", "setValues": {"name": "x"}, "returning": "name,qty"}, None, 200, [{"name": "x", "qty": 2}]),
    ("items/update", {"where": "true", "set": {"qty": "qty * 10 + 1"}, "returning": "qty"}, None, 200, [{"qty": 11}, {"qty": 21}]),
    ("items/update", {"where": "true", "setValues": {"name": "x"}, "set": {"qty": "qty + 1"}, "returning": "name,qty"}, None, 200, [{"name": "x", "qty": 2}, {"name": "x", "qty": 3}]),
    ("items/update", {"where": "true", "set": {"name": "name || qty", "qty": "length(name)"}, "returning": "name,qty"}, None, 200, [{"name": "one1", "qty": 3}, {"name": "two2", "qty": 3}]),
    ("items/update", {"where": "true", "setValues": {"name": "x"}}, None, 200, []),
    ("items/update", {"where": "qty > 99", "setValues": {"name": "x"}, "returning": "*"}, None, 200, []),
    ("items/update", {"where": "false", "setValues": {"name": "x"}, "returning": "*"}, None, 200, []),
    ("items/update", {"setValues": {"name": "x"}}, None, 400, None),
    ("items/update", {"where": " ", "setValues": {"name": "x"}}, None, 400, None),
    ("items/update", {"where": None, "setValues": {"name": "x"}}, None, 400, None),
    ("items/update", {"where": 5, "setValues": {"name": "x"}}, None, 400, None),
    ("items/update", {"where": "true"}, None, 400, None),
    ("items/update", {"where": "true", "setValues": {}, "set": {}}, None, 400, None),
    ("items/update", {"where": "true", "setValues": None, "set": None}, None, 400, None),
    ("items/update", {"where": "true", "setValues": {"qty": 1}, "set": {"qty": "2"}}, None, 400, None),
    ("items/update", {"where": "true", "setValues": [1]}, None, 400, None),
    ("items/update", {"where": "true", "set": {"qty": 5}}, None, 400, None),
    ("items/update", {"where": "true", "set": {"nothing": "5"}}, None, 400, {"data": {"nothing": {"code": "unknown"}}}),
    ("items/update", {"where": "true", "setValues": {"nothing": 5}}, None, 400, {"data": {"nothing": {"code": "unknown"}}}),
    ("items/update", {"where": "true", "setValues": {"qty": "x", "name": None}}, None, 400, {"data": {"qty": {"code": "invalid"}, "name": {"code": "null"}}}),
    ("items/update", {"where": "id == 1", "setValues": {"price": -1}}, None, 400, {"data": {"price": {"code": "check"}}}),
    ("items/update", {"where": "true", "set": {"name": "null"}}, None, 400, None),
    ("items/update", {"where": "true", "setValues": {"name": "x"}, "values": {}}, None, 400, None),
    ("items/update", {"where": "true", "setValues": {"name": "x"}, "limit": 1}, None, 400, None),
    ("items/update", {"where": "true", "setValues": {"name": "x"}, "returning": "max(qty)"}, None, 400, None),
    ("posts/update", {"where": "true", "setValues": {"title": "x"}, "returning": "id"}, "ann", 200, [{"id": "a1"}, {"id": "a2"}]),
    ("posts/update", {"where": "true", "setValues": {"title": "x"}, "returning": "id"}, None, 200, []),
    ("posts/update", {"where": "true", "setValues": {"author_id": "bob"}, "returning": "id"}, "ann", 200, []),
    ("posts/update", {"where": "true", "set": {"author_id": "'bob'"}, "returning": "id"}, "ann", 200, []),
    ("posts/update", {"where": "true", "set": {"author_id": "author_id"}, "returning": "id"}, "ann", 200, [{"id": "a1"}, {"id": "a2"}]),
    ("posts/update", {"where": "new.title == 'new' & id == 'a1'", "setValues": {"title": "new"}, "returning": "title"}, "ann", 200, [{"title": "new"}]),
    ("posts/update", {"where": "new.title == 'new' & title == 'a2'", "set": {"title": "'ne' || 'w'"}, "returning": "id"}, "ann", 200, [{"id": "a2"}]),
    ("posts/update", {"where": "new.views == 5", "set": {"views": "views + 5"}, "returning": "views"}, "ann", 200, [{"views": 5}, {"views": 5}]),
    ("posts/update", {"where": "new.slug == slug", "setValues": {"title": "x"}, "returning": "id"}, "ann", 200, [{"id": "a1"}, {"id": "a2"}]),
    ("posts/update", {"where": "true", "set": {"views": "views + 1001"}}, "ann", 400, {"data": {"views": {"code": "max"}}}),
    ("posts/update", {"where": "true", "setValues": {"slug": "same"}}, "ann", 409, {"data": {"slug": {"code": "unique"}}}),
    ("posts/update", {"where": "true", "setValues": {"author_id": "nobody"}}, "admin", 400, {"data": {"author_id": {"code": "missing"}}}),
    ("posts/update", {"where": "true", "set": {"author_id": "'nobody'"}}, "admin", 400, {"data": {"author_id": {"code": "missing"}}}),
    ("posts/update", {"where": "true", "setValues": {"clicks": 1}}, "ann", 403, {"message": "Cannot update clicks field"}),
    ("posts/update", {"where": "true", "set": {"clicks": "clicks + 1"}}, "ann", 403, {"message": "Cannot update clicks field"}),
    ("posts/update", {"where": "true", "set": {"clicks": "clicks + 1"}, "returning": "clicks"}, "admin", 200, [{"clicks": 1}] * 3),
    ("posts/update", {"where": "true", "setValues": {"created": "2001-01-01"}}, "ann", 403, None),
    ("posts/update", {"where": "id == 'a1'", "setValues": {"updated": "2001-01-01"}, "returning": "updated"}, "admin", 200, [{"updated": "2001-01-01T00:00:00.000Z"}]),
    ("users/update", {"where": "true", "setValues": {"name": "x"}, "returning": "id"}, "ann", 200, [{"id": "ann"}]),
    ("users/update", {"where": "true", "setValues": {"role": "admin"}, "returning": "id"}, "ann", 200, []),
    ("bare/update", {"where": "true", "setValues": {"text": "x"}}, "ann", 403, None),
    ("items/delete", {"where": "qty > 1", "returning": "name"}, None, 200, [{"name": "two"}]),
    ("items/delete", {"where": "true", "returning": "qty + 1 => n"}, None, 200, [{"n": 2}, {"n": 3}]),
    ("items/delete", {"where": "true"}, None, 200, []),
    ("items/delete", {"where": "false", "returning": "*"}, None, 200, []),
    ("items/delete", {"where": "id > 99", "returning": "*"}, None, 200, []),
    ("items/delete", {}, None, 400, None),
    ("items/delete", {"where": ""}, None, 400, None),
    ("items/delete", {"where": "true", "or": "IGNORE"}, None, 400, None),
    ("items/delete", {"where": "true", "returning": "count()"}, None, 400, None),
    ("items/delete", {"where": "new.qty == 1"}, None, 400, None),
    ("posts/delete", {"where": "true", "returning": "id"}, "ann", 200, [{"id": "a1"}, {"id": "a2"}]),
    ("posts/delete", {"where": "true", "returning": "id"}, None, 200, []),
    ("users/delete", {"where": "true", "returning": "id"}, "ann", 200, [{"id": "ann"}]),
    ("kv/delete", {"where": "true"}, "ann", 403, None),
    ("parents/delete", {"where": "id == 'p'"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("parents/delete", {"where": "true"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("parents/update", {"where": "id == 'q'", "setValues": {"name": "new"}}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("parents/update", {"where": "id == 'p'", "setValues": {"id": "new"}}, "admin", 400, {"data": {"id": {"code": "restricted"}}}),
    ("parents/delete", {"where": "id == 'q'", "returning": "name"}, None, 200, [{"name": "qn"}]),
    ("children/update", {"where": "true", "setValues": {"parent_id": "none", "other": "none"}}, None, 400, {"data": {"parent_id": {"code": "missing"}, "other": {"code": "missing"}}}),
    ("children/update", {"where": "true", "set": {"other": "'none'"}}, None, 400, {"data": {"other": {"code": "missing"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "by", "status", "answer"), CASES, ids=range(len(CASES)))
def test_cases(ready: Api, request_: str, body: Any, by: str | None, status: int, answer: Any) -> None:
    table = request_.split("/", maxsplit=1)[0]
    before = run_sql(f"SELECT * FROM {table} ORDER BY 1")
    found = ready(f"POST {request_}", body, by)
    if isinstance(found.body, list):
        found.body.sort(key=lambda row: sorted(map(str, row.values())))
    found.expect(status, answer)
    if status != 200:
        assert found.body.keys() == {"code", "message", "data"}
        assert run_sql(f"SELECT * FROM {table} ORDER BY 1") == before


def test_a_key_that_others_refer_to_may_not_change_its_row(ready: Api) -> None:
    ready("POST parents/update", {"where": "id == 'p'", "setValues": {"name": "free"}}).expect(200)
    ready("POST users/delete", {"where": "true"}, "bob").expect(200)
    assert run_sql("SELECT id FROM posts ORDER BY id") == [("a1",), ("a2",)]  # those of bob cascaded


def test_a_word_with_everything_in_it_stays_a_word(ready: Api) -> None:
    for text in (
        "'; DROP TABLE items; --",
        'a" OR "1"="1',
        "%s %(x)s {0} {}",
        "$1 ? :x",
        "\\",
        "\x1f",
        "' || '",
        "{{x}}",
        "--",
        "/*",
    ):
        (row,) = ready("POST items/insert", {"values": {"name": text, "data": {text: text}}, "returning": "*"}).expect(200)
        assert (row["name"], row["data"]) == (text, {text: text})
        literal = text.replace("\\", "\\\\").replace("'", "\\'")
        found = ready("POST items/select", {"where": f"name == '{literal}'", "select": f"name, '{literal}' => x"}).expect(200)
        assert found == [{"name": text, "x": text}]
        ready(
            "POST items/update", {"where": f"id == {row['id']}", "set": {"name": f"name || '{literal}'"}, "returning": "name"}
        ).expect(200, [{"name": text * 2}])
        ready("POST items/select", {"select": f"name => {text}"}).expect(400)
        assert ready("POST items/select", {"order": text}).status in (200, 400)
        assert ready("POST items/select", {"select": f"data->>'{literal}' => x"}).status in (200, 400)
        assert ready("POST items/select", {"select": f"strftime('{literal}', 'now') => x"}).status in (200, 400)
