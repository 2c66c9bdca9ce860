"""INSERT, UPDATE and DELETE as finished SQL with what they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.models import F
from django.db.models.expressions import Expression
from django.db.models.sql import DeleteQuery, UpdateQuery

from pocketapi.config import link
from pocketapi.expressions.compile import Fragment
from pocketapi.expressions.fold import FALSE, Environment
from pocketapi.expressions.forms import FORMS, as_stored
from pocketapi.expressions.functions import TEMPLATES, Template
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.rows import Source, Step, reads_rows
from pocketapi.expressions.selection import Answer, Selection, folded
from pocketapi.expressions.typed import Operation, Output, Typed, columns_of, walk
from pocketapi.records import queries, render, statistics
from pocketapi.records.plans import Statement
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current, model_of
from pocketapi.tables.triggers import is_after

Row = Mapping[str, Any]
Records = list[dict[str, Any]]
MOST_PARAMETERS = 30_000  # SQLite takes 32,766 in one statement
STORAGE = {
    (Kind.BOOL, "integer"): Template("{0}", "({0})::int::bigint"),
    (Kind.JSON, "text"): Template("{0}", "({0})::text"),
    (Kind.TIMESTAMP, "text"): TEMPLATES["date text timestamp"],
    (Kind.NUMBER, "numeric"): Template("{0}", "({0})::float8::text::numeric"),  # which a cast by itself rounds to 15 digits
}
INSERTS: Cache[Insertion] = Cache()


def stored(value: Expression, field: link.Field) -> Expression:
    """A value of a column's kind as the column stores it."""
    form = FORMS.get(field.column.form)
    template = form.write if form else STORAGE.get((field.column.kind, field.column.storage))
    return Fragment(template, value) if template else value


def adapted(field: link.Field, value: Any) -> Any:
    """A value in the database's form as a parameter for its column."""
    if field.column.kind is Kind.BOOL and field.column.storage == "integer" and value is not None:
        return int(value)
    return as_stored(field.column.form, value) if field.column.form else value


def insert(
    table: link.Table, rows: Sequence[Row], outputs: Sequence[Output], env: Environment | None = None, ignore: bool = False
) -> Records:
    """Insert rows in their order; answer what `outputs` say of each that was inserted."""
    found: Records = []
    env = env or Environment()
    outputs = outputs if isinstance(outputs, Answer) else Answer.of(outputs)
    read = outputs.outline.key(env)
    for group in _groups(rows):
        columns = tuple(group[0])
        key = (table.name, columns, outputs, read, ignore, queries.vendor())
        prepared = INSERTS.get(current(), key, lambda: _insert_sql(table, columns, folded(outputs, env), ignore))  # noqa: B023 - called at once
        fields = [table.fields[name] for name in columns]
        params = [adapted(field, row[field.name]) for row in group for field in fields]
        found += run(_answering(prepared.sql(len(group)), (*params, *prepared.params), prepared.again), env, outputs)
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
    again: Statement | None

    def sql(self, count: int) -> str:
        return f"{self.head}{', '.join([self.row] * count)}{self.tail}"


def _insert_sql(table: link.Table, columns: Sequence[str], outputs: Sequence[Output], ignore: bool) -> Insertion:
    quote = connections[queries.DATABASE].ops.quote_name
    into = f"INSERT INTO {quote(queries.db_table(table))} "
    values = f"({', '.join(map(quote, columns))}) VALUES " if columns else "DEFAULT VALUES"
    conflict = " ON CONFLICT DO NOTHING" if ignore else ""
    again = _again(table, outputs)
    returning = _returning(table, outputs, again)
    row = f"({', '.join(['%s'] * len(columns))})" if columns else ""
    return Insertion(into + values, row, f"{conflict}{returning.sql}", returning.params, again)


@dataclass(frozen=True, slots=True)
class Rereading(Statement):
    """A statement that answers keys: rows change after it, so that `again` reads those of the keys as they are then."""

    again: Statement | None = None


@dataclass(frozen=True, slots=True)
class Foreseeing(Statement):
    """A statement that answers nothing: `before` has read what it would."""

    before: Statement | None = None


def _answering(sql: str, params: tuple[Any, ...], again: Statement | None) -> Statement:
    return Rereading(sql, params, again) if again else Statement(sql, params)


def _again(table: link.Table, outputs: Sequence[Output], updating: bool = False) -> Statement | None:
    """The answer's SELECT up to the list of keys, where triggers or the statement itself change what it reads."""
    if not outputs or not (table.triggers or _is_searched(outputs) or _reads_changed(table, outputs, updating)):
        return None
    quote = connections[queries.DATABASE].ops.quote_name
    found, key = queries.outputs_sql(table, outputs), quote(table.primary.name)
    return Statement(f"SELECT {key}, {found.sql} FROM {quote(queries.db_table(table))} WHERE {key} IN ", found.params)


def _reads_changed(table: link.Table, outputs: Sequence[Output], updating: bool) -> bool:
    """Whether an answer reads rows that its statement changes: others that it wrote, or, updating, what its cascades did."""
    others = _tables_read(output.value for output in outputs)
    return queries.db_table(table) in others or (updating and (bool(others) or _is_stamped_later(table, outputs)))


