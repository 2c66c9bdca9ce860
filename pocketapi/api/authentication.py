"""The principal of a request: from Authorization, then X-Authorization."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest

from pocketapi.credentials import tokens
from pocketapi.errors import InvalidToken, TokenExpired
from pocketapi.rules.principal import ANONYMOUS, Caller, Principal

HEADERS = ("HTTP_AUTHORIZATION", "HTTP_X_AUTHORIZATION")


def bearer(request: HttpRequest) -> str | None:
    """The bearer token that was sent; other schemes and empty headers are none."""
    for header in HEADERS:
        scheme, _, token = request.META.get(header, "").strip().partition(" ")
        if scheme.lower() == "bearer":
            return str(token.strip())
    return None


def principal(request: HttpRequest) -> Principal:
    """Who is asking; InvalidToken or TokenExpired for a token that proves nothing."""
    token = bearer(request)
    if token is None:
        return ANONYMOUS
    if not token:
        raise InvalidToken
    return tokens.principal_of(token)


def caller(request: HttpRequest, lenient: bool = False) -> Caller:
    """The caller of a request; where the endpoint is `lenient`, a bad token counts as none."""
    try:
        return Caller(principal(request), RequestVariables(request))
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
            return self._request.META.get("REMOTE_ADDR")
        if name == "query":
            return self._request.GET.dict()
        if name == "headers":
            return {key[5:].lower(): value for key, value in self._request.META.items() if key.startswith("HTTP_")}
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.NAMES)

    def __len__(self) -> int:
        return len(self.NAMES)
