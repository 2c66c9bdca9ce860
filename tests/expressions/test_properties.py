"""What the databases answer, through the whole path of a read, against the reference evaluator of tests/evaluator.py.

Rows are inserted once; each example is a text and a caller, answered for every row. Where the evaluator calls a row
Unspecified it is left out, and the two databases are compared with each other instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pocketapi.expressions import grammar
from pocketapi.tables import models as tables
from tests import generators
from tests.conftest import UseConfig, create_tables, load_config
from tests.evaluator import Refused, Unspecified, check, evaluate_condition, evaluate_order, evaluate_value
from tests.expressions.things import Refusal, Things, alike, as_json, some_rows
from tests.generators import COLUMNS

TIMES = float(os.environ.get("POCKETAPI_EXAMPLES", "1"))  # multiplies the number of examples
EXAMPLES = {"sqlite": 1, "postgresql": 0.15}
Caller = Mapping[str, Any]


def search(count: int, connection: BaseDatabaseWrapper | None = None) -> Any:
    """Settings for about `count` examples on SQLite, fewer on PostgreSQL."""
    share = EXAMPLES[connection.vendor] if connection else 1
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    return settings(max_examples=max(1, int(count * share * TIMES)), deadline=None, suppress_health_check=checks)


@pytest.fixture
def things(use_config: UseConfig) -> Things:
    return Things(use_config(generators.TABLE_YAML), some_rows())


def expected(text: str, rows: Any, evaluate: Callable[..., Any], caller: Caller) -> dict[str, Any] | None:
    """The evaluator's value by row, without those that it leaves open; None where the text is refused."""
    tree, found = grammar.parse(text), {}
    try:
        check(tree, COLUMNS)
        for row in rows:
            try:
                found[row["id"]] = as_json(evaluate(tree, row, COLUMNS, caller=caller))
            except Unspecified:
                continue
    except Refused:
        return None
    except Unspecified:
        assume(False)
    return found


def compare(text: str, things: Things, caller: Caller, answer: Any, wanted: dict[str, Any] | None) -> None:
    if wanted is None:
        assert isinstance(answer, Refusal), f"{text} is accepted"
        return
    assert not isinstance(answer, Refusal), f"{text} is refused: {answer.message}"
    for row in things.rows:
        key = row["id"]
        assert key not in wanted or alike(answer[key], wanted[key]), (
            f"{text} answers {answer[key]!r}, and {wanted[key]!r} is right\nfor the row {row}\nand {caller}"
        )


def by_row(things: Things, answer: Any) -> Any:
    """Whether each row is among the answered keys."""
    return answer if isinstance(answer, Refusal) else {row["id"]: row["id"] in answer for row in things.rows}


def test_filters_answer_as_specified(things: Things, connection: BaseDatabaseWrapper) -> None:
    @search(1400, connection)
    @given(generators.conditions(), generators.callers())
    def holds(text: str, caller: dict[str, Any]) -> None:
        wanted = expected(text, things.rows, evaluate_condition, caller)
        compare(text, things, caller, by_row(things, things.ids(text, caller)), wanted)

    holds()


def test_rules_answer_as_specified(things: Things, connection: BaseDatabaseWrapper) -> None:
    @search(600, connection)
    @given(generators.conditions(), generators.callers())
    def holds(text: str, caller: dict[str, Any]) -> None:
        wanted = expected(text, things.rows, evaluate_condition, caller)
        compare(text, things, caller, by_row(things, things.ids_by_rule(text, caller)), wanted)

    holds()


def test_selected_values_are_as_specified(things: Things, connection: BaseDatabaseWrapper) -> None:
    @search(500, connection)
    @given(generators.values(), generators.callers())
    def holds(text: str, caller: dict[str, Any]) -> None:
        wanted = expected(text, things.rows, evaluate_value, caller)
        compare(text, things, caller, things.values(text, caller), wanted)

    holds()


def test_orders_are_as_specified(things: Things, connection: BaseDatabaseWrapper) -> None:
    @search(300, connection)
    @given(generators.orders(), generators.callers())
    def holds(text: str, caller: dict[str, Any]) -> None:
        wanted = evaluate_order(grammar.parse_order(text), things.rows, COLUMNS, caller=caller)
        assert things.ordered(text, caller) == [row["id"] for row in wanted], text

    holds()


@pytest.mark.django_db(databases=["default", "postgresql"])
def test_databases_agree_also_where_the_specification_is_silent(tmp_path: Path) -> None:
    before = tables.CONFIG
    config, rows = load_config(generators.TABLE_YAML, tmp_path), some_rows()
    tables.install(config)
    both = []
    for alias in ("default", "postgresql"):
        create_tables(connections[alias], list(tables.MODELS.values()))
        both.append(Things(config, rows, alias))

    @search(250)
    @given(st.booleans(), st.data(), generators.callers())
    def agree(condition: bool, data: st.DataObject, caller: dict[str, Any]) -> None:
        text = data.draw(generators.conditions() if condition else generators.values())
        sqlite, postgresql = [things.ids(text, caller) if condition else things.values(text, caller) for things in both]
        assert alike(plain(sqlite), plain(postgresql)), f"{text} is {sqlite} on SQLite, {postgresql} on PostgreSQL"

    try:
        agree()
    finally:
        tables.install(before)


def plain(answer: Any) -> Any:
    """An answer as JSON has it."""
    return answer.message if isinstance(answer, Refusal) else dict.fromkeys(answer) if isinstance(answer, set) else answer
