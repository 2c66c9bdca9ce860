"""How much there is: rows of a table without reading all of it, bytes of the database. A module of vendor differences."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

COUNTED = 10_000  # rows that are counted one by one


@dataclass(frozen=True)
class Size:
    """A number of rows, and whether it is counted or only what the database's statistics say."""

    rows: int
    exact: bool = True

    def __str__(self) -> str:
        return f"{self.rows:,}" if self.exact else f"about {self.rows:,}"


def rows_of(connection: BaseDatabaseWrapper, db_table: str) -> Size:
    """The rows of a table: counted up to COUNTED, then as the statistics have them."""
    name = connection.ops.quote_name(db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 FROM {name} LIMIT {COUNTED + 1}) counted")
        (found,) = cursor.fetchone()
    if found <= COUNTED:
        return Size(found)
    estimate = _postgresql_rows(connection, name) if connection.vendor == "postgresql" else _sqlite_rows(connection, name)
    return Size(max(estimate, found), exact=False)


def _postgresql_rows(connection: BaseDatabaseWrapper, name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [name])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _sqlite_rows(connection: BaseDatabaseWrapper, name: str) -> int:
    """The highest rowid: as many rows were inserted, and perhaps some deleted since."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(rowid) FROM {name}")
        row = cursor.fetchone()
    return int(row[0] or 0)


def database_bytes(connection: BaseDatabaseWrapper) -> int:
    """The bytes that the database takes on its disk."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])
