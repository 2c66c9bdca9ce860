"""/table/{table}/auth/...: one line an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse

from pocketapi.api.authentication import bearer
from pocketapi.api.base import NO_STORE, Call, Endpoint, answer, auth_table_named
from pocketapi.auth import accounts
from pocketapi.config import link
from pocketapi.credentials.sessions import Device
from pocketapi.tables.table import current


class AuthEndpoint(Endpoint):
    """An endpoint of a table with the auth extension; its answers may hold tokens."""

    cached = NO_STORE
    wrapped = False

    def words(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "table": auth_table_named(kwargs["table"])}


def device(request: HttpRequest) -> Device:
    """Where a session is opened from."""
    return Device(request.META.get("HTTP_USER_AGENT", ""), _address(request.META.get("REMOTE_ADDR", "")))


def _address(text: str) -> str | None:
    """An IP address without its zone; of a socket there is none."""
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def with_cookie(response: HttpResponse, opened: Mapping[str, Any]) -> HttpResponse:
    """The answer with the authCookie, where there is one and a session was opened."""
    cookie, token = current().spec.auth_cookie, opened.get("token")
    if cookie and token:
        response.set_cookie(
            cookie.name,
            token,
            max_age=cookie.max_age,
            path=cookie.path,
            domain=cookie.domain,
            secure=cookie.secure,
            httponly=cookie.http_only,
            samesite=cookie.same_site,
        )
    return response


class SignUp(AuthEndpoint):
    """A new account and its first session."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.sign_up(table, lambda: call.body, call.caller, device(call.request)))


class LoginPassword(AuthEndpoint):
    """A session by password."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.log_in(table, call.body, device(call.request)))


class RefreshToken(AuthEndpoint):
    """A new pair of tokens for a session."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.refresh(table, bearer(call.request), call.body))


class Logout(AuthEndpoint):
    """The end of a session."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.log_out(table, bearer(call.request)))


class ChangePassword(AuthEndpoint):
    """Another password for the caller."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.change_password(table, call.body, call.caller))
