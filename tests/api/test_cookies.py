"""The cookie: who sets it, what it signs in, and which sites may make a browser send it."""

from __future__ import annotations

from functools import cache
from typing import Any

import jwt
import pytest

from pocketapi.api.origins import origin_of
from pocketapi.config import link, loader
from tests.api.answers import PASSWORD, Answer, Api
from tests.api.test_callers import NOW, USERS, signed
from tests.conftest import HERE, UseConfig

APP, ADMIN, DEV = "https://app.example.com", "https://admin.example.com:8443", "http://localhost:5173"
GOOD = {"username": "eve", "email": "eve@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": "Eve"}
LOGIN = {"identity": "ann", "password": PASSWORD}


@cache
def guarded() -> link.Config:
    """The config, loaded once."""
    return loader.load(HERE / "configs" / "guard.yaml", debug=False)


@pytest.fixture
def guard(use_config: UseConfig, settings: Any) -> Api:
    """The API with a cookie, and the users `ann` and `bob`."""
    use_config(guarded())
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": "service-token-of-the-tests-0123456789"}
    found = Api()
    found.user("ann")
    found.user("bob")
    return found


def asked(api: Api, request: str, body: Any = None, cookie: str | None = None, by: str | None = None, **headers: str) -> Answer:
    """A request of a browser: with the cookie of a user, or of a token."""
    api.client.cookies.clear()
    if cookie is not None:
        api.client.cookies["session"] = api.tokens.get(cookie, cookie)
    return api(request, body, by=by, headers={name.replace("_", "-"): value for name, value in headers.items()})


def morsel(api: Api) -> Any:
    """The cookie that the last answer set; none where it set none."""
    return api.client.cookies.get("session")


# request, body, headers: what opens or renews a session
OPENING: list[tuple[str, Any, dict[str, Any]]] = [
    ("POST users/auth/sign-up", GOOD, {}),
    ("POST users/auth/login-password", LOGIN, {}),
    ("POST users/auth/refresh-token", {"refresh_token": "ann"}, {"by": "ann"}),
    ("POST users/auth/refresh-token", {"refresh_token": "ann"}, {"cookie": "ann", "Origin": APP}),
]


@pytest.mark.parametrize(("request_", "body", "more"), OPENING)
def test_what_opens_or_renews_a_session_sets_the_cookie(guard: Api, request_: str, body: Any, more: dict[str, Any]) -> None:
    if "refresh_token" in body:
        body = {"refresh_token": guard.refresh[body["refresh_token"]]}
    found = asked(guard, request_, body, **more).expect(200)
    cookie = morsel(guard)
    assert cookie.value == found["token"]
    wanted = {"path": "/api", "max-age": 3600, "samesite": "Strict", "secure": True, "httponly": True, "domain": ""}
    assert {name: cookie[name] for name in wanted} == wanted
    asked(guard, "GET users/select", cookie=cookie.value).expect(200, [{}])


def test_without_authcookie_there_is_none(use_config: UseConfig) -> None:
    use_config((HERE / "configs" / "guard.yaml").read_text().replace("authCookie", "#"))
    api = Api()
    api.user("ann")
    assert "Set-Cookie" not in api("POST users/auth/login-password", LOGIN).headers
    assert not api.client.cookies
    asked(api, "GET users/select", cookie="ann").expect(200, [])
    asked(api, "POST users/auth/login-password", LOGIN, Origin="https://evil.example.com").expect(200)
    api("POST /auth/logout").expect(200, {"success": True})


# what clears it: request, body, headers, status
CLEARING: list[tuple[str, Any, dict[str, Any], int]] = [
    ("POST users/auth/logout", None, {"cookie": "ann", "Origin": APP}, 200),
    ("POST users/auth/logout", None, {"by": "ann"}, 200),
    ("POST users/auth/logout", None, {"cookie": "forged", "Origin": APP}, 401),
    ("POST /auth/logout", None, {}, 200),
    ("POST /auth/logout", None, {"cookie": "ann"}, 200),
    ("POST /auth/logout", None, {"cookie": "forged"}, 200),
    ("POST /auth/logout", None, {"by": "forged"}, 200),
    ("POST /auth/logout", None, {"cookie": "ann", "Origin": APP}, 200),
    ("GET items/select", None, {"cookie": "forged"}, 401),
    ("GET items/select", None, {"cookie": "expired"}, 401),
    ("GET /health", None, {"cookie": "forged"}, 401),
    ("POST items/insert", {"values": {}}, {"cookie": "forged"}, 401),
]


