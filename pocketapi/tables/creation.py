"""New tables in an order that lets each be created whole, its columns in the config's order.

Django's autodetector creates tables without their keys and adds each key by a step of its own: a table rebuilt on SQLite, and
the state of all tables around it rendered again. Only keys that go round need that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.migrations.operations import AddConstraint, AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.optimizer import MigrationOptimizer


def whole(operations: Sequence[Operation], columns: Mapping[str, Sequence[str]], label: str) -> list[Operation]:
    """The operations with all in its CreateModel that can be there; `columns` has the columns of tables in order."""
    operations = [each for operation in operations for each in _apart(operation)]
    creates = {operation.name_lower: operation for operation in operations if isinstance(operation, CreateModel)}
    added = {name: [each for each in operations if isinstance(each, AddField) and each.model_name_lower == name] for name in creates}
    ordered = _ordered({name: [_target(each) for each in adds] for name, adds in added.items()})
    place = {name: number for number, name in enumerate(ordered)}
    done: set[int] = set()
    created: list[Operation] = []
    for name in ordered:
        ready = [each for each in added[name] if place.get(_target(each), -1) <= place[name]]
        demands = _demands(operations, name) if len(ready) == len(added[name]) else []
        created.append(_filled(creates[name], ready, demands, columns))
        done |= {id(each) for each in (creates[name], *ready, *demands)}
    rest = [operation for operation in operations if id(operation) not in done]
    return MigrationOptimizer().optimize([*created, *rest], label)


def _demands(operations: Sequence[Operation], name: str) -> list[AddConstraint]:
    return [each for each in operations if isinstance(each, AddConstraint) and each.model_name_lower == name]


def _apart(operation: Operation) -> list[Operation]:
    """A new table and, each by itself, its keys; a key that is the primary key stays."""
    if not isinstance(operation, CreateModel):
        return [operation]
    keys = [(name, field) for name, field in operation.fields if field.remote_field and not field.primary_key]
    fields = [item for item in operation.fields if item not in keys]
    bare = CreateModel(operation.name, fields, options=operation.options, bases=operation.bases, managers=operation.managers)
    return [bare, *(AddField(operation.name, name, field) for name, field in keys)]


def _target(operation: AddField) -> str:
    """The lower-case name of the model that a key points to; nothing for what is no key, or points to another app."""
    model = operation.field.remote_field.model if operation.field.remote_field else ""
    name = model if isinstance(model, str) else model._meta.label_lower
    return str(name).lower().rpartition(".")[2]


def _ordered(targets: Mapping[str, Sequence[str]]) -> list[str]:
    """Names after those that they point to, as far as that goes."""
    seen: set[str] = set()
    found: list[str] = []

    def visit(start: str) -> None:
        stack = [(start, iter(targets[start]))]
        seen.add(start)
        while stack:
            name, following = stack[-1]
            deeper = next((each for each in following if each in targets and each not in seen), None)
            if deeper is None:
                found.append(name)
                stack.pop()
            else:
                seen.add(deeper)
                stack.append((deeper, iter(targets[deeper])))

    for name in targets:
        if name not in seen:
            visit(name)
    return found


def _filled(
    create: CreateModel, added: Sequence[AddField], demands: Sequence[AddConstraint], columns: Mapping[str, Sequence[str]]
) -> CreateModel:
    """A table with keys and constraints in it, its columns in order."""
    order = {column: number for number, column in enumerate(columns.get(create.name, ()))}
    fields = [*create.fields, *((each.name, each.field) for each in added)]
    fields.sort(key=lambda item: order.get(item[0], len(order)))
    constraints = [*create.options.get("constraints", ()), *(each.constraint for each in demands)]
    options = {**create.options, **({"constraints": constraints} if constraints else {})}
    return CreateModel(create.name, fields, options=options, bases=create.bases, managers=create.managers)
