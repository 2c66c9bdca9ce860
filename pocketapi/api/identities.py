"""/table/{table}/auth/...: signing in by way of identity providers, one line an endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.utils.crypto import constant_time_compare

from pocketapi.api import cookies, parsers
from pocketapi.api.auth import AuthEndpoint, device
from pocketapi.api.authentication import NOTHING, THEIRS, bearer
from pocketapi.api.base import Call, answer
from pocketapi.auth import linking, oauth, redirects
from pocketapi.auth.backends import LIFE
from pocketapi.auth.methods import methods
from pocketapi.config import link
from pocketapi.config.providers import Provider
from pocketapi.errors import REQUIRED, Forbidden, PocketError, SecondFactorRequired, ValidationFailed, field_error
from pocketapi.tables.table import current

CREDENTIALS = ("token", "credential")
CSRF = "g_csrf_token"  # Google's name of the cookie and of the form's field


class Methods(AuthEndpoint):
    """What a login page may offer."""

    opens = False
    counted = None

    def get(self, _call: Call, table: link.Table) -> HttpResponse:
        return answer(methods(table))


class LoginToken(AuthEndpoint):
    """A session by a provider's JWT."""

    reads = THEIRS

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(linking.log_in_with_token(table, bearer(call.request), call.caller, device(call.request)))


class GoogleLogin(AuthEndpoint):
    """A session by what Google's button or One Tap hands over."""

    reads = NOTHING

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(linking.log_in_with_google(table, credential(call), call.caller, device(call.request)))

    def is_guarded(self, call: Call) -> bool:
        """Google's own page posts its form; the token that its cookie and its field share is the proof of that."""
        return parsers.content_type(call.request) not in parsers.FORM_TYPES


def credential(call: Call) -> Any:
    """The JWT that was posted: as JSON by our own pages, as a form by Google's, which proves that it comes from there."""
    body = call.body
    if parsers.content_type(call.request) in parsers.FORM_TYPES:
        cookie = call.request.COOKIES.get(CSRF, "")
        if not cookie or not constant_time_compare(cookie, str(body.get(CSRF, ""))):
            raise Forbidden(f"The form's {CSRF} is not that of the cookie.")
    elif unknown := [name for name in body if name not in CREDENTIALS]:
        raise ValidationFailed({name: field_error("unknown", f"There is no field {name}.") for name in unknown})
    given = next((body[name] for name in CREDENTIALS if body.get(name) not in (None, "")), None)
    if given is None:
        raise ValidationFailed({"token": REQUIRED})
    return given


class Redirecting(AuthEndpoint):
    """An endpoint of a provider's redirect flow. The browser is on its way: it is told where to go, and not from where."""

    reads = NOTHING
    opens = False  # the state stands in a cookie of the browser that began

    def words(self, **kwargs: Any) -> dict[str, Any]:
        found = super().words(**kwargs)
        return {**found, "provider": oauth.redirecting(found["provider"])}


class OAuth(Redirecting):
    """The way to a provider."""

    def get(self, call: Call, table: link.Table, provider: Provider) -> HttpResponse:
        begun = oauth.begin(table, provider, call.query.get("redirect"))
        response = found(begun.url)
        path = urlsplit(oauth.callback_url(table, provider)).path
        secure = current().spec.app_url.startswith("https:")
        response.set_cookie(begun.cookie, begun.value, max_age=LIFE, path=path, secure=secure, httponly=True, samesite="Lax")
        return response


class OAuthCallback(Redirecting):
    """The way back: to the frontend with a session, or with an error that says why there is none."""

    def get(self, call: Call, table: link.Table, provider: Provider) -> HttpResponse:
        returned = oauth.come_back(table, provider, call.query, call.request.COOKIES)
        try:
            response = handed_over(returned.target, linking.log_in(table, returned.profile(), call.caller, device(call.request)))
        except SecondFactorRequired as asked:
            response = found(redirects.with_fragment(returned.target, asked.data))
        except PocketError as error:
            response = found(redirects.with_query(returned.target, {"error": error.code, "error_description": error.message}))
        response.delete_cookie(returned.cookie, path=urlsplit(oauth.callback_url(table, provider)).path, samesite="Lax")
        return response


def handed_over(target: str, opened: Mapping[str, Any]) -> HttpResponse:
    """To the frontend: the session in the cookie, where there is one; else what was opened in the URL's fragment."""
    if current().spec.auth_cookie and "token" in opened:
        response = found(target)
        cookies.keep(response, opened["token"])
        return response
    told = {name: value for name, value in opened.items() if isinstance(value, str)}
    return found(redirects.with_fragment(target, told))


def found(url: str) -> HttpResponse:
    """302 to a URL, which does not learn from where."""
    response = HttpResponse(status=302)
    response["Location"] = url
    response["Referrer-Policy"] = "no-referrer"
    return response
