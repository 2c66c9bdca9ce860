"""What a database refuses, as errors that name fields; and what is no refusal at all."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import OperationalError as PsycopgError
from psycopg import errors
from psycopg_pool import PoolTimeout

from pocketapi.errors import BadRequest, Unavailable
from pocketapi.records.integrity import Refused, explained, is_passing
from tests.api.answers import run_sql
from tests.conftest import UseConfig
from tests.records.raised import postgresql_error, sqlite_error

LONG = "a_column_with_a_name_that_is_rather_long_for_a_constraint_to_bear"[:63]
CONFIG = f"""
tables:
  - name: things
    fields:
      - {{name: id, type: text, primary: true}}
      - {{name: {LONG}, type: text, unique: true, collate: NOCASE, check: "length({LONG}) < 5"}}
      - {{name: trimmed, type: text, unique: true, collate: RTRIM}}
      - {{name: next, type: relation, foreignKey: {{table: things, column: id}}}}
      - {{name: raw, type: integer, check: {{q: raw > 0}}}}
      - {{name: connection, type: integer, check: {{q: connection > 0}}}}
    indexes:
      - {{fields: 'raw, next', unique: true, name: some_name}}
"""
EXPRESSION = "CREATE UNIQUE INDEX by_hand ON things (lower(trimmed))"

# statement, code by field
REFUSED: list[tuple[str, dict[str, str]]] = [
    ("INSERT INTO things (id) VALUES ('a')", {"id": "unique"}),
    (f"INSERT INTO things (id, {LONG}) VALUES ('b', 'X')", {LONG: "unique"}),
    ("INSERT INTO things (id, trimmed) VALUES ('b', 'x ')", {"trimmed": "unique"}),
    ("INSERT INTO things (id, raw, next) VALUES ('b', 1, 'a')", {"raw": "unique", "next": "unique"}),
    (f"INSERT INTO things (id, {LONG}) VALUES ('b', 'longer')", {LONG: "check"}),
    ("INSERT INTO things (id, raw) VALUES ('b', 0)", {"raw": "check"}),
    ("INSERT INTO things (id, connection) VALUES ('b', 0)", {"connection": "check"}),
    ("INSERT INTO things (id) VALUES (NULL)", {"id": "null"}),
    ("INSERT INTO things (id, next) VALUES ('b', 'nothing')", {"next": "missing"}),
    ("DELETE FROM things WHERE id = 'a'", {"id": "restricted"}),
    ("UPDATE things SET id = 'c' WHERE id = 'a'", {"id": "restricted"}),
]


@pytest.mark.parametrize(("statement", "codes"), REFUSED)
def test_a_refusal_names_its_fields(use_config: UseConfig, connection: BaseDatabaseWrapper, statement: str, codes: Any) -> None:
    table = use_config(CONFIG).tables["things"]
    run_sql(f"INSERT INTO things (id, {LONG}, trimmed) VALUES ('a', 'x', 'x')")
    run_sql("INSERT INTO things (id, raw, next) VALUES ('z', 1, 'a')")
    rows = [{"next": "nothing"}] if codes == {"next": "missing"} else []
    with (
        pytest.raises(Refused) as caught,
        explained(table, rows, deleting=statement.startswith("DELETE")),
        connection_guard(connection),
    ):
        run_sql(statement)
    assert {name: error["code"] for name, error in caught.value.fields.items()} == codes
    assert caught.value.error.status == (409 if "unique" in codes.values() else 400)


def connection_guard(connection: Any) -> Any:
    """A savepoint, so that the failure leaves the test's transaction alone."""
    return transaction.atomic(connection.alias if connection.alias in connections else "default")


