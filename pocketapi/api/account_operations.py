"""What the routes of accounts do, for the OpenAPI document: one entry for each name below /auth in urls.py.

What a table's accounts do not offer is not described: mails without `email`, codes without `otp`, a second factor without `mfa`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pocketapi.api import schemas
from pocketapi.api.described import (
    BODY_ERRORS,
    SUCCESS,
    WRITE_ERRORS,
    Operation,
    Route,
    Subject,
    array_of,
    body,
    has,
    nothing,
    query,
)
from pocketapi.api.schemas import MULTIPART, Schema
from pocketapi.records.fields import proofs
from pocketapi.tables.table import current

COUNTED = (*BODY_ERRORS, 429)
MAILING = (*COUNTED, 500)
BY_PROVIDER = (*COUNTED, 409, 502)
REDIRECTS = (400, 404, 429, 502, 503)
TEXT: Schema = {"type": "string", "minLength": 1}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": "string", "format": "date-time"}
LOCATION: Schema = {"Location": {"description": "Where to go.", "schema": {"type": "string", "format": "uri"}}}


# What is there to describe


def by_mail(*usages: Any) -> Callable[[Subject], bool]:
    """Whether mails are configured, and the table has an address and columns of some usages."""
    return lambda subject: (
        current().spec.email is not None and all(subject.table.with_usage(usage) for usage in ("auth_email", *usages))
    )


def has_codes(subject: Subject) -> bool:
    """Whether codes come by mail."""
    return bool(subject.table.auth and subject.table.auth.otp) and by_mail()(subject)


def has_factor(subject: Subject) -> bool:
    """Whether there may be a second factor."""
    return bool(subject.table.auth and subject.table.auth.mfa == "totp")


def redirecting(_subject: Subject) -> list[str]:
    """The providers that browsers are sent to."""
    return [provider.name for provider in current().providers.values() if provider.redirects]


def has_redirects(subject: Subject) -> bool:
    return bool(redirecting(subject))


def has_signing(_subject: Subject) -> bool:
    return any(provider.signs for provider in current().providers.values())


def has_google(_subject: Subject) -> bool:
    google = current().providers.get("google")
    return google is not None and google.signs


# Answers


def session(subject: Subject) -> Schema:
    """Tokens and the record of who is signed in."""
    properties = {"token": {"type": "string"}, "refresh_token": {"type": "string"}, "record": subject.record()}
    schema = {"type": "object", "properties": {**properties, "verified": {"type": "boolean"}}, "required": list(properties)}
    return subject.ref(f"{subject.table.name}.session", schema)


def signing_up(subject: Subject) -> Schema:
    schema = schemas.values(subject.table)
    password = subject.table.with_usage("auth_password")
    needed = [*schema.get("required", []), *([password.name] if password else [])]
    return {**schema, "required": list(dict.fromkeys(needed))}


def credentials(_subject: Subject) -> Schema:
    text = {"type": "string", "minLength": 1}
    names = {"identity": text, "email": text, "username": text}
    schema = body({**names, "password": {**text, "format": "password"}}, "password")
    return {
        **schema,
        "anyOf": [{"required": [name]} for name in names],
        "examples": [{"identity": "ann", "password": "corr3ct-horse"}],
    }


def new_password(subject: Subject) -> Schema:
    password = subject.table.with_usage("auth_password")
    names = [*([password.name] if password else []), *(name for name in proofs(subject.table) if name)]
    fields = schemas.changes(subject.table)["properties"]
    properties = {name: fields.get(name, {"type": "string"}) for name in names}
    return body(properties, *properties)


REFRESH = body({"refresh_token": {"type": "string"}}, "refresh_token")


def answer(**properties: Schema) -> Callable[[Subject], Schema]:
    """An object that has all of these."""
    schema: Schema = {"type": "object", "properties": properties, "required": list(properties)}
    return lambda _: schema


def session_or_record(subject: Subject) -> Schema:
    """A session, or for who has one the record alone."""
    record = {"type": "object", "properties": {"record": subject.record()}, "required": ["record"], "additionalProperties": False}
    return {"anyOf": [session(subject), record]}


def sessions(_subject: Subject) -> Schema:
    texts = {name: {"type": "string"} for name in ("sid", "user_agent")}
    moments = dict.fromkeys(("created", "refreshed", "expires"), MOMENT)
    return array_of(answer(**texts, **moments, ip=OPTIONAL_TEXT, current={"type": "boolean"})(_subject))


def methods(subject: Subject) -> Schema:
    texts = {name: {"type": "string"} for name in ("name", "displayName")}
    provider = answer(**texts, url=OPTIONAL_TEXT, clientId=OPTIONAL_TEXT)(subject)
    names = {"type": "string", "enum": ["email", "username"]}
    return answer(
        password=answer(identities=array_of(names))(subject),
        otp={"type": "boolean"},
        mfa={"type": ["string", "null"], "enum": ["totp", None]},
        providers=array_of(provider),
    )(subject)


def redirect(text: str) -> Callable[[Subject], Schema]:
    return lambda _: {"302": {"description": text, "headers": LOCATION}}


# Parameters and bodies


def provider(subject: Subject) -> list[Schema]:
    """The provider in a path."""
    return [{"name": "provider", "in": "path", "required": True, "schema": {"type": "string", "enum": redirecting(subject)}}]


def beginning(subject: Subject) -> list[Schema]:
    return [
        *provider(subject),
        query("redirect", {"type": "string"}, "Where to go afterwards: a path of appUrl, or a URL of an allowed site."),
    ]


def coming_back(subject: Subject) -> list[Schema]:
    told = {"state": "What the way there began with.", "code": "What the provider hands over.", "error": "Why it does not."}
    return [*provider(subject), *(query(name, {"type": "string"}, text) for name, text in told.items())]


def asking(examples: dict[str, str], *needed: str) -> Callable[[Subject], Schema]:
    """Texts by name, with an example of each."""
    schema = {**body(dict.fromkeys(examples, TEXT), *needed), "examples": [examples]}
    return lambda _: schema


def resetting(_subject: Subject) -> Schema:
    schema = body({"email": TEXT, "identity": TEXT})
    return {**schema, "anyOf": [{"required": ["email"]}, {"required": ["identity"]}], "examples": [{"email": "ann@example.com"}]}


def reset(subject: Subject) -> Schema:
    """The token of a mail and the new password."""
    password, (confirm, _) = subject.table.with_usage("auth_password"), proofs(subject.table)
    fields = schemas.changes(subject.table)["properties"]
    names = [name for name in (password and password.name, confirm) if name]
    text = {"type": "string", "format": "password", "writeOnly": True}
    properties = {"token": TEXT, **{name: fields.get(name, text) for name in names}}
    example = {"token": "the-token-of-the-mail", **dict.fromkeys(names, "corr3ct-horse")}
    return {**body(properties, *properties), "examples": [example]}


def enrolling(subject: Subject) -> Schema:
    """The password of an account that has one."""
    password = subject.table.with_usage("auth_password")
    return body({password.name: {**TEXT, "format": "password", "writeOnly": True}} if password else {})


def revoked(_subject: Subject) -> Schema:
    schema = body({"sid": {**TEXT, "description": "One of them."}, "others": {"const": True, "description": "All but this one."}})
    return {**schema, "oneOf": [{"required": ["sid"]}, {"required": ["others"]}], "examples": [{"others": True}]}


def google(_subject: Subject) -> Schema:
    schema = body({"token": TEXT, "credential": {**TEXT, "description": "What Google's script calls it."}})
    return {
        **schema,
        "anyOf": [{"required": ["token"]}, {"required": ["credential"]}],
        "examples": [{"credential": "eyJhbGciOi..."}],
    }


def google_form(_subject: Subject) -> Schema:
    """What Google's own page posts."""
    told = {**TEXT, "description": "The same as in the cookie of this name."}
    needed = ["credential", "g_csrf_token"]
    schema = {"type": "object", "properties": {"credential": TEXT, "g_csrf_token": told}, "required": needed}
    return {"application/x-www-form-urlencoded": schema}


