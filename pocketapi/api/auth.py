"""/table/{table}/auth/...: one line an endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pocketapi.api.authentication import bearer
from pocketapi.api.base import NO_STORE, Call, Endpoint, answer, auth_table_named
from pocketapi.auth import accounts, codes, registration, reset, second_factor, verification
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials.sessions import Device
from pocketapi.tables.table import current

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
MOCK_HEADER = "X-Mock-Email"


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


def outbox(request: HttpRequest) -> Outbox:
    """Where a request's mail goes; a developer's own machine is told what `mock` only prints."""
    email = current().spec.email
    return Outbox(bool(settings.DEBUG and email and email.mock and _is_local(request)))


def _is_local(request: HttpRequest) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    address = _address(request.META.get("REMOTE_ADDR", ""))
    return bool(address and ip_address(address).is_loopback) and not any(name in request.META for name in FORWARDED)


def mailed(value: Any, sent: Outbox) -> HttpResponse:
    """An answer that tells of the mail that was sent, to whom may know."""
    response = answer(value)
    if sent.shown and sent.header:
        response[MOCK_HEADER] = sent.header
    return response


class SignUp(AuthEndpoint):
    """A new account and its first session."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(registration.sign_up(table, lambda: call.body, call.caller, device(call.request), sent), sent)


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


class RequestPasswordReset(AuthEndpoint):
    """A mail with the way to a new password."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(reset.request(table, call.body, sent), sent)


class ConfirmPasswordReset(AuthEndpoint):
    """A new password by the token of a mail."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(reset.confirm(table, call.body, device(call.request)))


class RequestVerification(AuthEndpoint):
    """A mail that asks whose address it is."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(verification.request(table, call.body, call.caller, sent), sent)


class ConfirmVerification(AuthEndpoint):
    """An address that is verified by the token of a mail."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(verification.confirm(table, call.body, call.caller, device(call.request)))


class RequestOtp(AuthEndpoint):
    """A mail with a code to sign in by."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(codes.request(table, call.body, sent), sent)


class LoginOtp(AuthEndpoint):
    """A session by the code of a mail."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(codes.log_in(table, call.body, device(call.request)))


class EnrollMfa(AuthEndpoint):
    """A new authenticator for the caller's account."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.enroll(table, call.body, call.caller))


class ConfirmMfa(AuthEndpoint):
    """The second factor, asked for from now on."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.confirm(table, call.body, call.caller))


class DisableMfa(AuthEndpoint):
    """No second factor any more."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.disable(table, call.body, call.caller))


class LoginMfa(AuthEndpoint):
    """The session of a login whose second factor is right."""

    lenient = True

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.log_in(table, call.body, device(call.request)))
