"""Steps: statements in the expression language, through the records layer, for the caller of the action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections

from pocketapi.config import link
from pocketapi.config.statements import Step
from pocketapi.config.steps import amount, expression_of, joined
from pocketapi.errors import BadRequest
from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, within
from pocketapi.expressions.fold import Environment, Outline, evaluate, fold, is_evaluable
from pocketapi.expressions.meeting import assigned
from pocketapi.expressions.typed import Output, Typed, Variable
from pocketapi.records import queries, read, render, requests, write
from pocketapi.records.plans import Statement
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import scope_of
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

Row = dict[str, Any]


@dataclass(frozen=True)
class Computed:
    """The expressions of a new row: those that Python decides, and those that the database does."""

    ready: Mapping[str, Typed]
    outputs: tuple[Output, ...]
    outline: Outline


AMOUNTS: Cache[Typed] = Cache()
COMPUTED: Cache[Computed] = Cache()
STATEMENTS: Cache[Statement] = Cache()


def perform(step: Step, caller: Caller) -> bytes:
    """Carry a step out; its rows as a JSON array."""
    return VERBS[step.type](step, current().tables[step.table], caller)


def _select(step: Step, table: link.Table, caller: Caller) -> bytes:
    request = requests.Read(
        where=joined(step.where),
        order=joined(step.order) or joined(step.sort),
        limit=_amount("limit", step.limit, table, caller),
        offset=_amount("offset", step.offset, table, caller) or 0,
        select=joined(step.select),
        distinct=step.distinct,
        group=joined(step.group),
    )
    return read.answer(read.select(table, lambda: request, caller), listed=False)


def _insert(step: Step, table: link.Table, caller: Caller) -> bytes:
    rows = step.values if isinstance(step.values, list) else [step.values or {}]
    if step.expr:
        rows = [{**row, **_new_row(step.expr, table, caller)} for row in rows]
    single = not isinstance(step.values, list)
    request = requests.Insert(tuple(rows), single, joined(step.returning), _mode(step))
    return render.dumps(write.insert(table, lambda: request, caller))


def _update(step: Step, table: link.Table, caller: Caller) -> bytes:
    expressions = {name: expression_of(value) for name, value in (step.set or {}).items()}
    request = requests.Update(step.where or "", step.set_values or {}, expressions, joined(step.returning), _mode(step))
    return render.dumps(write.update(table, lambda: request, caller))


def _delete(step: Step, table: link.Table, caller: Caller) -> bytes:
    request = requests.Delete(step.where or "", joined(step.returning))
    return render.dumps(write.delete(table, lambda: request, caller))


VERBS: dict[str, Callable[[Step, link.Table, Caller], bytes]] = {
    "SELECT": _select,
    "INSERT": _insert,
    "UPDATE": _update,
    "DELETE": _delete,
}


def _mode(step: Step) -> str | None:
    return requests.mode_of({"or": step.or_}, requests.MODES)


def _amount(name: str, given: int | str | None, table: link.Table, caller: Caller) -> int | None:
    """A limit or an offset; BadRequest where what it is computed from makes it none."""
    if not isinstance(given, str):
        return given
    scope = replace(scope_of(table, caller), columns={})
    tree = AMOUNTS.get(current(), (given, caller.sight), lambda: within(given, lambda: amount(given, scope)))
    value = evaluate(tree, Environment(variables=caller.variables))
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if value is not None and (not isinstance(value, int) or not 0 <= value < requests.LIMIT):
        raise BadRequest(f"{name} is a whole number from 0 on.")
    return value


# Computed values of a new row


def _new_row(expressions: Mapping[str, Any], table: link.Table, caller: Caller) -> Row:
    """The values of expressions, as they would be posted: they are validated like those."""
    texts = {name: expression_of(value) for name, value in expressions.items()}
    key = (table.name, tuple(texts.items()), caller.sight)
    computed = COMPUTED.get(current(), key, lambda: _computed(texts, table, caller))
    env = Environment(variables=caller.variables)
    row = {name: _decided(tree, env) for name, tree in computed.ready.items()}
    return {**row, **_queried(computed, table, env, key)} if computed.outputs else row


def _decided(tree: Typed, env: Environment) -> Any:
    """A value that needs no database; a variable alone is as it was sent."""
    return env.raw(tree.path) if isinstance(tree, Variable) else evaluate(tree, env)


def _computed(texts: Mapping[str, str], table: link.Table, caller: Caller) -> Computed:
    scope = replace(scope_of(table, caller), columns={})
    trees = {name: _tree(text, table.fields[name], Checker(scope)) for name, text in texts.items()}
    ready = {name: tree for name, tree in trees.items() if is_evaluable(tree)}
    outputs = tuple(Output(name, tree) for name, tree in trees.items() if name not in ready)
    return Computed(ready, outputs, Outline.of(output.value for output in outputs))


def _tree(text: str, field: link.Field, checker: Checker) -> Typed:
    def check() -> Typed:
        tree = checker.value(grammar.parse(text))
        return tree if isinstance(tree, Variable) else assigned(tree, field.column)

    tree: Typed = within(text, check)
    return tree


def _queried(computed: Computed, table: link.Table, env: Environment, key: tuple[Any, ...]) -> Row:
    full = (*key, queries.vendor(), computed.outline.key(env))
    statement = STATEMENTS.get(current(), full, lambda: _statement(computed.outputs, table, env))
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return render.posted(cursor.fetchone(), computed.outputs)


def _statement(outputs: tuple[Output, ...], table: link.Table, env: Environment) -> Statement:
    found = queries.outputs_sql(table, [replace(output, value=fold(output.value, env)) for output in outputs])
    return Statement(f"SELECT {found.sql}", found.params)
