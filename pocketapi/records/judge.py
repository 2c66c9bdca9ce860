"""createRule, judged over the new values before anything is written, and guards of actions: only a true answer admits."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model
from django.db.models.sql import Query

from pocketapi.config import link
from pocketapi.errors import Forbidden
from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.fold import FALSE, TRUE, Environment, Outline, evaluate, fold, is_evaluable
from pocketapi.expressions.typed import OWN, ColumnRef, Const, Slot, Typed, rewrite
from pocketapi.models import Session
from pocketapi.records import queries
from pocketapi.records.plans import Statement
from pocketapi.rules.principal import Caller
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current, model_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """A rule over the slots of a new row's values."""

    tree: Typed
    outline: Outline
    constant: bool  # whether Python decides


JUDGEMENTS: Cache[Judgement] = Cache()
STATEMENTS: Cache[Statement] = Cache()


def new_slot(name: str) -> Slot:
    """The slot of a column's new value."""
    return Slot(f"new.{name}", 0)


def new_value(reference: ColumnRef) -> Const:
    """A column's new value as a slot."""
    column = reference.column
    return Const(column.kind, slot=new_slot(column.name), label=column.name, collation=column.collation, nullable=True)


def of_new_row(rule: Typed) -> Typed:
    """A rule whose columns, bare or `new`, are the values to be written."""
    return rewrite(rule, lambda part: new_value(part) if isinstance(part, ColumnRef) and part.row in OWN else part)


def ready(row: Row, names: Sequence[str]) -> dict[Slot, Any]:
    """A row's values for their slots; what is not there is null."""
    return {new_slot(name): row.get(name) for name in names}


def judge(table: link.Table, rule: Typed, rows: Sequence[Row], caller: Caller) -> None:
    """Forbidden unless the rule admits every row."""
    if not all(admits(table, rule, row, caller) for row in rows):
        raise Forbidden(f"The createRule of {table.name} does not admit these values.")


def admits(table: link.Table, rule: Typed, row: Row, caller: Caller) -> bool:
    """Whether the rule is true for a new row."""
    if rule == TRUE:
        return True
    judgement = JUDGEMENTS.get(current(), ("table", table.name), lambda: _judgement(rule))
    env = Environment({}, caller.variables, {}, ready(row, tuple(table.fields)))
    return _is_true(judgement, env, ("table", table.name), model_of(table.name))


def holds(name: str, tree: Typed, caller: Caller) -> bool:
    """Whether a condition about no row of its own is true for a caller; of one name, there is one condition."""
    judgement = JUDGEMENTS.get(current(), ("guard", name), lambda: _judgement(tree))
    return _is_true(judgement, Environment({}, caller.variables), ("guard", name), Session)


def _is_true(judgement: Judgement, env: Environment, key: tuple[Hashable, ...], model: type[Model]) -> bool:
    if judgement.constant:
        return bool(evaluate(judgement.tree, env))
    folded = fold(judgement.tree, env)
    if folded in (TRUE, FALSE):
        return folded == TRUE
    full = (*key, connections[queries.DATABASE].vendor, judgement.outline.key(env))
    statement = STATEMENTS.get(current(), full, lambda: _statement(model, folded))
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return bool(cursor.fetchone()[0])


def _judgement(rule: Typed) -> Judgement:
    tree = of_new_row(rule)
    return Judgement(tree, Outline.of([tree]), is_evaluable(tree))


def _statement(model: type[Model], tree: Typed) -> Statement:
    query = Query(model)
    compiler = query.get_compiler(connection=connections[queries.DATABASE])
    sql, params = compiler.compile(Compiler().condition(tree).resolve_expression(query))
    return Statement(f"SELECT CASE WHEN {sql} THEN 1 ELSE 0 END", tuple(params))
