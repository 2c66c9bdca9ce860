"""What a database refuses, as errors that name fields and no SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connections,
)

from pocketapi.config import link, schema
from pocketapi.config.constraint_names import constraint_name
from pocketapi.errors import BadRequest, Conflict, PocketError, Unavailable, ValidationFailed, field_error
from pocketapi.expressions.forms import as_stored
from pocketapi.records import queries
from pocketapi.records.values import NULL
from pocketapi.tables.existing import columns_of_constraint
from pocketapi.tables.table import current, model_of

REFUSED = "The database refused a statement of this action. Nothing was changed."
SQLITE_CHECK = re.compile(r"^CHECK constraint failed: (\w+)")
SQLITE_TABLE = re.compile(r"failed: (\w+)\.")
UNIQUE = field_error("unique", Conflict.message)
CHECK = field_error("check", "This value is not allowed here.")
RESTRICTED = field_error("restricted", "Other records refer to this one.")
UNIQUE_COLUMNS = re.compile(r"\.(\w+)")
SQLITE_INDEX = re.compile(r"index '(\w+)'")
BEYOND = "A value is beyond what the database can hold."
RAISED = "user-defined function raised exception"  # how SQLite tells that pocket_refuse was called
TRIGGERED = "P0001"  # PostgreSQL's state where a trigger raises
SQLITE_TRIGGERED = "SQLITE_CONSTRAINT_TRIGGER"  # and SQLite's name of that
# What passes, by the names and classes that the databases give it: SQLite waited for another writer, or was interrupted.
SQLITE_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT")
# PostgreSQL: connections, transactions that met, resources that ran out, locks, operators and time limits.
POSTGRESQL_PASSING = ("08", "40", "53", "55P03", "57")
SQLITE_KEY, SQLITE_UNIQUE = "FOREIGN KEY constraint failed", "UNIQUE constraint failed: "
POSTGRESQL_KEY, POSTGRESQL_UNIQUE = ("23503", "23001"), "23505"

Fields = dict[str, dict[str, str]]


class Refused(Exception):
    """A database's refusal of a statement about a table; `fields` is empty where none is at fault."""

    def __init__(self, error: PocketError, fields: Fields) -> None:
        super().__init__(error.message)
        self.error, self.fields = error, fields


def is_passing(error: Exception) -> bool:
    """Whether the same statement may succeed later: the database was busy, gave up, or was not reached."""
    if not isinstance(error, OperationalError):
        return isinstance(error, InterfaceError)
    cause: Any = error.__cause__
    if not hasattr(cause, "sqlstate"):
        return str(getattr(cause, "sqlite_errorname", "")).startswith(SQLITE_PASSING)
    return cause.sqlstate is None or cause.sqlstate.startswith(POSTGRESQL_PASSING)  # without a state it did not answer


@contextmanager
def explained(
    table: link.Table, rows: Sequence[Mapping[str, Any]] = (), deleting: bool = False, computed: Sequence[str] = ()
) -> Iterator[None]:
    """Turn a database's errors into Refused. To be left after the transaction: the rows' keys are looked up then.

    `computed` are the keys whose new values the database computes, so that they cannot be looked up.
    """
    try:
        yield
    except IntegrityError as error:
        raise _integrity(table, error, Write(rows, deleting, computed)) from error
    except DataError as error:
        raise Refused(BadRequest(BEYOND), {}) from error
    except (OperationalError, InterfaceError) as error:
        if str(error) == RAISED:
            raise Refused(BadRequest(BEYOND), {}) from error
        if is_passing(error):
            raise Unavailable from error
        raise
    except (InternalError, ProgrammingError) as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if diagnosis is None or diagnosis.sqlstate != TRIGGERED:
            raise
        raise Refused(BadRequest(diagnosis.message_primary), {}) from error


