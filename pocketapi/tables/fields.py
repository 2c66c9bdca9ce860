"""The column types: how a value is stored on each database, and what Python sees of it.

Text sorts by its bytes on both databases. Points in time have milliseconds and one form everywhere.
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables import instants

Wrapper = BaseDatabaseWrapper


def is_sqlite(connection: Wrapper) -> bool:
    return connection.vendor == "sqlite"


class TextField(models.TextField):  # type: ignore[type-arg]
    """Text. NOCASE and RTRIM are the column's own collation on SQLite; on PostgreSQL comparisons fold instead."""

    def __init__(self, *args: Any, collate: str = "BINARY", **kwargs: Any) -> None:
        self.collate = collate
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.collate == "BINARY" else {**kwargs, "collate": self.collate}

    def db_type(self, connection: Wrapper) -> str:
        # In capitals, since Django gives every unique `text` column of PostgreSQL a second index that collation C needs not.
        return "TEXT"

    def db_parameters(self, connection: Wrapper) -> Any:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if not is_sqlite(connection):
            parameters["collation"] = "C"
        elif self.collate != "BINARY":
            parameters["collation"] = self.collate
        return parameters


class UuidField(models.UUIDField):  # type: ignore[type-arg]
    """A key to an existing model whose own is a UUID, stored as Django does; Python sees its one textual form."""

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return None if found is None else str(found)

    def from_db_value(self, value: Any, *_: Any) -> str | None:
        return self.to_python(value)  # type: ignore[no-any-return]


class IntegerField(models.BigIntegerField):  # type: ignore[type-arg]
    """A 64-bit integer."""

    def db_type(self, connection: Wrapper) -> str:
        return "integer" if is_sqlite(connection) else "bigint"


class AutoIncrementField(models.BigAutoField):  # type: ignore[type-arg]
    """A 64-bit key that the database counts, and never gives twice."""


class NumberField(models.FloatField):  # type: ignore[type-arg]
    """A double."""


class NumericField(models.FloatField):  # type: ignore[type-arg]
    """A number that PostgreSQL keeps exactly; Python sees a float."""

    def db_type(self, connection: Wrapper) -> str:
        return "real" if is_sqlite(connection) else "numeric"

    def from_db_value(self, value: Any, *_: Any) -> float | None:
        return None if value is None else float(value)


class BoolField(models.BooleanField):  # type: ignore[type-arg]
    """True or false."""


class BoolIntegerField(models.BooleanField):  # type: ignore[type-arg]
    """True or false, stored as 1 and 0."""

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def db_type(self, connection: Wrapper) -> str:
        return "integer" if is_sqlite(connection) else "bigint"

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return int(prepared) if isinstance(prepared, bool) else prepared

    def from_db_value(self, value: Any, *_: Any) -> bool | None:
        return None if value is None else bool(value)


class Instant:
    """What the four date types share: one parser, and text on SQLite."""

    parse: Callable[[object], Any]
    write: Callable[[object], str]
    postgresql_type: str

    def db_type(self, connection: Wrapper) -> str:
        return "TEXT" if is_sqlite(connection) else self.postgresql_type

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return type(self).parse(value)
        except ValueError as error:
            raise ValidationError("Not a date or a time of this column.", code="invalid") from error

    def get_prep_value(self, value: Any) -> Any:
        return value if hasattr(value, "resolve_expression") else self.to_python(value)

    def get_db_prep_value(self, value: Any, connection: Wrapper, prepared: bool = False) -> Any:
        prepared_value = value if prepared else self.get_prep_value(value)
        if prepared_value is None or hasattr(prepared_value, "resolve_expression"):
            return prepared_value
        return type(self).write(prepared_value) if self.db_type(connection) == "TEXT" else prepared_value

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return self.to_python(value)


class TimestampField(Instant, models.DateTimeField):  # type: ignore[type-arg]
    """A point in time: `timestamptz(3)`, or `YYYY-MM-DDTHH:MM:SS.mmmZ`."""

    parse = staticmethod(instants.timestamp)
    write = staticmethod(instants.timestamp_text)
    postgresql_type = "timestamp(3) with time zone"


class TextTimestampField(TimestampField):
    """A point in time kept as text on both databases."""

    postgresql_type = "TEXT"

    def db_parameters(self, connection: Wrapper) -> Any:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        return parameters if is_sqlite(connection) else {**parameters, "collation": "C"}


class DayField(Instant, models.DateField):  # type: ignore[type-arg]
    """A day: `date`, or `YYYY-MM-DD`."""

    parse = staticmethod(instants.day)
    write = staticmethod(date.isoformat)  # type: ignore[assignment]
    postgresql_type = "date"


class TimeField(Instant, models.TimeField):  # type: ignore[type-arg]
    """A time of day: `time(3)`, or `HH:MM:SS.mmm`."""

    parse = staticmethod(instants.time_of_day)
    write = staticmethod(instants.time_text)
    postgresql_type = "time(3) without time zone"


class JsonField(models.JSONField):
    """JSON: jsonb, or text that the database checks."""


class JsonTextField(models.JSONField):
    """JSON kept as text on both databases, which check it."""

    def db_type(self, connection: Wrapper) -> str:
        return "text"

    def db_check(self, connection: Wrapper) -> str | None:
        column = connection.ops.quote_name(self.column or "")
        valid = f"JSON_VALID({column})" if is_sqlite(connection) else f"({column}::jsonb) IS NOT NULL"
        return f"{valid} OR {column} IS NULL"

    def get_db_prep_value(self, value: Any, connection: Wrapper, prepared: bool = False) -> Any:
        if value is None or hasattr(value, "as_sql"):
            return value
        return json.dumps(value, cls=self.encoder)

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else json.loads(value, cls=self.decoder)


class BlobField(models.BinaryField):  # type: ignore[type-arg]
    """Bytes."""
