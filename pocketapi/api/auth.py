"""/table/{table}/auth/...: one line an endpoint."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from pocketapi.api import client, cookies, origins
from pocketapi.api.authentication import NOTHING
from pocketapi.api.base import NO_STORE, Call, Endpoint, Json, answer, auth_table_named
from pocketapi.auth import accounts, codes, devices, registration, reset, second_factor, throttle, verification
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import tokens
from pocketapi.credentials.sessions import Device
from pocketapi.errors import BadRequest, InvalidToken
from pocketapi.tables.table import current

WORD = re.compile(r"(?<!^)(?=[A-Z])")
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
MOCK_HEADER = "X-Mock-Email"


class AuthEndpoint(Endpoint):
    """An endpoint of a table with the auth extension; its answers may hold tokens.

    Requests are counted by address, and by whom they are about where `counted` names fields of the body that say so: the first
    that is there does. Each endpoint counts its own, under its route's name; none are counted where `counted` is None.
    """

    cached = NO_STORE
    counted: ClassVar[tuple[str, ...] | None] = ()
    opens: ClassVar[bool] = True  # answers may set the cookie, so no other site may ask
    scope: ClassVar[str]  # what THROTTLE_RATES calls it

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.scope = WORD.sub("-", cls.__name__).lower()

    def words(self, **kwargs: Any) -> dict[str, Any]:
        return {**kwargs, "table": auth_table_named(kwargs["table"])}

    def admit(self, call: Call, **words: Any) -> None:
        """Refuse what another site sends, and what comes too often."""
        super().admit(call)
        if self.is_guarded(call) and current().spec.auth_cookie:
            origins.refuse_foreign(call.request)
        if self.counted is None:
            return
        throttle.admit_address(self.scope, client.network(call.request))
        if identity := self.identity(call, words["table"]):
            throttle.admit_identity(self.scope, words["table"], identity)

    def is_guarded(self, _call: Call) -> bool:
        """Whether no other site may ask, since the answer may set the cookie."""
        return self.opens

    def identity(self, call: Call, _table: link.Table) -> str | None:
        """Who is meant, as far as can be told."""
        return first_text(call, self.counted or ())

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
        """The answer, with the cookie where a session was opened or renewed."""
        found = response.value if isinstance(response, Json) else None
        if isinstance(found, dict) and found.keys() >= {"token", "refresh_token"}:
            cookies.keep(response, found["token"])
        return super().finish(request, response)


def first_text(call: Call, names: tuple[str, ...]) -> str | None:
    """The first of some fields of the body that is not empty, if it is a text. What the body lacks is told by who reads it."""
    if not names:
        return None
    try:
        found = next((call.body[name] for name in names if call.body.get(name) not in (None, "")), None)
    except BadRequest:
        return None
    return str(found) if isinstance(found, str) else None


def device(request: HttpRequest) -> Device:
    """Where a session is opened from."""
    return Device(request.META.get("HTTP_USER_AGENT", ""), client.address(request))


def outbox(request: HttpRequest) -> Outbox:
    """Where a request's mail goes; a developer's own machine is told what `mock` only prints."""
    email = current().spec.email
    return Outbox(bool(settings.DEBUG and email and email.mock and _is_local(request)))


def _is_local(request: HttpRequest) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    address = client.parsed(request.META.get("REMOTE_ADDR", ""))
    return bool(address and address.is_loopback) and not any(name in request.META for name in FORWARDED)


def mailed(value: Any, sent: Outbox) -> HttpResponse:
    """An answer that tells of the mail that was sent, to whom may know."""
    response = answer(value)
    if sent.shown and sent.header:
        response[MOCK_HEADER] = sent.header
    return response


class SignUp(AuthEndpoint):
    """A new account and its first session."""

    def identity(self, call: Call, table: link.Table) -> str | None:
        fields = (table.with_usage("auth_email"), table.with_usage("auth_username"))
        return first_text(call, tuple(field.name for field in fields if field))

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(registration.sign_up(table, lambda: call.body, call.caller, device(call.request), sent), sent)


class LoginPassword(AuthEndpoint):
    """A session by password."""

    reads = NOTHING
    counted = accounts.IDENTITIES

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.log_in(table, call.body, device(call.request)))


class RefreshToken(AuthEndpoint):
    """A new pair of tokens for a session."""

    lenient = True

    def identity(self, call: Call, _table: link.Table) -> str | None:
        """The user whom the access token names: a token that is not ours names nobody."""
        try:
            return str(tokens.expired_claims(call.sent.token or "")["id"])
        except InvalidToken:
            return None

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.refresh(table, call.sent.token, call.body))


class Logout(AuthEndpoint):
    """The end of a session."""

    lenient = True
    opens = False
    counted = None

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        response = answer(accounts.log_out(table, call.sent.token))
        cookies.clear(response)
        return response


class ForgetCookie(Endpoint):
    """The end of the cookie, whatever it holds; sessions go on."""

    cached = NO_STORE
    reads = NOTHING

    def admit(self, call: Call, **_: Any) -> None:
        if current().spec.auth_cookie:
            origins.refuse_foreign(call.request)

    def post(self, _call: Call) -> HttpResponse:
        response = answer({"success": True})
        cookies.clear(response)
        return response


class ChangePassword(AuthEndpoint):
    """Another password for the caller."""

    opens = False

    def identity(self, call: Call, table: link.Table) -> str | None:
        return str(call.caller.principal.uid) if call.caller.principal.cid == table.name else None

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(accounts.change_password(table, call.body, call.caller))


class Sessions(AuthEndpoint):
    """Where the caller is signed in."""

    opens = False
    counted = None

    def get(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(devices.sessions_of(table, call.caller))


class RevokeSessions(AuthEndpoint):
    """The end of some of the caller's sessions."""

    opens = False
    counted = None

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        response = answer({"success": True})
        if devices.revoke(table, call.body, call.caller) == call.caller.principal.sid:
            cookies.clear(response)
        return response


