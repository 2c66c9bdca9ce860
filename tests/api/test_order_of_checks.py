"""Of several reasons to refuse a request the first in the contract's order is told."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.credentials.tokens import issue_admin
from tests.api.answers import Api

# (request, body, caller, status); each is wrong in what follows, too
CASES: list[tuple[str, Any, str | None, int]] = [
    # 404 and 405 of the path, before the body's type and the token
    ("POST nothing/insert", "x", "forged", 404),
    ("PATCH items/insert", "x", "forged", 405),
    ("GET items/insert", None, "forged", 405),
    ("POST items/view/1", "x", "forged", 405),
    ("DELETE items/delete", "x", "forged", 405),
    ("OPTIONS items/select", None, "forged", 405),
    ("GET users/auth/sign-up", None, "forged", 405),
    ("POST items/auth/sign-up", "x", "forged", 404),
    ("POST /nothing", "x", "forged", 404),
    # the token, before everything that needs a caller
    ("POST bare/insert", "{broken", "forged", 401),
    ("GET bare/select", None, "forged", 401),
    ("GET /settings", None, "forged", 401),
    ("GET /health", None, "forged", 401),
    ("POST users/auth/sign-up", "{broken", "forged", 401),
    ("POST users/auth/change-password", "{broken", "forged", 401),
    # a viewer's write, before the null rule and the body
    ("POST bare/insert", "{broken", "viewer", 403),
    ("POST items/update", "{broken", "viewer", 403),
    ("POST items/edit/1", "{broken", "viewer", 403),
    ("POST items/delete", "{broken", "viewer", 403),
    ("POST users/auth/sign-up", "{broken", "viewer", 403),
    # the null rule, before the body
    ("POST bare/insert", "{broken", "ann", 403),
    ("POST bare/select", "{broken", None, 403),
    ("POST bare/list", {"where": "nothing == 1"}, None, 403),
    ("GET bare/view/x", None, None, 403),
    ("POST bare/update", "{broken", None, 403),
    ("POST bare/edit/x", "{broken", None, 403),
    ("POST bare/edit/x?or=INSERT", "{broken", None, 403),
    ("POST readers/edit/1", "{broken", None, 403),
    ("POST bare/delete", "{broken", None, 403),
    ("POST kv/delete", {}, "ann", 403),
    # names and expressions, before fields that may not be written
    ("POST posts/insert", {"values": {"clicks": 1, "nothing": 1}}, None, 400),
    ("POST posts/insert", {"values": {"clicks": 1}, "returning": "nothing"}, None, 400),
    ("POST posts/insert", {"values": [{"clicks": 1}, {"nothing": 1}]}, None, 400),
    ("POST posts/update", {"where": "nothing == 1", "setValues": {"clicks": 1}}, None, 400),
    ("POST posts/update", {"where": "true", "setValues": {"clicks": 1, "nothing": 1}}, None, 400),
    ("POST posts/update", {"where": "true", "set": {"clicks": "nothing"}}, None, 400),
    ("POST posts/update", {"where": "true", "setValues": {"clicks": 1}, "returning": "nothing"}, None, 400),
    ("POST posts/edit/x", {"clicks": 1, "nothing": 1}, None, 400),
    ("POST kv/edit/x?or=INSERT", {"nothing": 1}, None, 400),
    ("POST posts/edit/x?or=INSERT", {"id": "y", "nothing": 1}, "ann", 400),
    ("GET users/select?where=nothing", None, None, 400),
    ("GET users/view/x?where=nothing", None, None, 400),
    ("POST users/delete", {"where": "nothing"}, None, 400),
    ("POST users/delete", {"where": "true", "returning": "nothing"}, None, 400),
    # fields that may not be written, before values
    ("POST posts/insert", {"values": {"clicks": "many", "views": "many"}}, None, 403),
    ("POST posts/insert", {"values": [{"views": "many"}, {"clicks": 1}]}, None, 403),
    ("POST posts/update", {"where": "true", "setValues": {"clicks": 1, "views": "many"}}, None, 403),
    ("POST posts/edit/x", {"clicks": 1, "views": "many"}, None, 403),
    ("POST posts/edit/x?or=INSERT", {"id": "y", "views": "many"}, "ann", 403),
    # values, before the createRule and the record
    ("POST posts/insert", {"values": {"title": "x", "views": "many"}}, None, 400),
    ("POST posts/insert", {"values": [{"author_id": "bob", "title": "x"}, {"title": 1}]}, "ann", 400),
    ("POST posts/edit/nothing", {"views": "many"}, None, 400),
    ("POST items/edit/nokey", {"qty": "many"}, None, 400),
    # the createRule, before the database
    ("POST posts/insert", {"values": {"author_id": "nobody", "title": "x"}}, "ann", 403),
    ("POST posts/insert", {"values": {"author_id": "bob", "title": "x", "slug": "taken"}}, "ann", 403),
    # the record, before the database
    ("POST posts/edit/nothing", {"slug": "taken"}, "ann", 404),
    ("POST posts/edit/anns", {"slug": "taken"}, "bob", 404),
    ("POST posts/edit/anns2", {"slug": "taken"}, "ann", 409),
]


@pytest.fixture
def ready(api: Api) -> Api:
    api.tokens["viewer"] = issue_admin("viewer")
    for id_, slug in (("anns", "taken"), ("anns2", "other")):
        values = {"id": id_, "author_id": "ann", "title": "t", "slug": slug, "published": True}
        api("POST posts/insert", {"values": values}, by="admin").expect(200)
    return api


@pytest.mark.parametrize(("request_", "body", "by", "status"), CASES)
def test_the_first_reason_is_told(ready: Api, request_: str, body: Any, by: str | None, status: int) -> None:
    ready(request_, body, by).expect(status, {"code": status})


@pytest.mark.parametrize("by", [None, "forged"])
@pytest.mark.parametrize(("body", "content_type", "status"), [("x" * 2_700_000, "application/json", 413), ("x", "text/x", 415)])
def test_size_and_type_come_before_the_token(ready: Api, by: str | None, body: str, content_type: str, status: int) -> None:
    for path in ("items/insert", "bare/select", "users/auth/sign-up"):
        ready(f"POST {path}", body, by, content_type=content_type).expect(status)
