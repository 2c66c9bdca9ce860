"""REPLACE: the rows whose unique values a written row takes are deleted, if the caller may, and the write goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction

from pocketapi.config import link, schema
from pocketapi.errors import Conflict, Forbidden
from pocketapi.expressions.fold import FALSE, TRUE, Environment, fold
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.selection import Selection
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Output, Typed
from pocketapi.files import outbox
from pocketapi.records import deletes, queries
from pocketapi.records.integrity import Refused, explained
from pocketapi.records.read import both
from pocketapi.records.statements import Records
from pocketapi.rules.policy import rule_of
from pocketapi.rules.principal import Caller

Row = Mapping[str, Any]
Outputs = tuple[Output, ...]


@dataclass(frozen=True)
class Unique:
    """Columns of which no two rows have the same values, or no two of the rows that a condition chooses."""

    columns: tuple[tuple[str, str], ...]  # name and collation
    where: Typed = TRUE
    where_sql: schema.SqlText | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)


def uniques(table: link.Table) -> Iterator[Unique]:
    """The key, and each unique column and index."""
    for name, field in table.fields.items():
        if field.spec.primary or field.spec.unique:
            yield Unique(((name, field.column.collation),))
    for index in table.indexes:
        if index.unique:
            columns = tuple((column.name, column.collate or table.columns[column.name].collation) for column in index.columns)
            yield Unique(columns, index.where.tree if index.where else TRUE, index.where_sql)


def replacing(
    table: link.Table, write: Callable[[], Records], new_row: Callable[[], Row], caller: Caller, but: Any = None
) -> Records:
    """Try a write until nothing is in its way: each conflict names the columns, and a row that has their values goes."""
    while True:
        try:
            with explained(table, [new_row()]), transaction.atomic(queries.DATABASE):
                return write()
        except Refused as refused:
            if not isinstance(refused.error, Conflict) or not _delete_in_way(table, refused.fields, new_row(), caller, but):
                raise


def _delete_in_way(table: link.Table, names: Collection[str], row: Row, caller: Caller, but: Any) -> bool:
    """Delete the rows that have a new row's values in these columns, and tell whether there were any; `but` is a key to keep.

    Forbidden where the caller may not delete one of them.
    """
    env = Environment({}, caller.variables)
    violated = [unique for unique in uniques(table) if set(unique.names) == set(names)]
    in_way = dict.fromkeys(key for unique in violated for key in _taken(table, unique, row) if key != but)
    if not in_way:
        return False
    rule = rule_of(table, "delete", caller)
    for key in in_way:
        allowed = fold(both(equals(table.primary, key), rule), env)
        if not _is_deleted(table, allowed, env) and keys(table, equals(table.primary, key), env):
            raise Forbidden(f"A record of {table.name} is in the way that you may not delete.")
    outbox.settle(table)
    return True


def _is_deleted(table: link.Table, condition: Typed, env: Environment) -> bool:
    outputs = key_outputs(table)
    return bool(deletes.run(table, deletes.statement(table, condition, outputs), env, outputs))


def _taken(table: link.Table, unique: Unique, row: Row) -> list[Any]:
    """The keys of the rows that have a new row's values in unique columns."""
    if any(row.get(name) is None for name in unique.names):
        return []
    same = [equals(table.fields[name], row[name], collation) for name, collation in unique.columns]
    condition = fold(both(*same, unique.where), Environment())
    found = keys(table, condition, Environment()) if condition != FALSE else []
    sql = unique.where_sql.of(queries.vendor()) if unique.where_sql else None
    return [key for key in found if _fulfils(table, key, sql)] if sql else found


def _fulfils(table: link.Table, key: Any, sql: str) -> bool:
    quote = connections[queries.DATABASE].ops.quote_name
    named, primary = quote(queries.db_table(table)), quote(table.primary.name)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {named} WHERE {primary} = %s AND ({sql.replace('%', '%%')})", [key])
        return cursor.fetchone() is not None


def equals(field: link.Field, value: Any, collation: str | None = None) -> Typed:
    """The condition that a field has a value that is no null, as a collation compares."""
    column = replace(field.column, collation=collation or field.column.collation)
    return Operation(Kind.BOOL, "=", (ColumnRef(column.kind, column), Const(column.kind, value)))


def keys(table: link.Table, condition: Typed, env: Environment) -> list[Any]:
    """The primary keys of the rows that fulfil a folded condition, in order."""
    statement = queries.page(table, Selection(key_outputs(table)), condition)
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return [row[0] for row in cursor.fetchall()]


def key_outputs(table: link.Table) -> Outputs:
    """The primary key."""
    column = table.primary.column
    return (Output(column.name, ColumnRef(column.kind, column)),)
