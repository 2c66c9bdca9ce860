"""Browsers of other origins read the API's answers where the config names them; only those may send the cookie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from project import cors

TOP = (
    f"jwtSecret: {'x' * 40}\ntables: [{{name: things, fields: [baseFields], extensions: [{{name: rules, listRule: 'true'}}]}}]\n"
)
NAMED = f"appUrl: https://app.example.com\ncorsOrigins: ['https://a.example.com', 'http://b.example.com:8080/']\n{TOP}"
UNNAMED = f"appUrl: https://app.example.com/start\n{TOP}"
NOBODY = f"appUrl: https://app.example.com\ncorsOrigins: []\n{TOP}"
ALLOW = "Access-Control-Allow-"

# config, DEBUG, origin, the origin that is allowed, whether with credentials
CASES: list[tuple[str, bool, str, str | None, bool]] = [
    (NAMED, False, "https://a.example.com", "https://a.example.com", True),
    (NAMED, False, "http://b.example.com:8080", "http://b.example.com:8080", True),
    (NAMED, True, "https://a.example.com", "https://a.example.com", True),
    (UNNAMED, False, "https://app.example.com", "https://app.example.com", True),
    (UNNAMED, True, "http://localhost:5173", "*", False),
    (NAMED, True, "https://evil.example.com", "*", False),
    (NAMED, True, "null", "*", False),
    *((config, False, origin, None, False) for config, origin in (
        (NAMED, "http://a.example.com"),
        (NAMED, "https://app.example.com"),
        (NAMED, "https://A.example.com"),
        (NAMED, "null"),
        (UNNAMED, "https://evil.example.com"),
        (UNNAMED, "https://app.example.com.evil.example.com"),
        (NOBODY, "https://app.example.com"),
        (UNNAMED, ""),
    )),
]  # fmt: skip


@pytest.fixture(autouse=True)
def _project(settings: Any) -> None:
    """The demo's own settings of this."""
    settings.MIDDLEWARE = ["project.cors.Cors"]
    settings.CORS_ALLOW_CREDENTIALS = True
    settings.CORS_URLS_REGEX = r"^/api/"
    settings.CORS_EXPOSE_HEADERS = ["X-Limit", "Retry-After"]


@pytest.mark.parametrize(("config", "debug", "origin", "allowed", "credentials"), CASES)
def test_the_config_says_which_origins_may_read(
    use_config: Callable[[str], object],
    settings: Any,
    config: str,
    debug: bool,
    origin: str,
    allowed: str | None,
    credentials: bool,
) -> None:
    use_config(config)
    settings.DEBUG = debug
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    preflight = Client().options("/api/v1/table/things/select", headers=asking)
    answer = Client().get("/api/v1/table/things/select", headers={"Origin": origin})
    for found in (preflight, answer):
        assert found.headers.get(f"{ALLOW}Origin") == allowed
        assert (f"{ALLOW}Credentials" in found.headers) == credentials
        assert "origin" in found.headers["Vary"].lower()
    assert (preflight.status_code, answer.status_code) == (200, 200)
    if allowed:
        assert "POST" in preflight.headers[f"{ALLOW}Methods"]
        assert "authorization" in preflight.headers[f"{ALLOW}Headers"]
        assert answer.headers["Access-Control-Expose-Headers"] == "X-Limit, Retry-After"


def test_other_paths_are_not_read_from_elsewhere(use_config: Callable[[str], object], settings: Any) -> None:
    use_config(NAMED)
    found = cors.Cors(lambda _request: HttpResponse())(
        RequestFactory().get("/pocket/", headers={"Origin": "https://evil.example.com"})
    )
    assert not found.has_header(f"{ALLOW}Origin")  # type: ignore[union-attr]
