"""New rows into their table: all or none, or as `or` says of unique conflicts. Other failures are errors in every mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from pocketapi.config import link
from pocketapi.errors import Conflict, PocketError
from pocketapi.expressions.fold import Environment
from pocketapi.expressions.typed import Output
from pocketapi.records import instances, queries, statements
from pocketapi.records.conflicts import replacing
from pocketapi.records.fields import in_rows
from pocketapi.records.integrity import Refused, explained, with_data
from pocketapi.records.statements import Records
from pocketapi.rules.principal import Caller

Row = Mapping[str, Any]
Outputs = tuple[Output, ...]
Write = Callable[[Sequence[Row]], Records]


def store(table: link.Table, rows: Sequence[Row], outputs: Outputs, mode: str | None, single: bool, caller: Caller) -> Records:
    """Insert rows in their order; answer the outputs of those that were inserted."""
    env = Environment({}, caller.variables)

    def write(some: Sequence[Row]) -> Records:
        if mode == "REPLACE":
            return [record for row in some for record in _replace(table, row, outputs, env, caller)]
        return insert(table, some, outputs, env, ignore=mode == "IGNORE")

    if mode == "FAIL":
        return _until_conflict(table, rows, write, single)
    try:
        with explained(table, rows), queries.transaction_of(mode == "REPLACE" or table.is_model or statements.parts(rows) > 1):
            return write(rows)
    except Refused as refused:
        raise _located(table, rows, write, single, refused) from refused


def insert(table: link.Table, rows: Sequence[Row], outputs: Outputs, env: Environment, ignore: bool = False) -> Records:
    """Insert rows, those of an existing model by its instances."""
    how = instances.insert if table.is_model else statements.insert
    return how(table, rows, outputs, env, ignore)


def _replace(table: link.Table, row: Row, outputs: Outputs, env: Environment, caller: Caller) -> Records:
    return replacing(table, lambda: insert(table, [row], outputs, env), lambda: row, caller)


def _until_conflict(table: link.Table, rows: Sequence[Row], write: Write, single: bool) -> Records:
    """FAIL: keep the rows before the one in conflict, and name it once they are committed."""
    records, refusal = _one_by_one(table, rows, write, lambda refused: isinstance(refused.error, Conflict))
    if refusal:
        raise _named(*refusal, single)
    return records


def _located(table: link.Table, rows: Sequence[Row], write: Write, single: bool, refused: Refused) -> PocketError:
    """The error of a refused batch with the row at fault: the batch is tried again row by row, and undone."""
    if len(rows) > 1:
        _, refusal = _one_by_one(table, rows, write, lambda _: False)
        if refusal:
            return _named(*refusal, single)
    return _named(0, refused, single)


def _one_by_one(
    table: link.Table, rows: Sequence[Row], write: Write, keep: Callable[[Refused], bool]
) -> tuple[Records, tuple[int, Refused] | None]:
    """Write row by row up to the first that is refused; `keep` tells whether those before it stay."""
    records: Records = []
    with transaction.atomic(queries.DATABASE):
        for index, row in enumerate(rows):
            try:
                with explained(table, [row]), transaction.atomic(queries.DATABASE):
                    records += write([row])
            except Refused as refused:
                if not keep(refused):
                    transaction.set_rollback(True, queries.DATABASE)  # noqa: FBT003 - Django's signature
                return records, (index, refused)
    return records, None


def _named(index: int, refused: Refused, single: bool) -> PocketError:
    return with_data(refused.error, in_rows({index: refused.fields}, single) if refused.fields else {})
