"""What an update changes: values, and expressions over the row, each brought to its column's kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models.expressions import Expression

from pocketapi.config import link
from pocketapi.errors import BadRequest, ValidationFailed, field_error
from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, slots_of, within
from pocketapi.expressions.compile import Compiler, Fragment
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.functions import Template
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.meeting import assigned, describe
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Slot, Typed, Variable, rewrite, walk
from pocketapi.records import drafts, values
from pocketapi.records.statements import Change
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import scope_of

PARTIAL = ("+", "-", "*", "/", "negative", "abs", "round", "to_integer", "date", "time", "datetime", "parse_date", "replace")
LIMITED = ("options", "min", "max", "max_length", "pattern")
CASTS = {Kind.INTEGER: "bigint", Kind.NUMBER: "float8", Kind.TIMESTAMP: "timestamptz", Kind.DAY: "date", Kind.TIME: "time"}


def is_limited(table: link.Table, target: link.Field) -> bool:
    """Whether a value of the kind may still be one that the field does not take."""
    if table.auth and target.spec.usage in ("auth_username", "auth_email"):
        return True
    return target.spec.type in ("email", "url") or any(getattr(target.spec, name) is not None for name in LIMITED)


def expressions_of(table: link.Table, expressions: Mapping[str, str], caller: Caller) -> tuple[list[Change], set[Slot]]:
    """The expressions of `set` as changes, and the slots that a compiler reads."""
    changes: list[Change] = []
    statics: set[Slot] = set()
    for name, text in expressions.items():
        tree, read = _expression(table, name, text, caller)
        changes.append(Change(table.fields[name], tree))
        statics |= read
    return changes, statics


def reference(table: link.Table, name: str) -> ColumnRef:
    """A column of the row."""
    column = table.columns[name]
    return ColumnRef(column.kind, column)


def _expression(table: link.Table, name: str, text: str, caller: Caller) -> tuple[Typed, set[Slot]]:
    target = table.fields[name]
    if target.spec.type in ("file", "password") or target.column.secret:
        raise BadRequest(f"set.{name}: use setValues for a {target.spec.type} field.")
    checker = Checker(scope_of(table, caller), slots_of(text, f"set.{name}"))
    tree: Typed = within(text, lambda: assigned(checker.value(grammar.parse(text)), target.column))
    return tree, checker.statics


def substituted(tree: Typed, changes: Sequence[Change]) -> Typed:
    """A condition in which `new.column` is what will be written: the new value, the expression, or the column itself."""
    written = {change.field.name: change.value for change in changes}

    def change(part: Typed) -> Typed:
        if isinstance(part, ColumnRef) and part.row == "new":
            return written.get(part.column.name, ColumnRef(part.kind, part.column))
        return part

    return rewrite(tree, change)


def check_variables(changes: Sequence[Change], env: Environment) -> None:
    """Refuse a variable that is written as it is and is no value of its column: it would be written as null."""
    errors = {
        change.field.name: field_error("invalid", f"{describe(change.value)} is no {change.value.kind.family}.")
        for change in changes
        if isinstance(change.value, Variable) and env.raw(change.value.path) is not None and env.variable(change.value) is None
    }
    if errors:
        raise ValidationFailed(errors)


def check_computed(table: link.Table, fields: Sequence[link.Field], record: Mapping[str, Any]) -> None:
    """Refuse a computed value that the config does not allow; a name or an address must have the form that is stored."""
    cleaned, errors = values.errors_of(fields, record)
    normal = dict(cleaned)
    errors |= drafts.identity_errors(table, normal)
    changed = [name for name, value in normal.items() if value != cleaned[name]]
    errors |= {name: field_error("invalid", f"This would be stored as {normal[name]}: say so.") for name in changed}
    if errors:
        raise ValidationFailed(errors)


def guarded(change: Change) -> Expression:
    """A change's value, which refuses to write the null that a result past its range would be."""
    value = Compiler().value(change.value)
    if not (isinstance(change.value, Operation) and change.value.name in PARTIAL):
        return value
    inputs, divisors = _inputs(change.value), _divisors(change.value)
    present = [f"{{{index}}} IS NOT NULL" for index in range(1, len(inputs) + 1)]
    present += [f"{{{index}}} <> 0" for index in range(len(inputs) + 1, len(inputs) + len(divisors) + 1)]
    condition = " AND ".join(present) or "1 = 1"
    cast = CASTS.get(change.value.kind, "text")
    sqlite = f"COALESCE({{0}}, CASE WHEN {condition} THEN pocket_refuse() END)"
    postgresql = f"COALESCE({{0}}, CASE WHEN {condition} THEN ('beyond ' || random())::int::text::{cast} END)"
    return Fragment(Template(sqlite, postgresql), value, *map(Compiler().value, [*inputs, *divisors]))


def _inputs(tree: Typed) -> list[Typed]:
    """The parts that a result is computed from: columns, and operations that may well be null."""
    if isinstance(tree, Operation) and tree.name in (*PARTIAL, "as_integer", "midnight"):
        return [part for arg in tree.args for part in _inputs(arg)]
    return [] if isinstance(tree, Const) and not tree.nullable else [tree]


def _divisors(tree: Typed) -> list[Typed]:
    return [part.args[1] for part in walk(tree) if isinstance(part, Operation) and part.name == "/"]
