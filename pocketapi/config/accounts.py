"""Tables of accounts, their secrets, and the URLs that callers are sent to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from pocketapi.config import schema
from pocketapi.config.environment import REFERENCE
from pocketapi.config.report import Path, Report

MIN_SECRET = 32  # bytes: RFC 7518 asks this much of a key of HS256
AnyTable = schema.Table | schema.ModelTable
PROVIDER_URLS = {"jwksUrl": "jwks_url", "authorizeUrl": "authorize_url", "tokenUrl": "token_url", "userinfoUrl": "userinfo_url"}


def auth_of(table: AnyTable) -> tuple[int, schema.Auth] | None:
    """The auth extension and its index, if the table has one."""
    return next(((index, each) for index, each in enumerate(table.extensions) if isinstance(each, schema.Auth)), None)


def check_accounts(table: AnyTable, fields: Iterable[schema.Field], path: Path, report: Report) -> None:
    """What the auth extension needs of the fields."""
    found = auth_of(table)
    if found is None:
        return
    usages = {field.usage for field in fields}
    at = (*path, "extensions", found[0])
    if "auth_password" not in usages:
        report.error("E009", at, "The auth extension needs a field with usage auth_password: authFields has one.")
    if not usages & {"auth_email", "auth_username"}:
        report.error("E009", at, "The auth extension needs a field with usage auth_email or auth_username: authFields has both.")


def check_secrets(spec: schema.Config, admin_secret: str | None, report: Report, *, debug: bool) -> None:
    """The global secret's length, and that no secret is used twice."""
    size = len(spec.jwt_secret.encode())
    if size < MIN_SECRET and not REFERENCE.fullmatch(spec.jwt_secret):
        told = f"The jwtSecret has {size} bytes, and needs {MIN_SECRET}: `manage.py pocketapi init` makes a good one."
        if debug:
            report.warn("W006", ("jwtSecret",), told)
        else:
            report.error("E008", ("jwtSecret",), told)
    seen: dict[str, str] = {}
    for path, name, secret in _secrets(spec):
        if REFERENCE.fullmatch(secret):
            continue  # a variable that is missing
        if admin_secret and secret == admin_secret:
            report.error("E008", path, "This jwtSecret equals ADMIN_JWT_SECRET: make another, or accounts could sign as admins.")
        if name in seen.values() or not name:
            continue
        if secret in seen:
            report.error("E008", path, f"This jwtSecret is also that of {seen[secret]}: make one for each table.")
        seen.setdefault(secret, name)


def _secrets(spec: schema.Config) -> Iterator[tuple[Path, str, str]]:
    yield ("jwtSecret",), "", spec.jwt_secret
    for index, table in enumerate(spec.tables):
        if found := auth_of(table):
            yield ("tables", index, "extensions", found[0], "jwtSecret"), table.name, found[1].jwt_secret


def check_cookie(cookie: schema.AuthCookie | None, report: Report) -> None:
    """No cookie that browsers drop without a word."""
    for name, told in _dropped(cookie) if cookie else ():
        report.error("E006", ("authCookie", name), f"Browsers drop a cookie {told}")


def _dropped(cookie: schema.AuthCookie) -> Iterator[tuple[str, str]]:
    prefix = cookie.name.lower()
    if cookie.same_site == "None" and not cookie.secure:
        yield "secure", "with `sameSite: None` that is not secure: leave `secure: false` out, or write `sameSite: Lax`."
    if prefix.startswith("__secure-") and not cookie.secure:
        yield "name", "of this name that is not secure: leave `secure: false` out."
    if prefix.startswith("__host-") and not (cookie.secure and cookie.path == "/" and cookie.domain is None):
        yield "name", "of this name unless it is secure, has the path `/` and no domain: leave those out."


def check_urls(spec: schema.Config, report: Report) -> None:
    """Every URL of the config is one of http or https."""
    for path, url in _urls(spec):
        if not REFERENCE.fullmatch(url) and not is_url(url):
            report.error("E011", path, "This is no URL: expected one such as https://example.com.")
    for index, origin in enumerate(spec.cors_origins or []):
        if not REFERENCE.fullmatch(origin) and not (
            is_url(origin) and urlsplit(origin).path in ("", "/") and not urlsplit(origin).query
        ):
            report.error(
                "E011",
                ("corsOrigins", index),
                "This is no origin: expected scheme, host and port only, such as https://example.com.",
            )


def _urls(spec: schema.Config) -> Iterator[tuple[Path, str]]:
    yield ("appUrl",), spec.app_url
    for index, url in enumerate(spec.allowed_redirect_urls or []):
        yield ("allowedRedirectUrls", index), url
    for index, provider in enumerate(spec.auth_providers):
        for name, attribute in PROVIDER_URLS.items():
            if (url := getattr(provider, attribute)) is not None:
                yield ("authProviders", index, name), url
        if provider.redirect_url is not None and not is_path(provider.redirect_url):
            yield ("authProviders", index, "redirectUrl"), provider.redirect_url


def is_path(text: str) -> bool:
    """Whether a text is a path on our own host; browsers read `//host` and `/\\host` as another one."""
    return text.startswith("/") and not text.startswith(("//", "/\\"))


def is_url(text: str) -> bool:
    """Whether a text is an absolute http or https URL."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and not any(map(str.isspace, text))
    except ValueError:
        return False
