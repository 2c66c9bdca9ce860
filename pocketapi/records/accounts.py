"""What a write to an account does beside writing: a new password needs the current one, and ends other sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import connections

from pocketapi.config import link
from pocketapi.credentials import identities, passwords, sessions
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


def password_of(table: link.Table) -> link.Field | None:
    """The password field of an auth table."""
    return table.with_usage("auth_password") if table.auth else None


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


def secure(table: link.Table, condition: Typed, env: Environment, row: Posted, caller: Caller) -> Environment:
    """Prove the right to set a new password of the matching accounts and end their other sessions; its hash takes its place."""
    password = password_of(table)
    if password is None:
        return env
    slot = new_slot(password.name)
    found = _accounts(table, password, condition, env)
    if not caller.is_admin:
        _prove(table, row, [account[password.name] for account in found])
    for account in found:
        if problem := passwords.problem(env.ready[slot], identities.words(table, account)):
            raise ValidationFailed({password.name: field_error("invalid", problem)})
        sessions.end(table.name, account[table.uid.name], but=caller.principal.sid)
    return replace(env, ready={**env.ready, slot: passwords.hashed(env.ready[slot])})


def end_sessions(table: link.Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """End what sessions there are under posted uids: those of a user who is gone, whose uid another one takes."""
    for row in rows if table.auth else ():
        if row.get(table.uid.name) is not None:
            sessions.end(table.name, row[table.uid.name])


def _accounts(table: link.Table, password: link.Field, condition: Typed, env: Environment) -> list[dict[str, Any]]:
    words = [field for field in table.fields.values() if field.spec.usage in identities.WORDS]
    columns = [field.column for field in (table.uid, password, *words)]
    outputs = tuple(Output(column.name, ColumnRef(column.kind, column)) for column in columns)
    statement = queries.page(table, Selection(outputs), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return [dict(zip((column.name for column in columns), account, strict=True)) for account in cursor.fetchall()]


def _prove(table: link.Table, row: Posted, stored: list[str | None]) -> None:
    _, current = proofs(table)
    if current is None or not stored:
        return
    if len(stored) > 1:
        raise BadRequest("A password is changed for one record at a time.")
    if not row.current:
        raise ValidationFailed({current: REQUIRED})
    if not isinstance(row.current, str) or not passwords.verified(row.current, stored[0]):
        raise ValidationFailed({current: field_error("invalid", "This is not the current password.")})