def test_an_index_that_the_config_does_not_know_names_no_field(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    table = use_config(CONFIG).tables["things"]
    run_sql(EXPRESSION)
    run_sql("INSERT INTO things (id, trimmed) VALUES ('a', 'x')")
    with pytest.raises(Refused) as caught, explained(table), connection_guard(connection):
        run_sql("INSERT INTO things (id, trimmed) VALUES ('b', 'X')")
    assert caught.value.fields.keys() <= {"trimmed"}
    assert caught.value.error.status == 409


def test_what_a_trigger_says_is_told(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    table = use_config(CONFIG).tables["things"]
    if connection.vendor == "sqlite":
        run_sql("CREATE TRIGGER no BEFORE INSERT ON things BEGIN SELECT RAISE(ABORT, 'Not on Sundays.'); END")
    else:
        run_sql("CREATE FUNCTION no() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'Not on Sundays.'; END $$ LANGUAGE plpgsql")
        run_sql("CREATE TRIGGER no BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION no()")
    with pytest.raises(Refused) as caught, explained(table), connection_guard(connection):
        run_sql("INSERT INTO things (id) VALUES ('a')")
    assert (caught.value.error.status, caught.value.error.message, caught.value.fields) == (400, "Not on Sundays.", {})


# (what a database raises, what comes of it)
RAISED: list[tuple[Exception, type[Exception]]] = [
    (sqlite_error("database is locked", "SQLITE_BUSY"), Unavailable),
    (postgresql_error(errors.QueryCanceled, "canceling statement due to statement timeout"), Unavailable),
    (postgresql_error(errors.DeadlockDetected, "deadlock detected"), Unavailable),
    (InterfaceError("connection already closed"), Unavailable),
    (OperationalError("user-defined function raised exception"), Refused),
    (OperationalError("no such table: things"), OperationalError),
    (DataError("integer out of range"), Refused),
    (IntegrityError("FOREIGN KEY constraint failed"), Refused),
    (InternalError("something inside"), InternalError),
    (ValueError("ours"), ValueError),
]


@pytest.mark.parametrize(("error", "kind"), RAISED)
def test_what_is_a_refusal(use_config: UseConfig, error: Exception, kind: type[Exception]) -> None:
    table = use_config(CONFIG).tables["things"]
    with pytest.raises(kind) as caught, explained(table):
        raise error
    if isinstance(caught.value, Refused):
        assert isinstance(caught.value.error, BadRequest)
        assert str(error) not in str(caught.value.error)


# what a database raises, whether the same may succeed later
PASSING: list[tuple[Exception, bool]] = [
    (sqlite_error("database is locked", "SQLITE_BUSY"), True),
    (sqlite_error("database is locked", "SQLITE_BUSY_SNAPSHOT"), True),
    (sqlite_error("database table is locked: notes", "SQLITE_LOCKED"), True),
    (sqlite_error("interrupted", "SQLITE_INTERRUPT"), True),
    (sqlite_error("no such column: connection", "SQLITE_ERROR"), False),
    (sqlite_error("no such table: busy_locked_timeout", "SQLITE_ERROR"), False),
    (postgresql_error(errors.QueryCanceled), True),
    (postgresql_error(errors.DeadlockDetected), True),
    (postgresql_error(errors.SerializationFailure), True),
    (postgresql_error(errors.LockNotAvailable), True),
    (postgresql_error(errors.AdminShutdown), True),
    (postgresql_error(errors.TooManyConnections), True),
    (postgresql_error(errors.ConnectionFailure), True),
    (postgresql_error(PsycopgError, "server closed the connection unexpectedly"), True),
    (postgresql_error(PoolTimeout, "couldn't get a connection"), True),
    (postgresql_error(errors.StatementTooComplex, "connection"), False),
    (postgresql_error(errors.ObjectNotInPrerequisiteState, "timeout"), False),
    (InterfaceError("connection already closed"), True),
    (OperationalError("a connection that is locked, busy and timed out"), False),
    (IntegrityError('new row violates check constraint "ck_things_connection"'), False),
]


@pytest.mark.parametrize(("error", "passes"), PASSING, ids=range(len(PASSING)))
def test_what_passes_is_told_by_the_names_of_errors_and_not_by_their_words(error: Exception, passes: bool) -> None:
    assert is_passing(error) is passes


def test_each_database_raises_what_we_take_for_passing(connection: BaseDatabaseWrapper, tmp_path: Path) -> None:
    if connection.vendor == "sqlite":
        first, second = (sqlite3.connect(tmp_path / "db", timeout=0) for _ in range(2))
        first.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError) as caught, connection.wrap_database_errors:
            second.execute("BEGIN IMMEDIATE")
        first.close()
        second.close()
    else:
        run_sql("SET LOCAL statement_timeout = 1")
        with pytest.raises(OperationalError) as caught, connection_guard(connection):
            run_sql("SELECT pg_sleep(1)")
    assert is_passing(caught.value)
