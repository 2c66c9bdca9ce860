"""Actions: one of sql and steps, statements about tables that are there, parameters that are declared."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pocketapi.config.references import named
from pocketapi.config.report import Path, Report
from pocketapi.config.rules import CALLER, expression, syntax
from pocketapi.config.statements import Action, SqlStatement, Step
from pocketapi.expressions import nodes
from pocketapi.expressions.scope import Scope

PLACEHOLDER = re.compile(r"\{:(\w*)\}")
KINDS = {"string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,)}


def check_action(action: Action, path: Path, tables: Mapping[str, object], report: Report) -> None:
    """Reports what is wrong in one action."""
    if (action.sql is None) == (action.steps is None):
        told = "has both" if action.sql is not None else "has neither"
        report.error("E010", path, f"An action has either sql or steps; `{action.name}` {told}.")
    params = {*action.params}
    for name, param in action.params.items():
        if param.default is not None and not _fits(param.default, param.type):
            report.error("E010", (*path, "params", name, "default"), f"The default is no {param.type}.")
    if action.guard is not None:
        expression(action.guard, Scope(action.name, {}, CALLER | {"params"}, frozenset(params)), (*path, "guard"), report)
    for index, statement in enumerate(action.sql or []):
        _check_statement(statement, _numbered((*path, "sql"), index, report), tables, params, report)
    for index, step in enumerate(action.steps or []):
        _check_step(step, _numbered((*path, "steps"), index, report), tables, params, report)


def _fits(value: Any, kind: str) -> bool:
    return isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind == "boolean")


def _numbered(path: Path, index: int, report: Report) -> Path:
    """A statement's path: an only one may stand without a list."""
    return (*path, index) if (*path, index) in report.places.keys else path


def _check_statement(
    statement: SqlStatement, path: Path, tables: Mapping[str, object], params: Collection[str], report: Report
) -> None:
    for name, table in (("table", statement.table), ("from", statement.from_)):
        if table is not None and table not in tables:
            report.error("E005", (*path, name), named(table, tables, "table"))
    if statement.type == "QUERY" and statement.q is None:
        report.error("E010", path, "A QUERY needs `q`, its SQL.")
    if statement.type != "QUERY" and statement.table is None and statement.from_ is None:
        report.error("E010", path, f"This {statement.type} needs a `table`.")
    for at, text in _texts(statement.model_dump(by_alias=True), path):
        for found in PLACEHOLDER.finditer(text):
            if found[1] not in params:
                report.error("E010", at, f"The parameter `{found[1]}` is not declared: add it to the action's params.")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, index))


def _check_step(step: Step, path: Path, tables: Mapping[str, object], params: Collection[str], report: Report) -> None:
    if step.table not in tables:
        report.error("E005", (*path, "table"), named(step.table, tables, "table"))
    texts: dict[Path, Any] = {("where",): step.where}
    texts |= {("set", name): text for name, text in (step.set or {}).items()}
    texts |= {("expr", name): text for name, text in (step.expr or {}).items()}
    for rest, text in texts.items():
        if not isinstance(text, str):
            continue
        tree = syntax(text, (*path, *rest), report)
        for node in nodes.walk(tree) if tree else ():
            if isinstance(node, nodes.Name) and node.parts[0] == "params" and len(node.parts) > 1 and node.parts[1] not in params:
                told = f"The parameter `{node.parts[1]}` is not declared: add it to the action's params."
                report.error("E010", (*path, *rest), told, node.position)
