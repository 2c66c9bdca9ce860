"""The principal of a request: from Authorization, then X-Authorization, then the cookie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from pocketapi.api import client, cookies
from pocketapi.credentials import tokens
from pocketapi.errors import InvalidToken, TokenExpired
from pocketapi.rules.principal import ANONYMOUS, Caller, Principal

HEADERS = ("HTTP_AUTHORIZATION", "HTTP_X_AUTHORIZATION")
# Where proofs of who asks may stand, as the OpenAPI document calls it. What an endpoint does not name it does not read.
NOTHING: tuple[str, ...] = ()
OURS = ("bearer", "header", "cookie")
THEIRS = ("providerBearer", "providerHeader")  # a provider's JWT, which says nothing of a caller: its endpoint judges it


def bearer(request: HttpRequest) -> str | None:
    """The bearer token that was sent; other schemes and empty headers are none."""
    for header in HEADERS:
        scheme, _, token = request.META.get(header, "").strip().partition(" ")
        if scheme.lower() == "bearer":
            return str(token.strip())
    return None


@dataclass(frozen=True)
class Sent:
    """The token that a request brings, and whether the browser sent it by itself."""

    token: str | None = None
    by_cookie: bool = False

    @property
    def principal(self) -> Principal:
        """Whose it is; InvalidToken or TokenExpired where it proves nothing."""
        if self.token is None:
            return ANONYMOUS
        if not self.token:
            raise InvalidToken
        return tokens.principal_of(self.token)


def sent(request: HttpRequest, reads: tuple[str, ...] = OURS) -> Sent:
    """The token of a request for an endpoint that reads ours; none for others."""
    if reads != OURS:
        return Sent()
    token = bearer(request)
    if token is not None:
        return Sent(token)
    found = cookies.token_of(request)
    return Sent(found, by_cookie=found is not None)


def caller(request: HttpRequest, token: Sent, lenient: bool = False) -> Caller:
    """The caller of a request; where the endpoint is `lenient`, a bad token counts as none."""
    try:
        return Caller(token.principal, RequestVariables(request))
    except (InvalidToken, TokenExpired):
        if lenient:
            return Caller(ANONYMOUS, RequestVariables(request))
        raise


class RequestVariables(Mapping[str, Any]):
    """`request.method`, `.ip`, `.query`, `.headers` for expressions, read from the request when they are asked for."""

    NAMES = ("method", "ip", "query", "headers")

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __getitem__(self, name: str) -> Any:
        if name == "method":
            return self._request.method
        if name == "ip":
            return client.address(self._request)
        if name == "query":
            return self._request.GET.dict()
        if name == "headers":
            return {key[5:].lower(): value for key, value in self._request.META.items() if key.startswith("HTTP_")}
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.NAMES)

    def __len__(self) -> int:
        return len(self.NAMES)