def signing_up_form(subject: Subject) -> Schema:
    """With files, a form takes the place of JSON."""
    return {MULTIPART: schemas.form(subject.table, "insert", "")} if subject.table.files else {}


def success(_subject: Subject) -> Schema:
    return SUCCESS


ACCOUNTS: Mapping[str, Route] = {
    "sign-up": Route("table/{table}/auth/sign-up", "accounts", (
        Operation("post", "sign_up", "A new account and its first session.", session, (*WRITE_ERRORS, 429), nothing, signing_up,
                  forms=signing_up_form, shown=has("create")),
    )),
    "login-password": Route("table/{table}/auth/login-password", "accounts", (
        Operation("post", "login_password", "A session by password.", session, COUNTED, nothing, credentials,
                  second_factor=True),
    )),
    "refresh-token": Route("table/{table}/auth/refresh-token", "accounts", (
        Operation("post", "refresh_token", "A new pair of tokens for a session.", session, (*BODY_ERRORS, 429), nothing,
                  lambda _: REFRESH, who="caller"),
    )),
    "change-password": Route("table/{table}/auth/change-password", "accounts", (
        Operation("post", "change_password", "Another password for the caller.", lambda _: SUCCESS, (*BODY_ERRORS, 429), nothing,
                  new_password, who="caller"),
    )),
    "logout": Route("table/{table}/auth/logout", "accounts", (
        Operation("post", "logout", "The end of a session.", lambda _: SUCCESS, BODY_ERRORS, who="caller"),
    )),
    "sessions": Route("table/{table}/auth/sessions", "accounts", (
        Operation("get", "sessions", "The caller's sessions, the latest first.", sessions, who="caller"),
    )),
    "revoke-sessions": Route("table/{table}/auth/sessions/revoke", "accounts", (
        Operation("post", "revoke_sessions", "The end of one of the caller's sessions, or of all others.", success,
                  (*BODY_ERRORS, 404), nothing, revoked, who="caller"),
    )),
    "request-password-reset": Route("table/{table}/auth/request-password-reset", "accounts", (
        Operation("post", "request_password_reset", "A mail with the way to a new password. The same answer for every address.",
                  success, MAILING, nothing, resetting, shown=by_mail("auth_password")),
    )),
    "confirm-password-reset": Route("table/{table}/auth/confirm-password-reset", "accounts", (
        Operation("post", "confirm_password_reset", "Another password by the token of a mail, and a session.", session, COUNTED,
                  nothing, reset, shown=by_mail("auth_password"), second_factor=True),
    )),
    "request-verification": Route("table/{table}/auth/request-verification", "accounts", (
        Operation("post", "request_verification", "A mail that asks whose address it is.", success, (*MAILING, 502), nothing,
                  asking({"email": "ann@example.com"}), needs_body=False, shown=by_mail()),
    )),
    "confirm-verification": Route("table/{table}/auth/confirm-verification", "accounts", (
        Operation("post", "confirm_verification", "A verified address by the token of a mail; a session for who has none.",
                  session_or_record, COUNTED, nothing, asking({"token": "the-token-of-the-mail"}, "token"), shown=by_mail(),
                  second_factor=True),
    )),
    "request-otp": Route("table/{table}/auth/request-otp", "accounts", (
        Operation("post", "request_otp", "A mail with a code. The same answer for every address.",
                  answer(otpId={"type": "string"}),
                  MAILING, nothing, asking({"email": "ann@example.com"}, "email"), shown=has_codes),
    )),
    "login-otp": Route("table/{table}/auth/login-otp", "accounts", (
        Operation("post", "login_otp", "A session by the code of a mail.", session, COUNTED, nothing,
                  asking({"otpId": "the-id-of-the-request", "code": "123456"}, "otpId", "code"), shown=has_codes,
                  second_factor=True),
    )),
    "enroll-mfa": Route("table/{table}/auth/enroll-mfa", "accounts", (
        Operation("post", "enroll_mfa", "A new authenticator: its secret, and its address for a QR code.",
                  answer(secret={"type": "string"}, uri={"type": "string", "format": "uri"}), COUNTED, nothing, enrolling,
                  needs_body=False, shown=has_factor, who="caller"),
    )),
    "confirm-mfa": Route("table/{table}/auth/confirm-mfa", "accounts", (
        Operation("post", "confirm_mfa", "The second factor, on; recovery codes are told this once.",
                  answer(success={"const": True}, recoveryCodes=array_of({"type": "string"})), COUNTED, nothing,
                  asking({"code": "123456"}, "code"), shown=has_factor, who="caller"),
    )),
    "disable-mfa": Route("table/{table}/auth/disable-mfa", "accounts", (
        Operation("post", "disable_mfa", "The second factor, off, by one of its codes.", success, COUNTED, nothing,
                  asking({"code": "123456"}, "code"), shown=has_factor, who="caller"),
    )),
    "login-mfa": Route("table/{table}/auth/login-mfa", "accounts", (
        Operation("post", "login_mfa", "A session by the code of the second factor.", session, COUNTED, nothing,
                  asking({"mfaId": "the-id-of-the-login", "code": "123456"}, "mfaId", "code"), shown=has_factor),
    )),
    "methods": Route("table/{table}/auth/methods", "accounts", (
        Operation("get", "methods", "What a login page may offer.", methods),
    )),
    "login-token": Route("table/{table}/auth/login-token", "accounts", (
        Operation("post", "login_token", "A session by a provider's JWT, which stands where a token of ours does.", session,
                  BY_PROVIDER, shown=has_signing, who="caller", second_factor=True),
    )),
    "google-login": Route("table/{table}/auth/google-login", "accounts", (
        Operation("post", "google_login", "A session by what Google's button or One Tap hands over.", session, BY_PROVIDER,
                  nothing, google, forms=google_form, shown=has_google, second_factor=True),
    )),
    "oauth": Route("table/{table}/auth/oauth/{provider}", "accounts", (
        Operation("get", "oauth", "The way to a provider.", nothing, REDIRECTS, beginning, shown=has_redirects,
                  results=redirect("To the provider.")),
    )),
    "oauth-callback": Route("table/{table}/auth/oauth/{provider}/callback", "accounts", (
        Operation("get", "oauth_callback", "The way back from a provider.", nothing, REDIRECTS, coming_back, shown=has_redirects,
                  results=redirect("To the frontend, with a session or with the error in the URL.")),
    )),
    "forget-cookie": Route("auth/logout", "", (
        Operation("post", "forget_cookie", "The end of the cookie only; sessions go on.", success, (400, 403, 413, 415)),
    )),
}  # fmt: skip
