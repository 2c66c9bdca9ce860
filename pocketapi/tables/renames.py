"""Renames by `lastName` and changes of type, as operations that go before what Django's autodetector finds.

A constraint, index or trigger that knows the old name or type is removed first; the autodetector adds it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.migrations.operations import AlterModelTable, RenameField, RenameModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState

from pocketapi.config import link, schema
from pocketapi.errors import MigrationRefused
from pocketapi.tables.build import LABEL
from pocketapi.tables.conversions import changes_type, is_same_storage
from pocketapi.tables.dependents import done, forget
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
    yield from forget(state, model.options["db_table"], None)
    yield done(RenameModel(model.name, spec.name), state)
    yield done(AlterModelTable(spec.name, spec.name), state)


def _fields(spec: schema.Table, state: ProjectState) -> Iterator[Operation]:
    key = (LABEL, spec.name.lower())
    now = {field.name for field in spec.fields}
    for field in spec.fields if key in state.models else ():
        model = state.models[key]
        # A name that differs in nothing but case is a rename that says so itself.
        last = next((name for name in model.fields if name.lower() == field.name.lower()), field.last_name)
        if last and last in model.fields and field.name not in model.fields and last not in now:
            yield from forget(state, model.options["db_table"], last)
            yield done(RenameField(spec.name, last, field.name), state)


def retypes(state: ProjectState, today: ProjectState) -> list[Operation]:
    """What makes way for columns whose type, collation or nullness changes: the SQL of others was written for the old one."""
    found: list[Operation] = []
    for key, model in today.models.items():
        if key[0] == LABEL and key in state.models:
            before = state.models[key]
            _refuse_another_key(before, model)
            for name, field in model.fields.items():
                if name in before.fields and _differ(before.fields[name], field):
                    if not is_same_storage(before.fields[name], field):
                        _refuse_referenced(before.options["db_table"], name, state)
                    found += forget(state, before.options["db_table"], name)
    return found


def _refuse_another_key(before: ModelState, after: ModelState) -> None:
    """A table has one primary key at each moment: neither database makes one before the other is gone, in Django's steps."""
    old, new = ([name for name, field in model.fields.items() if field.primary_key] for model in (before, after))
    if old != new:
        raise MigrationRefused(
            f"The primary key of {after.name} moves from {old[0]} to {new[0]}: "
            "add a table with the new key, copy the rows into it, and drop this one then."
        )


def _differ(old: object, new: object) -> bool:
    return changes_type(old, new) or any(getattr(old, name, None) != getattr(new, name, None) for name in ("collate", "null"))


def _refuse_referenced(table: str, column: str, state: ProjectState) -> None:
    """A key and the columns that refer to it change one after the other, and the key between them would not hold."""
    for model in state.models.values():
        for constraint in model.options.get("constraints", ()):
            if isinstance(constraint, ForeignKeyConstraint) and (constraint.to_table, constraint.to_column) == (table, column):
                raise MigrationRefused(
                    f"{table}.{column} changes its type while {model.name}.{constraint.column} refers to it: "
                    "migrate once without that foreignKey, then change the type, then bring it back."
                )
