"""The generators' table in a database: its rows, and what reads answer. Values are compared as JSON has them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from django.db import DatabaseError, connections, transaction
from hypothesis import Phase, given, settings

from pocketapi.config import link
from pocketapi.errors import BadRequest
from pocketapi.expressions import check, grammar
from pocketapi.expressions.check import Checker
from pocketapi.expressions.kinds import kind_of
from pocketapi.expressions.scope import Column, Scope, Searched
from pocketapi.expressions.typed import Typed
from pocketapi.records import queries, read, requests
from pocketapi.rules.principal import Caller, Principal
from pocketapi.tables import models as tables
from tests import generators
from tests.evaluator_kinds import ColumnSpec

ROW_COUNT = 40
STORAGES = {"text": "text", "integer": "integer", "number": "real", "bool": "boolean", "json": "json"}
DATES = {"timestamp": "timestamp", "day": "date", "time": "time"}


def column(name: str, spec: ColumnSpec) -> Column:
    """A column of the generators as expressions see it."""
    kind, storage = (spec.kind, STORAGES[spec.kind]) if spec.kind in STORAGES else ("date", DATES[spec.kind])
    return Column("things", name, kind_of(kind, storage), storage, nullable=name != "id", collation=spec.collation)


COLUMNS = {name: column(name, spec) for name, spec in generators.COLUMNS.items()}
SEARCHED = tuple(COLUMNS[name] for name, spec in generators.COLUMNS.items() if spec.searched)
SCOPE = Scope("things", COLUMNS, search=Searched("things", COLUMNS["id"], SEARCHED))


def typed(text: str, scope: Scope = SCOPE, aggregates: bool = False) -> Typed:
    """A text as a checked tree, its literals in place."""
    return check.within(text, lambda: Checker(scope, aggregates=aggregates).value(grammar.parse(text)))


Row = Mapping[str, Any]


def some_rows(count: int = ROW_COUNT) -> list[dict[str, Any]]:
    """Rows at random, the same at each run, and the first of them all null."""
    found: dict[str, dict[str, Any]] = {"null": {**dict.fromkeys(generators.COLUMNS), "id": "null"}}

    @settings(max_examples=count * 3, database=None, derandomize=True, deadline=None, phases=[Phase.generate])
    @given(generators.rows())
    def collect(row: dict[str, Any]) -> None:
        found.setdefault(f"{row['id']}", row)

    collect()
    return list(found.values())[:count]


@dataclass(frozen=True)
class Refusal:
    """A 400 and its message."""

    message: str


def caller_of(variables: Mapping[str, Any]) -> Caller:
    """A caller whose `auth.*` are the generators'."""
    roles = variables["role"] or ()
    return Caller(
        Principal(
            uid=variables["uid"],
            email=variables["email"],
            roles=(roles,) if isinstance(roles, str) else tuple(roles),
            verified=variables["verified"],
            meta=variables["meta"],
            sid=variables["uid"] and "session",
        )
    )


class Things:
    """The table `things` on one database."""

    def __init__(self, config: link.Config, rows: Sequence[Row], alias: str = "default") -> None:
        self.table, self.rows, self.alias = config.tables[generators.TABLE], rows, alias
        model = tables.MODELS[generators.TABLE]
        model._default_manager.using(alias).bulk_create(model(**row) for row in rows)
        with connections[alias].cursor() as cursor:  # as the API writes JSON, which escapes no letters
            for name, row in itertools.product(("data", "extra"), rows):
                if row[name] is not None:
                    text = json.dumps(row[name], ensure_ascii=False)
                    cursor.execute(f"UPDATE things SET {name} = %s WHERE id = %s", [text, row["id"]])

    def read(self, caller: Mapping[str, Any], table: link.Table | None = None, **parameters: Any) -> Any:
        """What select answers, or the Refusal; a database error is the test's failure."""
        before, queries.DATABASE = queries.DATABASE, self.alias
        try:
            with transaction.atomic(using=self.alias):
                page = read.select(table or self.table, lambda: requests.read(parameters), caller_of(caller))
            return json.loads(read.answer(page, listed=False))
        except BadRequest as error:
            return Refusal(error.message)
        except DatabaseError as error:
            raise AssertionError(f"{connections[self.alias].vendor}: {error}") from error
        finally:
            queries.DATABASE = before

    def ids(self, where: str, caller: Mapping[str, Any]) -> Any:
        """The keys of the rows that fulfil a filter."""
        return keys(self.read(caller, where=where, select="id"))

    def ids_by_rule(self, rule: str, caller: Mapping[str, Any]) -> Any:
        """The keys of the rows that a listRule gives."""
        try:
            tree = check.condition(rule, SCOPE)
        except BadRequest as error:
            return Refusal(error.message)
        rules = {**(self.table.rules or {}), "list": link.Rule(rule, tree)}
        read.PREPARED, read.PLANS = read.Cache(), read.Cache()
        return keys(self.read(caller, replace(self.table, rules=rules), select="id"))

    def values(self, text: str, caller: Mapping[str, Any]) -> Any:
        """The value of an expression for each row, by key."""
        found = self.read(caller, select=f"id, {text} => v")
        return found if isinstance(found, Refusal) else {row["id"]: row["v"] for row in found}

    def ordered(self, order: str, caller: Mapping[str, Any]) -> Any:
        """The keys in an order."""
        found = self.read(caller, select="id => i", order=order)
        return found if isinstance(found, Refusal) else [row["i"] for row in found]


def keys(found: Any) -> Any:
    return found if isinstance(found, Refusal) else {row["id"] for row in found}


def as_json(value: Any) -> Any:
    """A value of the evaluator as the API writes it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case time():
            return value.isoformat(timespec="milliseconds")
        case date():
            return value.isoformat()
        case _:
            return value


def alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are one: 10 is 10.0, and true is not 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    return bool(one == other)
