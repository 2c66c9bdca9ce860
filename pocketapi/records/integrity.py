"""What a database refuses, as errors that name fields and no SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError, connections

from pocketapi.config import link
from pocketapi.errors import BadRequest, Conflict, PocketError, Unavailable, ValidationFailed, field_error
from pocketapi.records import queries
from pocketapi.tables.names import constraint_name
from pocketapi.tables.table import current

UNIQUE = field_error("unique", Conflict.message)
NULL = field_error("null", "This field may not be null.")
CHECK = field_error("check", "This value is not allowed here.")
RESTRICTED = field_error("restricted", "Other records refer to this one.")
UNIQUE_COLUMNS = re.compile(r"\.(\w+)")
SQLITE_INDEX = re.compile(r"index '(\w+)'")
BEYOND = "user-defined function raised exception"  # how SQLite tells that pocket_refuse was called
BUSY = re.compile(r"locked|busy|timeout|canceling statement|connection|deadlock|could not serialize", re.IGNORECASE)

Fields = dict[str, dict[str, str]]


def unique_groups(table: link.Table) -> list[tuple[str, ...]]:
    """The columns of the key and of each unique constraint and index."""
    single = [(name,) for name, field in table.fields.items() if field.spec.primary or field.spec.unique]
    indexes = [tuple(column.name for column in index.columns) for index in table.indexes if index.unique]
    return [*single, *indexes]


class Refused(Exception):
    """A database's refusal of a statement about a table; `fields` is empty where none is at fault."""

    def __init__(self, error: PocketError, fields: Fields) -> None:
        super().__init__(error.message)
        self.error, self.fields = error, fields


@contextmanager
def explained(table: link.Table, rows: Sequence[Mapping[str, Any]] = (), deleting: bool = False) -> Iterator[None]:
    """Turn a database's errors into Refused. To be left after the transaction: the rows' keys are looked up then."""
    try:
        yield
    except IntegrityError as error:
        fields, kind = _integrity(table, error, rows, deleting)
        raise Refused(kind({}) if kind is ValidationFailed else kind(), fields) from error
    except DataError as error:
        raise Refused(BadRequest("A value is beyond what the database can hold."), {}) from error
    except (OperationalError, InterfaceError) as error:
        if BEYOND in str(error):
            raise Refused(BadRequest("A value is beyond what the database can hold."), {}) from error
        if BUSY.search(str(error)) or isinstance(error, InterfaceError):
            raise Unavailable from error
        raise


@contextmanager
def answering() -> Iterator[None]:
    """Turn a refused statement into the error that its caller reads."""
    try:
        yield
    except Refused as refused:
        raise with_data(refused.error, refused.fields) from refused


def with_data(error: PocketError, data: dict[str, Any]) -> PocketError:
    """The error with its data."""
    error.data = data
    return error


def _integrity(table: link.Table, error: DatabaseError, rows: Sequence[Mapping[str, Any]], deleting: bool) -> tuple[Fields, Any]:
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:
        return _postgresql(table, diagnosis, rows, deleting)
    return _sqlite(table, str(error), rows, deleting)


def _sqlite(table: link.Table, message: str, rows: Sequence[Mapping[str, Any]], deleting: bool) -> tuple[Fields, Any]:
    if message.startswith("UNIQUE"):
        index = SQLITE_INDEX.search(message)
        columns = _columns_of_index(table, index[1]) if index else UNIQUE_COLUMNS.findall(message)
        return dict.fromkeys(columns, UNIQUE), Conflict
    if message.startswith("NOT NULL"):
        return dict.fromkeys(UNIQUE_COLUMNS.findall(message), NULL), ValidationFailed
    if message.startswith("CHECK"):
        return _check(table, message.split(": ", 1)[-1]), ValidationFailed
    return _foreign_key(table, rows, deleting), ValidationFailed


def _postgresql(table: link.Table, diagnosis: Any, rows: Sequence[Mapping[str, Any]], deleting: bool) -> tuple[Fields, Any]:
    match diagnosis.sqlstate:
        case "23505":
            found = re.search(r"Key \((.*?)\)=\(", diagnosis.message_detail or "")
            words = re.findall(r"\w+", found[1]) if found else []
            return {name: UNIQUE for name in words if name in table.fields}, Conflict
        case "23502":
            return {diagnosis.column_name: NULL}, ValidationFailed
        case "23514":
            return _check(table, diagnosis.constraint_name or ""), ValidationFailed
        case _:
            restricted = deleting or diagnosis.table_name != table.name
            return _foreign_key(table, rows, restricted), ValidationFailed


def _columns_of_index(table: link.Table, name: str) -> list[str]:
    for index in table.indexes:
        if index.name == name:
            return [column.name for column in index.columns]
    return [field for field, spec in table.fields.items() if constraint_name("uq", table.name, field) == name]


def _check(table: link.Table, constraint: str) -> Fields:
    """The field of a CHECK; those that a type brings along are named by the column in their text."""
    for name in table.fields:
        if constraint_name("ck", table.name, name) == constraint:
            return {name: CHECK}
    words = re.findall(r"\w+", constraint)
    return {name: CHECK for name in table.fields if name in words or constraint.startswith(f"{table.name}_{name}_")}


def _foreign_key(table: link.Table, rows: Sequence[Mapping[str, Any]], restricted: bool) -> Fields:
    """The keys that point nowhere; where all point somewhere, another row refers to this one."""
    missing: Fields = {}
    for name, field in table.fields.items():
        key = field.spec.foreign_key
        if (
            key
            and not restricted
            and any(row.get(name) is not None and not _exists(key.table, key.column, row[name]) for row in rows)
        ):
            missing[name] = field_error("missing", f"There is no record of {key.table} with this {key.column}.")
    return missing or {table.uid.name: RESTRICTED}


def _exists(table: str, column: str, value: Any) -> bool:
    connection = connections[queries.DATABASE]
    quote = connection.ops.quote_name
    target = current().tables[table].spec
    name = getattr(target, "name", table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {quote(name)} WHERE {quote(column)} = %s", [value])
        return cursor.fetchone() is not None
