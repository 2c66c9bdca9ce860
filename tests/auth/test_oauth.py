"""The redirect flow, against a provider on loopback."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
import pytest
from django.core import signing
from django.utils import timezone

from pocketapi.auth import oauth
from pocketapi.credentials import remote
from pocketapi.models import Counter, Identity, Session
from tests.api.answers import Api, run_sql
from tests.auth.conftest import WithProviders, redirecting
from tests.auth.provider import APP, CLIENT, SECRETS, Browser, Provider

GITHUB = {"id": 77, "login": "eve-hub", "name": None, "email": "public@example.com", "avatar_url": "https://a.example/77.png"}
EMAILS = [
    {"email": "other@example.com", "primary": False, "verified": True},
    {"email": "eve@example.com", "primary": True, "verified": True},
]
DISCORD = {
    "id": "88",
    "username": "eve.d",
    "global_name": "Eve D",
    "email": "eve@example.com",
    "verified": True,
    "avatar": "h4sh",
}

# provider, its profile, the account that is made of it, the subject
PRESETS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "google",
        {"sub": "11", "email": "eve@example.com", "email_verified": True, "name": "Eve"},
        {"username": "eve", "name": "Eve"},
        "11",
    ),
    ("github", GITHUB, {"username": "eve_hub", "name": "eve-hub"}, "77"),
    ("discord", DISCORD, {"username": "eve_d", "name": "Eve D"}, "88"),
    (
        "linkedin",
        {"sub": "99", "email": "eve@example.com", "email_verified": True, "name": "Ève Ünal"},
        {"username": "eve", "name": "Ève Ünal"},
        "99",
    ),
    (
        "corp",
        {"id": "00", "preferred_username": "0eve", "email": "eve@example.com", "email_verified": "true"},
        {"username": "u0eve", "name": "0eve"},
        "00",
    ),
]


@pytest.mark.parametrize(("name", "profile", "account", "subject"), PRESETS)
def test_the_round_trip(sso: Api, provider: Provider, name: str, profile: Any, account: Any, subject: str) -> None:
    provider.profile, provider.emails = profile, EMAILS
    browser = Browser()
    away = browser.start(name)
    asked = dict(parse_qsl(urlsplit(away).query))
    assert away.startswith(f"{provider.url}/authorize?")
    assert asked["redirect_uri"] == f"{APP}/api/v1/table/users/auth/oauth/{name}/callback"
    assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (CLIENT, "code", "S256")
    assert "email" in asked["scope"]
    landed = browser.land(browser.authorize(away))
    assert landed.page == APP
    assert landed.fragment.keys() == {"token", "refresh_token"}
    claims = jwt.decode(landed.fragment["token"], options={"verify_signature": False})
    assert (claims["sub"], claims["verified"]) == ("eve@example.com", True)
    found = sso("GET users/select", by=landed.fragment["token"]).expect(
        200, [{"email": "eve@example.com", "email_verified": True, **account}]
    )
    assert Identity.objects.get().subject == subject
    assert (
        sso(
            "POST users/auth/refresh-token", {"refresh_token": landed.fragment["refresh_token"]}, by=landed.fragment["token"]
        ).status
        == 200
    )
    again = Browser().sign_in(name)
    assert jwt.decode(again.fragment["token"], options={"verify_signature": False})["id"] == found[0]["id"]


def test_answers_on_the_way_are_kept_by_nobody(sso: Api) -> None:
    browser = Browser()
    begun = browser.visit("/api/v1/table/users/auth/oauth/corp")
    (cookie,) = browser.client.cookies.values()
    assert cookie.key.startswith("pocketapi_oauth_")
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["secure"]) == (True, "Lax", 600, "")
    assert cookie["path"] == "/api/v1/table/users/auth/oauth/corp/callback"
    landed = browser.land(browser.authorize(begun.headers["Location"]))
    for found in (begun, landed.answer):
        assert (found.headers["Cache-Control"], found.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert browser.client.cookies[cookie.key].value == ""


def test_over_https_the_cookie_is_secure(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(redirecting(provider, "corp"), appUrl="https://app.example/base/")
    browser = Browser()
    away = browser.start("corp")
    assert parse_qs(urlsplit(away).query)["redirect_uri"] == ["https://app.example/api/v1/table/users/auth/oauth/corp/callback"]
    assert all(cookie["secure"] for cookie in browser.client.cookies.values())


@pytest.mark.parametrize(
    "headers", [{"host": "evil.example"}, {"x-forwarded-host": "evil.example"}, {"forwarded": "host=evil.example"}]
)
def test_the_callback_is_at_appurl_whatever_the_host(sso: Api, settings: Any, headers: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser()
    away = browser.start("corp", **headers)
    assert "evil" not in away
    back = browser.visit(browser.authorize(away), **headers)
    assert back.headers["Location"].startswith(f"{APP}#token=")


def test_with_an_authcookie_the_cookie_is_set_and_the_url_has_no_token(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(redirecting(provider, "corp"), authCookie={"name": "session", "secure": True, "maxAge": 60})
    browser = Browser()
    landed = browser.sign_in("corp", "/done")
    assert landed.url == f"{APP}/done"
    cookie = browser.client.cookies["session"]
    assert jwt.decode(cookie.value, options={"verify_signature": False})["cid"] == "users"
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["max-age"]) == (True, True, "Lax", 60)


def test_what_the_config_adds_to_the_request(with_providers: WithProviders, provider: Provider) -> None:
    added = {"prompt": "select_account", "state": "evil", "redirect_uri": "http://evil.example", "code_challenge": "x"}
    section = redirecting(
        provider, "corp", authorizeParams=added, scopes="one, two", authorizeUrl=f"{provider.url}/authorize?tenant=5"
    )
    with_providers(section)
    away = Browser().start("corp")
    asked = parse_qs(urlsplit(away).query)
    assert (asked["prompt"], asked["tenant"], asked["scope"]) == (["select_account"], ["5"], ["one two"])
    assert "evil" not in away
    assert all(len(values) == 1 for values in asked.values())


def test_a_profile_in_other_words(with_providers: WithProviders, provider: Provider) -> None:
    mapping = {"email": "mail.0.address", "verified": "mail.0.ok", "name": "full", "username": "nick", "avatar": "face"}
    section = redirecting(
        provider,
        "corp",
        userinfoField="data.user",
        userinfoHeaders={"X-Api": "hush-header"},
        mapping=mapping,
        clientId=[CLIENT, "second"],
    )
    with_providers(section)
    user = {"id": 5, "mail": [{"address": "E.V.E@Example.com", "ok": True}], "full": "Eve\u202e\x00", "nick": "ni ck!"}
    provider.profile = {"data": {"user": user}}
    assert Browser().sign_in("corp").fragment["token"]
    assert provider.seen("/userinfo")[1]["x-api"] == "hush-header"
    assert run_sql("SELECT username, email, name FROM users") == [("ni_ck", "e.v.e@example.com", "Eve")]


# State


def test_a_state_is_good_once(sso: Api, provider: Provider) -> None:
    browser = Browser()
    back = browser.authorize(browser.start("corp"))
    kept = {name: morsel.value for name, morsel in browser.client.cookies.items()}
    assert browser.land(back).fragment
    for name, value in kept.items():
        browser.client.cookies[name] = value
    browser.visit(back).expect(400, {"message": oauth.BEGUN_ELSEWHERE})
    assert Session.objects.filter(table="users").exclude(user__in=["ann", "bob"]).count() == 1
    assert provider.times("/token") == 1


def test_a_state_belongs_to_its_browser_table_provider_and_time(sso: Api, provider: Provider, monkeypatch: Any) -> None:
    browser, other = Browser(), Browser()
    back = browser.authorize(browser.start("corp"))
    other.start("corp")
    (mine,) = browser.client.cookies.items()
    query = dict(parse_qsl(urlsplit(back).query))
    path = urlsplit(back).path

    def attempt(browser: Browser, to: str = path, **changed: str | None) -> None:
        params = {name: value for name, value in {**query, **changed}.items() if value is not None}
        browser.visit(f"{to}?{urlencode(params)}").expect(400, {"message": oauth.BEGUN_ELSEWHERE, "data": {}})

    attempt(Browser())
    attempt(other)
    attempt(browser, state=None)
    attempt(browser, state="")
    attempt(browser, state="x" * 32)
    attempt(browser, state=query["state"] + "x")
    attempt(browser, state="x" * 5000)
    attempt(browser, state="\ud800".encode("utf-8", "surrogatepass").decode("latin-1"))
    attempt(browser, to=path.replace("corp", "github"))
    attempt(browser, to=path.replace("users", "staff"))
    other.client.cookies[mine[0]] = mine[1].value[:-2] + "xx"
    attempt(other)
    other.client.cookies[mine[0]] = signing.dumps(["users", "corp", APP, {}], salt="another")
    attempt(other)
    other.client.cookies[mine[0]] = signing.dumps("nonsense", salt=oauth.SALT)
    attempt(other)
    with monkeypatch.context() as patch:
        now = signing.time.time()
        patch.setattr(signing.time, "time", lambda: now + 601)
        attempt(browser)
    assert provider.times("/token") == 0
    assert browser.land(back).fragment["token"]


def test_two_sign_ins_in_one_browser(sso: Api) -> None:
    browser = Browser()
    first, second = browser.start("corp", "/first"), browser.start("corp", "/second")
    assert browser.land(browser.authorize(second)).page == f"{APP}/second"
    assert browser.land(browser.authorize(first)).page == f"{APP}/first"


def test_spent_states_are_forgotten_once_they_are_too_old_anyway(sso: Api) -> None:
    Counter.objects.create(key="old", count=1, expires=timezone.now())
    Browser().sign_in("corp")
    assert not Counter.objects.filter(key="old").exists()


def test_a_code_is_good_once(sso: Api, provider: Provider) -> None:
    browser = Browser()
    back = browser.authorize(browser.start("corp"))
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    assert browser.land(back).fragment
    thief = Browser()
    state = parse_qs(urlsplit(thief.start("corp")).query)["state"][0]
    assert thief.land(f"{urlsplit(back).path}?{urlencode({'code': code, 'state': state})}").error == "bad_gateway"


def test_a_stolen_code_is_of_no_use_in_another_browser(sso: Api, provider: Provider) -> None:
    """PKCE: the verifier is in the cookie of the browser that began."""
    victim, thief = Browser(), Browser()
    code = dict(parse_qsl(urlsplit(victim.authorize(victim.start("corp"))).query))["code"]
    state = parse_qs(urlsplit(thief.start("corp")).query)["state"][0]
    path = "/api/v1/table/users/auth/oauth/corp/callback"
    assert thief.land(f"{path}?{urlencode({'code': code, 'state': state})}").error == "bad_gateway"


# Failures


# where the provider fails, how, the error
FAILURES = [
    ("/token", "500 oops", "bad_gateway"),
    ("/token", "400 {}", "bad_gateway"),
    ("/token", '200 {"error": "invalid_grant", "error_description": "hush"}', "bad_gateway"),
    ("/token", '200 {"error": "access_denied"}', "access_denied"),
    ("/token", "200 []", "bad_gateway"),
    ("/token", "200 5", "bad_gateway"),
    ("/token", "200 {}", "bad_gateway"),
    ("/token", '200 {"access_token": 5}', "bad_gateway"),
    ("/token", "html", "bad_gateway"),
    ("/token", "deep", "bad_gateway"),
    ("/token", "huge", "bad_gateway"),
    ("/token", "away", "bad_gateway"),
    ("/token", "slow", "bad_gateway"),
    ("/token", "drip", "bad_gateway"),
    ("/token", "hang up", "bad_gateway"),
    ("/userinfo", "401 {}", "bad_gateway"),
    ("/userinfo", "200 []", "bad_gateway"),
    ("/userinfo", "200 null", "bad_gateway"),
    ("/userinfo", "200 {}", "bad_request"),
    ("/userinfo", '200 {"sub": true}', "bad_request"),
    ("/userinfo", '200 {"sub": "a\\u0000b", "email": "eve@example.com", "email_verified": true}', "bad_request"),
    ("/userinfo/emails", "404 {}", "bad_gateway"),
    ("/userinfo/emails", '200 {"message": "x"}', "bad_request"),
]


@pytest.mark.parametrize(("path", "how", "error"), FAILURES)
def test_a_provider_that_fails(
    sso: Api, provider: Provider, monkeypatch: Any, caplog: Any, path: str, how: str, error: str
) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 0.8)
    caplog.set_level(logging.DEBUG)
    provider.profile, provider.emails = GITHUB, EMAILS
    provider.broken = {path: how}
    landed = Browser().sign_in("github", "/done?x=1")
    assert (landed.answer.status, landed.page, landed.error) == (302, f"{APP}/done", error)
    assert "x=1" in landed.url
    assert "hush" not in landed.url
    assert not landed.fragment
    assert not Identity.objects.exists()
    told = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert not any(secret in told for secret in SECRETS)


def test_a_provider_that_is_not_there(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(redirecting(provider, "corp", tokenUrl="http://127.0.0.1:9/"))
    assert Browser().sign_in("corp").error == "bad_gateway"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"error": "access_denied"}, "access_denied"),
        ({"error": "access_denied", "code": "code-0"}, "access_denied"),
        ({"error": "server_error", "error_description": "<b>"}, "bad_gateway"),
        ({"denied": "1"}, "access_denied"),
        ({}, "bad_gateway"),
    ],
)
def test_a_provider_that_says_no(sso: Api, provider: Provider, told: dict[str, str], error: str) -> None:
    browser = Browser()
    state = parse_qs(urlsplit(browser.start("corp", "/done")).query)["state"][0]
    landed = browser.land(f"/api/v1/table/users/auth/oauth/corp/callback?{urlencode({**told, 'state': state})}")
    assert (landed.page, landed.error) == (f"{APP}/done", error)
    assert "%3Cb%3E" not in landed.url
    assert provider.times("/token") == 0


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET users/auth/oauth/nobody", 404),
        ("GET users/auth/oauth/nobody/callback", 404),
        ("GET posts/auth/oauth/corp", 404),
        ("GET nothing/auth/oauth/corp", 404),
        ("POST users/auth/oauth/corp", 405),
        ("POST users/auth/oauth/corp/callback", 405),
        ("GET users/auth/oauth/corp?redirect=a&redirect=b", 400),
    ],
)
def test_paths_that_are_not_there(sso: Api, request_: str, status: int) -> None:
    assert sso(request_).status == status


def test_a_bad_bearer_counts_as_none_on_the_way(sso: Api) -> None:
    browser = Browser()
    away = browser.start("corp", authorization="Bearer nonsense")
    assert browser.visit(browser.authorize(away), authorization="Bearer nonsense").status == 302


def test_a_provider_without_a_secret_has_no_redirect_flow(with_providers: WithProviders, provider: Provider) -> None:
    with_providers({"name": "google", "clientId": CLIENT}, {"name": "github"})
    api = Api()
    api("GET users/auth/oauth/google").expect(404, {"message": "There is no sign-in with google."})
    found = api("GET users/auth/methods").expect(200)
    assert found["providers"] == [{"name": "google", "displayName": "Google", "url": None, "clientId": CLIENT}]


def test_what_a_login_page_may_offer(sso: Api) -> None:
    found = sso("GET users/auth/methods").expect(
        200, {"password": {"identities": ["email", "username"]}, "otp": False, "mfa": None}
    )
    assert [each["name"] for each in found["providers"]] == ["google", "github", "discord", "linkedin", "corp"]
    assert found["providers"][1] == {
        "name": "github",
        "displayName": "GitHub",
        "url": f"{APP}/api/v1/table/users/auth/oauth/github",
        "clientId": CLIENT,
    }
    sso("GET posts/auth/methods").expect(404)
    sso("POST users/auth/methods", {}).expect(405)
