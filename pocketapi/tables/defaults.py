"""Defaults that the database itself fills in: literals, the time of the insert, raw SQL. Migrations serialise them."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression
from django.db.models.sql.compiler import SQLCompiler
from django.utils.deconstruct import deconstructible

Sql = tuple[str, list[Any]]
NOW = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ','now')",
    "postgresql": "date_trunc('milliseconds', statement_timestamp())",
}
NOW_TEXT = {
    "sqlite": NOW["sqlite"],
    "postgresql": """to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""",
}
NOW_DATE = {"sqlite": "strftime('%Y-%m-%d','now')", "postgresql": "(statement_timestamp() AT TIME ZONE 'UTC')::date"}
NOW_TIME = {
    "sqlite": "strftime('%H:%M:%f','now')",
    "postgresql": "date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC')::time(3)",
}
NOW_AS = {"timestamp": NOW, "datetime": NOW, "text": NOW_TEXT, "date": NOW_DATE, "time": NOW_TIME}
QUOTED = re.compile(r"'(?:[^']|'')*'")


class Default(Expression):
    """An expression without parameters that may stand behind DEFAULT."""

    allowed_default = True

    def text(self, vendor: str) -> str:
        """The SQL for a database."""
        raise NotImplementedError

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        # The schema editor and the cursor both read `%` as the start of a placeholder here.
        return self.text("sqlite").replace("%", "%%"), []

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Sql:
        # Some statements with a default are interpolated and some are not, so that no percent sign may be in it.
        return QUOTED.sub(_without_percent, self.text("postgresql")), []


def _without_percent(found: re.Match[str]) -> str:
    return "(" + found[0].replace("%", "'||chr(37)||'") + ")" if "%" in found[0] else found[0]


@deconstructible(path="pocketapi.tables.defaults.LiteralSql")
class LiteralSql(Default):
    """A value, as the column stores it."""

    def __init__(self, value: str | float | bytes) -> None:
        super().__init__()
        self.value = value

    def text(self, vendor: str) -> str:
        match self.value:
            case bool():
                return str(self.value).lower() if vendor == "postgresql" else str(int(self.value))
            case bytes():
                return f"x'{self.value.hex()}'" if vendor == "sqlite" else f"'\\x{self.value.hex()}'::bytea"
            case str():
                return "'" + self.value.replace("'", "''") + "'"
            case _:
                return repr(self.value)


@deconstructible(path="pocketapi.tables.defaults.RawSql")
class RawSql(Default):
    """SQL of the config: one text, or one a vendor."""

    def __init__(self, sql: str | dict[str, str]) -> None:
        super().__init__()
        self.sql = sql

    @property
    def identity(self) -> Any:
        return (type(self), tuple(sorted(self.sql.items())) if isinstance(self.sql, dict) else self.sql)

    def text(self, vendor: str) -> str:
        return self.sql if isinstance(self.sql, str) else self.sql.get(vendor, "NULL")


@deconstructible(path="pocketapi.tables.defaults.NowSql")
class NowSql(RawSql):
    """The time of the statement, in the form of the column."""

    def __init__(self, storage: str) -> None:
        super().__init__(NOW_AS[storage])
        self.storage = storage
