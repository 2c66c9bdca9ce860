"""Parameters to requests, without HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.errors import BadRequest
from pocketapi.records import requests
from pocketapi.records.requests import Delete, Edit, Insert, Read, Update, View

READ: list[tuple[dict[str, Any], Read]] = [
    ({}, Read()),
    ({"order": ["-a", "b"], "select": ["a", "b"], "group": "a"}, Read(order="-a, b", select="a, b", group="a")),
    ({"sort": "a", "order": None}, Read(order="a")),
    ({"limit": "7", "offset": 3}, Read(limit=7, offset=3)),
    ({"limit": 0, "distinct": "FALSE"}, Read(limit=0)),
    ({"distinct": 1}, Read(distinct=True)),
    ({"where": "a == 1", "door": "x"}, Read(where="a == 1")),
]


@pytest.mark.parametrize(("data", "request_"), READ)
def test_read(data: dict[str, Any], request_: Read) -> None:
    assert requests.read(data, ("door",)) == request_


def test_the_other_requests() -> None:
    assert requests.view({"select": ["a"], "where": " "}) == View("a", None)
    assert requests.insert({"values": {"a": 1}, "or": "ABORT"}, 5) == Insert(({"a": 1},), single=True)
    assert requests.insert({"values": [{}, {}], "or": "IGNORE", "returning": ["a"]}, 2) == Insert(
        ({}, {}), single=False, returning="a", mode="IGNORE"
    )
    assert requests.update({"where": "x", "set": {"a": "1"}}) == Update("x", {}, {"a": "1"})
    assert requests.edit({"returning": 1}, {"or": "INSERT"}) == Edit({"returning": 1}, None, "INSERT")
    assert requests.delete({"where": "x", "returning": ""}) == Delete("x")


def test_a_batch_has_its_limit() -> None:
    with pytest.raises(BadRequest, match="at most 2 rows, these are 3"):
        requests.insert({"values": [{}, {}, {}]}, 2)


def test_beside_a_body_there_are_only_names_that_rules_read() -> None:
    requests.check_query({"door": "x"}, ("door",))
    with pytest.raises(BadRequest, match="no parameter limit in the query string"):
        requests.check_query({"door": "x", "limit": "1"}, ("door",))
