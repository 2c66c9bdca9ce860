"""Statements in SQL: tables and columns that are there, parameters that are declared, quotes that end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pocketapi.config.link import Table
from pocketapi.config.properties import SQL_NEEDS, SQL_PROPERTIES, Known, check_properties
from pocketapi.config.references import named
from pocketapi.config.report import Path, Report
from pocketapi.config.sql import SqlError, fragment, parse
from pocketapi.config.statements import SqlSelect, SqlStatement


def check_statement(statement: SqlStatement, path: Path, known: Known, params: frozenset[str], report: Report) -> None:
    """Reports what is wrong in one statement."""
    for name, given in (("table", statement.table), ("from", statement.from_)):
        if given is not None and given not in known.tables:
            report.error("E005", (*path, name), named(given, known.tables, "table"))
    if statement.type == "QUERY" and statement.q is None:
        report.error("E010", path, "A QUERY needs `q`, its SQL.")
    if statement.type != "QUERY" and statement.table is None and statement.from_ is None:
        report.error("E010", path, f"This {statement.type} needs a `table`.")
    check_properties(statement, path, SQL_PROPERTIES, SQL_NEEDS, report)
    for at, value in fragments_of(statement):
        _check_fragment(value, (*path, *at), params, report, whole=at == ())
    table = statement.table or statement.from_ or ""
    if table in known.sure and table in known.tables:
        _check_columns(statement, path, known.tables[table], report)


def fragments_of(statement: SqlStatement) -> Iterator[tuple[Path, Any]]:
    """Every place of a statement where SQL may stand; a QUERY's own has the empty path."""
    if statement.q is not None:
        yield (), {"q": statement.q, "p": statement.p or {}}
    for name, given in _single_and_listed(statement):
        if isinstance(given, list):
            yield from (((name, index), value) for index, value in enumerate(given))
        elif given is not None:
            yield (name,), given
    for name, items in (("selects", statement.selects), ("returning", statement.returning)):
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, SqlSelect):
                yield (name, index), {"q": item.q, "p": item.p or {}}
    yield from ((("set", name), value) for name, value in (statement.set or {}).items())
    for index, row in enumerate(rows_of(statement)):
        at: Path = ("values", index) if isinstance(statement.values, list) else ("values",)
        yield from (((*at, name), value) for name, value in row.items())


def _single_and_listed(statement: SqlStatement) -> tuple[tuple[str, Any], ...]:
    return (
        ("where", statement.where),
        ("having", statement.having),
        ("limit", statement.limit),
        ("offset", statement.offset),
        ("orderBy", statement.order_by),
        ("groupBy", statement.group_by),
    )


def rows_of(statement: SqlStatement) -> list[dict[str, Any]]:
    """The rows of an INSERT."""
    values = statement.values
    return values if isinstance(values, list) else [values] if values is not None else []


def _check_fragment(value: Any, path: Path, params: frozenset[str], report: Report, whole: bool) -> None:
    try:
        found = fragment(value)
    except SqlError as error:
        report.error("E010", path, str(error))
        return
    for vendor, text in found.texts.items():
        inner: Path = ("q", vendor) if vendor else ("q",)
        at = (*path, *inner) if isinstance(value, dict) else path
        try:
            names = parse(text, whole).names
        except SqlError as error:
            report.error("E010", at, str(error), error.position)
            continue
        for name in names:
            if name not in params and name not in found.values:
                told = f"The parameter `{name}` is not declared: add it to the action's params."
                report.error("E010", at, told, text.index(f"{{:{name}}}"))


def _check_columns(statement: SqlStatement, path: Path, table: Table, report: Report) -> None:
    rows = [] if statement.values is None else rows_of(statement)
    for at in [("set", name) for name in statement.set or {}] + [("values", name) for row in rows for name in row]:
        where = (*path, *at) if not isinstance(statement.values, list) else (*path, "values")
        _check_column(at[1], where, table, report, written=True)
    for name, items in (("selects", statement.selects), ("returning", statement.returning)):
        for item in listed(items):
            column = item if isinstance(item, str) else item.q
            if isinstance(item, str) and item != "*":
                _check_column(item, (*path, name), table, report, written=False)
            elif isinstance(column, str) and column.strip() in table.fields:
                _check_column(column.strip(), (*path, name), table, report, written=False)


def listed(items: str | list[str | SqlSelect] | None) -> list[str | SqlSelect]:
    """Items of selects or returning; a text is parted at its commas."""
    return [item.strip() for item in items.split(",")] if isinstance(items, str) else items or []


def _check_column(name: str, path: Path, table: Table, report: Report, written: bool) -> None:
    field = table.fields.get(name)
    if field is None:
        hint = "" if written or name.isidentifier() else " An expression is `{q: SQL, as: name}`."
        report.error("E005", path, named(name, table.fields, "column", f" in {table.name}") + hint)
    elif field.column.secret:
        told = "write it in steps, which hash it" if written else "it is answered to nobody"
        report.error("E010", path, f"`{name}` holds passwords: {told}.")
