"""What `or` does about unique conflicts. Other failures are errors in every mode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connections, transaction

from pocketapi.config import link
from pocketapi.errors import Conflict, Forbidden
from pocketapi.expressions.fold import FALSE, Environment, fold
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Output, Typed
from pocketapi.records import queries, statements
from pocketapi.records.fields import in_rows
from pocketapi.records.integrity import Refused, explained, unique_groups, with_data
from pocketapi.records.read import both
from pocketapi.records.selection import Selection
from pocketapi.records.statements import Records
from pocketapi.rules.policy import rule_of
from pocketapi.rules.principal import Caller

if TYPE_CHECKING:
    from pocketapi.records.updates import Update

Row = Mapping[str, Any]
Outputs = tuple[Output, ...]


# insert


def insert_until(table: link.Table, rows: Sequence[Row], outputs: Outputs, single: bool) -> Records:
    """FAIL: keep the rows before the one in conflict; Conflict, after they are committed, names it."""
    records: Records = []
    refused: tuple[int, Refused] | None = None
    with transaction.atomic(queries.DATABASE):
        for index, row in enumerate(rows):
            try:
                with explained(table, [row]), transaction.atomic(queries.DATABASE):
                    records += statements.insert(table, [row], outputs)
            except Refused as error:
                refused = index, error
                break
        if refused and not isinstance(refused[1].error, Conflict):
            transaction.set_rollback(True, queries.DATABASE)
    if refused:
        index, error = refused
        raise with_data(error.error, in_rows({0 if single else index: error.fields}, single)) from error
    return records


def insert_replacing(table: link.Table, rows: Sequence[Row], outputs: Outputs, caller: Caller) -> Records:
    """REPLACE: delete every row in the way, if the caller may, then insert."""
    records: Records = []
    for row in rows:
        delete_in_way(table, row, caller)
        records += statements.insert(table, [row], outputs)
    return records


def delete_in_way(table: link.Table, row: Row, caller: Caller, but: Any = None) -> None:
    """Delete the rows whose unique values a new row takes; Forbidden where the deleteRule denies one. `but` is a key to keep."""
    in_way = _in_way(table, row, but)
    if in_way == FALSE:
        return
    env = Environment({}, caller.variables)
    wanted = _keys(table, in_way, env)
    if not wanted:
        return
    rule = rule_of(table, "delete", caller)
    allowed = fold(both(in_way, rule), env)
    if allowed == FALSE or _keys(table, allowed, env) != wanted:
        raise Forbidden(f"A record of {table.name} is in the way that you may not delete.")
    statements.run(statements.delete_sql(table, in_way, ()), env, ())


def _in_way(table: link.Table, row: Row, but: Any) -> Typed:
    groups = [names for names in unique_groups(table) if all(row.get(name) is not None for name in names)]
    if not groups:
        return FALSE
    same = [both(*(_equals(table, name, row[name]) for name in names)) for names in groups]
    either: Typed = same[0] if len(same) == 1 else Operation(Kind.BOOL, "or", tuple(same))
    if but is not None:
        either = both(either, Operation(Kind.BOOL, "not", (_equals(table, table.primary.name, but),)))
    return fold(either, Environment())


def _equals(table: link.Table, name: str, value: Any) -> Typed:
    column = table.columns[name]
    return Operation(Kind.BOOL, "==", (ColumnRef(column.kind, column), Const(column.kind, value)))


def _keys(table: link.Table, condition: Typed, env: Environment) -> list[Any]:
    statement = queries.page(table, Selection(key_outputs(table)), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return [row[0] for row in cursor.fetchall()]


def key_outputs(table: link.Table) -> Outputs:
    """The primary key."""
    column = table.primary.column
    return (Output(column.name, ColumnRef(column.kind, column)),)


# update


def update_each(update: Update, condition: Typed, mode: str) -> Records:
    """IGNORE and REPLACE take the rows in the order of their keys, each under a savepoint."""
    table = update.table
    records: Records = []
    for key in _keys(table, condition, update.env):
        one = fold(both(_equals(table, table.primary.name, key), condition), update.env)
        if mode == "REPLACE":
            delete_in_way(table, _new_row(update, one), update.caller, but=key)
        try:
            with explained(table, [update.values]), transaction.atomic(queries.DATABASE):
                records += update.execute(update.statement(one))
        except Refused as error:
            if mode == "REPLACE" or not isinstance(error.error, Conflict):
                raise
    return records


def _new_row(update: Update, condition: Typed) -> Row:
    """The unique values that a row will have."""
    written = {change.field.name: change.value for change in update.parts.changes}
    touched = [names for names in unique_groups(update.table) if any(name in written for name in names)]
    names = sorted({name for group in touched for name in group})
    if not names:
        return {}
    columns = update.table.columns
    outputs = tuple(Output(name, written.get(name) or ColumnRef(columns[name].kind, columns[name])) for name in names)
    statement = queries.page(update.table, Selection(outputs), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(update.env))
        rows = cursor.fetchall()
    return dict(zip(names, rows[0], strict=True)) if rows else {}
