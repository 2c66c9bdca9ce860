"""Where a sign-in may lead afterwards, and the attacks on it."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.auth import redirects
from tests.api.answers import Api
from tests.auth.conftest import WithProviders
from tests.auth.provider import APP, CLIENT, Browser, Provider

LISTED = "https://other.example/done?x=1"

# what is asked for, where it leads
ALLOWED = [
    ("/", f"{APP}/"),
    ("/done?a=b&c=d#e", f"{APP}/done?a=b&c=d#e"),
    ("done", f"{APP}/done"),
    ("?a=b", f"{APP}?a=b"),
    ("#part", f"{APP}#part"),
    ("./a/../b", f"{APP}/b"),
    ("/a/..//evil.example", f"{APP}//evil.example"),
    ("/%5Cevil.example", f"{APP}/%5Cevil.example"),
    ("/%2F%2Fevil.example", f"{APP}/%2F%2Fevil.example"),
    ("/%252Fevil.example", f"{APP}/%252Fevil.example"),
    ("/%0D%0ASet-Cookie:x=y", f"{APP}/%0D%0ASet-Cookie:x=y"),
    ("/@evil.example", f"{APP}/@evil.example"),
    ("/é?ü=ß", f"{APP}/%C3%A9?%C3%BC=%C3%9F"),
    ("/\u2028x", f"{APP}/%E2%80%A8x"),
    ('/"><script>', f"{APP}/%22%3E%3Cscript%3E"),
    (f"{APP}/done", f"{APP}/done"),
    (APP, APP),
    ("HTTP://LocalHost:8000/done", "http://LocalHost:8000/done"),
    (LISTED, LISTED),
]
REFUSED = [
    "",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "/done\r\nSet-Cookie: a=b",
    " //evil.example",
    "\x00//evil.example",
    "\x1f//evil.example",
    "/a b",
    "/\x7f",
    "http:evil.example",
    "http:/evil.example",
    "http:///evil.example",
    "http://",
    "http://localhost:8000@evil.example/",
    "http://evil.example@localhost:8000/",
    "http://user:password@localhost:8000/",
    "http://@localhost:8000/",
    "http://localhost:8000\\@evil.example",
    "http://localhost:8000.evil.example",
    "http://localhost:8000%2eevil.example",
    "http://localhost%00.evil.example:8000",
    "http://localhost.:8000/",
    "http://localhost/",
    "http://localhost:80/",
    "http://localhost:8001/",
    "http://localhost:08000x/",
    "http://localhost:99999/",
    "http://127.0.0.1:8000/",
    "http://[::1]:8000/",
    "http://[::1/",
    "https://localhost:8000/",
    "ftp://localhost:8000/",
    "ws://localhost:8000/",
    "javascript:alert(1)",
    "JaVaScRiPt://localhost:8000/%0aalert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "localhost:8000",
    "http://\uff4cocalhost:8000/",
    "http://localhos\u0442:8000/",
    "http://localhost\u2024evil.example:8000/",
    "http://localhost\uff0fevil.example:8000/",
    "http://localhost:8000\u2215evil.example",
    "//localhost:8000/",
    "https://other.example/done",
    "https://other.example/done?x=1&y=2",
    "https://other.example/done?x=1#y",
    "https://OTHER.example/done?x=1",
    "https://other.example/",
    "%2F%2Fevil.example:80\x00",
]


@pytest.fixture
def listed(with_providers: WithProviders) -> None:
    with_providers({"name": "google", "clientId": CLIENT}, allowedRedirectUrls=[LISTED])


@pytest.mark.parametrize("connection", ["sqlite"], indirect=True)
def test_what_may_be_asked_for_and_what_not(listed: None) -> None:
    assert [(asked, redirects.allowed(asked)) for asked, _ in ALLOWED] == ALLOWED
    assert [asked for asked in REFUSED if redirects.allowed(asked) is not None] == []


# redirectUrl of the provider, what is asked for, where it leads
FALLBACKS: list[tuple[str | None, Any, str]] = [
    (None, None, APP),
    (None, "//evil.example", APP),
    ("/welcome", None, f"{APP}/welcome"),
    ("/welcome", "http://evil.example/", f"{APP}/welcome"),
    ("https://www.example/in", "javascript:x", "https://www.example/in"),
    ("/welcome", "/done", f"{APP}/done"),
    ("/welcome", ["/done"], f"{APP}/welcome"),
]


@pytest.mark.parametrize(("configured", "asked", "leads"), FALLBACKS)
def test_what_is_refused_leads_to_the_provider_s_page_or_the_app(
    with_providers: WithProviders, configured: str | None, asked: Any, leads: str
) -> None:
    section = {"name": "google", "clientId": CLIENT, **({"redirectUrl": configured} if configured else {})}
    assert redirects.target(asked, with_providers(section).providers["google"]) == leads


@pytest.mark.parametrize("asked", ["//evil.example", "/\\evil.example", "https://evil.example/", "/x\r\ny: z"])
def test_nobody_is_sent_to_another_host_with_a_session(sso: Api, provider: Provider, asked: str) -> None:
    landed = Browser().sign_in("corp", asked)
    assert landed.url.startswith(f"{APP}#token=")


@pytest.mark.parametrize(
    ("app", "asked"), [("https://b\u00fccher.example", "https://b\u00fccher.example/x"), ("https://a.example/base", "/x")]
)
def test_an_app_of_another_kind_of_address(with_providers: WithProviders, app: str, asked: str) -> None:
    provider = with_providers({"name": "google", "clientId": CLIENT}, appUrl=app).providers["google"]
    assert redirects.target(asked, provider) == {"https://a.example/base": "https://a.example/x"}.get(app, app)


def test_tokens_and_errors_join_what_a_page_has_already(sso: Api) -> None:
    assert redirects.with_query("http://a/b?c=d#e", {"error": "x y"}) == "http://a/b?c=d&error=x+y#e"
    assert redirects.with_fragment("http://a/b#/route", {"token": "t"}) == "http://a/b#/route&token=t"
    assert Browser().sign_in("corp", "/done#/route").url.startswith(f"{APP}/done#/route&token=")