@pytest.mark.parametrize(("request_", "body", "more", "status"), CLEARING)
def test_what_clears_it(guard: Api, request_: str, body: Any, more: dict[str, Any], status: int) -> None:
    claims = jwt.decode(guard.tokens["ann"], options={"verify_signature": False})
    guard.tokens["expired"] = signed({**claims, "exp": NOW - 1}, USERS)
    asked(guard, request_, body, **more).expect(status)
    cookie = morsel(guard)
    assert (cookie.value, cookie["max-age"], cookie["path"], cookie["samesite"]) == ("", 0, "/api", "Strict")


# what leaves it: request, body, headers, status
LEAVING: list[tuple[str, Any, dict[str, Any], int]] = [
    ("GET items/select", None, {"cookie": "ann"}, 200),
    ("GET items/select", None, {"cookie": "ann", "by": "forged"}, 401),
    ("POST staff/auth/change-password", {}, {"cookie": "ann", "Origin": APP}, 401),
    ("POST users/auth/refresh-token", {"refresh_token": "x"}, {"cookie": "ann", "Origin": APP}, 401),
    ("POST users/auth/login-password", {**LOGIN, "password": "wrong-horse"}, {}, 400),
    ("POST users/auth/sessions/revoke", {"others": True}, {"cookie": "ann", "Origin": APP}, 200),
]


@pytest.mark.parametrize(("request_", "body", "more", "status"), LEAVING)
def test_what_leaves_it(guard: Api, request_: str, body: Any, more: dict[str, Any], status: int) -> None:
    assert "Set-Cookie" not in asked(guard, request_, body, **more).headers
    asked(guard, request_, body, **more).expect(status)


def test_the_database_s_logout_leaves_the_session(guard: Api) -> None:
    asked(guard, "POST /auth/logout", cookie="ann").expect(200, {"success": True})
    guard("GET users/select", by="ann").expect(200, [{"id": "ann"}])
    guard("GET /auth/logout").expect(405)


# headers, whom the caller is
ORDER: list[tuple[dict[str, Any], Any]] = [
    ({"cookie": "ann"}, "ann"),
    ({"cookie": "ann", "by": "bob"}, "bob"),
    ({"cookie": "ann", "X_Authorization": "Bearer {bob}"}, "bob"),
    ({"cookie": "ann", "Authorization": "Basic eDp5"}, "ann"),
    ({"cookie": "ann", "Authorization": ""}, "ann"),
    ({"cookie": ""}, None),
]


@pytest.mark.parametrize(("headers", "found"), ORDER)
def test_the_cookie_counts_after_the_headers(guard: Api, headers: dict[str, Any], found: Any) -> None:
    sent = {name: value.format(**guard.tokens) for name, value in headers.items()}
    asked(guard, "GET users/select", **sent).expect(200, [{"id": found}] if found else [])


# the sites that make a browser send the cookie: headers, whether a POST passes
SITES: list[tuple[dict[str, str], bool]] = [
    ({"Origin": APP}, True),
    ({"Origin": ADMIN}, True),
    ({"Origin": DEV}, True),
    ({"Origin": APP, "Referer": "https://evil.example.com/"}, True),
    ({"Referer": f"{APP}/any/page?x=1"}, True),
    ({"Referer": f"{ADMIN}/"}, True),
    ({"Referer": "https://APP.example.com:443/"}, True),
    ({}, False),
    ({"Origin": ""}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "null", "Referer": f"{APP}/"}, False),
    ({"Origin": "https://evil.example.com", "Referer": f"{APP}/"}, False),
    ({"Origin": f"{APP}.evil.com"}, False),
    ({"Origin": "https://evil.com/https://app.example.com"}, False),
    ({"Origin": f"{APP}/"}, False),
    ({"Origin": f"{APP}/start"}, False),
    ({"Origin": f"{APP}:8443"}, False),
    ({"Origin": "https://admin.example.com"}, False),
    ({"Origin": "http://app.example.com"}, False),
    ({"Origin": "https://sub.app.example.com"}, False),
    ({"Origin": "https://user@app.example.com"}, False),
    ({"Origin": f"{APP}, https://evil.example.com"}, False),
    ({"Origin": "http://testserver"}, False),
    ({"Referer": "https://evil.example.com/?https://app.example.com"}, False),
    ({"Referer": "https://app.example.com@evil.example.com/"}, False),
    ({"Referer": f"{APP}.evil.com/"}, False),
    ({"Referer": "app.example.com"}, False),
    ({"Referer": "https://[app.example.com/"}, False),
    ({"Referer": "https://app.example.com:x/"}, False),
    ({"Referer": "about:blank"}, False),
]

