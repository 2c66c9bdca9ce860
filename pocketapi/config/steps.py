"""Steps of actions: expressions over every column of their table, and over parameters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.config.link import Field, Table
from pocketapi.config.properties import STEP_NEEDS, STEP_PROPERTIES, Known, RowsOf, check_properties
from pocketapi.config.references import named
from pocketapi.config.report import Path, Report
from pocketapi.config.statements import Step
from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar, selection
from pocketapi.expressions.check import Checker, within
from pocketapi.expressions.evaluation import is_evaluable
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.meeting import assigned, coerce
from pocketapi.expressions.scope import Column, Scope
from pocketapi.expressions.typed import Typed, Variable

STEP = frozenset({"auth", "params"})
NO_COLUMNS: Mapping[str, Column] = {}


def amount(text: str, scope: Scope) -> Typed:
    """A limit or an offset: a number that no row decides."""
    tree = coerce(Checker(scope).value(grammar.parse(text)), Kind.INTEGER)
    if not tree.kind.is_number or not is_evaluable(tree):
        raise ExpressionError("A limit or offset is a number, of literals, `params` and `auth` only.", position=tree.position)
    return tree


def joined(given: str | list[str] | None) -> str | None:
    """A text, or a list of texts as one with commas; blank is none."""
    text = ", ".join(given) if isinstance(given, list) else given
    return text if text and text.strip() else None


def check_step(step: Step, path: Path, known: Known, params: frozenset[str], report: Report) -> None:
    """Reports what is wrong in one step."""
    check_properties(step, path, STEP_PROPERTIES, STEP_NEEDS, report)
    if step.table not in known.tables:
        report.error("E005", (*path, "table"), named(step.table, known.tables, "table"))
        table = None
    else:
        table = known.tables[step.table] if step.table in known.sure else None
    StepCheck(step, path, report, table, params, known.rows, tuple(known.tables)).run()


def expression_of(value: str | float | None) -> str:
    """The text of an expression; YAML's own numbers, booleans and null are literals."""
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class StepCheck:
    """Checks one step; where the columns of its table are not known, only that its expressions parse."""

    step: Step
    path: Path
    report: Report
    table: Table | None
    params: frozenset[str]
    rows: RowsOf
    tables: tuple[str, ...]

    def run(self) -> None:
        """Report what is wrong."""
        self._doubled()
        self._literals()
        for name in ("limit", "offset"):
            self._amount(name)
        if self.table is None:
            for at, text in self._texts():
                self._checked(text, at, lambda: grammar.parse(text))  # noqa: B023 - called at once
            return
        self._written(self.table)
        for at, text in self._texts():
            self._expression(self.table, at, text)
        self._outputs(self.table)

    def scope(self, table: Table | None, update: bool = False) -> Scope:
        """The names that the step's expressions may use; of no table, no columns."""
        columns = table.columns if table else NO_COLUMNS
        prefixes = STEP | {"new"} if update else STEP
        return Scope(self.step.table, columns, prefixes, self.params, rows=self.rows, tables=self.tables)

    # Expressions

    def _texts(self) -> Iterator[tuple[Path, str]]:
        if self.step.where is not None:
            yield ("where",), self.step.where
        for name, given in (("set", self.step.set or {}), ("expr", self.step.expr or {})):
            for column, value in given.items():
                if isinstance(value, list | dict):
                    self._wrong((name, column), f"`{name}` takes expressions, written as text.")
                else:
                    yield (name, column), expression_of(value)

    def _expression(self, table: Table, at: Path, text: str) -> None:
        if at == ("where",):
            scope = self.scope(table, update=self.step.type == "UPDATE")
            self._checked(text, at, lambda: Checker(scope).condition(grammar.parse(text)))
            return
        name, column = map(str, at)
        scope = self.scope(table if name == "set" else None, update=name == "set")
        field = table.fields.get(column)
        self._checked(text, at, lambda: _fitting(Checker(scope).value(grammar.parse(text)), field, name))

    def _amount(self, name: str) -> None:
        given = getattr(self.step, name)
        if isinstance(given, str):
            self._checked(given, (name,), lambda: amount(given, self.scope(None)))
        elif given is not None and given < 0:
            self._wrong((name,), f"`{name}` is a whole number from 0 on.")

    # What is answered

    def _outputs(self, table: Table) -> None:
        step, scope = self.step, self.scope(table)
        ordered = "order" if step.order is not None else "sort"
        texts = {"select": joined(step.select), "group": joined(step.group), ordered: joined(getattr(step, ordered))}
        try:
            if step.type == "SELECT":
                selection.select(texts["select"], texts["group"], texts[ordered], step.distinct, scope)
            elif step.returning is not None:
                texts = {"returning": joined(step.returning)}
                _without_aggregates(texts["returning"], scope)
        except ExpressionError as error:
            name = next((name for name, text in texts.items() if text == error.text), "select")
            position = error.position if isinstance(getattr(step, name), str) else None
            self.report.error("E007", (*self.path, name), error.reason, position)

    # What is written

    def _rows(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        values = self.step.values or {}
        for row in values if isinstance(values, list) else [values]:
            yield "values", row
        yield "expr", self.step.expr or {}
        yield "set", self.step.set or {}
        yield "setValues", self.step.set_values or {}

    def _written(self, table: Table) -> None:
        """Columns that are written are there."""
        known = {*table.fields, *_proofs(table)}
        for name, row in self._rows():
            for column in row:
                if column not in known:
                    self._wrong((name, column), named(column, table.fields, "column", f" in {table.name}"), "E005")

    def _doubled(self) -> None:
        if self.step.order is not None and self.step.sort is not None:
            self._wrong(("sort",), "`order` and `sort` are the same: leave one out.")
        rows = list(self._rows())
        for plain, computed in (("values", "expr"), ("setValues", "set")):
            columns = {column for name, row in rows if name == plain for column in row}
            for column in sorted(columns & {column for name, row in rows if name == computed for column in row}):
                self._wrong((computed, column), f"`{column}` stands in `{plain}`, too: leave one out.")

    def _literals(self) -> None:
        """A value that reads like a parameter is text, which nobody means."""
        for name, row in self._rows():
            for column, value in row.items():
                if name in ("values", "setValues") and value in {f"params.{each}" for each in self.params}:
                    instead = "expr" if name == "values" else "set"
                    self._wrong(
                        (name, column), f"`{value}` is plain text here: write it in `{instead}`, which takes expressions."
                    )

    # Reporting

    def _wrong(self, at: Path, message: str, code: str = "E010") -> None:
        self.report.error(code, (*self.path, *at), message)

    def _checked(self, text: str, at: Path, check: Callable[[], object]) -> None:
        try:
            within(text, check)
        except ExpressionError as error:
            self.report.error("E007", (*self.path, *at), error.reason, error.position)


def _fitting(tree: Typed, field: Field | None, name: str) -> None:
    """A computed value is of its column's kind; a variable alone, in a new row, is validated as if it were posted."""
    if field is None:
        return
    if name == "set" and (field.column.secret or field.spec.type in ("file", "password")):
        raise ExpressionError(f"`{field.name}` is a {field.spec.type} field: `set` cannot compute it.", position=tree.position)
    if not (name == "expr" and isinstance(tree, Variable)):
        assigned(tree, field.column)


def _without_aggregates(text: str | None, scope: Scope) -> None:
    outputs = selection.outputs_of(text, scope, aggregates=True)
    if any(selection.is_aggregate(output.value) for output in outputs):
        raise ExpressionError("returning takes no aggregates.", text or "", 0)


def _proofs(table: Table) -> list[str]:
    """The words beside a password that prove it."""
    password = table.with_usage("auth_password") if table.auth else None
    if table.auth is None or password is None:
        return []
    return [
        password.name + suffix for suffix in (table.auth.password_confirm_suffix, table.auth.password_current_suffix) if suffix
    ]
