"""Carrying out statements in SQL, and what `or` says about unique values that are taken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from pocketapi.actions import sql
from pocketapi.actions.fragments import Named, Piece, joined
from pocketapi.actions.sql import Params, Program, Records
from pocketapi.config import link
from pocketapi.config.sql_statements import rows_of
from pocketapi.config.statements import SqlStatement
from pocketapi.errors import Conflict
from pocketapi.records import conflicts, queries, render
from pocketapi.records.integrity import Refused, answering, explained, naming_keys
from pocketapi.rules.principal import SYSTEM, Caller
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

KEY = "="  # the parameter that is the key of the row to change
PROGRAMS: Cache[list[Program]] = Cache()


def perform(action: str, index: int, statement: SqlStatement, caller: Caller) -> bytes:
    """Carry a statement out; its rows as a JSON array. `action` and `index` say which one it is."""
    params = caller.script.params if caller.script else {}
    key = (action, index, caller.is_admin, queries.vendor())
    if statement.or_ == "REPLACE" or (statement.or_ == "IGNORE" and statement.type == "UPDATE"):
        with answering():
            one_by_one = _inserted if statement.type == "INSERT" else _updated
            records = one_by_one(statement, params, caller, key)
    else:
        programs = PROGRAMS.get(current(), key, lambda: sql.MAKERS[statement.type](statement, caller.is_admin))
        records = [record for program in programs for record in _run(program, statement, params)]
    sql.wrote(statement)
    return render.dumps(records)


def _run(program: Program, statement: SqlStatement, params: Params) -> Records:
    """The rows of one program; of one that writes, a key that is refused is named."""
    if statement.type in ("SELECT", "QUERY"):
        return program.run(params)
    with naming_keys(sql.table_of(statement), lambda: sql.keys_written(statement, params)):
        return program.run(params)


def _inserted(statement: SqlStatement, params: Params, caller: Caller, key: tuple[Any, ...]) -> Records:
    """INSERT with REPLACE: row by row, what is in the way of each is deleted before."""
    table = sql.table_of(statement)
    programs = PROGRAMS.get(current(), key, lambda: _row_programs(statement, table, caller.is_admin))
    records: Records = []
    for write, uniques in zip(programs[::2], programs[1::2], strict=True):
        (row,) = uniques.run(params)
        run = partial(_run, write, statement, params)
        records += conflicts.replacing(table, run, lambda: row, SYSTEM)  # noqa: B023 - called at once
    return records


def _row_programs(statement: SqlStatement, table: link.Table, admin: bool) -> list[Program]:
    """For each row, its INSERT and the unique values that it will have."""
    found: list[Program] = []
    for given in rows_of(statement):
        row = sql.new_row(given, table)
        found += [sql.insert_of([row], statement, admin), _unique_values(table, row, "")]
    return found


def _unique_values(table: link.Table, row: Mapping[str, Piece], source: str) -> Program:
    """The values that a written row will have in its unique columns; of a stored row, those that stay."""
    names = sorted({name for unique in conflicts.uniques(table) for name in unique.names if source or name in row})
    values = [row[name].within("(", f") AS {sql.quoted(name)}") if name in row else Piece(sql.quoted(name)) for name in names]
    kinds = [table.columns[name].kind for name in names]
    return Program(joined(", ", values or [Piece("1")]).within("SELECT ", source), kinds or [None])


def _updated(statement: SqlStatement, params: Params, caller: Caller, key: tuple[Any, ...]) -> Records:
    """UPDATE with IGNORE or REPLACE: the rows in the order of their keys, each under a savepoint."""
    table = sql.table_of(statement)
    programs = PROGRAMS.get(current(), key, lambda: _update_programs(statement, table, caller.is_admin))
    keys, write, uniques = programs
    records: Records = []
    for found in keys.run(params):
        (uid,) = found.values()
        records += _one(statement, table, uid, (write, uniques), params)
    return records


def _one(statement: SqlStatement, table: link.Table, uid: Any, programs: tuple[Program, Program], params: Params) -> Records:
    write, uniques = programs
    params = {**params, KEY: uid}
    if statement.or_ == "REPLACE":
        row: Records = uniques.run(params)
        run = partial(_run, write, statement, params)
        return conflicts.replacing(table, run, lambda: row[0] if row else {}, SYSTEM, but=uid)
    try:
        with explained(table), transaction.atomic(queries.DATABASE):
            return _run(write, statement, params)
    except Refused as refused:
        if isinstance(refused.error, Conflict):
            return []
        raise


def _update_programs(statement: SqlStatement, table: link.Table, admin: bool) -> list[Program]:
    """The keys of the rows to change, the change of one, and the unique values that it will have."""
    vendor, key = queries.vendor(), sql.quoted(table.primary.name)
    source = f" FROM {sql.relation(table)}"
    where = sql.condition_of(statement, vendor)
    keys = Program(where.within(f"SELECT {key}{source}", f" ORDER BY {key}"), [table.primary.column.kind])
    is_one = Piece(f"{key} = %s", (Named(KEY),))
    (write,) = sql.update(statement, admin, is_one)
    values = _unique_values(table, sql.written_row(statement.set or {}, table), source)
    one = Program(values.piece + sql.condition_of(statement, vendor, is_one), values.kinds)
    return [keys, write, one]
