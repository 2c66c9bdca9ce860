"""The database itself: made where it is missing, and locked while it is migrated."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.db.backends.base.base import NO_DB_ALIAS, BaseDatabaseWrapper

from pocketapi.errors import MigrationRefused
from pocketapi.tables.connection import set_statement_timeout

MAINTENANCE = ("postgres", "template1")  # databases that every server has
LOCK = 0x706F636B6574  # "pocket": one lock for all that migrate one PostgreSQL database


def exists(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database is there, as far as its server tells; SQLite makes a file when it is opened."""
    if connection.vendor != "postgresql":
        return True
    for name in MAINTENANCE:
        try:
            return _ask(connection, name, "SELECT 1 FROM pg_database WHERE datname = %s", [connection.settings_dict["NAME"]])
        except DatabaseError:
            continue  # this user may not look there
    return True


def create(connection: BaseDatabaseWrapper) -> None:
    """Makes a missing PostgreSQL database; MigrationRefused where this user may not. SQLite makes its file when it is opened."""
    if connection.vendor != "postgresql":
        return
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    statement = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
    for number, maintenance in enumerate(MAINTENANCE, start=1):
        try:
            _ask(connection, maintenance, statement)
        except DatabaseError as error:
            if number == len(MAINTENANCE) and not exists(connection):
                raise MigrationRefused(
                    f"The database is missing and cannot be made: {error}. Run as its owner: {statement}"
                ) from error
        else:
            return


def _ask(connection: BaseDatabaseWrapper, database: str, sql: str, params: Any = None) -> bool:
    """Runs a statement in another database of the same server: whether it gives a row."""
    settings = {**connection.settings_dict, "NAME": database}
    other = type(connection)(settings, alias=NO_DB_ALIAS)
    try:
        with other.cursor() as cursor:
            set_statement_timeout(cursor, 0)
            cursor.execute(sql, params)
            return cursor.description is not None and cursor.fetchone() is not None
    finally:
        other.close()


@contextmanager
def locked(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Waits until no other process migrates this database, and keeps others waiting; statements may take their time."""
    if connection.vendor == "postgresql":
        with _advisory_lock(connection):
            yield
    elif connection.vendor == "sqlite" and not _in_memory(connection):
        with _file_lock(Path(connection.settings_dict["NAME"])):
            yield
    else:
        yield


def _in_memory(connection: Any) -> bool:
    name = str(connection.settings_dict["NAME"])
    return bool(connection.is_in_memory_db()) or "mode=memory" in name


@contextmanager
def _advisory_lock(connection: BaseDatabaseWrapper) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()[0]
        set_statement_timeout(cursor, 0)
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        # A connection that broke has given the lock back already.
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])


@contextmanager
def _file_lock(database: Path) -> Iterator[None]:
    path = database.with_name(f"{database.name}-migrate-lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def abandon(connection: Any) -> None:
    """Rolls back what a failed step left open: on SQLite Django's schema editor can raise before it leaves its transaction."""
    if connection.in_atomic_block:
        connection.in_atomic_block = False
        connection.rollback()
        connection.enable_constraint_checking()
        connection.close()


def refresh_statistics(connection: BaseDatabaseWrapper) -> None:
    """Tells the planner of the database what the tables hold now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
