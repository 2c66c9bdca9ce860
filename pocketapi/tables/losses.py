"""Which operations of a migration lose data or may: dropped tables and columns, narrower types, NOT NULL on what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.migrations import Migration
from django.db.migrations.operations import AlterField, DeleteModel, RemoveField
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from pocketapi.errors import MigrationRefused
from pocketapi.tables.build import LABEL
from pocketapi.tables.conversions import changes_type, is_convertible, is_lossless, noun


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
    if changes_type(old, new):
        _refuse_impossible(column, old, new)
        if not is_lossless(old, new):
            yield f"changes the type of {column} from {noun(type(old))} to {noun(type(new))}"
    if old.null and not new.null:
        yield f"makes {column} NOT NULL"


def _refuse_impossible(column: str, old: Any, new: Any) -> None:
    if not is_convertible(old, new):
        raise MigrationRefused(
            f"{column} cannot change from {noun(type(old))} to {noun(type(new))}: values have no counterpart. "
            "Add a field with another name, fill it, then drop this one."
        )
