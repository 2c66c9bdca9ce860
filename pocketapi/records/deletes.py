"""Deletes: a statement where the database itself knows what follows, instances where Django's models do."""

from __future__ import annotations

from collections.abc import Sequence

from pocketapi.config import link
from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.fold import FALSE, Environment
from pocketapi.expressions.typed import Output, Typed
from pocketapi.records import instances, render, statements
from pocketapi.records.plans import Statement
from pocketapi.records.statements import Records


def statement(table: link.Table, condition: Typed, outputs: Sequence[Output]) -> Statement:
    """The delete of the rows that fulfil a folded condition, or the choice of them; empty where no row can."""
    if condition == FALSE or not instances.deletes(table):
        return statements.delete_sql(table, condition, outputs)
    return instances.chosen(table, condition, [render.output(output.value, Compiler()) for output in outputs])


def run(table: link.Table, found: Statement, env: Environment, outputs: Sequence[Output]) -> Records:
    """Carry a statement out; answer the rows as they were."""
    if not found.sql:
        return []
    if not instances.deletes(table):
        return statements.run(found, env, outputs)
    rows = instances.read_chosen(found, env)
    instances.delete(table, rows)
    return [render.record(row[1:], outputs) for row in rows] if outputs else []
