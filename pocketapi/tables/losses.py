"""Which operations of a migration lose data or may: dropped tables and columns, narrower types, NOT NULL on what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations import AlterField, DeleteModel, RemoveField
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from pocketapi.errors import MigrationRefused
from pocketapi.tables import fields
from pocketapi.tables.build import LABEL
from pocketapi.tables.foreign_keys import ForeignKeyConstraint

WIDER: dict[type[Any], set[type[Any]]] = {  # what holds every value of a type, in the same form
    fields.AutoIncrementField: {fields.IntegerField, fields.NumericField, fields.TextField},
    fields.IntegerField: {fields.AutoIncrementField, fields.NumericField, fields.TextField},
    fields.BoolIntegerField: {fields.IntegerField, fields.NumberField, fields.NumericField, fields.TextField},
    fields.NumberField: {fields.NumericField, fields.TextField},
    fields.TextTimestampField: {fields.TextField},
    fields.DayField: {fields.TextField},
    fields.JsonField: {fields.JsonTextField, fields.TextField},
    fields.JsonTextField: {fields.TextField},
}


def losses(migration: Migration, state: ProjectState) -> list[str]:
    """A sentence for each step that destroys data or may; the state goes forward."""
    told: list[str] = []
    for operation in migration.operations:
        told += _told(operation, state)
        operation.state_forwards(migration.app_label, state)
    return told


def _told(operation: Operation, state: ProjectState) -> Iterator[str]:
    match operation:
        case DeleteModel():
            yield f"drops the table {operation.name} with its rows"
        case RemoveField():
            yield f"drops the column {operation.model_name}.{operation.name}"
        case AlterField():
            yield from _altered(operation, state)


def _altered(operation: AlterField, state: ProjectState) -> Iterator[str]:
    model = state.models[LABEL, operation.model_name_lower]
    old, new = model.fields[operation.name], operation.field
    column = f"{operation.model_name}.{operation.name}"
    before, after = type(old), type(new)
    if before is not after:
        _refuse_referenced(model.options["db_table"], operation.name, state)
        if after not in WIDER.get(before, ()):
            yield f"changes the type of {column} from {_noun(before)} to {_noun(after)}"
    if old.null and not new.null:
        yield f"makes {column} NOT NULL"


def _refuse_referenced(table: str, column: str, state: ProjectState) -> None:
    """Django would drop the keys that point to a column whose type changes, and not make them again."""
    for model in state.models.values():
        for constraint in model.options.get("constraints", ()):
            if isinstance(constraint, ForeignKeyConstraint) and (constraint.to_table, constraint.to_column) == (table, column):
                raise MigrationRefused(
                    f"{table}.{column} changes its type while {model.name}.{constraint.column} refers to it: "
                    "migrate once without that foreignKey, then change the type, then bring it back."
                )


def _noun(kind: type[Any]) -> str:
    return kind.__name__.removesuffix("Field").lower()
