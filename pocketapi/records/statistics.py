"""Keeps SQLite's statistics fresh while tables grow: without them its planner sorts pages that an index has in order.

PostgreSQL does this by itself. A connection to SQLite reads statistics with the schema: when it opens, and when that changes.
"""

from __future__ import annotations

import logging
import threading

from django.db import DatabaseError, connections, transaction

from pocketapi.records import queries

logger = logging.getLogger("pocketapi")

FIRST = 500  # rows that one process has written to a table before it is analysed; then twice as many, and so on
ANOTHER_SCHEMA = ("CREATE VIEW pocket_statistics AS SELECT 1", "DROP VIEW pocket_statistics")  # tells every open connection
ROWS_READ = 1_000_000  # of each index, at most: with fewer a planner takes a value that most rows have for a rare one


class Growth:
    """How many rows this process has written to each table, and when that is worth an analysis."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._written: dict[str, int] = {}
        self._due: dict[str, int] = {}

    def is_due(self, table: str, rows: int) -> bool:
        """Count rows; whether the table has grown enough since the last time."""
        with self._lock:
            written = self._written[table] = self._written.get(table, 0) + rows
            if written < self._due.get(table, FIRST):
                return False
            self._due[table] = written * 2
            return True


GROWTH = Growth()


def wrote(table: str, rows: int) -> None:
    """Tell that rows were inserted into a table."""
    if GROWTH.is_due(table, rows) and queries.vendor() == "sqlite":
        transaction.on_commit(lambda: analyse(table), using=queries.DATABASE)


def analyse(table: str) -> None:
    """Read a table's statistics anew; a database that is busy is left alone."""
    connection = connections[queries.DATABASE]
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {ROWS_READ}")
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")
            for statement in ANOTHER_SCHEMA:
                cursor.execute(statement)
    except DatabaseError as error:
        logger.info("No statistics for %s: %s", table, error)
