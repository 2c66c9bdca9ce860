"""What a bearer token proves: the service token, an admin's, a user's access token and living session, or a provider's JWT."""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import jwt
from django.conf import settings as django_settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken

from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.credentials import assertions
from pocketapi.errors import InvalidToken, TokenExpired
from pocketapi.expressions import literals
from pocketapi.expressions.forms import as_stored
from pocketapi.models import Session
from pocketapi.rules.principal import Principal
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current, model_of

Claims = Mapping[str, Any]
VERIFIED: Cache[Claims] = Cache()  # claims by token: a signature that was right stays right while the config stays
LOOKUPS: Cache[str] = Cache()
REQUIRED = ("id", "cid", "sid", "iat", "exp", "iss")
ADMIN_REQUIRED = ("iat", "exp", "iss")
ADMIN_ROLES = ("viewer", "editor", "superadmin")
ADMIN_LIFE = timedelta(days=1)
FILES_LIFE = 120  # seconds
SHORTEST_SECRET = 32  # bytes
SUPERADMIN = Principal(admin=True, superadmin=True, roles=("superadmin",))


def principal_of(token: str) -> Principal:
    """Who sent a bearer token; InvalidToken or TokenExpired where it proves nothing."""
    service = _long(settings.ADMIN_SERVICE_TOKEN)
    if service and hmac.compare_digest(token.encode(), service.encode()):
        return SUPERADMIN
    try:
        claims = VERIFIED.get(current(), (token, _long(settings.ADMIN_JWT_SECRET)), lambda: _claims_of(token))
    except InvalidToken:
        return assertions.principal_of(token)
    if claims["exp"] <= time.time():
        raise TokenExpired
    return _user(claims) if "cid" in claims else _admin(claims)


def _claims_of(token: str) -> Claims:
    """The claims of a token that is whole, ours and not expired; the key is chosen by what it says of itself."""
    unverified = _peek(token)
    is_user = "cid" in unverified
    claims = _verified(token, secret_of(auth_table(unverified["cid"])) if is_user else _admin_secret())
    if not all(name in claims for name in (REQUIRED if is_user else ADMIN_REQUIRED)):
        raise InvalidToken
    if is_user:
        _check_id(auth_table(claims["cid"]), claims["id"])
    return claims


def _check_id(table: link.Table, uid: Any) -> None:
    """InvalidToken where an id is none of the table's keys, as after a change of the key's type."""
    try:
        literals.convert(uid, table.uid.column.kind)
    except (ValueError, TypeError):
        raise InvalidToken from None


def _peek(token: str) -> Claims:
    """A token's claims before anything is verified: only to choose the key."""
    try:
        claims: Claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise InvalidToken from None
    return claims


def _backend(secret: str) -> TokenBackend:
    config = current().spec
    return TokenBackend(config.jwt_algorithm, signing_key=secret, issuer=config.jwt_issuer)


def _verified(token: str, secret: str) -> Claims:
    """The claims of a token that is ours and not expired."""
    try:
        claims: Claims = _backend(secret).decode(token)  # type: ignore[arg-type] # the stubs want a class that is a str at run time
    except TokenBackendExpiredToken:
        raise TokenExpired from None
    except (TokenBackendError, TypeError, ValueError):
        raise InvalidToken from None
    return claims


# Users


def auth_table(cid: object) -> link.Table:
    """The auth table of a `cid`; InvalidToken where there is none."""
    table = current().tables.get(cid) if isinstance(cid, str) else None
    if table is None or table.auth is None:
        raise InvalidToken
    return table


def secret_of(table: link.Table) -> str:
    """The key that signs a table's tokens: the global half and its own."""
    if table.auth is None:
        raise InvalidToken
    return current().spec.jwt_secret + table.auth.jwt_secret


def issue(table: link.Table, record: Mapping[str, Any], sid: str) -> str:
    """An access token of a user's row, valid for the table's jwtTokenDuration."""
    if table.auth is None:
        raise InvalidToken
    now = int(timezone.now().timestamp())
    claims = {
        "id": record[table.uid.name],
        "sub": _of(table, record, "auth_email"),
        "user": _of(table, record, "auth_username"),
        "aud": list(roles_of(table, record)) or None,
        "verified": bool(_of(table, record, "auth_email_verified")),
        "meta": _of(table, record, "auth_metadata"),
        "cid": table.name,
        "sid": sid,
        "iat": now,
        "exp": now + table.auth.jwt_token_duration,
        "iss": current().spec.jwt_issuer,
    }
    return _backend(secret_of(table)).encode({name: value for name, value in claims.items() if value is not None})


def _of(table: link.Table, record: Mapping[str, Any], usage: Any) -> Any:
    field = table.with_usage(usage)
    return record.get(field.name) if field else None


def roles_of(table: link.Table, record: Mapping[str, Any]) -> tuple[str, ...]:
    """The roles of a user: the values of its auth_audience fields."""
    values = [record.get(name) for name, field in table.fields.items() if field.spec.usage == "auth_audience"]
    return tuple(dict.fromkeys(str(value) for value in values if value not in (None, "")))


