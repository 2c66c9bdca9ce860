"""The fields of existing models as columns of the config: their types, limits and defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import NOT_PROVIDED

from pocketapi.config import link, schema
from pocketapi.config.names import COLUMNS
from pocketapi.config.part import IDENTIFIER
from pocketapi.expressions.kinds import kind_of
from pocketapi.expressions.scope import Column
from pocketapi.tables.existing_values import Field, accepting, canonical, drawing, leaf

Type = tuple[schema.FieldType, schema.SqlType, str]  # type, storage, form
TEXT: Type = ("text", "text", "text")
# The first class that a field is of decides.
TYPES: Sequence[tuple[type[Any], Type]] = (
    (models.BooleanField, ("bool", "boolean", "")),
    (models.EmailField, ("email", "text", "text")),
    (models.URLField, ("url", "text", "text")),
    (models.FileField, ("file", "text", "file")),
    (models.CharField, TEXT),
    (models.FilePathField, TEXT),
    (models.TextField, TEXT),
    (models.UUIDField, ("text", "text", "uuid")),
    (models.GenericIPAddressField, ("text", "text", "address")),
    (models.DecimalField, ("number", "numeric", "")),
    (models.FloatField, ("number", "real", "")),
    (models.DurationField, ("number", "real", "seconds")),
    (models.IntegerField, ("integer", "integer", "")),
    (models.AutoField, ("integer", "integer", "")),
    (models.DateTimeField, ("date", "timestamp", "moment")),
    (models.DateField, ("date", "date", "")),
    (models.TimeField, ("date", "time", "clock")),
    (models.JSONField, ("json", "json", "json")),
    (models.BinaryField, ("blob", "blob", "")),
)
# What a class must leave as Django has it, or the database would answer other values than Python.
READING = ("from_db_value", "get_db_prep_value", "get_db_prep_save", "db_type", "db_type_parameters", "cast_db_type")
RANGES = BaseDatabaseOperations.integer_field_ranges  # those of PostgreSQL; SQLite would hold more


def problem_of(field: Field) -> str | None:
    """Why a field cannot be a column, and what to do; none where it can."""
    column = field.column
    if not IDENTIFIER.fullmatch(column) or column.lower() in COLUMNS:
        return f"The column `{column}` has a name that expressions cannot have: keep it in a model of its own."
    found = leaf(field)
    if type_of(field) is None:
        known = "text, numbers, booleans, dates, UUIDs, JSON, files and bytes are"
        return f"`{column}` is a {type(found).__name__}, which is no type of a column ({known}): keep it in a model of its own."
    changed = next((name for name in READING if _defines(type(found), name)), None)
    if changed:
        told = f"`{column}` is a {type(found).__name__}, whose {changed} makes other values of what is stored"
        return f"{told}: keep it in a model of its own."
    return None


def _defines(field: type[Any], name: str) -> bool:
    """Whether a class of the project's or of another package has a method of its own."""
    owner = next((each for each in field.__mro__ if name in vars(each)), None)
    return owner is not None and not owner.__module__.startswith("django.db.")


def type_of(field: Field) -> Type | None:
    """The type of a column; none for a field that is none."""
    found = leaf(field)
    named = next((each for kind, each in TYPES if isinstance(found, kind)), None)
    if named is None:
        return None
    name, storage, form = named
    if form == "text" and getattr(found, "db_collation", None):
        form = "collated"
    if isinstance(field, models.ForeignKey) and storage in schema.SQL_TYPES["relation"]:
        name = "relation"
    elif options_of(field) and storage in schema.SQL_TYPES["select"] and name in ("text", "integer", "number"):
        name = "select"
    return name, storage, form


def options_of(field: Field) -> list[Any]:
    """The values that a field with choices takes, groups undone; the empty one where the field may be blank."""
    found = [value for value, _ in field.flatchoices if value is not None]
    plain: list[Any] = [getattr(value, "value", value) for value in found]
    if not all(isinstance(value, str | int | float) for value in plain):
        return []
    return [*dict.fromkeys([*plain, *([""] if plain and isinstance(plain[0], str) and field.blank else [])])]


def described(field: Field) -> link.Field:
    """A field as a column; one that problem_of has let pass."""
    named = type_of(field)
    assert named is not None  # noqa: S101 - for the type checker
    name, storage, form = named
    nullable = (field.null or (name == "file" and field.blank)) and not field.primary_key
    generated = isinstance(field, models.GeneratedField)
    counted = isinstance(field, models.AutoField)
    low, high = RANGES.get(leaf(field).get_internal_type(), (None, None)) if name == "integer" else (None, None)
    spec = schema.Field(
        name=field.column,
        type=name,
        sql_type=storage,
        primary=field.primary_key,
        auto_increment=counted,
        unique=field.unique and not field.primary_key,
        not_null=not nullable,
        options=options_of(field) if name == "select" else None,
        min=low,
        max=high,
        max_length=leaf(field).max_length if form in ("text", "collated") and name in ("text", "email", "url") else None,
        no_insert=not field.editable,
        no_update=not field.editable or field.primary_key,
    )
    column = Column("", spec.name, kind_of(name, storage), storage, nullable, form=form, field=field.name)
    return link.Field(
        spec,
        column,
        default=None if generated or counted or name == "file" else _default(field, column),
        accept=None if name == "file" else accepting(field, column.kind),
        blank=field.blank,
        generated=generated,
        fixed=field.primary_key,
    )


def _default(field: Field, column: Column) -> link.Default | None:
    """What a new row has where nothing is posted; none where a value is required, or null."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return link.Now()
    if not field.has_default() and field.db_default is not NOT_PROVIDED:
        return link.Drawn(drawing(field, column))
    if not field.has_default() and (field.null or not (field.blank and field.empty_strings_allowed)):
        return None
    return link.Computed(lambda: canonical(field, column.kind, field.get_default()))
