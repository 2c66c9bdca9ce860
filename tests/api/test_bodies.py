"""What a request may carry, and how it is refused."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY
from urllib.parse import urlencode

import pytest

from tests.api.answers import Api

FORM = "application/x-www-form-urlencoded"

# (request, body, content type, status, part of the message)
REFUSED = [
    ("POST items/insert", "{broken", "application/json", 400, "JSON"),
    ("POST items/insert", "[1]", "application/json", 400, "object"),
    ("POST items/insert", "null", "application/json", 400, "object"),
    ("POST items/insert", b'{"values": {"name": "\xff"}}', "application/json", 400, "UTF-8"),
    ("POST items/insert", '{"values": {"name": "\\u0000"}}', "application/json", 400, "NUL"),
    ("POST items/insert", '{"values": {"name": "\\ud800"}}', "application/json", 400, "surrogate"),
    ("POST items/insert", '{"values": {"data": {"\\ud800": 1}, "name": "x"}}', "application/json", 400, "surrogate"),
    ("POST items/insert", '{"values": {"data": ["\\u0000"], "name": "x"}}', "application/json", 400, "NUL"),
    ("POST items/insert", '{"values": {"name": "a", "name": "b"}}', "application/json", 400, "name"),
    ("POST items/insert", '{"values": {"name": "a"}, "values": {"name": "b"}}', "application/json", 400, "values"),
    ("POST items/insert", '{"values": {"qty": 9223372036854775808}}', "application/json", 400, "64 bits"),
    ("POST items/insert", '{"values": {"qty": -9223372036854775809}}', "application/json", 400, "64 bits"),
    ("POST items/insert", '{"values": {"qty": ' + "9" * 5000 + "}}", "application/json", 400, "64 bits"),
    ("POST items/insert", '{"values": {"price": NaN}}', "application/json", 400, "NaN"),
    ("POST items/insert", '{"values": {"price": -Infinity}}', "application/json", 400, "Infinity"),
    ("POST items/insert", '{"values": {"price": 1e999}}', "application/json", 400, "precision"),
    ("POST items/insert", '{"a":' * 100_000, "application/json", 400, "deep"),
    ("POST items/insert", "<x/>", "application/xml", 415, "content type"),
    ("POST items/insert", "{}", "text/plain", 415, "content type"),
    ("POST items/insert", "", "application/json", 400, "values"),
    ("POST items/select", '{"where": 5}', "application/json", 400, "where"),
    ("POST items/select", '{"where": ["id == 1"]}', "application/json", 400, "where"),
    ("POST items/insert", "values=x&values.name=y", FORM, 400, "values"),
    ("POST items/insert", "values.name=a&values.name=b", FORM, 400, "values.name"),
    ("POST items/insert", "values.name=%00", FORM, 400, "NUL"),
    ("POST items/insert", "values.name=%ff", FORM, 400, "UTF-8"),
    ("POST items/insert", urlencode({"@jsonPayload": "{broken"}), FORM, 400, "JSON"),
    ("POST items/insert", urlencode({"@jsonPayload": '{"values": [1]}', "values.name": "x"}), FORM, 400, "values"),
    ("POST items/insert", "values.name=a", FORM + "; charset=utf-16", 400, "UTF-8"),
    ("POST items/insert", "--x", "multipart/form-data; boundary=", 400, "form"),
    ("POST items/insert", "--x", "multipart/form-data", 400, "form"),
    ("POST items/insert", "x" * 2_700_000, "application/json", 413, "large"),
    ("POST items/insert", "&".join(f"a{n}=1" for n in range(1100)), FORM, 413, "large"),
]

# (query string, part of the message)
REFUSED_QUERIES = [
    ("limit=1&limit=2", "limit"),
    ("where=%00", "NUL"),
    ("where=%ff", "UTF-8"),
    ("%ff=1", "UTF-8"),
    ("lmit=1", "limit"),
    ("where[]=x", "where"),
    ("=1", "parameter"),
]


@pytest.mark.parametrize(("request_", "body", "content_type", "status", "word"), REFUSED, ids=range(len(REFUSED)))
def test_a_body_that_cannot_be_taken_is_refused(
    api: Api, request_: str, body: Any, content_type: str, status: int, word: str
) -> None:
    found = api(request_, body, content_type=content_type).expect(status, {"code": status, "message": ANY, "data": ANY})
    assert word in found["message"]
    assert api("GET items/select").body == []


@pytest.mark.parametrize(("query", "word"), REFUSED_QUERIES)
@pytest.mark.parametrize(
    "request_", ["GET items/select", "GET items/list", "GET items/view/1", "POST items/edit/1", "POST items/insert"]
)
def test_a_query_string_that_cannot_be_taken_is_refused(api: Api, request_: str, query: str, word: str) -> None:
    body = {"values": {"name": "x"}} if "insert" in request_ else {"name": "x"} if "edit" in request_ else None
    found = api(request_, body, QUERY_STRING=query).expect(400, {"code": 400, "data": {}})
    assert word in found["message"] or "parameter" in found["message"]


# (content type, body, the row)
TAKEN = [
    ("application/json", '{"values": {"name": "a", "qty": 5.0}}', {"name": "a", "qty": 5}),
    ("application/json; charset=utf-8", '{"values": {"name": "ü"}}', {"name": "ü"}),
    ("application/merge-patch+json", '{"values": {"name": "a"}}', {"name": "a"}),
    (FORM, "values.name=a&values.qty=7&values.price=1.5&values.data=%7B%22x%22%3A%5B1%5D%7D", {"name": "a", "qty": 7, "price": 1.5, "data": {"x": [1]}}),
    (FORM, urlencode({"@jsonPayload": '{"values": {"name": "p", "qty": 2}}'}), {"name": "p", "qty": 2}),
    (FORM, urlencode({"@jsonPayload": '{"values": {"name": "p"}}', "values.qty": "3"}), {"name": "p", "qty": 3}),
    (FORM, "values.name=a&values.price=&values.code=&values.data=", {"name": "a", "price": None, "code": "", "data": None}),
    ("multipart/form-data; boundary=X", '--X\r\nContent-Disposition: form-data; name="values.name"\r\n\r\nmulti\r\n--X--\r\n', {"name": "multi"}),
    ("application/json", '{"values": {"name": "a", "qty": -9223372036854775808, "data": "[1, {}]"}}', {"qty": -(2**63), "data": [1, {}]}),
]  # fmt: skip


@pytest.mark.parametrize(("content_type", "body", "row"), TAKEN)
def test_a_body_in_each_form_is_taken(api: Api, content_type: str, body: str, row: Any) -> None:
    api("POST items/insert", body, content_type=content_type).expect(200, [])
    api("GET items/select").expect(200, [row])


def test_json_in_a_form_is_as_strict_as_json(api: Api) -> None:
    payload = urlencode({"@jsonPayload": '{"values": {"name": "p", "qty": "2"}}'})
    api("POST items/insert", payload, content_type=FORM).expect(400, {"data": {"qty": {"code": "invalid"}}})


@pytest.mark.parametrize("path", ["items/insert", "items/insert/"])
def test_a_slash_at_the_end_changes_nothing(api: Api, path: str) -> None:
    api(f"POST {path}", {"values": {"name": "x"}, "returning": "name"}).expect(200, [{"name": "x"}])


def test_a_body_may_be_absent(api: Api) -> None:
    api("POST items/select").expect(200, [])
    api("POST items/insert").expect(400, {"message": 'values is required: wrap the fields, as {"values": {...}}'})


def test_a_wrapper_that_was_forgotten_is_explained(api: Api) -> None:
    found = api("POST items/insert", {"name": "x"})
    found.expect(400, {"message": 'values is required: wrap the fields, as {"values": {...}}', "data": {}})
    assert api("GET items/select").body == []


def test_a_query_name_that_a_rule_reads_is_known(api: Api) -> None:
    api("POST readers/insert", {"values": {"name": "x"}}, query={"door": "open"}).expect(200)
    api("POST readers/insert", {"values": {"name": "x"}}, query={"door": "shut"}).expect(403)
    api("GET readers/select", query={"door": "open"}).expect(200, [{"name": "x"}])
    api("GET readers/list", query={"door": "shut"}).expect(200, {"items": [], "total": 0})
    api("GET readers/select", query={"window": "open"}).expect(400)
    api("POST readers/insert", {"values": {"name": "x"}}, QUERY_STRING="door=shut&door=open").expect(400)
