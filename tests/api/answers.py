"""Requests as the tables of cases write them, and what an answer must hold."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections
from django.test import Client

from pocketapi.credentials import passwords, sessions, tokens
from pocketapi.credentials.sessions import Device
from pocketapi.tables.table import current, model_of

PASSWORD = "corr3ct-horse"
HASH = passwords.hashed(PASSWORD)
SERVICE = "service-token-of-the-tests-0123456789"
START = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """Status, JSON and headers."""

    status: int
    body: Any
    headers: Any

    def expect(self, status: int, body: Any = None) -> Any:
        """The body, once status and body are what they must be."""
        assert (self.status, self.body) == (status, self.body)
        if body is not None:
            assert matches(body, self.body), f"{self.body} is not {body}"
        return self.body


def matches(wanted: Any, got: Any) -> bool:
    """Whether a body has what is wanted: of objects the keys that are named, of lists every item."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(name in got and matches(item, got[name]) for name, item in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(matches, wanted, got))
    return (type(wanted) is bool and wanted is got) or (not isinstance(wanted, bool) and wanted == got)


class Api:
    """A client of the API, and the people who use it."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.tokens: dict[str, str] = {"admin": SERVICE}
        self.refresh: dict[str, str] = {}

    def __call__(self, request: str, body: Any = None, by: str | None = None, query: Any = None, **more: Any) -> Answer:
        """`api("POST items/insert", {...}, by="ann")`: paths of tables are short, others start with a slash."""
        method, _, path = request.partition(" ")
        headers = dict(more.pop("headers", {}))
        if by is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(by, by)}"
        if body is not None:
            more = {"data": body if isinstance(body, str | bytes) else json.dumps(body), **more}
            more.setdefault("content_type", "application/json")
        url = f"/api/v1{path}" if path.startswith("/") else f"/api/v1/table/{path}"
        found = self.client.generic(method, url, headers=headers, query_params=query, **more)
        return Answer(found.status_code, json.loads(found.content) if found.content else None, found.headers)

    def user(self, name: str, table: str = "users", **fields: Any) -> Any:
        """An account whose token goes by its name; its uid."""
        known = {
            "users": {"id": name, "username": name, "email": f"{name}@example.com", "name": name, "password": HASH},
            "staff": {"login": name, "mail": f"{name}@example.com", "secret": HASH},
        }[table]
        stamps = {"created": START, "updated": START} if table == "users" else {}
        row = model_of(table)._default_manager.create(**{**known, **stamps, **fields})
        self.sign_in(name, table, row.pk)
        return row.pk

    def sign_in(self, name: str, table: str, uid: Any) -> str:
        """A new session of an account; its token goes by the name."""
        sid, self.refresh[name] = sessions.open_session(table, uid, Device())
        row = model_of(table)._default_manager.filter(pk=uid).values().get()
        self.tokens[name] = tokens.issue(current().tables[table], row, sid)
        return sid


def run_sql(sql: str, *params: Any) -> list[Any]:
    """Rows of raw SQL."""
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchall() if cursor.description else []
