"""What goes with a row, whoever deletes it: triggers note the files that it named, and end the sessions of a user.

Only the database sees deletes that cascade, and those of raw SQL.
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pocketapi.models import RefreshToken, RemovedFile, Session
from pocketapi.tables.triggers import Trigger, changed

EVENTS = ("DELETE", "UPDATE")
LONGEST_KEY = 1024


class FileTrigger(Trigger):
    """Notes a file that a column no longer names. `base` is where the files lie; by record below the value of `by`, if there."""

    def __init__(self, *, name: str, column: str, event: str, base: str, by: str | None = None) -> None:
        super().__init__(name=name, column=column, seq="AFTER", event=event, body="")
        self.base, self.by = base, by

    def parts(self) -> dict[str, Any]:
        parts = {"column": self.column, "event": self.event, "base": self.base}
        return {**parts, "by": self.by} if self.by else parts

    def body_sql(self, model: Any, schema_editor: Any) -> Any:
        quote = schema_editor.quote_name
        within = f" || OLD.{quote(self.by)} || '/'" if self.by else ""
        key = f"'{self.base}/'{within} || OLD.{quote(self.column)}"
        return f"INSERT INTO {quote(RemovedFile._meta.db_table)} ({quote('key')}) VALUES (substr({key}, 1, {LONGEST_KEY}))"

    def when_sql(self, schema_editor: Any) -> str:
        there = f"OLD.{schema_editor.quote_name(self.column)} IS NOT NULL"
        return f"{there} AND {changed(self.column, schema_editor)}" if self.event == "UPDATE" else there


class UserTrigger(Trigger):
    """Deletes the rows of ours that belong to a user: `rows` are their tables. `users` is the name under which they know hers."""

    def __init__(self, *, name: str, column: str, event: str, users: str, rows: Sequence[str]) -> None:
        super().__init__(name=name, column=column, seq="AFTER", event=event, body="")
        self.users, self.rows = users, list(rows)

    def parts(self) -> dict[str, Any]:
        return {"column": self.column, "event": self.event, "users": self.users, "rows": self.rows}

    def body_sql(self, model: Any, schema_editor: Any) -> Any:
        quote = schema_editor.quote_name
        whose = f"{quote('table')} = '{self.users}' AND {quote('user')} = CAST(OLD.{quote(self.column)} AS text)"
        sessions, tokens = quote(Session._meta.db_table), quote(RefreshToken._meta.db_table)
        statements = [
            # Locked first, so that a refresh in the meantime adds no token to a session that goes.
            f"UPDATE {sessions} SET {quote('refreshes')} = {quote('refreshes')} WHERE {whose}",
            f"DELETE FROM {tokens} WHERE {quote('session_id')} IN (SELECT {quote('sid')} FROM {sessions} WHERE {whose})",
            *(f"DELETE FROM {quote(rows)} WHERE {whose}" for rows in self.rows),
        ]
        return ";\n".join(statements)

    def when_sql(self, schema_editor: Any) -> str | None:
        return changed(self.column, schema_editor) if self.event == "UPDATE" else None
