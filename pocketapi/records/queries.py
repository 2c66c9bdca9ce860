"""Selections and conditions to SQL, through Django's own compiler."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import connections, transaction
from django.db.models import F
from django.db.models.expressions import Expression, OrderBy
from django.db.models.sql import Query
from django.db.models.sql.where import AND

from pocketapi.config import link
from pocketapi.expressions.compile import Compiler, Fragment
from pocketapi.expressions.fold import TRUE
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.nesting import is_nested
from pocketapi.expressions.order import ordering
from pocketapi.expressions.selection import Selection, is_aggregate
from pocketapi.expressions.templates import Template
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Ordering, Output, Typed, columns_of
from pocketapi.records import render
from pocketapi.records.plans import Statement
from pocketapi.tables.table import model_of
from pocketapi.tables.turns import turn

DATABASE = "default"
MOST_PARTS = 4
NULL = Template("NULL", "NULL::text")  # PostgreSQL groups by no constant without a type
COUNT = Operation(Kind.INTEGER, "agg:count", ())


def vendor() -> str:
    """Which database it is: sqlite or postgresql."""
    return connections[DATABASE].vendor


def db_table(table: link.Table) -> str:
    """The name of a table in the database, which the model of a `model:` table says."""
    return model_of(table.name)._meta.db_table


@contextmanager
def transaction_of(several: bool) -> Iterator[None]:
    """A transaction for several statements. One is a transaction by itself, and inside another one it may fail alone."""
    connection = connections[DATABASE]
    inside = connection.in_atomic_block
    whole = transaction.atomic(DATABASE) if several or inside else nullcontext()
    with nullcontext() if inside else turn(connection), whole:
        yield


def query_of(table: link.Table, condition: Typed) -> Query:
    """A query over a table's rows that fulfil a folded condition."""
    query = Query(model_of(table.name))
    query.default_ordering = False  # an existing model may have one
    restrict(query, condition)
    return query


def restrict(query: Query, condition: Typed) -> None:
    """Add a folded condition to a query's WHERE."""
    if condition != TRUE:
        query.where.add(Compiler().condition(condition).resolve_expression(query), AND)


def page(table: link.Table, selection: Selection, condition: Typed) -> Statement:
    """The rows of a selection in their order, without limit."""
    query = query_of(table, condition)
    compiler = Compiler()
    for index, output in enumerate(selection.outputs):
        query.add_annotation(_grouped(render.output(output.value, compiler), output.value, selection), render.alias(index))
    query.default_cols = False
    query.distinct = selection.distinct
    if selection.group is not None:
        query.group_by = tuple(
            _grouped(compiler.value(value), value, selection).resolve_expression(query) for value in selection.group
        )
    query.add_ordering(*(_ordering(item, selection, compiler) for item in order_of(table, selection)))
    return compiled(query)


def _ordering(item: Ordering, selection: Selection, compiler: Compiler) -> OrderBy:
    """An item of the order; an aggregate is named by its output, since Django computes aggregates where they are selected."""
    values = [output.value for output in selection.outputs]
    if not is_aggregate(item.value) or item.value not in values:
        return ordering(item, compiler)
    return OrderBy(F(render.alias(values.index(item.value))), descending=item.descending, nulls_last=True)


def _grouped(expression: Expression, value: Typed, selection: Selection) -> Expression:
    """Rows are grouped and made distinct by their bytes, whatever the column's collation."""
    if isinstance(value, Const) and value.is_null:
        return Fragment(NULL)
    binary = not (selection.collapsed and isinstance(value, ColumnRef) and value.column.collation != "BINARY")
    return expression if binary else Compiler().collated(expression, "BINARY")


def order_of(table: link.Table, selection: Selection) -> tuple[Ordering, ...]:
    """The order of a selection's rows: the primary key breaks ties where a row of the answer is one of the table."""
    key = table.primary.column
    order = tuple(item for item in selection.order if not isinstance(item.value, Const))
    named = any(isinstance(item.value, ColumnRef) and item.value.column == key for item in order)
    if selection.collapsed or named:
        return order
    return (*order, Ordering(ColumnRef(key.kind, key)))


def count(table: link.Table, selection: Selection, condition: Typed) -> Statement:
    """How many rows a selection has in all."""
    if selection.aggregated and selection.group is None:
        return Statement("SELECT 1")
    if selection.collapsed:
        rows = page(table, Selection(selection.outputs, selection.group, (), selection.aggregated, selection.distinct), condition)
        return Statement(f"SELECT COUNT(*) FROM ({rows.sql}) c", rows.params)
    parts = [_count(table, part) for part in disjoint(table, condition)]
    if len(parts) == 1:
        return parts[0]
    return Statement(
        f"SELECT {' + '.join(f'({part.sql})' for part in parts)}", tuple(param for part in parts for param in part.params)
    )


def _count(table: link.Table, condition: Typed) -> Statement:
    query = query_of(table, condition)
    query.add_annotation(Compiler().value(COUNT), render.alias(0))
    query.default_cols = False
    return compiled(query)


def disjoint(table: link.Table, condition: Typed) -> list[Typed]:
    """Conditions that no row shares and that hold together where the given one does.

    An OR whose parts each have an index is counted part by part, since a database that joins their rows visits each of them.
    """
    every = condition.args if isinstance(condition, Operation) and condition.name == "and" else (condition,)
    choice = next((part for part in every if isinstance(part, Operation) and part.name == "or"), None)
    if choice is None or len(choice.args) > MOST_PARTS or not all(columns_of(part) & table.indexed for part in choice.args):
        return [condition]
    rest = tuple(part for part in every if part is not choice)
    parts: list[Typed] = []
    for index, part in enumerate(choice.args):
        others = tuple(Operation(Kind.BOOL, "not", (other,)) for other in choice.args[:index])
        parts.append(Operation(Kind.BOOL, "and", (*rest, part, *others)))
    return parts


def compiled(query: Query) -> Statement:
    """A query's own SQL and parameters."""
    sql, params = query.get_compiler(connection=connections[DATABASE]).as_sql()
    return Statement(sql, tuple(params))


def outputs_sql(table: link.Table, outputs: Sequence[Output]) -> Statement:
    """The columns of RETURNING."""
    query = Query(model_of(table.name))
    query.get_initial_alias()
    compiler = query.get_compiler(connection=connections[DATABASE])
    parts: list[str] = []
    params: list[Any] = []
    for output in outputs:
        sql, values = compiler.compile(render.output(output.value, Compiler()).resolve_expression(query))
        parts.append(f"({sql})::text" if is_nested(output.value) and vendor() == "postgresql" else sql)
        params.extend(values)
    return Statement(", ".join(parts), tuple(params))
