"""Triggers of the config's tables, as part of their models: a rebuild on SQLite makes them again, and so does each migration.

They are indexes to Django, since those are what a table brings along. On PostgreSQL a trigger is a function, too, which is made
and dropped with it.
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Statement, Table

from pocketapi.config.constraint_names import LONGEST, constraint_name
from pocketapi.tables.defaults import NowSql

Sql = str | dict[str, str]  # one text, or one a vendor

SQLITE = "CREATE TRIGGER %(name)s %(seq)s %(event)s ON %(table)s FOR EACH ROW%(when)s\nBEGIN\n%(body)s;\nEND"
POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS %(quote)s\n"
    "BEGIN\n%(body)s;\nRETURN %(row)s;\nEND\n%(quote)s;\n"
    "CREATE TRIGGER %(name)s %(seq)s %(event)s ON %(table)s FOR EACH ROW%(when)s EXECUTE FUNCTION %(name)s()"
)


class Trigger(models.Index):
    """A trigger of raw SQL. `column` is any column of the table: an index has one."""

    max_name_length = LONGEST

    def __init__(
        self,
        *,
        name: str,
        column: str,
        seq: str,
        event: str,
        body: Sql,
        update_of: Sequence[str] = (),
        when: Sql | None = None,
    ) -> None:
        super().__init__(fields=[column], name=name)
        self.column, self.seq, self.event = column, seq, event
        self.body, self.update_of, self.when = body, list(update_of), when

    def deconstruct(self) -> Any:
        return f"{type(self).__module__}.{type(self).__qualname__}", (), {"name": self.name, **self.parts()}

    def parts(self) -> dict[str, Any]:
        """The arguments beside the name."""
        parts = {"column": self.column, "seq": self.seq, "event": self.event, "body": self.body}
        return {**parts, **{name: value for name in ("update_of", "when") if (value := getattr(self, name))}}

    def body_sql(self, model: Any, schema_editor: Any) -> Any:
        """What is done; none where there is nothing for this database."""
        text = _of(self.body, schema_editor.connection.vendor)
        return text and text.strip().rstrip("; \n\t")

    def when_sql(self, schema_editor: Any) -> str | None:
        """The condition, if there is one."""
        return _of(self.when, schema_editor.connection.vendor)

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """None where the config has no trigger for this database."""
        body, quote = self.body_sql(model, schema_editor), schema_editor.quote_name
        if not body:
            return None
        when = self.when_sql(schema_editor)
        columns = f" OF {', '.join(map(quote, self.update_of))}" if self.update_of else ""
        return Statement(
            SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL,
            name=quote(self.name),
            seq=self.seq,
            event=f"{self.event}{columns}",
            table=Table(model._meta.db_table, quote),
            when=f" WHEN ({when})" if when else "",
            body=body,
            row="OLD" if self.event == "DELETE" else "NEW",
            quote=_dollars(str(body)),
        )

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        quote = schema_editor.quote_name
        sqlite = schema_editor.connection.vendor == "sqlite"
        on = "" if sqlite else " ON %(table)s; DROP FUNCTION IF EXISTS %(name)s()"
        return Statement(f"DROP TRIGGER IF EXISTS %(name)s{on}", name=quote(self.name), table=Table(model._meta.db_table, quote))


class CreatedTrigger(Trigger):
    """Refuses a change of a column, in the words of a CHECK, so that the API names the field."""

    def __init__(self, *, name: str, column: str) -> None:
        super().__init__(name=name, column=column, seq="BEFORE", event="UPDATE", body="")

    def parts(self) -> dict[str, Any]:
        return {"column": self.column}

    def body_sql(self, model: Any, schema_editor: Any) -> Any:
        table = model._meta.db_table.removeprefix("new__")
        check = constraint_name("ck", table, self.column)
        if schema_editor.connection.vendor == "sqlite":
            return f"SELECT RAISE(ABORT, 'CHECK constraint failed: {check}')"
        return (
            f"RAISE EXCEPTION '{self.column} of {table} is set once and never changes'"
            f" USING ERRCODE = 'check_violation', TABLE = '{table}', CONSTRAINT = '{check}'"
        )

    def when_sql(self, schema_editor: Any) -> str:
        return changed(self.column, schema_editor)


class UpdatedTrigger(Trigger):
    """Sets a column to the time of the update, where the update left it as it was."""

    def __init__(self, *, name: str, column: str, key: str, storage: str) -> None:
        super().__init__(name=name, column=column, seq="", event="UPDATE", body="")
        self.key, self.storage = key, storage

    def parts(self) -> dict[str, Any]:
        return {"column": self.column, "key": self.key, "storage": self.storage}

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        statement = super().create_sql(model, schema_editor)
        # SQLite cannot change the row that is about to be written.
        statement.parts["seq"] = "AFTER" if schema_editor.connection.vendor == "sqlite" else "BEFORE"
        return statement

    def body_sql(self, model: Any, schema_editor: Any) -> Any:
        quote, vendor = schema_editor.quote_name, schema_editor.connection.vendor
        column, key, now = quote(self.column), quote(self.key), NowSql(self.storage).text(vendor)
        if vendor != "sqlite":
            return f"NEW.{column} := {now}"
        return Statement(
            "UPDATE %(table)s SET %(column)s = %(now)s WHERE %(key)s = NEW.%(key)s",
            table=Table(model._meta.db_table, quote),
            column=column,
            now=now,
            key=key,
        )

    def when_sql(self, schema_editor: Any) -> str:
        return _compared(self.column, "IS", "IS NOT DISTINCT FROM", schema_editor)


def is_after(index: models.Index, vendor: str) -> bool:
    """Whether an index is an updatedTrigger that changes rows which are written already."""
    return isinstance(index, UpdatedTrigger) and vendor == "sqlite"


def _of(sql: Sql | None, vendor: str) -> str | None:
    return sql.get(vendor) if isinstance(sql, dict) else sql


def changed(column: str, schema_editor: Any) -> str:
    """The condition that an update changes a column."""
    return _compared(column, "IS NOT", "IS DISTINCT FROM", schema_editor)


def _compared(column: str, sqlite: str, postgresql: str, schema_editor: Any) -> str:
    quoted = schema_editor.quote_name(column)
    return f"NEW.{quoted} {sqlite if schema_editor.connection.vendor == 'sqlite' else postgresql} OLD.{quoted}"


def _dollars(body: str) -> str:
    """Quotes that the body does not hold."""
    tag = "body"
    while f"${tag}$" in body:
        tag += "_"
    return f"${tag}$"
