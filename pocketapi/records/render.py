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
from pocketapi.expressions.subqueries import Subquery, quoted
from pocketapi.expressions.typed import Operation, Output, Typed

# SQLite reads 15 digits back exactly where the power of ten is a double, too; of others it may think that they are equal.
REAL = (
    "CASE typeof({0}) WHEN 'real' THEN CASE WHEN ({0} = 0 OR abs({0}) BETWEEN 1e-7 AND 1e15)"
    " AND CAST(printf('%%!.15g', {0}) AS REAL) = {0} THEN printf('%%!.15g', {0}) ELSE pocket_real({0}) END"
    " ELSE json_quote({0}) END"
)
SQLITE_JSON = {
    Kind.NUMBER: REAL,
    Kind.BOOL: "CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END",
    Kind.JSON: "COALESCE({0}, 'null')",
    Kind.BLOB: "COALESCE('\"' || pocket_base64({0}) || '\"', 'null')",
}
BLOB = Template("{0}", "replace(encode({0}, 'base64'), E'\\n', '')")
PLAIN = (str, int, list, dict, type(None))
LIMIT = 2**63
NUMERIC = Template("{0}", "({0})::float8")


def output(value: Typed, compiler: Compiler) -> Expression:
    """A value in the primitive form in which it is read."""
    if isinstance(value, Operation) and value.name == "nest":
        return _nested(value, compiler)
    expression = compiler.value(value)
    if value.kind.is_date:
        return Fragment(TEMPLATES[f"date text {value.kind.value}"], expression)
    if value.kind is Kind.BLOB:
        return Fragment(BLOB, expression)
    return expression


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
            f"(SELECT '[' || COALESCE(group_concat(o, ','), '') || ']' FROM (SELECT {pairs} || '}}}}' AS o {rows}))",
            f"(SELECT COALESCE(json_agg(row_to_json(o)), '[]'::json) FROM (SELECT {named} {rows}) o)",
        )
    else:
        template = Template(f"(SELECT {pairs} || '}}}}' {rows})", f"(SELECT row_to_json(o) FROM (SELECT {named} {rows}) o)")
    return Subquery(template, *args)


def _written(value: Typed, compiler: Compiler) -> Expression:
    """A value of a nested record, on SQLite as JSON text."""
    return Fragment(Template(SQLITE_JSON.get(value.kind, "json_quote({0})"), "{0}"), output(value, compiler))


# By the database


def rows_sql(vendor: str, inner: str, outputs: Sequence[Output]) -> str:
    """A statement of one row over `inner`: the rows as the text between the brackets of a JSON array, and their number."""
    if vendor == "sqlite":
        return f"SELECT CAST(COALESCE(group_concat({_object(outputs)}, ','), '') AS BLOB), COUNT(*) FROM ({inner}) r"
    named = _named(outputs)
    return f"SELECT COALESCE(string_agg(row_to_json(r)::text, ','), ''), COUNT(*) FROM (SELECT {named} FROM ({inner}) i) r"


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
    named = f"(SELECT row_to_json(o)::text FROM (SELECT {_named(outputs)}) o)"
    last = ", ".join(name for name, _ in values)
    text = f'COALESCE(string_agg(CASE WHEN "$n" <= "$l" THEN {named} END, \',\' ORDER BY "$n"), \'\')'
    return f'SELECT {text}, COUNT(*), MAX(CASE WHEN "$n" = "$l" THEN json_build_array({last})::text END) {source}'


def row_sql(vendor: str, inner: str, outputs: Sequence[Output]) -> str:
    """A statement over `inner` of one column: each row as a JSON object."""
    if vendor == "sqlite":
        return f"SELECT CAST({_object(outputs)} AS BLOB) FROM ({inner}) r"
    return f"SELECT row_to_json(r)::text FROM (SELECT {_named(outputs)} FROM ({inner}) i) r"


def alias(index: int) -> str:
    """The name of an output in the inner statement: none that a column can have."""
    return f"${index}"


def _named(outputs: Sequence[Output]) -> str:
    return ", ".join(f'"{alias(index)}" AS "{item.key}"' for index, item in enumerate(outputs))


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
    return value if isinstance(value, PLAIN) else str(value)


def _read(kind: Kind, value: Any) -> Any:
    return READERS.get(kind, _as_is)(value)


def dumps(value: Any) -> bytes:
    """JSON of records and answers."""
    return orjson.dumps(value)


def _as_is(value: Any) -> Any:
    return value


def _number(value: Any) -> Any:
    if value is None or isinstance(value, int):
        return value
    value = float(value)
    return value if math.isfinite(value) else None


def _bool(value: Any) -> bool | None:
    return None if value is None else bool(value)


def _json(value: Any) -> Any:
    """JSON text as it is; PostgreSQL's driver has parsed `json` (not jsonb) already."""
    return orjson.Fragment(value) if isinstance(value, str | bytes) else value


def _blob(value: Any) -> str | None:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


READERS: dict[Kind, Callable[[Any], Any]] = {Kind.NUMBER: _number, Kind.BOOL: _bool, Kind.JSON: _json, Kind.BLOB: _blob}
