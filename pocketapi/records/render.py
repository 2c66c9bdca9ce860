"""Rows to JSON: by the database where it can, else here, with the same answer.

An output's value has one primitive form a kind: dates are text, JSON is JSON text on SQLite and jsonb on PostgreSQL.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

import orjson
from django.db.models.expressions import Expression

from pocketapi.conf import settings
from pocketapi.expressions.compile import Compiler, Fragment
from pocketapi.expressions.dates import format_date
from pocketapi.expressions.functions import TEMPLATES, Template
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.literals import number_text
from pocketapi.expressions.subqueries import Subquery, quoted
from pocketapi.expressions.typed import Operation, Output, Typed

# SQLite reads 15 digits back exactly where the power of ten is a double, too; of others it may think that they are equal.
REAL = (
    "CASE typeof({0}) WHEN 'real' THEN CASE WHEN ({0} = 0 OR abs({0}) BETWEEN 1e-7 AND 1e15)"
    " AND CAST(printf('%%.15g', {0}) AS REAL) = {0} THEN printf('%%.15g', {0}) ELSE pocket_real({0}) END"
    " ELSE json_quote({0}) END"
)
PLAIN = (1e-4, 1e15)  # numbers that orjson writes as both databases do, from the first on and below the second
SQLITE_JSON = {
    Kind.NUMBER: REAL,
    Kind.BOOL: "CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
    Kind.JSON: "COALESCE({0}, 'null')",
    Kind.BLOB: "COALESCE('\"' || pocket_base64({0}) || '\"', 'null')",
}
ROW = '"$row"'  # a whole row, by a name that no column and no key of an answer has
POSTGRESQL_JSON = {Kind.NUMBER: "({0} + 0)"}  # no zero has a sign
BLOB = Template("{0}", "replace(encode({0}, 'base64'), E'\\n', '')")
AS_THEY_ARE = (str, int, list, dict, type(None))
LIMIT = 2**63
NUMERIC = Template("{0}", "({0})::float8")


def output(value: Typed, compiler: Compiler) -> Expression:
    """A value in the primitive form in which it is read."""
    if isinstance(value, Operation) and value.name == "nest":
        return _nested(value, compiler)
    return primitive(compiler.value(value), value.kind)


def primitive(expression: Expression, kind: Kind) -> Expression:
    """An expression of a kind in the form in which it is read."""
    if kind.is_date:
        return Fragment(TEMPLATES[f"date text {kind.value}"], expression)
    return Fragment(BLOB, expression) if kind is Kind.BLOB else expression


def _nested(value: Operation, compiler: Compiler) -> Expression:
    """Nested records as JSON: an object, or a list in the order of the primary key."""
    condition, *values = value.args
    source, shape = value.detail
    rows = f"FROM {quoted(source.table)} {quoted(source.alias)} WHERE {{0}}"
    if shape.many:
        rows += f" ORDER BY {quoted(source.alias)}.{quoted(shape.primary)} LIMIT {settings.MAX_LIMIT}"
    pairs = " || ".join(f"'{',' if index > 1 else '{'}\"{key}\":' || {{{index}}}" for index, key in enumerate(shape.keys, 1))
    named = ", ".join(f'{{{index}}} AS "{key}"' for index, key in enumerate(shape.keys, 1))
    args = (compiler.condition(condition), *(_written(each, compiler) for each in values))
    if shape.many:
        template = Template(
            f"(SELECT '[' || COALESCE(group_concat({ROW}, ','), '') || ']' FROM (SELECT {pairs} || '}}}}' AS {ROW} {rows}))",
            f"(SELECT COALESCE(json_agg(row_to_json({ROW})), '[]'::json) FROM (SELECT {named} {rows}) {ROW})",
        )
    else:
        whole = f"(SELECT row_to_json({ROW}) FROM (SELECT {named} {rows}) {ROW})"
        template = Template(f"(SELECT {pairs} || '}}}}' {rows})", whole)
    return Subquery(template, *args)


def _written(value: Typed, compiler: Compiler) -> Expression:
    """A value of a nested record, on SQLite as JSON text."""
    sqlite, postgresql = SQLITE_JSON.get(value.kind, "json_quote({0})"), POSTGRESQL_JSON.get(value.kind, "{0}")
    return Fragment(Template(sqlite, postgresql), output(value, compiler))


# By the database


def rows_sql(vendor: str, inner: str, outputs: Sequence[Output]) -> str:
    """A statement of one row over `inner`: the rows as the text between the brackets of a JSON array, and their number."""
    if vendor == "sqlite":
        return f"SELECT CAST(COALESCE(group_concat({_object(outputs)}, ','), '') AS BLOB), COUNT(*) FROM ({inner}) {ROW}"
    named = _named(outputs)
    whole = f"row_to_json({ROW})::text"
    return f"SELECT COALESCE(string_agg({whole}, ','), ''), COUNT(*) FROM (SELECT {named} FROM ({inner}) i) {ROW}"


def part_sql(vendor: str, inner: str, outputs: Sequence[Output], keys: Sequence[Output]) -> str:
    """As rows_sql, of the first rows of a longer page: it takes how many to read, and how many of them to answer.

    The third column is the JSON array of `keys`, which stand behind the outputs, of the last row that is answered.
    """
    rows = f'SELECT i.*, row_number() OVER () AS "$n" FROM ({inner} LIMIT %s) i'
    source = f'FROM ({rows}) r CROSS JOIN (SELECT %s AS "$l") l'
    values = [(f'"{alias(index)}"', item.value.kind) for index, item in enumerate(keys, len(outputs))]
    if vendor == "sqlite":
        last = " || ',' || ".join(SQLITE_JSON.get(kind, "json_quote({0})").replace("{0}", name) for name, kind in values)
        text = f"CAST(COALESCE(group_concat(CASE WHEN \"$n\" <= \"$l\" THEN {_object(outputs)} END, ','), '') AS BLOB)"
        return f"SELECT {text}, COUNT(*), MAX(CASE WHEN \"$n\" = \"$l\" THEN '[' || {last} || ']' END) {source}"
    named = f"(SELECT row_to_json({ROW})::text FROM (SELECT {_named(outputs)}) {ROW})"
    last = ", ".join(name for name, _ in values)
    text = f'COALESCE(string_agg(CASE WHEN "$n" <= "$l" THEN {named} END, \',\' ORDER BY "$n"), \'\')'
    return f'SELECT {text}, COUNT(*), MAX(CASE WHEN "$n" = "$l" THEN json_build_array({last})::text END) {source}'


def row_sql(vendor: str, inner: str, outputs: Sequence[Output]) -> str:
    """A statement over `inner` of one column: each row as a JSON object."""
    if vendor == "sqlite":
        return f"SELECT CAST({_object(outputs)} AS BLOB) FROM ({inner}) {ROW}"
    return f"SELECT row_to_json({ROW})::text FROM (SELECT {_named(outputs)} FROM ({inner}) i) {ROW}"


def alias(index: int) -> str:
    """The name of an output in the inner statement: none that a column can have."""
    return f"${index}"


def _named(outputs: Sequence[Output]) -> str:
    named = []
    for index, item in enumerate(outputs):
        value = POSTGRESQL_JSON.get(item.value.kind, "{0}").replace("{0}", f'"{alias(index)}"')
        named.append(f'{value} AS "{item.key}"')
    return ", ".join(named)


def _object(outputs: Sequence[Output]) -> str:
    pairs = []
    for index, item in enumerate(outputs):
        value = SQLITE_JSON.get(item.value.kind, "json_quote({0})").replace("{0}", f'"{alias(index)}"')
        pairs.append(f"'{',' if index else '{'}\"{item.key}\":' || {value}")
    return " || ".join(pairs) + " || '}'"


# By Python


def record(row: Sequence[Any], outputs: Sequence[Output]) -> dict[str, Any]:
    """A row of primitive values as a JSON-like object."""
    return {item.key: _read(item.value.kind, value) for item, value in zip(outputs, row, strict=True)}


def posted(row: Sequence[Any], outputs: Sequence[Output]) -> dict[str, Any]:
    """A row of primitive values as a caller would post it: JSON stays text."""
    kinds = [(item.key, item.value.kind) for item in outputs]
    return {key: value if kind is Kind.JSON else _read(kind, value) for (key, kind), value in zip(kinds, row, strict=True)}


def plain(value: Any, kind: Kind | None = None) -> Any:
    """A value as a driver gives it, of a column's kind or of none that is known."""
    if isinstance(value, date | time):
        return format_date(value)
    if isinstance(value, memoryview):
        value = bytes(value)
    if kind is not None:
        return _read(kind, value)
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() and abs(value) < LIMIT else _number(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, bytes):
        return _blob(value)
    return value if isinstance(value, AS_THEY_ARE) else str(value)


def _read(kind: Kind, value: Any) -> Any:
    return READERS.get(kind, _as_is)(value)


class Real(float):
    """A number that the databases write with an exponent."""


def dumps(value: Any) -> bytes:
    """JSON of records and answers."""
    return orjson.dumps(value, default=_written_real)


def _written_real(value: Any) -> orjson.Fragment:
    if not isinstance(value, Real):
        raise TypeError(f"{type(value)} is no part of an answer.")
    return orjson.Fragment(number_text(value))


def _as_is(value: Any) -> Any:
    return value


def _number(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    value = float(value)
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < PLAIN[1]:
        return int(value)
    return value if PLAIN[0] <= abs(value) < PLAIN[1] else Real(value)


def _bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _json(value: Any) -> Any:
    """JSON text as it is; what a driver has parsed is a value already."""
    return orjson.Fragment(value) if isinstance(value, str | bytes) else value


def _blob(value: Any) -> str | None:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


READERS: dict[Kind, Callable[[Any], Any]] = {Kind.NUMBER: _number, Kind.BOOL: _bool, Kind.JSON: _json, Kind.BLOB: _blob}
