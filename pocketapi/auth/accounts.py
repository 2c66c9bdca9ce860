"""Accounts, and the sessions that they open: login, refresh, logout and a new password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.db import connections

from pocketapi.config import link, schema
from pocketapi.credentials import identities, lockout, one_time, second_factors, sessions, tokens
from pocketapi.credentials.sessions import Device
from pocketapi.errors import (
    REQUIRED,
    BadRequest,
    InvalidSession,
    InvalidToken,
    SecondFactorRequired,
    Unauthorized,
    ValidationFailed,
    field_error,
)
from pocketapi.expressions import literals
from pocketapi.expressions.fold import TRUE, Environment, fold
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.selection import Selection, everything
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Output, Typed
from pocketapi.records import drafts, fields, queries, render, requests, write
from pocketapi.records.accounts import Stored, rehash, stored_of, stored_outputs
from pocketapi.records.updates import Target, Update
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import visible

WRONG = "Invalid username or password"
IDENTITIES = ("identity", "email", "username")
MFA_SECONDS = 300  # between a login and the code of its second factor
Answer = dict[str, Any]


class Account:
    """A user's row with all its columns but the password."""

    def __init__(self, table: link.Table, row: tuple[Any, ...]) -> None:
        self.table = table
        self._outputs = outputs_of(table)
        self.row = dict(zip((output.key for output in self._outputs), row, strict=True))

    @property
    def uid(self) -> Any:
        return self.row[self.table.uid.name]

    @property
    def auth(self) -> schema.Auth:
        """What the config says of the table's accounts."""
        if self.table.auth is None:
            raise InvalidToken
        return self.table.auth

    @property
    def verified(self) -> bool:
        field = self.table.with_usage("auth_email_verified")
        return bool(self.row[field.name]) if field else True

    @property
    def email(self) -> str | None:
        """The address as it is stored."""
        return self._text("auth_email")

    @property
    def username(self) -> str | None:
        return self._text("auth_username")

    @property
    def name(self) -> str:
        """What to call the user: a name, else the username."""
        return self._text("auth_name") or self.username or ""

    def _text(self, usage: Any) -> str | None:
        field = self.table.with_usage(usage)
        value = self.row[field.name] if field else None
        return value if isinstance(value, str) else None

    @property
    def claims(self) -> Mapping[str, Any]:
        """The values that a token is made of."""
        meta = self.table.with_usage("auth_metadata")
        value = self.row[meta.name] if meta else None
        return self.row if not meta or not isinstance(value, str) else {**self.row, meta.name: json.loads(value)}

    @property
    def record(self) -> Answer:
        """What the user itself may see."""
        shown = visible(self.table, admin=False)
        outputs = [output for output in self._outputs if output.key in shown]
        return render.record([self.row[output.key] for output in outputs], outputs)


def outputs_of(table: link.Table) -> tuple[Output, ...]:
    """Every column that is no password."""
    return everything(visible(table, admin=True))


def equals(field: link.Field, value: Any) -> Typed:
    """The condition that a field has a value."""
    return Operation(Kind.BOOL, "==", (ColumnRef(field.column.kind, field.column), Const(field.column.kind, value)))


def find(table: link.Table, condition: Typed, outputs: tuple[Output, ...]) -> tuple[Any, ...] | None:
    """The one row that fulfils a condition."""
    statement = queries.page(table, Selection(outputs), fold(condition, Environment()))
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(Environment()))
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def account_of(table: link.Table, uid: Any) -> Account | None:
    """A user by uid, which may be the text of one, as our own rows have it."""
    key = literals.convert_variable(uid, table.uid.column.kind)
    row = find(table, equals(table.uid, key), outputs_of(table)) if key is not None else None
    return Account(table, row) if row else None


def own(table: link.Table, caller: Caller) -> Account | None:
    """The caller's own account, where it is one of the table's."""
    return account_of(table, caller.principal.uid) if caller.principal.cid == table.name else None


def password_of(account: Account) -> Stored:
    """An account's password, as it is stored."""
    row = find(account.table, equals(account.table.uid, account.uid), stored_outputs(account.table))
    return stored_of(account.table, row or ())


# Opening sessions


def opened(account: Account, device: Device, *, passed: bool = False) -> Answer:
    """A new session of an account: `{token, refresh_token, record}`. Every way in ends here.

    SecondFactorRequired where the account has a second factor that has not `passed` yet.
    """
    if not passed and second_factors.is_asked_for(account.table, account.uid):
        raise SecondFactorRequired(one_time.issue(account.table.name, account.uid, one_time.MFA, MFA_SECONDS))
    sid, refresh = sessions.open_session(account.table.name, account.uid, device)
    return _pair(account, sid, refresh)


def _pair(account: Account, sid: str, refresh: str) -> Answer:
    return {"token": tokens.issue(account.table, account.claims, sid), "refresh_token": refresh, "record": account.record}


def created(table: link.Table, ask: requests.Ask[Mapping[str, Any]], caller: Caller) -> Account:
    """A new user, inserted under the createRule."""
    uid = table.uid.name
    (inserted,) = write.insert(
        table, lambda: requests.Insert((_with_password(table, ask()),), single=True, returning=uid), caller
    )
    account = account_of(table, inserted[uid])
    if account is None:
        raise InvalidSession
    return account


