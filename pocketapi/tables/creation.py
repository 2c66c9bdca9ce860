"""New tables with their constraints in them.

Django's autodetector adds each constraint by a step of its own, and on SQLite each such step rebuilds the table.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.migrations.operations import AddConstraint, CreateModel
from django.db.migrations.operations.base import Operation


def whole(operations: Sequence[Operation]) -> list[Operation]:
    """The operations with the constraints of new tables in their CreateModel."""
    created = {operation.name_lower for operation in operations if isinstance(operation, CreateModel)}
    demands = [each for each in operations if isinstance(each, AddConstraint) and each.model_name_lower in created]
    rest = [operation for operation in operations if operation not in demands]
    return [_filled(each, demands) if isinstance(each, CreateModel) else each for each in rest]


def _filled(create: CreateModel, demands: Sequence[AddConstraint]) -> CreateModel:
    constraints = [each.constraint for each in demands if each.model_name_lower == create.name_lower]
    options = {**create.options, **({"constraints": constraints} if constraints else {})}
    return CreateModel(create.name, create.fields, options=options, bases=create.bases, managers=create.managers)