@dataclass(frozen=True)
class Write:
    """What was to be written; `computed` are the keys whose new values the database computes."""

    rows: Sequence[Mapping[str, Any]] = ()
    deleting: bool = False
    computed: Sequence[str] = ()


@contextmanager
def answering() -> Iterator[None]:
    """Turn a refused statement into the error that its caller reads."""
    try:
        yield
    except Refused as refused:
        raise with_data(refused.error, refused.fields) from refused


@contextmanager
def naming_keys(table: link.Table, write: Callable[[], Write]) -> Iterator[None]:
    """Turn what a foreign key refuses into an error that names the field; other errors pass.

    It is left within the transaction. Where nothing may be asked there any more, all keys that are written are named; PostgreSQL
    tells which of them it is.
    """
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if not _is_of_key(str(error), diagnosis):
            raise
        written = write()
        if diagnosis is not None or connections[queries.DATABASE].needs_rollback:
            written = Write((), written.deleting, [*written.computed, *(name for row in written.rows for name in row)])
        refused = _integrity(table, error, written)
        raise with_data(refused.error, refused.fields) from error


def refusal(error: DatabaseError) -> PocketError:
    """The error of a statement that the config wrote in SQL, about whatever table; nothing of the SQL is in it."""
    message, diagnosis = str(error), getattr(error.__cause__, "diag", None)
    if is_passing(error):
        return Unavailable()
    if isinstance(error, DataError):
        return BadRequest(BEYOND)
    if diagnosis is not None and diagnosis.sqlstate == TRIGGERED:
        return BadRequest(diagnosis.message_primary)
    if getattr(error.__cause__, "sqlite_errorname", "") == SQLITE_TRIGGERED and not SQLITE_CHECK.match(message):
        return BadRequest(message)
    if not isinstance(error, IntegrityError):
        return BadRequest(REFUSED)
    if _is_of_key(message, diagnosis):
        return BadRequest("A key points to no record, or other records refer to one that was to go.")
    table = _table_of(message, diagnosis)
    if table is None:
        return Conflict() if _is_of_unique(message, diagnosis) else BadRequest(REFUSED)
    found = _integrity(table, error, Write())
    return with_data(found.error, found.fields)


def _is_of_key(message: str, diagnosis: Any) -> bool:
    """Whether a foreign key refused: a key that points nowhere, or a row that others refer to."""
    return diagnosis.sqlstate in POSTGRESQL_KEY if diagnosis is not None else message == SQLITE_KEY


def _is_of_unique(message: str, diagnosis: Any) -> bool:
    return diagnosis.sqlstate == POSTGRESQL_UNIQUE if diagnosis is not None else message.startswith(SQLITE_UNIQUE)


def _table_of(message: str, diagnosis: Any) -> link.Table | None:
    """The table that a refused statement was about; an index or a check of SQLite is known by its name."""
    named = SQLITE_TABLE.search(message)
    name = diagnosis.table_name if diagnosis is not None else named and named[1]
    index = SQLITE_INDEX.search(message)
    check = SQLITE_CHECK.search(message)
    for table in current().tables.values():
        checks = {constraint_name("ck", table.name, name) for name, field in table.fields.items() if _has_check(field)}
        if queries.db_table(table) == name or (index and _columns_of_index(table, index[1])) or (check and check[1] in checks):
            return table
    return None


def _has_check(field: link.Field) -> bool:
    """Whether a check has the field's name; createdTrigger speaks like one."""
    return bool(field.check or field.check_sql or field.spec.usage == "record_created")


def with_data(error: PocketError, data: dict[str, Any]) -> PocketError:
    """The error with its data."""
    error.data = data
    return error


def _integrity(table: link.Table, error: DatabaseError, write: Write) -> Refused:
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return _postgresql(table, diagnosis, write)
    return _sqlite(table, str(error), write)


