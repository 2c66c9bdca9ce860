"""The API's fixtures, with a mail server and an identity provider of our own behind it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pocketapi.config import link
from tests.api.answers import SERVICE, Api
from tests.api.conftest import ADMIN_SECRET, api
from tests.auth.mailbox import Mailbox
from tests.auth.provider import CLIENT, SECRET, Provider, served
from tests.auth.signing import section
from tests.conftest import HERE, UseConfig

__all__ = ["api"]
WithProviders = Callable[..., link.Config]
MAILS = (HERE / "configs" / "mails.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    server = Mailbox()
    server.controller.start()
    yield server
    server.controller.stop()


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """The mail server, empty."""
    mail_server.clear()
    return mail_server


@pytest.fixture
def desk_with(use_config: UseConfig, mailbox: Mailbox, settings: Any) -> Callable[..., Api]:
    """`desk_with(old=new)` is the API over the config, some of it replaced; mails are sent within the request."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "MAIL_THREADS": 0}

    def make(changes: dict[str, str] | None = None) -> Api:
        text = MAILS.replace("PORT", str(mailbox.port))
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        use_config(text)
        found = Api()
        for name in ("ann", "bob"):
            found.user(name)
        found.user("eve", "staff")
        return found

    return make


@pytest.fixture
def desk(desk_with: Callable[..., Api]) -> Api:
    """The API with users `ann` and `bob` and `eve` of the staff."""
    return desk_with()


@pytest.fixture(scope="session")
def server() -> Iterator[Provider]:
    with served(Provider()) as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Provider:
    """The provider as it is at first."""
    server.reset()
    return server


def redirecting(provider: Provider, name: str, **more: Any) -> dict[str, Any]:
    """A section of authProviders whose URLs all lead to ours."""
    return {
        "name": name,
        "clientId": CLIENT,
        "clientSecret": SECRET,
        "authorizeUrl": f"{provider.url}/authorize",
        "tokenUrl": f"{provider.url}/token",
        "userinfoUrl": f"{provider.url}/userinfo",
        **more,
    }


@pytest.fixture
def with_providers(use_config: UseConfig, settings: Any) -> WithProviders:
    """`with_providers({"name": ...}, ..., auth={...}, authCookie=...)`: the desk with providers and more at the top.

    `auth` are more properties of the users' auth extension.
    """
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": ADMIN_SECRET}

    def use(*sections: dict[str, Any], auth: dict[str, Any] | None = None, **top: Any) -> link.Config:
        text = (HERE / "configs" / "desk.yaml").read_text("utf-8")
        more = "".join(f", {name}: {json.dumps(value)}" for name, value in (auth or {}).items())
        text = text.replace("maxTokenRefresh: 3}", f"maxTokenRefresh: 3{more}}}")
        if "appUrl" in top:
            text = text.replace("appUrl: http://localhost:8000", f"appUrl: {top.pop('appUrl')}")
        added = {"authProviders": list(sections), **top}
        return use_config(text + "".join(f"{name}: {json.dumps(value)}\n" for name, value in added.items()))

    return use


@pytest.fixture
def sso(with_providers: WithProviders, provider: Provider) -> Api:
    """The desk with each preset and a provider of its own, at ours; users `ann` and `bob`."""
    names = ("google", "github", "discord", "linkedin", "corp")
    with_providers(*(redirecting(provider, name) for name in names), allowedRedirectUrls=["https://other.example/done?x=1"])
    found = Api()
    found.user("ann")
    found.user("bob")
    return found


@pytest.fixture
def corp(with_providers: WithProviders, provider: Provider) -> Api:
    with_providers(section(provider))
    return Api()
