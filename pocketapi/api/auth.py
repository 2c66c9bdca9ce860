"""/table/{table}/auth/...: one line an endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest, HttpResponse

from pocketapi.api.authentication import bearer
from pocketapi.api.base import NO_STORE, Call, Endpoint, answer, auth_table_named
from pocketapi.auth import accounts
from pocketapi.config import link
from pocketapi.credentials.sessions import Device


class AuthEndpoint(Endpoint):
    """An endpoint of a table with the auth extension; its answers may hold tokens."""

    cached = NO_STORE

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
