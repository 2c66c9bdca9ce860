"""The config's tables as Django models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.constraints import BaseConstraint

from pocketapi.config import link, schema
from pocketapi.tables import fields
from pocketapi.tables.constraints import SqlCheck
from pocketapi.tables.foreign_keys import ForeignKeyConstraint, ForeignKeyField
from pocketapi.tables.names import constraint_name

LABEL = "pocket_tables"
MODULE = "pocketapi.tables.models"
Model = type[models.Model]

FIELDS: dict[tuple[str, str], type[models.Field[Any, Any]]] = {
    ("bool", "boolean"): fields.BoolField,
    ("bool", "integer"): fields.BoolIntegerField,
    ("date", "text"): fields.TextTimestampField,
    ("json", "json"): fields.JsonField,
    ("json", "text"): fields.JsonTextField,
}
STORAGES: dict[str, type[models.Field[Any, Any]]] = {
    "text": fields.TextField,
    "integer": fields.IntegerField,
    "int": fields.IntegerField,
    "real": fields.NumberField,
    "float": fields.NumberField,
    "numeric": fields.NumericField,
    "timestamp": fields.TimestampField,
    "datetime": fields.TimestampField,
    "date": fields.DayField,
    "time": fields.TimeField,
    "blob": fields.BlobField,
}


def build(config: link.Config) -> dict[str, Model]:
    """A model for each table that is ours, by name; `model:` tables have one already."""
    return {name: build_model(table, config) for name, table in config.tables.items() if isinstance(table.spec, schema.Table)}


def build_model(table: link.Table, config: link.Config) -> Model:
    """The model of one table, registered with Django under its name."""
    columns = {name: build_field(field, config) for name, field in table.fields.items()}
    meta = type("Meta", (), {"app_label": LABEL, "db_table": table.name, "constraints": constraints(table)})
    attributes: dict[str, Any] = {**columns, "Meta": meta, "__module__": MODULE, "__str__": _shown(table)}
    return type(table.name, (models.Model,), attributes)


def _shown(table: link.Table) -> Callable[[models.Model], str]:
    uid = table.uid.name
    return lambda row: str(getattr(row, uid))


def build_field(field: link.Field, config: link.Config) -> models.Field[Any, Any]:
    """The column of one field."""
    spec = field.spec
    required = spec.not_null or spec.primary
    options: dict[str, Any] = {"null": not required, "primary_key": spec.primary, "blank": not required}
    if spec.auto_increment:
        return fields.AutoIncrementField(primary_key=True)
    if spec.foreign_key:
        return ForeignKeyField(*target(spec.foreign_key, config), **options)
    kind = field_class(spec)
    if issubclass(kind, fields.TextField):
        options["collate"] = spec.collate
    return kind(**options)


def field_class(spec: schema.Field) -> type[models.Field[Any, Any]]:
    """The class for a type and its sqlType."""
    return FIELDS.get((spec.type, spec.storage)) or STORAGES[spec.storage]


def target(key: schema.ForeignKey, config: link.Config) -> tuple[str, str]:
    """The model and the field that a key points to, as Django names them."""
    spec = config.tables[key.table].spec
    if isinstance(spec, schema.ModelTable):
        model = apps.get_model(spec.model)
        return spec.model, next(field.name for field in model._meta.concrete_fields if field.column == key.column)
    return f"{LABEL}.{key.table}", key.column


def constraints(table: link.Table) -> list[BaseConstraint]:
    """Every constraint that has a name of its own."""
    return [constraint for field in table.fields.values() for constraint in field_constraints(table.name, field.spec)]


def field_constraints(table: str, spec: schema.Field) -> Iterator[BaseConstraint]:
    """What one field asks of its values: unique, check, a key."""
    if spec.unique and not spec.primary:
        yield models.UniqueConstraint(fields=[spec.name], name=constraint_name("uq", table, spec.name))
    if isinstance(spec.check, schema.SqlText):
        yield SqlCheck(name=constraint_name("ck", table, spec.name), sql=per_vendor(spec.check))
    if key := spec.foreign_key:
        yield ForeignKeyConstraint(
            name=constraint_name("fk", table, spec.name),
            column=spec.name,
            to_table=key.table,
            to_column=key.column,
            on_delete=key.on_delete,
            on_update=key.on_update,
        )


def per_vendor(text: schema.SqlText) -> str | dict[str, str]:
    """Raw SQL as constraints and defaults keep it."""
    return text.q if isinstance(text.q, str) else {str(vendor): sql for vendor, sql in text.q.items()}
