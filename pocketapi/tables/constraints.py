"""CHECK and UNIQUE of the config's tables."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.constraints import BaseConstraint
from django.utils.deconstruct import deconstructible

from pocketapi.tables.conditions import Condition, condition_sql

FOLDING = {"NOCASE": "lower", "RTRIM": "rtrim"}


class Check(BaseConstraint):
    """A CHECK. The database judges it; forms and full_clean do not."""

    def __init__(self, *, name: str, condition: Condition) -> None:
        super().__init__(name=name)
        self.condition = condition

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "condition": self.condition}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Check) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, str(self.condition)))

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        sql = condition_sql(self.condition, model, schema_editor)
        return sql and schema_editor._check_sql(self.name, sql)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        sql = condition_sql(self.condition, model, schema_editor)
        return sql and schema_editor._create_check_sql(model, self.name, sql)

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        vendor = schema_editor.connection.vendor
        if isinstance(self.condition, dict) and vendor not in self.condition:
            return None
        return schema_editor._delete_check_sql(model, self.name)

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Left to the database."""


@deconstructible(path="pocketapi.tables.constraints.Folded")
class Folded(models.Func):
    """A column as its collation compares it: PostgreSQL folds, on SQLite the column itself does."""

    arity = 1

    def __init__(self, column: Any, collate: str) -> None:
        super().__init__(column)
        self.collate = collate

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        sql, params = compiler.compile(self.get_source_expressions()[0])
        return (sql if connection.vendor == "sqlite" else f"{FOLDING[self.collate]}({sql})"), params
