"""The redirect flow with identity providers: a browser goes there and comes back.

What belongs to one sign-in (state, PKCE verifier, where to go afterwards) stands in a signed cookie of the browser that began
it, and nowhere else. A state that comes back is spent in our table of counters, so that it is good once on all workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.urls import reverse
from social_core.exceptions import AuthCanceled, SocialAuthBaseException

from pocketapi.auth import redirects
from pocketapi.auth.backends import BACKENDS, LIFE, Exchange
from pocketapi.config import link
from pocketapi.config.providers import Provider
from pocketapi.credentials import remote
from pocketapi.credentials.profiles import Profile
from pocketapi.errors import BadRequest, Forbidden, NotFound
from pocketapi.tables.table import current

COOKIE = "pocketapi_oauth_"
SALT = "pocketapi.oauth"
BEGUN_ELSEWHERE = "This sign-in was not begun in this browser, is over, or took too long: begin again."


class Denied(Forbidden):
    """The user, or the provider for it, said no."""

    code = "access_denied"
    message = "The sign-in was cancelled."


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
