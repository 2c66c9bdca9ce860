"""INSERT, UPDATE and DELETE as finished SQL with what they answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models.expressions import Expression
from django.db.models.sql import DeleteQuery, UpdateQuery

from pocketapi.config import link
from pocketapi.expressions.compile import Fragment
from pocketapi.expressions.fold import FALSE, Environment, Outline
from pocketapi.expressions.functions import TEMPLATES, Template
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Output, Typed
from pocketapi.records import queries, render, statistics
from pocketapi.records.plans import Statement
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current, model_of

Row = Mapping[str, Any]
Records = list[dict[str, Any]]
MOST_PARAMETERS = 30_000  # SQLite takes 32,766 in one statement
STORAGE = {
    (Kind.BOOL, "integer"): Template("{0}", "({0})::int::bigint"),
    (Kind.JSON, "text"): Template("{0}", "({0})::text"),
    (Kind.TIMESTAMP, "text"): TEMPLATES["date text timestamp"],
}
INSERTS: Cache[Insertion] = Cache()


def stored(value: Expression, field: link.Field) -> Expression:
    """A value of a column's kind as the column stores it."""
    template = STORAGE.get((field.column.kind, field.column.storage))
    return Fragment(template, value) if template else value


def adapted(field: link.Field, value: Any) -> Any:
    """A value in the database's form as a parameter for its column."""
    return int(value) if field.column.kind is Kind.BOOL and field.column.storage == "integer" and value is not None else value


def insert(
    table: link.Table, rows: Sequence[Row], outputs: Sequence[Output], env: Environment | None = None, ignore: bool = False
) -> Records:
    """Insert rows in their order; answer what `outputs` say of each that was inserted."""
    found: Records = []
    env = env or Environment()
    read = Outline.of(output.value for output in outputs if not isinstance(output.value, ColumnRef)).key(env)
    for group in _groups(rows):
        columns = tuple(group[0])
        key = (table.name, columns, outputs, read, ignore, queries.vendor())
        prepared = INSERTS.get(current(), key, lambda: _insert_sql(table, columns, outputs, ignore))  # noqa: B023 - called at once
        fields = [table.fields[name] for name in columns]
        params = [adapted(field, row[field.name]) for row in group for field in fields]
        found += run(Statement(prepared.sql(len(group)), (*params, *prepared.params)), env, outputs)
    statistics.wrote(table.name, len(rows))
    return found


def parts(rows: Sequence[Row]) -> int:
    """How many statements it takes to insert rows."""
    return len(_groups(rows))


def _groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows of the same columns that follow each other, as many as one statement takes."""
    groups: list[list[Row]] = []
    for row in rows:
        most = MOST_PARAMETERS // len(row) if row else 1
        if groups and groups[-1][0].keys() == row.keys() and len(groups[-1]) < most:
            groups[-1].append({name: row[name] for name in groups[-1][0]})
        else:
            groups.append([row])
    return groups


@dataclass(frozen=True)
class Insertion:
    """An INSERT before and after its rows, what each row is, and the parameters that follow the rows'."""

    head: str
    row: str
    tail: str
    params: tuple[Any, ...]

    def sql(self, count: int) -> str:
        return f"{self.head}{', '.join([self.row] * count)}{self.tail}"


def _insert_sql(table: link.Table, columns: Sequence[str], outputs: Sequence[Output], ignore: bool) -> Insertion:
    quote = connections[queries.DATABASE].ops.quote_name
    into = f"INSERT INTO {quote(queries.db_table(table))} "
    values = f"({', '.join(map(quote, columns))}) VALUES " if columns else "DEFAULT VALUES"
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    returning = _returning(table, outputs)
    row = f"({', '.join(['%s'] * len(columns))})" if columns else ""
    return Insertion(into + values, row, f"{conflict}{returning.sql}", returning.params)


def _returning(table: link.Table, outputs: Sequence[Output]) -> Statement:
    if not outputs:
        return Statement("")
    found = queries.outputs_sql(table, outputs)
    return Statement(f" RETURNING {found.sql}", found.params)


@dataclass(frozen=True)
class Change:
    """One column of an update and its new value."""

    field: link.Field
    value: Typed


def update_sql(
    table: link.Table,
    changes: Sequence[Change],
    condition: Typed,
    outputs: Sequence[Output],
    guard: Callable[[Change], Expression],
) -> Statement:
    """An update of the rows that fulfil a folded condition; `guard` gives each change's value."""
    model = model_of(table.name)
    query = UpdateQuery(model)
    queries.restrict(query, condition)
    query.add_update_fields(
        [(model._meta.get_field(change.field.name), None, stored(guard(change), change.field)) for change in changes]
    )
    return _with_returning(query, table, outputs)


def delete_sql(table: link.Table, condition: Typed, outputs: Sequence[Output]) -> Statement:
    """A delete of the rows that fulfil a folded condition; empty where no row can."""
    if condition == FALSE:
        return Statement("")
    query = DeleteQuery(model_of(table.name))
    query.get_initial_alias()
    queries.restrict(query, condition)
    return _with_returning(query, table, outputs)


def _with_returning(query: Any, table: link.Table, outputs: Sequence[Output]) -> Statement:
    sql, params = query.get_compiler(connection=connections[queries.DATABASE]).as_sql()
    returning = _returning(table, outputs)
    return Statement(sql + returning.sql, (*params, *returning.params))


def run(statement: Statement, env: Environment, outputs: Sequence[Output]) -> Records:
    """Run a statement; answer its rows as records."""
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return [render.record(row, outputs) for row in cursor.fetchall()] if outputs else []
