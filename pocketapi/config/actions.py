"""Actions: one of sql and steps, statements about tables that are there, parameters that are declared."""

from __future__ import annotations

from typing import Any

from pocketapi.config.link import Action
from pocketapi.config.properties import Known
from pocketapi.config.report import Path, Report
from pocketapi.config.rules import CALLER, expression
from pocketapi.config.sql_statements import check_statement
from pocketapi.config.statements import Action as Spec
from pocketapi.config.steps import check_step
from pocketapi.expressions.scope import Scope

KINDS = {"string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,)}


def link_action(spec: Spec, path: Path, known: Known, report: Report) -> Action:
    """One action with its guard understood; reports what is wrong in it."""
    if (spec.sql is None) == (spec.steps is None):
        told = "has both" if spec.sql is not None else "has neither"
        report.error("E010", path, f"An action has either sql or steps; `{spec.name}` {told}.")
    for name, param in spec.params.items():
        if param.default is not None and not fits(param.default, param.type):
            report.error("E010", (*path, "params", name, "default"), f"The default is no {param.type}.")
    params = frozenset(spec.params)
    for index, statement in enumerate(spec.sql or []):
        check_statement(statement, _numbered((*path, "sql"), index, report), known, params, report)
    for index, step in enumerate(spec.steps or []):
        check_step(step, _numbered((*path, "steps"), index, report), known, params, report)
    guard = None
    if spec.guard is not None:
        scope = Scope(spec.name, {}, CALLER | {"params"}, params, rows=known.rows, tables=tuple(known.tables))
        guard = expression(spec.guard, scope, (*path, "guard"), report)
    return Action(spec, guard)


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a parameter's type."""
    return isinstance(value, KINDS[kind]) and isinstance(value, bool) == (kind == "boolean")


def _numbered(path: Path, index: int, report: Report) -> Path:
    """A statement's path: an only one may stand without a list."""
    return (*path, index) if (*path, index) in report.places.keys else path
