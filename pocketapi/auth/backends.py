"""social-core's backends over a strategy and a storage of our own: what a provider is asked, and what it answers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from social_core.backends.discord import DiscordOAuth2
from social_core.backends.github import GithubOAuth2
from social_core.backends.google import GoogleOAuth2
from social_core.backends.linkedin import LinkedinOpenIdConnect
from social_core.backends.oauth import BaseOAuth2PKCE
from social_core.storage import BaseStorage, NonceMixin
from social_core.strategy import BaseStrategy

from pocketapi.config.providers import Provider
from pocketapi.credentials import remote
from pocketapi.credentials.profiles import Profile, at, profile_of
from pocketapi.errors import BadGateway
from pocketapi.models import Counter

LIFE = 600  # seconds from the start to the callback
STATE = 32  # characters


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
            (each.get("email") for each in addresses if each.get("primary") is True and each.get("verified") is True), None
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
