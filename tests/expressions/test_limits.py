"""Texts at the grammar's limits: as deep and as long as they may be, on both databases, with stack to spare."""

from __future__ import annotations

import inspect
import sys

import pytest

from pocketapi.records import read
from tests import generators
from tests.conftest import UseConfig
from tests.expressions.test_plans import reset
from tests.expressions.things import Refusal, Things, some_rows
from tests.generators import ANONYMOUS

FRAMES = 650  # of Python's 1,000, so that servers, middleware and views have the rest


def chain(operator: str, operand: str, count: int = 127) -> str:
    return f" {operator} ".join([operand] * count)


def nest(before: str, operand: str, after: str, count: int) -> str:
    return before * count + operand + after * count


TEXTS = {
    "brackets": nest("(", "qty", ")", 32),
    "unary": "!" * 32 + "on_sale",
    "minus": "-" * 32 + "qty == 1",
    "sum": chain("+", "qty"),
    "sum of fractions": chain("+", "price"),
    "product": chain("*", "qty"),
    "quotient": chain("/", "price"),
    "concatenation": chain("||", "name"),
    "equalities": chain("==", "on_sale"),
    "inequalities": chain("!=", "on_sale"),
    "constants": chain("==", "true"),
    "variables": "auth.verified == " + chain("==", "true", 120),
    "comparisons with null": "on_sale" + " == null" * 120,
    "alternatives": chain("|", "qty == 1", 63),
    "conjunctions": chain("&", "!name", 80),
    "list": f"qty in ({', '.join(map(str, range(100)))})",
    "steps into JSON": "data" + "->'a'" * 120 + " == null",
    "calls": nest("lower(", "name", ")", 32),
    "coalesce": nest("coalesce(qty, qty + ", "1", ")", 31),
    "round": nest("round(price * ", "1", ", 1)", 31),
    "replace": nest("replace(", "name", ", 'a', 'aa')", 31),
    "substring": nest("substring(", "name", ", 1, 5)", 31),
    "least": nest("min(qty, ", "1", ")", 31),
    "dates": nest("date(", "day", ", '+1 months')", 31),
    "dates of texts": nest("datetime(", "name", ", '+1 months')", 31),
    "modifiers": "datetime(created_at" + ", '+1 months'" * 99 + ") == created_at",
    "formats": nest("strftime('%Y-%m-%d', ", "name", ")", 31),
    "json_set": nest("json_set(", "data", ", '$.a.b', 1)", 31),
    "json_patch": nest("json_patch(", "data", ", extra)", 31),
    "concat": nest("concat(", "name", ", qty)", 31),
    "all levels": nest("(qty == 1 | qty + ", "1", ")", 30),
    "all levels with text": nest("(qty == 1 | name == lower(name) & qty + ", "1", ")", 15),
    "conditions as values": nest("(on_sale == ", "true", ")", 31),
    "several at each level": nest("(on_sale == on_sale == on_sale == ", "on_sale", ")", 30),
    "and with or": nest("(on_sale & ", nest("(qty == 1 | ", "true", ")", 15), ")", 15),
    "membership": nest("(on_sale in (true, ", "on_sale", "))", 15),
}


@pytest.fixture
def things(use_config: UseConfig) -> Things:
    return Things(use_config(generators.TABLE_YAML), some_rows(10))


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in TEXTS.items()])
def test_answered_alike_as_filter_as_value_and_in_time(text: str, things: Things) -> None:
    depth = len(inspect.stack())
    answers = []
    for ask in (things.ids, things.values, things.ordered):
        reset()
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(depth + FRAMES)
        try:
            answers.append(ask(text, ANONYMOUS))
        finally:
            sys.setrecursionlimit(limit)
    ids, values, ordered = answers
    assert isinstance(ids, set)
    assert {key for key, value in values.items() if value not in (None, False, 0, "")} == ids
    assert isinstance(ordered, Refusal) or len(ordered) == len(values)


def test_sql_grows_no_faster_than_the_expression(things: Things) -> None:
    """Every part of `price * qty` stands several times in its template, and once in the SQL."""
    sizes = []
    for count in (20, 40, 80):
        reset()
        things.ids(chain("*", "price", count) + " > 1", ANONYMOUS)
        (plan,) = read.PLANS._entries.values()
        assert plan.statement
        sizes.append(len(plan.statement.sql))
    assert sizes[2] - sizes[1] < 2.2 * (sizes[1] - sizes[0])
