"""What every answer is like: JSON, its headers, and errors that tell nothing of our inside."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.db import DataError, InterfaceError, OperationalError, connections
from django.http import Http404
from django.test import Client, RequestFactory

from pocketapi.api import base, errors, records
from pocketapi.errors import MethodNotAllowed, MigrationRefused, Throttled
from tests.api.answers import Api, run_sql

HEADERS = {
    "Vary": "Authorization, X-Authorization, Cookie",
    "Cache-Control": "private, no-cache",
    "Content-Type": "application/json",
}

# request, body, status
ANSWERS: list[tuple[str, Any, int]] = [
    ("GET items/select", None, 200),
    ("GET items/list", None, 200),
    ("GET items/view/1", None, 404),
    ("POST items/insert", {"values": {"name": "x"}}, 200),
    ("POST items/insert", {}, 400),
    ("GET items/select", "forged", 200),
    ("GET bare/select", None, 403),
    ("GET nothing/select", None, 404),
    ("DELETE items/select", None, 405),
    ("GET /", None, 404),
    ("GET /nothing", None, 404),
    ("POST /nothing", {}, 404),
    ("GET /nothing%0Amore", None, 404),
    ("GET /health%0A", None, 404),
    ("GET /table/items/select%0A", None, 404),
    ("GET /table/items%0A/select", None, 404),
    ("GET /%ff%fe", None, 404),
    ("PUT /nothing", {}, 404),
    ("GET /table/items/select/more", None, 404),
    ("GET /table//select", None, 404),
    ("GET /settings", None, 401),
]


@pytest.mark.parametrize(("request_", "body", "status"), ANSWERS)
def test_every_answer_is_json_with_the_same_headers(api: Api, request_: str, body: Any, status: int) -> None:
    found = api(request_, body)
    found.expect(status)
    assert {name: found.headers[name] for name in HEADERS} == HEADERS
    if status >= 400:
        assert found.body.keys() == {"code", "message", "data"}
        assert found.body["code"] == status
        assert isinstance(found.body["data"], dict)


@pytest.mark.parametrize(("path", "allowed"), [("items/select", "GET, POST"), ("items/insert", "POST"), ("items/view/1", "GET")])
def test_a_wrong_method_is_told_the_right_ones(api: Api, path: str, allowed: str) -> None:
    assert api(f"PATCH {path}").headers["Allow"] == allowed


# (what went wrong, status, message)
KNOWN: list[tuple[Exception, int, str]] = [
    (Http404("x"), 404, "Not found"),
    (OperationalError("secret"), 503, "The database is not available. Nothing was changed; try again."),
    (InterfaceError("secret"), 503, "The database is not available. Nothing was changed; try again."),
    (DataError("secret"), 400, "A value is beyond what the database can hold."),
    (MigrationRefused("why"), 400, "why"),
    (RuntimeError("secret"), 500, "Something went wrong."),
]


@pytest.mark.parametrize(("error", "status", "message"), KNOWN)
def test_an_error_is_answered_and_tells_no_secret(
    error: Exception, status: int, message: str, caplog: Any, settings: Any
) -> None:
    settings.DEBUG = False
    found = errors.answer(error)
    assert (found.status_code, json.loads(found.content)) == (status, {"code": status, "message": message, "data": {}})
    assert [record.levelno for record in caplog.records] == ([logging.ERROR] if status >= 500 else [])


def test_in_debug_an_error_that_nobody_foresaw_shows_its_trace(settings: Any) -> None:
    settings.DEBUG = True
    assert "RuntimeError: why" in str(json.loads(errors.answer(RuntimeError("why")).content)["data"]["trace"])


def test_errors_that_say_more_in_headers() -> None:
    assert errors.answer(Throttled(30))["Retry-After"] == "30"
    assert errors.answer(MethodNotAllowed(["GET"]))["Allow"] == "GET"


def test_a_failure_in_an_endpoint_is_a_500_in_json(api: Api, caplog: Any) -> None:
    run_sql("DROP TABLE readers" if connections["default"].vendor == "sqlite" else "DROP TABLE readers CASCADE")
    found = api("GET readers/select?door=open")
    assert found.status in (500, 503)
    assert "readers" not in str(found.body)
    assert found.headers["Vary"] == HEADERS["Vary"]
    assert caplog.records


def test_what_django_refuses_is_answered_in_json(api: Api, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 1
    part = '--X\r\nContent-Disposition: form-data; name="f{0}"; filename="f{0}"\r\n\r\nx\r\n'
    form = "".join(part.format(number) for number in range(3)) + "--X--\r\n"
    api("POST items/insert", form, content_type="multipart/form-data; boundary=X").expect(413)
    api("POST items/insert", part.format(1) + "--X--\r\n", content_type="multipart/form-data; boundary=X").expect(400)
    api("POST items/insert", "{}", CONTENT_LENGTH="many").expect(400)


def test_a_body_that_breaks_off_is_a_400(api: Api) -> None:
    class Broken:
        def read(self, *_: Any) -> bytes:
            raise OSError("gone")

        def close(self) -> None:
            """Nothing is open."""

    request = RequestFactory().post("/", content_type="application/json")
    request.META["wsgi.input"] = request._stream = Broken()  # type: ignore[attr-defined]
    found = records.Insert.as_view()(request, table="items")
    assert found.status_code == 400


def test_no_csrf_token_is_asked_for(api: Api, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.csrf.CsrfViewMiddleware"]
    api.client = Client(enforce_csrf_checks=True)
    api("POST items/insert", {"values": {"name": "x"}}).expect(200)
    api("POST /nothing", {}).expect(404)
    api("POST users/auth/login-password", {}).expect(400)


@pytest.mark.parametrize(
    ("header", "known"),
    [
        ('W/"a"', True),
        ('"a"', True),
        ("*", True),
        ('"b", W/"a"', True),
        ('"b"', False),
        ("a", False),
        ("", False),
        ('"aa"', False),
    ],
)
def test_if_none_match(header: str, known: bool) -> None:
    assert base.knows(header, 'W/"a"') is known


def test_answers_tell_their_length_so_that_no_server_sends_them_in_chunks(api: Api) -> None:
    for path in ("/health", "/table/items/list", "/nowhere"):
        found = api.client.get(f"/api/v1{path}")
        assert found["Content-Length"] == str(len(found.content))