def _sqlite(table: link.Table, message: str, write: Write) -> Refused:
    match message.partition(" constraint failed")[0]:
        case "UNIQUE":
            index = SQLITE_INDEX.search(message)
            columns = _columns_of_index(table, index[1]) if index else _columns_in(table, message)
            return Refused(Conflict(), dict.fromkeys(columns, UNIQUE))
        case "NOT NULL":
            return _invalid(dict.fromkeys(_columns_in(table, message), NULL))
        case "CHECK":
            return _invalid(_check(table, message.split(": ", 1)[-1]))
        case "FOREIGN KEY":
            return _invalid(_foreign_key(table, write))
        case _:  # what a trigger says
            return Refused(BadRequest(message), {})


def _postgresql(table: link.Table, diagnosis: Any, write: Write) -> Refused:
    match diagnosis.sqlstate:
        case "23505":
            found = re.search(r"Key \((.*?)\)=\(", diagnosis.message_detail or "")
            words = re.findall(r"\w+", found[1]) if found else []
            return Refused(Conflict(), {name: UNIQUE for name in words if name in table.fields})
        case "23502":
            return _invalid({diagnosis.column_name: NULL})
        case "23514":
            return _invalid(_check(table, diagnosis.constraint_name or ""))
        case _:
            other = diagnosis.table_name != queries.db_table(table)
            named = [name for name in write.computed if constraint_name("fk", table.name, name) == diagnosis.constraint_name]
            return _invalid(_foreign_key(table, Write(write.rows, write.deleting or other, named)))


def _invalid(fields: Fields) -> Refused:
    return Refused(ValidationFailed({}), fields)


def _columns_in(table: link.Table, message: str) -> list[str]:
    """The columns that SQLite names: those of the table, whose own name may have a full stop."""
    return [name for name in UNIQUE_COLUMNS.findall(message) if name in table.fields]


def _columns_of_index(table: link.Table, name: str) -> list[str]:
    if table.is_model:
        return columns_of_constraint(model_of(table.name), name)
    for index in table.indexes:
        if index.name == name:
            return [column.name for column in index.columns]
    folded = ("", "nocase", "rtrim")
    names = {constraint_name(*filter(None, ("uq", table.name, field, how))): field for field in table.fields for how in folded}
    return [names[name]] if name in names else []


def _check(table: link.Table, constraint: str) -> Fields:
    """The field of a CHECK; those that a type brings along are named by the column in their text."""
    if table.is_model:
        columns = columns_of_constraint(model_of(table.name), constraint)
        if columns:
            return dict.fromkeys(columns, CHECK)
    for name in table.fields:
        if constraint_name("ck", table.name, name) == constraint:
            return {name: CHECK}
    words = re.findall(r"\w+", constraint)
    known = queries.db_table(table)
    return {name: CHECK for name in table.fields if name in words or constraint.startswith(f"{known}_{name}_")}


def _foreign_key(table: link.Table, write: Write) -> Fields:
    """The keys that point nowhere; where all point somewhere, another row refers to this one."""
    if write.deleting:
        return {table.uid.name: RESTRICTED}
    keys = {name: field.spec.foreign_key for name, field in table.fields.items() if field.spec.foreign_key}
    posted = [
        name
        for name, key in keys.items()
        if any(not _exists(key.table, key.column, as_stored(table.columns[name].form, row.get(name))) for row in write.rows)
    ]
    return {name: _missing(keys[name]) for name in posted or write.computed} or {table.uid.name: RESTRICTED}


def _missing(key: schema.ForeignKey) -> dict[str, str]:
    return field_error("missing", f"There is no record of {key.table} with this {key.column}.")


def _exists(table: str, column: str, value: Any) -> bool:
    """Whether a key is null or points to a row."""
    if value is None:
        return True
    connection = connections[queries.DATABASE]
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        target = queries.db_table(current().tables[table])
        cursor.execute(f"SELECT 1 FROM {quote(target)} WHERE {quote(column)} = %s", [value])
        return cursor.fetchone() is not None
