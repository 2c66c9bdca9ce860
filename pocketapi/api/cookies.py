"""The cookie of `authCookie`: it carries the access token for browsers, which send it by themselves."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from pocketapi.config import schema
from pocketapi.tables.table import current


def token_of(request: HttpRequest) -> str | None:
    """The token that the cookie carries, if the config has one."""
    spec = current().spec.auth_cookie
    return (request.COOKIES.get(spec.name) or None) if spec else None


def keep(response: HttpResponse, token: str) -> None:
    """Let the browser keep an access token, if the config wants a cookie."""
    if spec := current().spec.auth_cookie:
        _set(response, spec, token, spec.max_age)


def clear(response: HttpResponse) -> None:
    """Let the browser forget the token."""
    if spec := current().spec.auth_cookie:
        _set(response, spec, "", 0)


def _set(response: HttpResponse, spec: schema.AuthCookie, value: str, max_age: int | None) -> None:
    response.set_cookie(
        spec.name,
        value,
        max_age=max_age,
        path=spec.path,
        domain=spec.domain,
        secure=spec.secure,
        httponly=spec.http_only,
        samesite=spec.same_site,
    )
