"""How many statements a request takes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.api.answers import Api

GUARDS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
POST = {"author_id": "ann", "title": "t"}

# request, body, caller, statements
CASES: list[tuple[str, Any, str | None, int]] = [
    ("GET posts/select", None, None, 1),
    ("GET posts/select", None, "ann", 2),
    ("GET posts/select?where=views > 1&order=-title&limit=3", None, "ann", 2),
    ("GET posts/list", None, "ann", 2),
    ("GET posts/list", None, "admin", 1),
    ("GET posts/view/a1", None, "ann", 2),
    ("GET posts/select?where=false", None, "ann", 1),
    ("GET users/select", None, None, 0),
    ("POST posts/insert", {"values": POST}, "ann", 2),
    ("POST posts/insert", {"values": POST, "returning": "*"}, "ann", 2),
    ("POST posts/insert", {"values": [POST] * 100, "returning": "id"}, "ann", 2),
    ("POST posts/insert", {"values": [POST, {**POST, "views": 1}, {**POST, "slug": "s"}]}, "ann", 2),
    ("POST posts/insert", {"values": POST, "or": "IGNORE"}, "ann", 2),
    ("POST posts/insert", {"values": []}, "ann", 1),
    ("POST posts/insert", {"values": POST}, "bob", 1),
    ("POST items/insert", {"values": [{"name": "x"}, {"name": "y", "code": "c"}]}, None, 1),
    ("POST posts/update", {"where": "id == 'a1'", "setValues": {"title": "x"}}, "ann", 2),
    ("POST posts/update", {"where": "true", "set": {"clicks": "clicks + 1"}, "returning": "*"}, "admin", 1),
    ("POST posts/update", {"where": "true", "set": {"views": "views + 1"}}, "ann", 2),
    ("POST posts/edit/a1", {"title": "x"}, "ann", 2),
    ("POST posts/edit/a1?returning=*", {"title": "x"}, "ann", 2),
    ("POST posts/edit/a1", {"title": "x"}, None, 0),
    ("POST posts/edit/a1?or=INSERT", POST, "ann", 2),
    ("POST posts/edit/new?or=INSERT", POST, "ann", 3),
    ("POST posts/delete", {"where": "true", "returning": "*"}, "ann", 2),
    ("POST users/delete", {"where": "true"}, None, 0),
    ("POST computed/insert", {"values": {}}, "admin", 1),
]


@pytest.mark.parametrize(("request_", "body", "by", "count"), CASES)
def test_cases(api: Api, request_: str, body: Any, by: str | None, count: int) -> None:
    api("POST posts/insert", {"values": {**POST, "id": "a1"}}, "ann").expect(200)
    with CaptureQueriesContext(connections["default"]) as captured:
        api(request_, body, by)
    statements = [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(GUARDS)]
    assert len(statements) == count, "\n".join(statements)
