"""SQLite's planner learns how a table has grown, on every open connection."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections

from pocketapi.records import statistics
from tests.tables.conftest import sqlite_entry

PAGE = "SELECT * FROM notes WHERE (shared = 1 OR owner = 'a') ORDER BY id LIMIT 30"
NUMBERS = count()


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: Any) -> Iterator[Any]:
    """A file as the default database, and a second connection to it."""
    with django_db_blocker.unblock():
        kept, entry = connections["default"], connections.settings["default"]
        connections.settings["default"] = sqlite_entry(tmp_path / "fresh.sqlite3")
        connections["default"] = connections.create_connection("default")
        yield connections["default"]
        connections["default"].close()
        connections["default"], connections.settings["default"] = kept, entry


def plan(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(PAGE)  # a statement that runs looks whether the schema is another one; EXPLAIN does not
        cursor.fetchall()
        cursor.execute(f"EXPLAIN QUERY PLAN {PAGE} -- {next(NUMBERS)}")  # no text that the connection has kept
        return " ".join(str(row[-1]) for row in cursor.fetchall())


def fill(connection: Any, rows: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes (id text PRIMARY KEY, owner text, shared bool)")
        cursor.execute("CREATE INDEX notes_owner ON notes (owner)")
        cursor.execute("CREATE INDEX notes_shared ON notes (shared)")
        cursor.executemany("INSERT INTO notes VALUES (%s, 'a', 1)", [(f"{number:06}",) for number in range(rows)])


def test_a_page_in_the_order_of_keys_is_sorted_no_more_once_the_planner_knows_the_rows(database: Any) -> None:
    fill(database, 5000)
    other = connections.create_connection("default")
    assert "TEMP B-TREE" in plan(other)
    statistics.analyse("notes")
    assert "TEMP B-TREE" not in plan(database)
    assert "TEMP B-TREE" not in plan(other)
    other.close()


def test_an_analysis_is_due_when_a_table_has_grown_to_twice_its_size() -> None:
    growth = statistics.Growth()
    due = [growth.is_due("notes", 250) for _ in range(9)]
    assert due == [False, True, False, True, False, False, False, True, False]
    assert not growth.is_due("others", 1)


def test_a_database_that_is_busy_is_left_alone(database: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="pocketapi"):
        statistics.analyse("nowhere")
    assert "No statistics for nowhere" in caplog.text
    with pytest.raises(DatabaseError):
        plan(database)
