"""What a write to an account does beside writing: a new password needs the current one, and ends other sessions.

And what a password proves: `Stored` is how a table holds one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections

from pocketapi.config import link
from pocketapi.credentials import identities, lockout, one_time, ownership, passwords, sessions
from pocketapi.errors import REQUIRED, BadRequest, ValidationFailed, field_error
from pocketapi.expressions.fold import Environment
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.selection import Selection
from pocketapi.expressions.typed import ColumnRef, Operation, Output, Typed
from pocketapi.records import queries
from pocketapi.records.fields import Posted, proofs
from pocketapi.records.judge import new_slot
from pocketapi.records.statements import Change
from pocketapi.rules.principal import Caller

WRONG = field_error("invalid", "This is not the current password.")
OF_THE_PASSWORD = (one_time.PASSWORD_RESET, one_time.OTP, one_time.MFA)  # what was asked for while the old one was good


def password_of(table: link.Table) -> link.Field | None:
    """The password field of an auth table."""
    return table.with_usage("auth_password") if table.auth else None


@dataclass(frozen=True)
class Stored:
    """A password as it is stored: its hash and, where the table takes those of SHA-256, their salt."""

    hash: str | None = None
    salt: str | None = None

    def verifies(self, password: str) -> bool:
        """Whether a password is this one. It takes as long whatever is stored."""
        return passwords.verified(password, self.hash, self.salt)


def stored_outputs(table: link.Table) -> tuple[Output, ...]:
    """The columns that hold a password, which nothing else reads."""
    fields = [password_of(table), table.with_usage("auth_password_salt")]
    return tuple(Output(field.name, ColumnRef(Kind.TEXT, field.column)) for field in fields if field)


def stored_of(table: link.Table, row: Sequence[Any]) -> Stored:
    """The password that a row of `stored_outputs` holds."""
    takes_sha256 = table.auth is not None and table.auth.password_type == "sha256"  # noqa: S105 - the name of a hash
    hash_, salt = (*row, None, None)[:2]
    return Stored(hash_, str(salt or "") if takes_sha256 else None)


def rehash(table: link.Table, uid: Any, password: str, stored: Stored) -> None:
    """Hash a password that was verified as today's are, unless its account has another one by now."""
    field = password_of(table)
    if field is None or not stored.hash or not passwords.is_stale(stored.hash):
        return
    quote = connections[queries.DATABASE].ops.quote_name
    name, key = quote(field.name), quote(table.uid.name)
    sql = f"UPDATE {quote(queries.db_table(table))} SET {name} = %s WHERE {key} = %s AND {name} = %s"
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(sql, [passwords.hashed(password), uid, stored.hash])


def changes_password(table: link.Table, names: Mapping[str, Any]) -> bool:
    """Whether an update sets an account's password."""
    password = password_of(table)
    return password is not None and password.name in names


def more_changes(table: link.Table, changes: Sequence[Change], caller: Caller) -> list[Change]:
    """What changes along: another email is not verified yet."""
    email, verified = table.with_usage("auth_email"), table.with_usage("auth_email_verified")
    written = {change.field.name: change.value for change in changes}
    if not (table.auth and email and verified and email.name in written) or caller.is_admin or verified.name in written:
        return []
    kept, was = ColumnRef(Kind.TEXT, email.column), ColumnRef(Kind.BOOL, verified.column)
    same = Operation(Kind.BOOL, "==", (kept, written[email.name]))
    return [Change(verified, Operation(Kind.BOOL, "and", (same, Operation(Kind.BOOL, "truth", (was,)))))]


Secured = Mapping[Any, "Stored"]


def secure(table: link.Table, condition: Typed, env: Environment, row: Posted, caller: Caller) -> tuple[Environment, Secured]:
    """Prove the right to set a new password of the matching accounts; its hash takes its place.

    Hashing takes its time: it is done before the transaction of the write.
    """
    password = password_of(table)
    if password is None:
        return env, {}
    slot = new_slot(password.name)
    found = _accounts(table, condition, env)
    if not caller.is_admin:
        _prove(table, row, found)
    for account, _ in found:
        if problem := passwords.problem(env.ready[slot], identities.words(table, account)):
            raise ValidationFailed({password.name: field_error("invalid", problem)})
    hashed = replace(env, ready={**env.ready, slot: passwords.hashed(env.ready[slot])})
    return hashed, {account[table.uid.name]: stored for account, stored in found}


def end_other_sessions(table: link.Table, condition: Typed, env: Environment, secured: Secured, caller: Caller) -> None:
    """End the sessions of the accounts that get a new password, but the caller's own. They are still those that were proven."""
    found = {account[table.uid.name]: stored for account, stored in _accounts(table, condition, env)}
    _, current = proofs(table)
    if current and not caller.is_admin and found != secured:
        raise ValidationFailed({current: WRONG})
    for uid in found:
        sessions.end(table.name, uid, but=caller.principal.sid)
        one_time.void(table.name, uid, *OF_THE_PASSWORD)


def changes_email(table: link.Table, names: Iterable[str]) -> bool:
    """Whether an update writes an account's address."""
    email = table.with_usage("auth_email") if table.auth else None
    return email is not None and email.name in names


def void_tokens(table: link.Table, condition: Typed, env: Environment) -> None:
    """Take back what was sent to the addresses of the matching accounts, before they are written."""
    output = Output(table.uid.name, ColumnRef(table.uid.column.kind, table.uid.column))
    statement = queries.page(table, Selection((output,)), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        for (uid,) in cursor.fetchall():
            one_time.void(table.name, uid)


def forget(table: link.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Remove what is left under posted uids of a user who is gone, whose uid another one takes."""
    uids = [row[table.uid.name] for row in rows if row.get(table.uid.name) is not None] if table.auth else []
    for uid in ownership.owners(table.name, uids) if uids else ():
        ownership.forget(table.name, uid)


def _accounts(table: link.Table, condition: Typed, env: Environment) -> list[tuple[dict[str, Any], Stored]]:
    """The accounts that fulfil a condition: uid and words, and what is stored of the password."""
    words = [field for field in table.fields.values() if field.spec.usage in identities.WORDS]
    columns = [field.column for field in (table.uid, *words)]
    outputs = tuple(Output(column.name, ColumnRef(column.kind, column)) for column in columns)
    statement = queries.page(table, Selection((*outputs, *stored_outputs(table))), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        rows = cursor.fetchall()
    names = [column.name for column in columns]
    return [(dict(zip(names, row, strict=False)), stored_of(table, row[len(names) :])) for row in rows]


def _prove(table: link.Table, row: Posted, found: Sequence[tuple[Mapping[str, Any], Stored]]) -> None:
    _, current = proofs(table)
    if current is None or not found:
        return
    if len(found) > 1:
        raise BadRequest("A password is changed for one record at a time.")
    if not row.current:
        raise ValidationFailed({current: REQUIRED})
    ((account, stored),) = found
    lock = lockout.lock_of(table, account[table.uid.name])
    lockout.check(lock)
    if not isinstance(row.current, str) or not stored.verifies(row.current):
        lockout.failed(lock)
        raise ValidationFailed({current: WRONG})
    lockout.check(lock)
