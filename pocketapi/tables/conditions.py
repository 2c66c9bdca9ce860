"""Conditions of checks and partial indexes: raw SQL, or our expression language, compiled when the SQL is written."""

from __future__ import annotations

from typing import Any

from django.db.models.sql import Query
from django.utils.deconstruct import deconstructible

from pocketapi.expressions import check
from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.scope import Column, Scope
from pocketapi.expressions.typed import Typed
from pocketapi.tables import fields

KINDS: dict[type[Any], tuple[Kind, str]] = {
    fields.TextField: (Kind.TEXT, "text"),
    fields.UuidField: (Kind.TEXT, "text"),
    fields.IntegerField: (Kind.INTEGER, "integer"),
    fields.AutoIncrementField: (Kind.INTEGER, "integer"),
    fields.NumberField: (Kind.NUMBER, "real"),
    fields.NumericField: (Kind.NUMBER, "numeric"),
    fields.BoolField: (Kind.BOOL, "boolean"),
    fields.BoolIntegerField: (Kind.BOOL, "integer"),
    fields.TimestampField: (Kind.TIMESTAMP, "timestamp"),
    fields.TextTimestampField: (Kind.TIMESTAMP, "text"),
    fields.DayField: (Kind.DAY, "date"),
    fields.TimeField: (Kind.TIME, "time"),
    fields.JsonField: (Kind.JSON, "json"),
    fields.JsonTextField: (Kind.JSON, "text"),
    fields.BlobField: (Kind.BLOB, "blob"),
}


@deconstructible(path="pocketapi.tables.conditions.Portable")
class Portable:
    """A condition in the expression language. Migrations keep its text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Portable) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Portable({self.text!r})"


Condition = str | dict[str, str] | Portable  # raw SQL: one text, or one a vendor


def condition_sql(condition: Condition, model: Any, schema_editor: Any) -> str | None:
    """The SQL of a condition with its values in it; none for a vendor that raw SQL leaves out."""
    if isinstance(condition, str):
        return condition
    if isinstance(condition, dict):
        return condition.get(schema_editor.connection.vendor)
    tree = check.condition(condition.text, Scope(model._meta.db_table, columns_of(model)))
    query = Query(model=model, alias_cols=False)
    where = query.build_where(compiled(tree))
    sql, params = where.as_sql(query.get_compiler(connection=schema_editor.connection), schema_editor.connection)
    return str(sql % tuple(schema_editor.quote_value(value) for value in params))


def compiled(tree: Typed) -> Any:
    """The Django expression of a condition: true, false, or null, which passes a check."""
    return Compiler(plain=True).condition(tree)


def columns_of(model: Any) -> dict[str, Column]:
    """A model's columns, of today or of a migration's past, as expressions see them."""
    return {field.column: column_of(model._meta.db_table, field) for field in model._meta.concrete_fields}


def column_of(table: str, field: Any) -> Column:
    """One column as expressions see it."""
    stored = getattr(field, "stored", type(field))
    kind, storage = KINDS[stored]
    form = "uuid" if stored is fields.UuidField else ""
    return Column(table, field.column, kind, storage, field.null, getattr(field, "collate", "BINARY"), form=form)