def expired_claims(token: str) -> Claims:
    """The claims of a user's token that is ours, be it expired: what refresh and logout go by."""
    table = auth_table(_peek(token).get("cid"))
    try:
        claims: Claims = jwt.decode(
            token,
            secret_of(table),
            algorithms=[current().spec.jwt_algorithm],
            issuer=current().spec.jwt_issuer,
            options={"verify_exp": False, "verify_aud": False, "require": list(REQUIRED)},
        )
    except (jwt.InvalidTokenError, ValueError):
        raise InvalidToken from None
    return claims


def _user(claims: Claims) -> Principal:
    table = auth_table(claims["cid"])
    row = _living(table, claims)
    if row is None:
        raise InvalidToken
    email, verified, *roles = row
    return Principal(
        uid=claims["id"],
        email=email if verified else None,
        roles=tuple(dict.fromkeys(str(role) for role in roles if role not in (None, ""))),
        verified=bool(verified),
        meta=claims.get("meta"),
        claims=claims,
        sid=str(claims["sid"]),
        cid=table.name,
    )


def _living(table: link.Table, claims: Claims) -> tuple[Any, ...] | None:
    """The user's email, whether it is verified, and roles, if the session lives: one indexed statement."""
    database = connections[DEFAULT_DB_ALIAS]
    sql = LOOKUPS.get(current(), (table.name, database.vendor), lambda: _lookup(table))
    now = database.ops.adapt_datetimefield_value(timezone.now())
    key = as_stored(table.uid.column.form, claims["id"])
    with database.cursor() as cursor:
        cursor.execute(sql, [key, str(claims["sid"]), table.name, str(claims["id"]), now])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _lookup(table: link.Table) -> str:
    quote = connection.ops.quote_name
    columns = [_column(table, "auth_email"), _column(table, "auth_email_verified")]
    columns += [f"u.{quote(name)}" for name, field in table.fields.items() if field.spec.usage == "auth_audience"]
    users = quote(model_of(table.name)._meta.db_table)
    return (
        f"SELECT {', '.join(columns)} FROM {quote(Session._meta.db_table)} s JOIN {users} u ON u.{quote(table.uid.name)} = %s"
        f" WHERE s.sid = %s AND s.{quote('table')} = %s AND s.{quote('user')} = %s AND s.expires > %s"
    )


def _column(table: link.Table, usage: Any) -> str:
    field = table.with_usage(usage)
    return f"u.{connection.ops.quote_name(field.name)}" if field else "NULL"


# Files


def issue_for_files(table: link.Table, principal: Principal) -> str:
    """A token for the URLs of a table's files: what the caller's own says, for two minutes, while the session lives."""
    now = int(timezone.now().timestamp())
    own = principal.claims or {"admin": True, "aud": "superadmin"}  # the service token has none
    end = now + FILES_LIFE
    if principal.admin:  # who has no session to end
        end = min(end, int(own.get("exp", end)))
    claims = {**own, "iat": now, "exp": end, "iss": current().spec.jwt_issuer, "files": table.name}
    return _backend(_files_secret(claims.get("cid"))).encode(claims)


def principal_for_files(token: str, table: link.Table) -> Principal:
    """Who was given a token for a table's files; InvalidToken or TokenExpired where it proves nothing."""
    cid = _peek(token).get("cid")
    claims = _verified(token, _files_secret(cid))
    if claims.get("files") != table.name or not all(name in claims for name in (REQUIRED if cid else ADMIN_REQUIRED)):
        raise InvalidToken
    return _user(claims) if cid else _admin(claims)


def _files_secret(cid: object) -> str:
    """A key of its own, so that no such token is a bearer and no bearer is one."""
    config = current()
    own = config.spec.jwt_secret if cid is None else secret_of(auth_table(cid))
    return hmac.digest(own.encode(), b"pocketapi.files", "sha256").hex()


# Admins


def issue_admin(role: str, life: timedelta = ADMIN_LIFE) -> str:
    """An admin's token; InvalidToken where ADMIN_JWT_SECRET is not set."""
    now = timezone.now()
    claims = {
        "admin": True,
        "aud": role,
        "iss": current().spec.jwt_issuer,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    return _backend(_admin_secret()).encode(claims)


def _admin_secret() -> str:
    secret = _long(settings.ADMIN_JWT_SECRET)
    if not secret:
        raise InvalidToken
    return current().spec.jwt_secret + secret


def _long(secret: str | None) -> str | None:
    """A secret that is too long to be guessed; a short one is none, outside DEBUG."""
    return secret if secret and (len(secret.encode()) >= SHORTEST_SECRET or django_settings.DEBUG) else None


def _admin(claims: Claims) -> Principal:
    role = claims.get("aud")
    if claims.get("admin") is not True or role not in ADMIN_ROLES or "sid" in claims:
        raise InvalidToken
    return Principal(admin=True, superadmin=role == "superadmin", viewer=role == "viewer", roles=(str(role),), claims=claims)
