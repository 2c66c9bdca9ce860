"""What the statements of actions may say, and must, by their type."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pocketapi.config.link import Table
from pocketapi.config.part import Part
from pocketapi.config.report import Path, Report
from pocketapi.config.statements import SqlStatement, Step
from pocketapi.expressions.scope import Rows

RowsOf = Callable[[str], Rows | None]
MODES = ("IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK")
# What a statement may say beside its type and table, and what it must say
SQL_PROPERTIES = {
    "SELECT": ("from", "selects", "where", "orderBy", "groupBy", "having", "limit", "offset", "distinct"),
    "INSERT": ("values", "returning", "or"),
    "UPDATE": ("set", "where", "returning", "or"),
    "DELETE": ("where", "returning"),
    "QUERY": ("q", "p"),
}
STEP_PROPERTIES = {
    "SELECT": ("where", "select", "order", "sort", "group", "limit", "offset", "distinct"),
    "INSERT": ("values", "expr", "returning", "or"),
    "UPDATE": ("where", "set", "setValues", "returning", "or"),
    "DELETE": ("where", "returning"),
}
SQL_NEEDS = {"INSERT": (("values",),), "UPDATE": (("set",),)}
STEP_NEEDS = {"INSERT": (("values", "expr"),), "UPDATE": (("where",), ("set", "setValues")), "DELETE": (("where",),)}


@dataclass(frozen=True)
class Known:
    """What an action may name: tables, those of them whose columns are known for sure, and other rows."""

    tables: Mapping[str, Table]
    sure: Collection[str]
    rows: RowsOf


def check_properties(
    statement: SqlStatement | Step,
    path: Path,
    properties: Mapping[str, tuple[str, ...]],
    needs: Mapping[str, tuple[tuple[str, ...], ...]],
    report: Report,
) -> None:
    """Reports properties that a statement of its type does not have, or lacks."""
    given = {_alias(statement, name) for name in statement.model_fields_set if getattr(statement, name) is not None}
    for name in sorted(given - {"type", "table", *properties[statement.type]}):
        known = ", ".join(f"`{each}`" for each in properties[statement.type])
        report.error("E010", (*path, name), f"`{name}` has no meaning in {statement.type}, which takes {known}.")
    if statement.or_ is not None and statement.or_ not in MODES:
        report.error("E010", (*path, "or"), f"`or` is one of {', '.join(MODES)}.")
    for choice in needs.get(statement.type, ()):
        if not given.intersection(choice):
            hint = ": `where: 'true'` is every row" if choice == ("where",) else ""
            wanted = " or ".join(f"`{each}`" for each in choice)
            report.error(
                "E010",
                path,
                f"This {statement.type} needs {wanted}{hint}.",
            )


def _alias(statement: Part, name: str) -> str:
    return type(statement).model_fields[name].alias or name
