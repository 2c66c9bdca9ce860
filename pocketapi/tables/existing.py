"""Existing Django models as the config sees them: columns, keys, indexes, and why a model cannot be a table.

They are asked for while Django imports models. Django imports the app of a model that is asked for, so that the order of
INSTALLED_APPS does not matter.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.fields.related import resolve_relation

from pocketapi.config import link, schema
from pocketapi.tables.build import LABEL
from pocketapi.tables.existing_fields import described, problem_of
from pocketapi.tables.existing_values import Field, leaf

Model = type[models.Model]
OURS = (LABEL, "pocketapi")
ACTIONS: dict[Any, schema.KeyAction] = {
    models.CASCADE: "CASCADE",
    models.SET_NULL: "SET NULL",
    models.SET_DEFAULT: "SET DEFAULT",
    models.PROTECT: "RESTRICT",
    models.RESTRICT: "RESTRICT",
}


class Existing(Mapping[str, link.Model]):
    """The models of all apps by `app_label.Model`, each described when it is asked for."""

    def __getitem__(self, label: str) -> link.Model:
        try:
            model = apps.get_model(label, require_ready=False)
        except LookupError:
            if problem := _unfinished(label):
                return link.Model(label, "", problems=(problem,))
            raise KeyError(label) from None
        return describe(model)

    def __iter__(self) -> Iterator[str]:
        return (model._meta.label for label, found in apps.all_models.items() if label not in OURS for model in found.values())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _unfinished(label: str) -> str | None:
    """Why a model is not there, where its module is just being imported: it has asked for us first."""
    app, model = label.split(".", 1)
    name = next((f"{each.name}.models" for each in apps.get_app_configs() if each.label == app), "")
    if not getattr(getattr(sys.modules.get(name), "__spec__", None), "_initializing", False):
        return None
    return (
        f"{name} imports pocketapi before it has made {model}: import it inside the functions that need it, "
        f"or put `pocketapi.tables` behind the app in INSTALLED_APPS and the import behind the model."
    )


def describe(model: Model) -> link.Model:
    """A model as a table, or with what keeps it from being one."""
    meta = model._meta
    if problem := _problem(model):
        return link.Model(meta.label, meta.db_table, problems=(problem,))
    keys = {field.column: _key(field) for field in meta.concrete_fields if isinstance(field, models.ForeignKey)}
    # A key to a table of the config has no type yet: the linker gives it that of its target.
    pending = {column for column, key in keys.items() if key.is_table}
    known = [field for field in meta.concrete_fields if field.column not in pending]
    if problems := tuple(problem for field in known if (problem := problem_of(field) or _zone_problem(field))):
        return link.Model(meta.label, meta.db_table, problems=problems)
    return link.Model(
        meta.label,
        meta.db_table,
        _concrete(model),
        tuple(_pending(field) if field.column in pending else described(field) for field in meta.concrete_fields),
        keys,
        {field.name: _through(model, field) for field in meta.local_many_to_many},
        tuple(indexes(model)),
    )


def _problem(model: Model) -> str | None:
    """What about a model as a whole is in the way."""
    meta = model._meta
    concrete = meta.concrete_model
    if meta.app_label in OURS:
        return f"{meta.label} is this package's own: expose a model of the project."
    if meta.swapped:
        return f"{meta.label} is swapped for {meta.swapped}, and has no table: expose `{meta.swapped}`."
    if concrete is not None and (parents := list(concrete._meta.parents)):
        told = f"{meta.label} shares its rows with {parents[0]._meta.label} (multi-table inheritance)"
        return f"{told}: make the parent abstract, or expose {parents[0]._meta.label} and give the rest a key to it."
    if len(getattr(meta, "pk_fields", [meta.pk])) > 1:
        return f"{meta.label} has a primary key of several columns, and a record has one id: give it one, and make these unique."
    if '"' in meta.db_table or "%" in meta.db_table:
        return f"The table {meta.db_table} has a name that cannot be quoted: rename it with db_table."
    return None


def _zone_problem(field: Field) -> str | None:
    """Points in time without zone mean another moment wherever they are read."""
    if isinstance(leaf(field), models.DateTimeField) and not settings.USE_TZ:
        return f"`{field.column}` has points in time without zone, since USE_TZ is off: turn it on."
    return None


def _concrete(model: Model) -> str:
    return (model._meta.concrete_model or model)._meta.label


def _key(field: models.ForeignKey[Any, Any]) -> link.Key:
    """What a key points to, and what becomes of its row; the target's app is imported."""
    target: Any = resolve_relation(field.model, field.remote_field.model)
    action = ACTIONS.get(field.remote_field.on_delete, "NO ACTION")
    label = target if isinstance(target, str) else target._meta.label
    if label.split(".")[0] == LABEL:
        return link.Key(label.split(".")[1], field.remote_field.field_name, action, is_table=True)
    target = apps.get_model(label, require_ready=False)
    return link.Key(_concrete(target), _pointed(field), action)


def _pointed(field: Any) -> str:
    pointed: Any = field.target_field
    if isinstance(pointed, models.ForeignKey):
        _key(pointed)  # its app may not be imported yet either
    return str(pointed.column)


def _pending(field: Field) -> link.Field:
    """A key whose target is a table of the config: its type is that of what it points to."""
    stand_in = models.TextField(null=field.null, blank=field.blank, unique=field.unique, db_column=field.column)
    stand_in.set_attributes_from_name(field.name)
    stand_in.editable = field.editable
    return described(stand_in)


def _through(model: Model, field: Any) -> str:
    through = resolve_relation(model, field.remote_field.through) if field.remote_field.through else None
    return through if isinstance(through, str) else through._meta.label if through else f"{model._meta.label}_{field.name}"


def indexes(model: Model) -> Iterator[link.Index]:
    """The indexes over plain columns; those with a condition serve some rows only, and are no index of a column."""
    meta: Any = model._meta
    for field in meta.concrete_fields:
        if field.db_index and not field.unique:
            yield link.Index("", (link.IndexColumn(field.column),))
    for index in meta.indexes:
        if index.fields and not index.condition:
            named = [(meta.get_field(name).column, way == "DESC") for name, way in index.fields_orders]
            yield link.Index(index.name, tuple(link.IndexColumn(column, descending=down) for column, down in named))
    for names in meta.unique_together:
        yield _unique(model, "", names)
    for constraint in meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and not constraint.condition:
            yield _unique(model, constraint.name, constraint.fields)


def _unique(model: Model, name: str, names: Any) -> link.Index:
    meta: Any = model._meta
    return link.Index(name, tuple(link.IndexColumn(meta.get_field(each).column) for each in names), unique=True)


def columns_of_constraint(model: Model, name: str) -> list[str]:
    """The columns that a constraint of a model, or a unique index, is about."""
    meta: Any = model._meta
    found: Any = next((each for each in (*meta.constraints, *meta.indexes) if each.name == name), None)
    if found is None:
        return []
    condition = getattr(found, "condition", None)
    names = {name.lstrip("-") for name in getattr(found, "fields", ())} | {
        str(each.name).split("__", maxsplit=1)[0]  # type: ignore[attr-defined]
        for expression in getattr(found, "expressions", ())
        for each in expression.flatten()
        if isinstance(each, models.F)
    }
    if isinstance(found, models.CheckConstraint):
        names |= getattr(condition, "referenced_base_fields", set())
    return [field.column for field in meta.concrete_fields if field.name in names or field.attname in names]
