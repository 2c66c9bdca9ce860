"""One record by its id, and edit with or=INSERT."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api, run_sql


@pytest.fixture
def ready(api: Api) -> Api:
    for id_, author in (("anns", "ann"), ("bobs", "bob")):
        api("POST posts/insert", {"values": {"id": id_, "author_id": author, "title": "t", "slug": id_}}, "admin").expect(200)
    api("POST kv/insert", {"values": {"key": "free", "value": 1}}, "ann").expect(200)
    api("POST kv/insert", {"values": {"key": "bobs", "value": 1, "owner": "bob"}}, "bob").expect(200)
    api("POST items/insert", {"values": {"name": "one", "code": "1"}}).expect(200)
    return api


# (request, body, caller, status, answer)
CASES: list[tuple[str, Any, str | None, int, Any]] = [
    ("POST items/edit/1", {"name": "two"}, None, 200, {"id": 1}),
    ("POST items/edit/1?returning=name,qty", {"name": "two"}, None, 200, {"name": "two", "qty": 1}),
    ("POST items/edit/1?returning=qty %2B 1 as more", {"name": "two"}, None, 200, {"more": 2}),
    ("POST items/edit/1?returning=count() as n", {"name": "two"}, None, 400, None),
    ("POST items/edit/1?returning=", {"name": "two"}, None, 200, {"id": 1}),
    ("POST items/edit/1", {}, None, 200, {"id": 1}),
    ("POST items/edit/1", None, None, 200, {"id": 1}),
    ("POST posts/edit/anns?returning=*", {}, "ann", 200, {"id": "anns", "title": "t"}),
    ("POST items/edit/1", {"setValues": {"name": "x"}}, None, 400, {"data": {"setValues": {"code": "unknown"}}}),
    ("POST items/edit/1", {"nmae": "x"}, None, 400, {"data": {"nmae": {"code": "unknown"}}}),
    ("POST items/edit/1", {"returning": "name"}, None, 400, {"data": {"returning": {"code": "unknown"}}}),
    ("POST items/edit/2", {"name": "x"}, None, 404, {"data": {}}),
    ("POST items/edit/2", {}, None, 404, None),
    ("POST items/edit/nokey", {"name": "x"}, None, 404, None),
    ("POST items/edit/99999999999999999999", {"name": "x"}, None, 404, None),
    ("POST items/edit/1", {"id": 1}, None, 403, {"message": "Cannot update id field"}),
    ("POST items/edit/1", {"id": 7}, "admin", 200, {"id": 7}),
    ("POST items/edit/1", {"name": None}, None, 400, {"data": {"name": {"code": "null"}}}),
    ("POST posts/edit/bobs", {"title": "x"}, "ann", 404, None),
    ("POST posts/edit/bobs", {"title": "x"}, None, 404, None),
    ("POST posts/edit/bobs", {"title": "x"}, "admin", 200, {"id": "bobs"}),
    ("POST posts/edit/anns", {"author_id": "bob"}, "ann", 404, None),
    ("POST posts/edit/anns", {"clicks": 5}, "ann", 403, {"message": "Cannot update clicks field"}),
    ("POST posts/edit/anns", {"slug": "bobs"}, "ann", 409, {"data": {"slug": {"code": "unique"}}}),
    ("POST posts/edit/anns", {"slug": "bobs"}, "bob", 404, None),
    ("POST items/edit/1?or=NOTHING", {"name": "x"}, None, 400, None),
    # or=INSERT
    ("POST kv/edit/new?or=INSERT", {"value": 2}, "ann", 200, {"key": "new"}),
    ("POST kv/edit/new?or=INSERT&returning=*", {"value": 2}, "ann", 200, {"key": "new", "value": 2, "owner": None}),
    ("POST kv/edit/free?or=INSERT&returning=*", {"value": 2}, "ann", 200, {"key": "free", "value": 2}),
    ("POST kv/edit/new?or=INSERT", {"value": 2}, None, 403, None),
    ("POST kv/edit/free?or=INSERT", {"value": 2}, None, 403, None),
    ("POST kv/edit/bobs?or=INSERT", {"value": 2}, "ann", 404, None),
    ("POST kv/edit/bobs?or=INSERT", {"owner": "bob"}, "ann", 403, None),
    ("POST kv/edit/new?or=INSERT", {"owner": "bob"}, "ann", 403, None),
    ("POST kv/edit/new?or=INSERT", {"key": "new"}, "ann", 200, {"key": "new"}),
    ("POST kv/edit/new?or=INSERT", {"key": "other"}, "ann", 400, {"data": {"key": {"code": "mismatch"}}}),
    ("POST kv/edit/new?or=INSERT", {"key": 5}, "ann", 400, {"data": {"key": {"code": "mismatch"}}}),
    ("POST kv/edit/new?or=INSERT", {"setValues": {"value": 1}}, "ann", 400, {"data": {"setValues": {"code": "unknown"}}}),
    ("POST kv/edit/new?or=INSERT", {"value": "{"}, "ann", 400, {"data": {"value": {"code": "invalid"}}}),
    ("POST posts/edit/anns?or=INSERT", {"views": 1}, "ann", 200, {"id": "anns"}),
    ("POST posts/edit/new?or=INSERT", {"views": 1}, "ann", 400, {"data": {"author_id": {"code": "required"}, "title": {"code": "required"}}}),
    ("POST posts/edit/new?or=INSERT", {"author_id": "ann", "title": "t"}, "ann", 200, {"id": "new"}),
    ("POST posts/edit/new?or=INSERT", {"id": "new", "author_id": "ann", "title": "t"}, "ann", 403, {"message": "Cannot update id field"}),
    ("POST posts/edit/new?or=INSERT", {"id": "new", "author_id": "ann", "title": "t"}, "admin", 200, {"id": "new"}),
    ("POST posts/edit/b@d?or=INSERT", {"author_id": "ann", "title": "t"}, "ann", 400, {"data": {"id": {"code": "invalid"}}}),
    ("POST posts/edit/bobs?or=INSERT", {"author_id": "ann", "title": "t"}, "ann", 404, None),
    ("POST posts/edit/bobs?or=INSERT", {"author_id": "bob", "title": "t"}, "ann", 403, None),
    ("POST posts/edit/new?or=INSERT", {"author_id": "bob", "title": "t"}, "ann", 403, None),
    ("POST posts/edit/new?or=INSERT", {"author_id": "ann", "title": "t", "slug": "bobs"}, "ann", 409, {"data": {"slug": {"code": "unique"}}}),
    ("POST posts/edit/new?or=INSERT", {"author_id": "nobody", "title": "t"}, "admin", 400, {"data": {"author_id": {"code": "missing"}}}),
    ("POST items/edit/77?or=INSERT", {"name": "x"}, None, 403, {"message": "Cannot insert id field"}),
    ("POST items/edit/77?or=INSERT", {"name": "x"}, "admin", 200, {"id": 77}),
    ("POST items/edit/nokey?or=INSERT", {"name": "x"}, "admin", 404, None),
    ("POST bare/edit/x?or=INSERT", {"text": "x"}, "ann", 403, None),
    ("POST readers/edit/5?or=INSERT&door=open", {"name": "x"}, None, 200, {"id": 5}),
    ("POST readers/edit/5?or=INSERT&door=shut", {"name": "x"}, None, 403, None),
    ("POST users/edit/ann?or=INSERT", {"name": "Ann"}, "ann", 200, {"id": "ann"}),
    ("POST users/edit/new?or=INSERT", {"name": "x", "username": "x", "email": "x@y.zz", "password": "corr3ct-horse"}, "ann", 403, None),
    ("POST users/edit/new?or=INSERT", {"name": "x", "username": "x", "email": "x@y.zz", "password": "corr3ct-horse"}, "admin", 200, {"id": "new"}),
    ("POST users/edit/bob?or=INSERT", {"name": "x"}, "ann", 403, None),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "by", "status", "answer"), CASES)
def test_cases(ready: Api, request_: str, body: Any, by: str | None, status: int, answer: Any) -> None:
    found = ready(request_, body, by).expect(status, answer)
    if status == 200 and answer and "returning=*" not in request_:
        assert found.keys() == answer.keys()


def test_the_hint_of_a_wrapper_that_edit_does_not_take(ready: Api) -> None:
    assert "setValues" in ready("POST items/edit/1", {"setValues": {"name": "x"}}).expect(400)["message"]


def test_a_null_update_rule_just_denies_an_upsert(ready: Api) -> None:
    ready("POST readers/edit/5?or=INSERT&door=open", {"name": "x"}).expect(200)
    ready("POST readers/edit/5?or=INSERT&door=open", {"name": "y"}).expect(404)
    ready("POST readers/edit/5?door=open", {"name": "y"}).expect(403)
    assert run_sql("SELECT name FROM readers") == [("x",)]


def test_updated_is_stamped_by_every_update(ready: Api) -> None:
    old = "2001-01-01T00:00:00.000Z"
    run_sql("UPDATE posts SET updated = %s, created = %s", old, old)
    ready("POST posts/edit/anns", {"title": "new"}, "ann").expect(200)
    first, second = ready("GET posts/select?order=id", by="admin").body
    assert first["created"] == second["created"] == second["updated"] == old
    assert first["updated"] > old
