"""The redirect flow with identity providers: social-core's backends over a strategy and a storage of our own.

What belongs to one sign-in (state, PKCE verifier, where to go afterwards) stands in a signed cookie of the browser that began
it, and nowhere else. A state that comes back is spent in our table of counters, so that it is good once on all workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from social_core.backends.discord import DiscordOAuth2
from social_core.backends.github import GithubOAuth2
from social_core.backends.google import GoogleOAuth2
from social_core.backends.linkedin import LinkedinOpenIdConnect
from social_core.backends.oauth import BaseOAuth2PKCE
from social_core.exceptions import AuthCanceled, SocialAuthBaseException
from social_core.storage import BaseStorage, NonceMixin
from social_core.strategy import BaseStrategy

from pocketapi.auth import redirects
from pocketapi.config import link
from pocketapi.config.providers import Provider
from pocketapi.credentials import remote
from pocketapi.credentials.profiles import Profile, at, profile_of
from pocketapi.errors import BadGateway, BadRequest, Forbidden, NotFound
from pocketapi.models import Counter
from pocketapi.tables.table import current

COOKIE = "pocketapi_oauth_"
SALT = "pocketapi.oauth"
LIFE = 600  # seconds from the start to the callback
STATE = 32  # characters
BEGUN_ELSEWHERE = "This sign-in was not begun in this browser, is over, or took too long: begin again."


class Denied(Forbidden):
    """The user, or the provider for it, said no."""

    code = "access_denied"
    message = "The sign-in was cancelled."


# What social-core asks of a framework


class Nonces(NonceMixin):
    """States: nothing is stored when one is given out; one that comes back is spent."""

    @classmethod
    def use(cls, server_url: str, timestamp: int, salt: str) -> bool:  # noqa: ARG003 - social-core's signature
        return True

    @classmethod
    def consume(cls, server_url: str, timestamp: int, salt: str) -> bool:  # noqa: ARG003 - social-core's signature
        """Whether nobody, on any worker, spent it before."""
        now = timezone.now()
        key = hashlib.sha256(f"{server_url} {salt}".encode()).hexdigest()
        Counter.objects.filter(expires__lt=now).delete()
        try:
            with transaction.atomic():
                Counter.objects.create(key=key, count=1, expires=now + timedelta(seconds=LIFE))
        except IntegrityError:
            return False
        return True


class Storage(BaseStorage):
    """Of all that social-core can store, states only: accounts are linked in linking.py."""

    nonce = Nonces


class Strategy(BaseStrategy[str]):
    """A backend's settings, request and session: the provider's section, the query, and the signed cookie."""

    def __init__(self, provider: Provider, query: Mapping[str, Any], session: dict[str, Any]) -> None:
        super().__init__(Storage)
        self.query, self.session = dict(query), session
        self._settings = {
            "KEY": provider.client_id,
            "SECRET": provider.client_secret,
            "SCOPE": list(provider.scopes),
            "IGNORE_DEFAULT_SCOPE": True,
            "AUTHORIZATION_URL": provider.authorize_url,
            "ACCESS_TOKEN_URL": provider.token_url,
            "STATE_LIFETIME": LIFE,
        }

    def get_setting(self, name: str) -> Any:
        return self._settings[name]

    def get_request_data(self, merge: bool = True) -> dict[str, Any]:  # noqa: ARG002 - social-core's signature
        return self.query

    def build_absolute_uri(self, path: str | None = None) -> str:
        """Callbacks are whole URLs already."""
        return path or ""

    def session_get(self, name: str, default: Any = None) -> Any:
        return self.session.get(name, default)

    def session_set(self, name: str, value: Any) -> None:
        self.session[name] = value

    def session_pop(self, name: str) -> Any:
        return self.session.pop(name, None)


class Exchange(BaseOAuth2PKCE[str]):
    """A provider of the config: its own URLs, PKCE, and requests that are bounded. The base of every backend."""

    name = "oauth2"
    REDIRECT_STATE = False
    DEFAULT_USE_PKCE = True

    def __init__(self, provider: Provider, query: Mapping[str, Any], session: dict[str, Any], callback: str) -> None:
        self.provider = provider
        super().__init__(Strategy(provider, query, session), redirect_uri=callback)

    def state_token(self) -> str:
        return str(self.strategy.random_string(STATE))

    def auth_url(self) -> str:
        """Where the browser is sent. What the config adds changes nothing of what the flow stands on."""
        state = self.get_or_create_state()
        params = dict(self.provider.authorize_params)
        params |= self.get_scope_argument()  # type: ignore[no-untyped-call]
        params |= self.auth_params(state)  # type: ignore[no-untyped-call]
        parts = urlsplit(self.authorization_url())
        return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(params))))))

    def profile(self, state: str) -> Profile:
        """The user's profile for the code that came back."""
        if "code" not in self.data:
            raise BadGateway("The identity provider sent no code.")
        answer = BaseOAuth2PKCE.request_access_token(
            self,
            self.access_token_url(),
            method="POST",
            data=self.auth_complete_params(state),  # type: ignore[no-untyped-call]
            headers=self.auth_headers(),
            auth=self.auth_complete_credentials(),  # type: ignore[no-untyped-call]
        )
        return profile_of(self.provider, self.told(self.get_access_token(answer)))

    def told(self, access_token: str) -> dict[str, Any]:
        """What the provider tells of the user."""
        return self.ask(str(self.provider.userinfo_url), access_token)

    def ask(self, url: str, access_token: str) -> dict[str, Any]:
        """An object that the provider answers to an access token."""
        found = self.answer_of(url, access_token)
        if self.provider.userinfo_field:
            found = at(found, self.provider.userinfo_field)
        if not isinstance(found, dict):
            raise remote.failed(url, "answered no profile")
        return found

    def answer_of(self, url: str, access_token: str) -> Any:
        """What the provider answers to an access token."""
        return remote.get_json(url, headers={"Authorization": f"Bearer {access_token}", **self.provider.userinfo_headers})

    def get_json(self, url: str, method: str = "GET", headers: Any = None, data: Any = None, **_: Any) -> Any:  # type: ignore[override]
        return remote.get_json(url, method=method, headers=headers, data=data)


