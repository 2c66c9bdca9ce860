"""google-login: a credential as JSON, or Google's form."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api
from tests.auth.conftest import WithProviders
from tests.auth.provider import Provider
from tests.auth.signing import CLIENT, NOW, signed


@pytest.fixture
def google(with_providers: WithProviders, provider: Provider) -> Api:
    with_providers({"name": "google", "clientId": CLIENT, "jwksUrl": f"{provider.url}/jwks"}, authCookie={"name": "session"})
    return Api()


def credential(**claims: Any) -> str:
    return signed({"iss": "https://accounts.google.com", **claims})


@pytest.mark.parametrize("name", ["token", "credential"])
@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_google_s_credential_opens_a_session_and_sets_the_cookie(google: Api, name: str, issuer: str) -> None:
    found = google("POST users/auth/google-login", {name: credential(iss=issuer)})
    body = found.expect(200, {"record": {"email": "eve@example.com"}})
    assert body.keys() == {"token", "refresh_token", "record"}
    assert google.client.cookies["session"].value == body["token"]


# the body, status, answer
GOOGLE: list[tuple[Any, int, Any]] = [
    ({}, 400, {"data": {"token": {"code": "required"}}}),
    ({"token": None}, 400, {"data": {"token": {"code": "required"}}}),
    ({"credential": ""}, 400, {"data": {"token": {"code": "required"}}}),
    ({"token": 5}, 401, {"message": "Invalid token"}),
    ({"token": "x"}, 401, {"message": "Invalid token"}),
    ({"token": "x", "more": 1}, 400, {"data": {"more": {"code": "unknown"}}}),
    ({"token": signed()}, 401, {"message": "Invalid token"}),
    ({"token": credential(aud="others")}, 401, {"message": "Invalid token"}),
    ({"token": credential(exp=NOW - 5)}, 401, {"message": "Token expired"}),
    ({"token": credential(email_verified=False)}, 400, {"message": "The identity provider states no verified email address."}),
    ([], 400, {}),
]


@pytest.mark.parametrize(("body", "status", "answer"), GOOGLE, ids=range(len(GOOGLE)))
def test_what_google_login_refuses(google: Api, body: Any, status: int, answer: Any) -> None:
    google("POST users/auth/google-login", body).expect(status, answer)
    assert "session" not in google.client.cookies


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("cookie", "field", "status"),
    [
        ("abc", "&g_csrf_token=abc&select_by=btn&state=x", 200),
        ("abc", "&g_csrf_token=abd", 403),
        ("abc", "", 403),
        ("", "&g_csrf_token=", 403),
        (None, "&g_csrf_token=abc", 403),
        (None, "", 403),
    ],
)
def test_google_s_form_proves_where_it_comes_from(google: Api, cookie: str | None, field: str, status: int) -> None:
    if cookie is not None:
        google.client.cookies["g_csrf_token"] = cookie
    google("POST users/auth/google-login", f"credential={credential()}{field}", content_type=FORM).expect(status)
    assert ("session" in google.client.cookies) == (status == 200)


def test_without_google_there_is_no_google_login(corp: Api) -> None:
    corp("POST users/auth/google-login", {"token": credential()}).expect(404, {"message": "There is no sign-in with google."})
