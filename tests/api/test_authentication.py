"""What expressions read of a request."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from pocketapi.api.authentication import RequestVariables
from tests.api.answers import Api

REQUEST = RequestFactory().get("/x?a=1&b=%C3%BC", headers={"X-Key": "k", "Accept": "y"}, REMOTE_ADDR="10.0.0.1")

# name, value
READ: list[tuple[str, Any]] = [("method", "GET"), ("ip", "10.0.0.1"), ("query", {"a": "1", "b": "ü"})]


@pytest.mark.parametrize(("name", "value"), READ)
def test_what_a_request_says(name: str, value: Any) -> None:
    assert RequestVariables(REQUEST)[name] == value


def test_headers_are_in_lower_case_with_underscores() -> None:
    headers = RequestVariables(REQUEST)["headers"]
    assert (headers["x_key"], headers["accept"]) == ("k", "y")


def test_there_is_nothing_else() -> None:
    variables = RequestVariables(REQUEST)
    assert list(variables) == ["method", "ip", "query", "headers"]
    assert len(variables) == 4
    with pytest.raises(KeyError):
        variables["user"]


@pytest.mark.parametrize("name", ["authorization", "cookie", "x_authorization"])
def test_secrets_of_the_request_are_not_readable(api: Api, name: str) -> None:
    found = api("POST items/select", {"select": f"request.headers.{name} => x"}, by="ann")
    assert found.status == 400
