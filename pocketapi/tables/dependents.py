"""What knows a table or a column by name: it is removed before a rename or a change of type, and comes back after.

The operations change the state of the past, so that Django's autodetector finds those things missing and adds them as the
config has them today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db.migrations.operations import RemoveConstraint, RemoveIndex
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from pocketapi.tables.build import LABEL
from pocketapi.tables.constraints import Check
from pocketapi.tables.foreign_keys import ForeignKeyConstraint
from pocketapi.tables.search import SearchIndex
from pocketapi.tables.triggers import Trigger


def forget(state: ProjectState, table: str, column: str | None) -> Iterator[Operation]:
    """Removes what knows a table (or one column of it) by name."""
    for (label, _), model in list(state.models.items()):
        if label == LABEL:
            own = model.options["db_table"] == table
            for constraint in list(model.options["constraints"]):
                if _points_to(constraint, table, column) or (own and _knows(constraint, column)):
                    yield done(RemoveConstraint(model.name, constraint.name), state)
            yield from _forget_indexes(model, table, column, state)


def _forget_indexes(model: ModelState, table: str, column: str | None, state: ProjectState) -> Iterator[Operation]:
    own = model.options["db_table"] == table
    for index in list(model.options["indexes"]):
        if isinstance(index, Trigger | SearchIndex):
            known = (own and column is None) or (_mentions(index, column or table) and (own or _mentions(index, table)))
        else:
            known = own and bool(index.where if column is None else _mentions(index, column))
        if known:
            yield done(RemoveIndex(model.name, index.name), state)


def _points_to(constraint: object, table: str, column: str | None) -> bool:
    return (
        isinstance(constraint, ForeignKeyConstraint) and constraint.to_table == table and column in (None, constraint.to_column)
    )


def _knows(constraint: object, column: str | None) -> bool:
    return isinstance(constraint, Check | ForeignKeyConstraint) if column is None else _mentions(constraint, column)


def _mentions(thing: object, name: str) -> bool:
    """Whether a constraint, an index or a trigger has a name in it; too many are no harm, since they come back."""
    return re.search(rf"\b{re.escape(name)}\b", repr(thing.deconstruct())) is not None  # type: ignore[attr-defined]


def done(operation: Operation, state: ProjectState) -> Operation:
    """The operation, its change made to the state."""
    operation.state_forwards(LABEL, state)
    return operation
