"""CHECK and UNIQUE of the config's tables."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.constraints import BaseConstraint
from django.db.models.sql.compiler import SQLCompiler
from django.utils.deconstruct import deconstructible

Model = type[models.Model]
FOLDING = {"NOCASE": "lower", "RTRIM": "rtrim"}


class SqlCheck(BaseConstraint):
    """A CHECK of raw SQL: one text, or one a vendor; none for a vendor that has none."""

    def __init__(self, *, name: str, sql: str | dict[str, str]) -> None:
        super().__init__(name=name)
        self.sql = sql

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "sql": self.sql}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SqlCheck) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, str(self.sql)))

    def _text(self, schema_editor: BaseDatabaseSchemaEditor) -> str | None:
        return self.sql if isinstance(self.sql, str) else self.sql.get(schema_editor.connection.vendor)

    def constraint_sql(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> Any:
        text = self._text(schema_editor)
        return text and schema_editor._check_sql(self.name, text)

    def create_sql(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> Any:
        text = self._text(schema_editor)
        return text and schema_editor._create_check_sql(model, self.name, text)

    def remove_sql(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> Any:
        return self._text(schema_editor) and schema_editor._delete_check_sql(model, self.name)

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """The database judges raw SQL."""


@deconstructible(path="pocketapi.tables.constraints.Folded")
class Folded(models.Func):
    """A column as its collation compares it: PostgreSQL folds, on SQLite the column itself does."""

    arity = 1

    def __init__(self, column: Any, collate: str) -> None:
        super().__init__(column)
        self.collate = collate

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Any:
        column = self.get_source_expressions()[0]
        sql, params = compiler.compile(column)
        return (sql if connection.vendor == "sqlite" else f"{FOLDING[self.collate]}({sql})"), params