# what a caller sends: request, body
POSTS: list[tuple[str, Any]] = [
    ("POST items/insert", {"values": {"name": "x"}}),
    ("POST items/select", {}),
    ("POST users/auth/sessions/revoke", {"others": True}),
]


@pytest.mark.parametrize(("headers", "passes"), SITES)
def test_a_post_by_cookie_comes_from_one_of_our_sites(guard: Api, headers: dict[str, str], passes: bool) -> None:
    for request, body in POSTS:
        found = asked(guard, request, body, cookie="ann", **headers)
        found.expect(200 if passes else 403, None if passes else {"code": 403, "data": {}})
    asked(guard, "POST items/insert", {"values": {}}, by="ann", **headers).expect(200)
    asked(guard, "POST items/insert", {"values": {}}, cookie="bob", by="ann", **headers).expect(200)
    for method in ("GET", "HEAD"):
        asked(guard, f"{method} items/select", cookie="ann", **headers).expect(200)


@pytest.mark.parametrize("headers", [headers for headers, _ in SITES if headers.get("Origin")])
@pytest.mark.parametrize("path", ["login-password", "sign-up", "refresh-token", "logout"])
def test_what_sets_the_cookie_is_refused_to_other_sites(guard: Api, headers: dict[str, str], path: str) -> None:
    """Whoever could sign a browser in as himself would see what its user does next."""
    body = {"login-password": LOGIN, "sign-up": GOOD, "refresh-token": {"refresh_token": guard.refresh["ann"]}, "logout": None}[
        path
    ]
    request = "POST /auth/logout" if path == "logout" else f"POST users/auth/{path}"
    found = asked(guard, request, body, by="ann" if path == "refresh-token" else None, **headers)
    passes = headers["Origin"] in (APP, ADMIN, DEV)
    found.expect(200 if passes else 403)
    assert (morsel(guard) is not None) == passes
    if path == "refresh-token" and not passes:
        asked(guard, request, body, by="ann").expect(200)  # nothing was spent


# of several reasons to refuse a request by cookie the first is told: request, body, cookie, origin, status
FIRST: list[tuple[str, Any, str, str, int]] = [
    ("POST nothing/insert", "{", "forged", "", 404),
    ("DELETE items/insert", "{", "forged", "", 405),
    ("POST items/insert", "{", "forged", "https://evil.example.com", 401),
    ("POST items/update", "{", "ann", "https://evil.example.com", 403),
    ("POST items/update", "{", "ann", APP, 403),
    ("POST items/insert", "{", "ann", APP, 400),
    ("POST users/auth/sign-up", "{", "ann", APP, 400),
]


@pytest.mark.parametrize(("request_", "body", "cookie", "origin", "status"), FIRST)
def test_the_first_reason_is_told(guard: Api, request_: str, body: Any, cookie: str, origin: str, status: int) -> None:
    found = asked(guard, request_, body, cookie=cookie, **({"Origin": origin} if origin else {})).expect(status)
    assert ("site" in found["message"]) == (origin.startswith("https://evil") and status == 403)


# URL, its origin
ORIGINS = [
    ("https://Example.com/a?b#c", "https://example.com"),
    ("https://example.com:443", "https://example.com"),
    ("http://example.com:80/", "http://example.com"),
    ("http://example.com:443/", "http://example.com:443"),
    ("https://bücher.example/", "https://xn--bcher-kva.example"),
    ("http://[::1]:8000/", "http://[::1]:8000"),
    ("ftp://example.com/", ""),
    ("//example.com/", ""),
    ("https://", ""),
    ("https://example.com:99999/", ""),
    ("", ""),
]


@pytest.mark.parametrize(("url", "origin"), ORIGINS)
def test_an_origin_is_as_browsers_write_it(url: str, origin: str) -> None:
    assert origin_of(url) == origin