class Google(Exchange, GoogleOAuth2[str]):
    """Google's accounts."""


class Github(Exchange, GithubOAuth2[str]):
    """GitHub's accounts: the address is the primary one of the user's list, if it is verified."""

    def told(self, access_token: str) -> dict[str, Any]:
        url = str(self.provider.userinfo_url)
        found = self.ask(url, access_token)
        parts = urlsplit(url)
        addresses = self._addresses(urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/emails")), access_token)
        primary = next(
            (each["email"] for each in addresses if each.get("primary") is True and each.get("verified") is True), None
        )
        return {**found, "email": primary, "email_verified": primary is not None}

    def _addresses(self, url: str, access_token: str) -> list[dict[str, Any]]:
        found = self.answer_of(url, access_token)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


class Discord(Exchange, DiscordOAuth2[str]):
    """Discord's accounts."""

    SCOPE_SEPARATOR = " "

    def told(self, access_token: str) -> dict[str, Any]:
        found = super().told(access_token)
        if found.get("avatar"):
            found["avatar_url"] = f"https://cdn.discordapp.com/avatars/{found.get('id')}/{found['avatar']}.png"
        return found


class Linkedin(Exchange, LinkedinOpenIdConnect[str]):
    """LinkedIn's accounts. Its profile comes from its own server over TLS, so that the id_token beside it proves no more."""


BACKENDS: dict[str | None, type[Exchange]] = {"google": Google, "github": Github, "discord": Discord, "linkedin": Linkedin}


# The two steps


@dataclass(frozen=True)
class Begun:
    """A sign-in that begins: where the browser goes, and the cookie that it brings back."""

    url: str
    cookie: str
    value: str


@dataclass(frozen=True)
class Returned:
    """A sign-in that came back to the browser where it was begun, its state spent: what to do, and where to go then."""

    target: str
    cookie: str
    exchange: Exchange
    state: str

    def profile(self) -> Profile:
        """Who the provider says that it is; Denied, BadGateway or BadRequest where it does not."""
        try:
            self.exchange.process_error(self.exchange.data)
            return self.exchange.profile(self.state)
        except AuthCanceled:
            raise Denied from None
        except SocialAuthBaseException as error:
            raise remote.failed(str(self.exchange.provider.token_url), f"refused: {type(error).__name__}") from None


def redirecting(name: str) -> Provider:
    """A provider that has a redirect flow; NotFound where there is none of that name."""
    provider = current().providers.get(name)
    if provider is None or not provider.redirects:
        raise NotFound(f"There is no sign-in with {name}.")
    return provider


def start_url(table: link.Table, provider: Provider) -> str:
    """Where the flow begins."""
    return redirects.app_origin() + reverse("pocketapi-oauth", args=(table.name, provider.name))


def callback_url(table: link.Table, provider: Provider) -> str:
    """Where the provider sends browsers back: at appUrl, whatever a request says of its host."""
    return redirects.app_origin() + reverse("pocketapi-oauth-callback", args=(table.name, provider.name))


def begin(table: link.Table, provider: Provider, asked: object) -> Begun:
    """Send a browser to a provider."""
    session: dict[str, Any] = {}
    exchange = _exchange(table, provider, {}, session)
    url = exchange.auth_url()
    (state,) = session[exchange._transaction_index_key()]
    kept = [table.name, provider.name, redirects.target(asked, provider), session]
    return Begun(url, cookie_of(state), signing.dumps(kept, salt=SALT, compress=True))


def come_back(table: link.Table, provider: Provider, query: Mapping[str, Any], cookies: Mapping[str, str]) -> Returned:
    """Take a browser back; BadRequest where this sign-in was not begun in it, is older than ten minutes or over."""
    cookie = cookie_of(str(query.get("state", "")))
    try:
        name, issued_by, target, session = signing.loads(cookies.get(cookie, ""), salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadRequest(BEGUN_ELSEWHERE) from None
    if (name, issued_by) != (table.name, provider.name):
        raise BadRequest(BEGUN_ELSEWHERE)
    exchange = _exchange(table, provider, query, session)
    try:
        state = exchange.validate_state()
    except SocialAuthBaseException:
        raise BadRequest(BEGUN_ELSEWHERE) from None
    return Returned(target, cookie, exchange, str(state))


def cookie_of(state: str) -> str:
    """The name of a sign-in's cookie: several may go on in one browser."""
    return COOKIE + hashlib.sha256(state.encode(errors="replace")).hexdigest()[:8]


def _exchange(table: link.Table, provider: Provider, query: Mapping[str, Any], session: dict[str, Any]) -> Exchange:
    return BACKENDS.get(provider.preset, Exchange)(provider, query, session, callback_url(table, provider))
