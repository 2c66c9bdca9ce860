"""What every connection is told."""

from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables import connection as told
from pocketapi.tables import databases

PRAGMAS = [
    ("foreign_keys", 1),
    ("journal_mode", "wal"),
    ("synchronous", 1),
    ("temp_store", 2),
    ("busy_timeout", 20000),
    ("mmap_size", 268435456),
]


def ask(connection: BaseDatabaseWrapper, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_a_new_connection_is_told(fresh: BaseDatabaseWrapper) -> None:
    if fresh.vendor == "sqlite":
        assert [(name, ask(fresh, f"PRAGMA {name}")) for name, _ in PRAGMAS] == PRAGMAS
    else:
        databases.create(fresh)
        assert ask(fresh, "SHOW statement_timeout") == "30s"
        assert ask(fresh, "SHOW TimeZone") == "UTC"


def test_a_statement_that_takes_too_long_is_ended(fresh: BaseDatabaseWrapper, settings: Any) -> None:
    if fresh.vendor == "postgresql":
        settings.POCKETAPI = {**settings.POCKETAPI, "STATEMENT_TIMEOUT": 0.05}
        databases.create(fresh)
        with pytest.raises(OperationalError, match="statement timeout"):
            ask(fresh, "SELECT pg_sleep(2)")
        # While a migration holds the lock, statements may take their time; afterwards they may not.
        with databases.locked(fresh):
            assert ask(fresh, "SHOW statement_timeout") == "0"
        assert ask(fresh, "SHOW statement_timeout") == "50ms"


def test_functions_of_ours_are_there(fresh: BaseDatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    if fresh.vendor == "sqlite":
        monkeypatch.setitem(told.SQLITE_FUNCTIONS, "twice", (1, lambda value: value * 2))
        assert ask(fresh, "SELECT twice(21)") == 42


def test_a_pooled_connection_is_told_once(db_alias: str, django_assert_num_queries: Any) -> None:
    connection = connections[db_alias]
    if connection.vendor == "postgresql":
        with django_assert_num_queries(0, connection=connection):
            told.prepare(connection)
