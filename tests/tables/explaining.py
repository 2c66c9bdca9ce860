"""How a database goes about a list with its total."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from pocketapi.records import read, requests
from pocketapi.rules.principal import SYSTEM
from pocketapi.tables.table import current
from tests.tables.structure import ask


def explained(connection: BaseDatabaseWrapper, where: str, table: str = "notes") -> str:
    """The plan of `list` with a filter, in the database's words."""
    with CaptureQueriesContext(connection) as captured:
        read.list_(current().tables[table], lambda: requests.read({"where": where, "limit": 30}, listed=True), SYSTEM)
    (statement,) = captured.captured_queries
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row[-1]) for row in ask(connection, f"{explain} {statement['sql']}"))
