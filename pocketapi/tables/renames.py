"""Renames by `lastName`, as operations that go before what Django's autodetector finds.

A constraint or index that knows the old name is removed first; the autodetector adds it again under the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.migrations.operations import AlterModelTable, RemoveConstraint, RemoveIndex, RenameField, RenameModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from pocketapi.config import link, schema
from pocketapi.tables.build import LABEL
from pocketapi.tables.constraints import Check
from pocketapi.tables.foreign_keys import ForeignKeyConstraint


def renames(config: link.Config, state: ProjectState) -> list[Operation]:
    """The renames that bring a state of the past to today's names; the state is changed."""
    found: list[Operation] = []
    for table in config.tables.values():
        if isinstance(table.spec, schema.Table):
            found += _table(table.spec, state)
            found += _fields(table.spec, state)
    return found


def _table(spec: schema.Table, state: ProjectState) -> Iterator[Operation]:
    last = spec.last_name
    if not last or (LABEL, last.lower()) not in state.models or (LABEL, spec.name.lower()) in state.models:
        return
    model = state.models[LABEL, last.lower()]
    yield from _forget(state, model.options["db_table"], None)
    yield _done(RenameModel(model.name, spec.name), state)
    yield _done(AlterModelTable(spec.name, spec.name), state)


def _fields(spec: schema.Table, state: ProjectState) -> Iterator[Operation]:
    key = (LABEL, spec.name.lower())
    now = {field.name for field in spec.fields}
    for field in spec.fields if key in state.models else ():
        model = state.models[key]
        # A name that differs in nothing but case is a rename that says so itself.
        last = next((name for name in model.fields if name.lower() == field.name.lower()), field.last_name)
        if last and last in model.fields and field.name not in model.fields and last not in now:
            yield from _forget(state, model.options["db_table"], last)
            yield _done(RenameField(spec.name, last, field.name), state)


def _forget(state: ProjectState, table: str, column: str | None) -> Iterator[Operation]:
    """Removes what knows a table (or one column of it) by name."""
    for (label, _), model in list(state.models.items()):
        if label == LABEL:
            own = model.options["db_table"] == table
            for constraint in list(model.options["constraints"]):
                if _points_to(constraint, table, column) or (own and _knows(constraint, column)):
                    yield _done(RemoveConstraint(model.name, constraint.name), state)
            yield from _forget_indexes(model, column, state) if own else ()


def _forget_indexes(model: ModelState, column: str | None, state: ProjectState) -> Iterator[Operation]:
    for index in list(model.options["indexes"]):
        if index.where if column is None else _mentions(index, column):
            yield _done(RemoveIndex(model.name, index.name), state)


def _points_to(constraint: object, table: str, column: str | None) -> bool:
    return (
        isinstance(constraint, ForeignKeyConstraint) and constraint.to_table == table and column in (None, constraint.to_column)
    )


def _knows(constraint: object, column: str | None) -> bool:
    return isinstance(constraint, Check | ForeignKeyConstraint) if column is None else _mentions(constraint, column)


def _mentions(thing: object, column: str) -> bool:
    """Whether a constraint or an index names a column; too many are no harm, since they come back."""
    return re.search(rf"\b{re.escape(column)}\b", repr(thing.deconstruct())) is not None  # type: ignore[attr-defined]


def _done(operation: Operation, state: ProjectState) -> Operation:
    operation.state_forwards(LABEL, state)
    return operation