def _with_password(table: link.Table, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is signed up with; a password is needed where the table could do without, as for accounts made by others."""
    password = table.with_usage("auth_password")
    if password and not password.not_null and body.get(password.name) is None:
        raise ValidationFailed({password.name: REQUIRED})
    return body


def log_in(table: link.Table, data: Mapping[str, Any], device: Device) -> Answer:
    """Open a session by password; one answer, in one time, for a wrong name and a wrong password."""
    name, identity, password = _credentials(data)
    account, stored = found_by(table, name, identity)
    lock = lockout.lock_of(table, account.uid if account else None, *named(table, name, identity))
    lockout.check(lock)
    if not stored.verifies(password) or account is None:
        lockout.failed(lock)
        raise BadRequest(WRONG)
    lockout.check(lock)  # of many guesses at a time, one that is right counts only before the tenth that is wrong
    rehash(table, account.uid, password, stored)
    return opened(account, device) | ({} if account.verified else {"verified": False})


def found_by(table: link.Table, name: str, identity: str) -> tuple[Account | None, Stored]:
    """The account of an identity, which goes by one of IDENTITIES, and its password."""
    field = _identity_field(table, name, identity)
    outputs = outputs_of(table)
    sought = equals(field, _normal(table, field, identity)) if field else None
    row = find(table, sought, (*outputs, *stored_outputs(table))) if sought else None
    if row is None:
        return None, stored_of(table, ())
    return Account(table, row[: len(outputs)]), stored_of(table, row[len(outputs) :])


def named(table: link.Table, name: str, identity: str) -> tuple[str, str]:
    """What an identity that nobody has goes by: which of the names it would be, and its normal form."""
    field = _identity_field(table, name, identity)
    return field.name if field else "", _normal(table, field, identity)


def _credentials(data: Mapping[str, Any]) -> tuple[str, str, str]:
    """Which of its names the identity goes by, the identity, and the password."""
    if unknown := [name for name in data if name not in (*IDENTITIES, "password")]:
        raise ValidationFailed({name: field_error("unknown", f"There is no field {name}.") for name in unknown})
    name = next((name for name in IDENTITIES if data.get(name) not in (None, "")), "identity")
    identity = data.get(name)
    given = {"identity": identity, "password": data.get("password")}
    if missing := {name: REQUIRED for name, value in given.items() if value in (None, "")}:
        raise ValidationFailed(missing)
    if not isinstance(identity, str) or not isinstance(given["password"], str):
        raise BadRequest(WRONG)
    return name, identity, given["password"]


def _identity_field(table: link.Table, name: str, identity: str) -> link.Field | None:
    """Usernames have no `@`, so an identity tells by itself which of the two it is."""
    by_email = name == "email" or (name == "identity" and "@" in identity)
    return table.with_usage("auth_email" if by_email else "auth_username")


def _normal(table: link.Table, field: link.Field | None, identity: str) -> str:
    return identities.sought(table, identity) if field and field.spec.usage == "auth_email" else identity


# Sessions that are open


def refresh(table: link.Table, token: str | None, data: Mapping[str, Any]) -> Answer:
    """A new pair of tokens for a session's refresh token; InvalidSession where it is refused, whatever the reason."""
    spent = data.get("refresh_token")
    if token is None or not isinstance(spent, str) or table.auth is None:
        raise InvalidSession
    try:
        claims = tokens.expired_claims(token)
    except InvalidToken:
        raise InvalidSession from None
    account = account_of(table, claims["id"]) if claims["cid"] == table.name else None
    if account is None:
        raise InvalidSession
    fresh = sessions.refresh(str(claims["sid"]), spent, table.auth.max_token_refresh)
    return _pair(account, str(claims["sid"]), fresh)


def log_out(table: link.Table, token: str | None) -> Answer:
    """End the session of a token, which may be expired."""
    if token is None:
        raise Unauthorized
    claims = tokens.expired_claims(token)
    if claims["cid"] != table.name or not sessions.close(str(claims["sid"])):
        raise InvalidSession
    return {"success": True}


def change_password(table: link.Table, data: Mapping[str, Any], caller: Caller) -> Answer:
    """Set the caller's own password, which needs the current one and ends the other sessions."""
    if caller.principal.cid != table.name:
        raise Unauthorized
    password = table.with_usage("auth_password")
    if password is None:
        raise BadRequest(f"{table.name} has no password.")
    posted = fields.posted(table, data)
    if unknown := [name for name in posted.values if name != password.name]:
        raise ValidationFailed({name: field_error("unknown", f"There is no field {name}.") for name in unknown})
    if posted.values.get(password.name) in (None, ""):
        raise ValidationFailed({password.name: REQUIRED})
    values = {**drafts.cleaned(table, posted), **drafts.stamps(table, posted.values)}
    outputs = write.uid_outputs(table)
    update = Update(table, caller, TRUE, Target(uid=str(caller.principal.uid)), values, {}, outputs).with_values(values)
    if not update.run(None, posted):
        raise Unauthorized
    return {"success": True}