def _tables_read(values: Iterable[Typed]) -> set[str]:
    """The tables whose rows values read beside their own row."""
    parts = (part for value in values for part in walk(value) if reads_rows(part))
    return {each.table for part in parts for each in part.detail if isinstance(each, Step | Source)}


def _is_searched(outputs: Sequence[Output]) -> bool:
    """Whether the answer searches the rows, which SQLite's triggers index once they are written."""
    return any(isinstance(part, Operation) and part.name == "@@" for output in outputs for part in walk(output.value))


def _is_stamped_later(table: link.Table, outputs: Sequence[Output]) -> bool:
    """Whether SQLite may set a stamp of the answer after it is given: a second update in one millisecond leaves it as it was."""
    updated = table.with_usage("record_updated")
    reads = updated and any(updated.name in columns_of(output.value) for output in outputs)
    return bool(reads) and any(is_after(index, queries.vendor()) for index in model_of(table.name)._meta.indexes)


def _returning(table: link.Table, outputs: Sequence[Output], again: Statement | None) -> Statement:
    if not outputs:
        return Statement("")
    if again:
        return Statement(f" RETURNING {connections[queries.DATABASE].ops.quote_name(table.primary.name)}")
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
    values = {change.field.name: stored(guard(change), change.field) for change in changes}
    again = _again(table, outputs, updating=True)
    if queries.vendor() == "sqlite" and queries.db_table(table) in _tables_read(change.value for change in changes):
        return _update_from(table, values, condition, outputs, again)
    query = UpdateQuery(model)
    queries.restrict(query, condition)
    written: Any = [(model._meta.get_field(name), None, value) for name, value in values.items()]
    query.add_update_fields(written)
    return _with_returning(query, table, outputs, again)


def _update_from(
    table: link.Table, values: Mapping[str, Expression], condition: Typed, outputs: Sequence[Output], again: Statement | None
) -> Statement:
    """For SQLite, which computes one row after the other: an update that computes all its rows before it writes the first."""
    quote = connections[queries.DATABASE].ops.quote_name
    query = queries.query_of(table, condition)
    query.add_annotation(F(table.primary.name), render.alias(len(values)))
    for index, value in enumerate(values.values()):
        query.add_annotation(value, render.alias(index))
    query.default_cols = False
    new, found, returning = queries.compiled(query), quote(queries.db_table(table)), _returning(table, outputs, again)
    changes = ", ".join(f'{quote(name)} = n."{render.alias(index)}"' for index, name in enumerate(values))
    is_row = f'{found}.{quote(table.primary.name)} = n."{render.alias(len(values))}"'
    sql = f"UPDATE {found} SET {changes} FROM ({new.sql}) n WHERE {is_row}{returning.sql}"
    return _answering(sql, (*new.params, *returning.params), again)


def delete_sql(table: link.Table, condition: Typed, outputs: Sequence[Output]) -> Statement:
    """A delete of the rows that fulfil a folded condition, which answers them as they were; empty where no row can."""
    if condition == FALSE:
        return Statement("")
    query = DeleteQuery(model_of(table.name))
    query.get_initial_alias()
    queries.restrict(query, condition)
    if queries.vendor() == "sqlite" and _tables_read(output.value for output in outputs):
        # Its RETURNING would read what cascades have left.
        gone = _with_returning(query, table, (), None)
        return Foreseeing(gone.sql, gone.params, queries.page(table, Selection(tuple(outputs)), condition))
    return _with_returning(query, table, outputs, None)


def _with_returning(query: Any, table: link.Table, outputs: Sequence[Output], again: Statement | None) -> Statement:
    sql, params = query.get_compiler(connection=connections[queries.DATABASE]).as_sql()
    returning = _returning(table, outputs, again)
    return _answering(sql + returning.sql, (*params, *returning.params), again)


def run(statement: Statement, env: Environment, outputs: Sequence[Output]) -> Records:
    """Run a statement; answer its rows as records."""
    again = statement.again if isinstance(statement, Rereading) else None
    before = statement.before if isinstance(statement, Foreseeing) else None
    whole = transaction.atomic(queries.DATABASE, savepoint=False) if again or before else nullcontext()
    with whole, connections[queries.DATABASE].cursor() as cursor:
        rows = _rows(cursor, before, env) if before else []
        cursor.execute(statement.sql, statement.bind(env))
        if outputs and not before:
            rows = cursor.fetchall()
        if again:
            rows = _reread(cursor, again, env, [key for (key,) in rows])
    return [render.record(row, outputs) for row in rows]


def _rows(cursor: Any, statement: Statement, env: Environment) -> list[Any]:
    cursor.execute(statement.sql, statement.bind(env))
    found: list[Any] = cursor.fetchall()
    return found


def _reread(cursor: Any, again: Statement, env: Environment, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of keys in their order, without those that are gone."""
    found: dict[Any, tuple[Any, ...]] = {}
    for start in range(0, len(keys), MOST_PARAMETERS):
        some = keys[start : start + MOST_PARAMETERS]
        cursor.execute(f"{again.sql}({', '.join(['%s'] * len(some))})", again.bind(env, *some))
        found |= {key: tuple(row) for key, *row in cursor.fetchall()}
    return [found[key] for key in keys if key in found]
