"""The pages behind the links of mails: plain forms, which work without scripts.

To open a page spends nothing, since mail scanners open links, too: the token is spent by the form that the page holds.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from pocketapi.auth import posting, reset, verification
from pocketapi.config import link
from pocketapi.credentials import one_time
from pocketapi.errors import BadRequest, ValidationFailed
from pocketapi.records.fields import proofs
from pocketapi.tables.table import current

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def verify_email(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for one press of a button, then mark the address verified."""
    table = posting.table_of(token, one_time.VERIFICATION)
    if table is None:
        return _gone(request)
    if request.method != "POST":
        return _page(request, "verify_email")
    try:
        verification.verified(table, token)
    except BadRequest:
        return _gone(request)
    return _page(request, "done", title="Your email address is verified", text="Thank you. You can close this page.")


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for a new password, twice, then set it."""
    table = posting.table_of(token, one_time.PASSWORD_RESET)
    if table is None:
        return _gone(request)
    if request.method != "POST":
        return _page(request, "reset_password")
    password, again = request.POST.get("password", ""), request.POST.get("again", "")
    if password != again:
        return _page(request, "reset_password", 400, again_error="The two passwords differ.")
    try:
        reset.changed(table, _body(table, token, password))
    except ValidationFailed as error:
        told = " ".join(str(each["message"]) for each in error.data.values())
        return _page(request, "reset_password", 400, password_error=told)
    except BadRequest:
        return _gone(request)
    text = "You are signed out everywhere. Sign in with the new password."
    return _page(request, "done", title="Your password is changed", text=text)


def _body(table: link.Table, token: str, password: str) -> dict[str, Any]:
    """What confirm-password-reset takes, under the names that the config gives the fields."""
    field, (confirm, _) = table.with_usage("auth_password"), proofs(table)
    names = [field.name if field else "password", *([confirm] if confirm else [])]
    return {"token": token, **dict.fromkeys(names, password)}


def _gone(request: HttpRequest) -> HttpResponse:
    text = "It was used already, it is too old, or a newer change has replaced it. Ask for a new one where you sign in."
    return _page(request, "done", 404, title="This link does not work any more", text=text)


def _page(request: HttpRequest, name: str, status: int = 200, **words: str) -> HttpResponse:
    spec = current().spec
    context = {"app_name": spec.app_name, "app_url": spec.app_url, **words}
    response = render(request, f"pages/{name}.html", context, status=status)
    response["Content-Security-Policy"] = POLICY
    response["X-Robots-Tag"] = "noindex"
    return response
