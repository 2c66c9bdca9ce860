"""What every new database connection is told: pragmas and SQL functions on SQLite, a time limit on PostgreSQL, our editors.

Done on a signal and not in DATABASES, so that projects which embed the package have it too.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from pocketapi.conf import settings
from pocketapi.expressions.functions import SQLITE_FUNCTIONS
from pocketapi.tables import editors

PRAGMAS = ("synchronous = NORMAL", "temp_store = MEMORY", "cache_size = -65536", "mmap_size = 268435456")
BUSY_TIMEOUT = 20_000  # milliseconds, where DATABASES sets no timeout

_told: WeakSet[Any] = WeakSet()


def prepare(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receives `connection_created`."""
    editors.install(connection)
    if connection.vendor == "sqlite":
        _prepare_sqlite(connection)
    elif connection.vendor == "postgresql":
        _prepare_postgresql(connection)


def register() -> None:
    """Listens for new connections."""
    connection_created.connect(prepare, dispatch_uid="pocketapi.tables.connection")


def _prepare_sqlite(connection: Any) -> None:
    raw = connection.connection
    for name, (arguments, function) in SQLITE_FUNCTIONS.items():
        raw.create_function(name, arguments, function, deterministic=True)
    if "timeout" not in connection.settings_dict["OPTIONS"]:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    if not connection.is_in_memory_db():
        _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """WAL is a property of the file: a connection that cannot set it now works without, and the next one tries again."""
    try:
        with connection.wrap_database_errors:
            connection.connection.execute("PRAGMA journal_mode = WAL")
    except DatabaseError:
        return


def _prepare_postgresql(connection: Any) -> None:
    # A pooled connection is announced at each use; it remembers what it was told.
    if connection.connection in _told:
        return
    with connection.cursor() as cursor:
        set_statement_timeout(cursor, settings.STATEMENT_TIMEOUT)
        if connection.timezone_name != "UTC":
            cursor.execute("SET TIME ZONE 'UTC'")
    _told.add(connection.connection)


def set_statement_timeout(cursor: Any, seconds: float) -> None:
    """PostgreSQL ends statements that take longer, in this session; 0 is never."""
    cursor.execute(f"SET statement_timeout = {int(seconds * 1000)}")