class RequestPasswordReset(AuthEndpoint):
    """A mail with the way to a new password."""

    reads = NOTHING
    opens = False
    counted = ("email", "identity")

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(reset.request(table, call.body, sent), sent)


class ConfirmPasswordReset(AuthEndpoint):
    """A new password by the token of a mail."""

    reads = NOTHING
    counted = ("token",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(reset.confirm(table, call.body, device(call.request)))


class RequestVerification(AuthEndpoint):
    """A mail that asks whose address it is."""

    opens = False
    counted = ("email",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(verification.request(table, call.body, call.caller, sent), sent)


class ConfirmVerification(AuthEndpoint):
    """An address that is verified by the token of a mail."""

    lenient = True
    counted = ("token",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(verification.confirm(table, call.body, call.caller, device(call.request)))


class RequestOtp(AuthEndpoint):
    """A mail with a code to sign in by."""

    reads = NOTHING
    opens = False
    counted = ("email",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        sent = outbox(call.request)
        return mailed(codes.request(table, call.body, sent), sent)


class LoginOtp(AuthEndpoint):
    """A session by the code of a mail."""

    reads = NOTHING
    counted = ("otpId",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(codes.log_in(table, call.body, device(call.request)))


class EnrollMfa(AuthEndpoint):
    """A new authenticator for the caller's account."""

    opens = False

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.enroll(table, call.body, call.caller))


class ConfirmMfa(AuthEndpoint):
    """The second factor, asked for from now on."""

    opens = False

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.confirm(table, call.body, call.caller))


class DisableMfa(AuthEndpoint):
    """No second factor any more."""

    opens = False

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.disable(table, call.body, call.caller))


class LoginMfa(AuthEndpoint):
    """The session of a login whose second factor is right."""

    reads = NOTHING
    counted = ("mfaId",)

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(second_factor.log_in(table, call.body, device(call.request)))
