"""The reference evaluator against the sentences of the specification, one table; each case's id is the sentence."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from pocketapi.expressions import grammar
from tests import generators
from tests.evaluator import Refused, Unspecified, check, evaluate_condition, evaluate_order, evaluate_value
from tests.evaluator_cases import ANYONE, CASES, NOW, NULLS, OPEN, REFUSED, ROW
from tests.generators import COLUMNS

ALL = [pytest.param(case, id=f"{sentence} [{case[0]}]") for sentence, cases in CASES.items() for case in cases]


@pytest.mark.parametrize("case", ALL)
def test_sentence(case: tuple[Any, ...]) -> None:
    text, expected, row, caller = (*case, *(ROW, ANYONE)[len(case) - 2 :])
    tree = grammar.parse(text)
    if expected in (REFUSED, OPEN):
        with pytest.raises(Refused if expected is REFUSED else Unspecified):
            evaluate_value(tree, row, COLUMNS, caller=caller, now=NOW)
        return
    found = evaluate_value(tree, row, COLUMNS, caller=caller, now=NOW)
    assert found == expected
    assert isinstance(found, bool) == isinstance(expected, bool)
    if isinstance(expected, bool):
        assert evaluate_condition(tree, row, COLUMNS, caller=caller, now=NOW) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("price == null | price >= 0", True),
        ("price >= 0", True),
        ("!(price >= 0)", True),
        ("price >= 0 & 1 == 2", False),
        ("price >= 0 & 1 == 1", True),
        ("name in ('a', 'b')", True),
        ("name !~ 'a%'", True),
        ("name != 'a'", True),
        ("name == 'a'", False),
        ("on_sale", True),
    ],
)
def test_only_a_check_follows_sql_unknown_passes(text: str, expected: bool) -> None:
    assert evaluate_condition(grammar.parse(text), NULLS, COLUMNS, sql_unknown=True) is expected


def test_new_is_the_value_after_the_write() -> None:
    tree = grammar.parse("qty < new.qty & new.qty == things.qty + 1")
    assert evaluate_condition(tree, ROW, COLUMNS, new={**ROW, "qty": 8})
    assert not evaluate_condition(tree, ROW, COLUMNS, new=ROW)


def test_params_and_request_are_names_where_they_are_given() -> None:
    tree = grammar.parse("params.least <= qty & request.method == 'GET' & request.query.q == null & request.headers.x_y == 'z'")
    request = {"method": "GET", "ip": None, "query": {}, "headers": {"x_y": "z"}}
    assert evaluate_condition(tree, ROW, COLUMNS, params={"least": 5}, request=request)
    with pytest.raises(Refused):
        check(tree, COLUMNS)


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("qty", "bacd"),
        ("-qty", "cabd"),
        ("qty DESC, -id", "cabd"),
        ("name, qty", "bcad"),
        ("code", "acbd"),
        ("on_sale, -qty", "cabd"),
        ("lower(name) desc", "abcd"),
    ],
)
def test_nulls_come_last_in_both_directions_and_the_key_breaks_ties(order: str, ids: str) -> None:
    rows = [
        {**NULLS, "id": "d"},
        {**NULLS, "id": "c", "qty": 3, "name": "B", "code": "B", "on_sale": False},
        {**NULLS, "id": "b", "qty": 1, "name": "B", "code": "c", "on_sale": True},
        {**NULLS, "id": "a", "qty": 2, "name": "b", "code": "a", "on_sale": True},
    ]
    assert "".join(row["id"] for row in evaluate_order(grammar.parse_order(order), rows, COLUMNS)) == ids


@pytest.mark.parametrize("text", generators.REFUSED)
def test_what_the_generators_hold_for_refused_is(text: str) -> None:
    with pytest.raises(Refused):
        check(grammar.parse(text), COLUMNS)


QUICK = settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(generators.conditions(refusable=False), generators.rows(), generators.callers())
def test_what_the_generators_hold_for_typed_is(text: str, row: dict[str, Any], caller: dict[str, Any]) -> None:
    tree = grammar.parse(text)
    try:
        found = evaluate_condition(tree, row, COLUMNS, caller=caller)
        assert evaluate_condition(grammar.parse(f"!({text})"), row, COLUMNS, caller=caller) is not found
    except Unspecified:
        return


@QUICK
@given(generators.values(), generators.rows(), generators.callers())
def test_values_are_values(text: str, row: dict[str, Any], caller: dict[str, Any]) -> None:
    try:
        found = evaluate_value(grammar.parse(text), row, COLUMNS, caller=caller)
    except Unspecified:
        return
    assert found is None or isinstance(found, str | int | float | date | time | list | dict)


@QUICK
@given(generators.orders(), generators.row_lists())
def test_orders_order(text: str, rows: list[dict[str, Any]]) -> None:
    found = evaluate_order(grammar.parse_order(text), rows, COLUMNS)
    assert Counter(row["id"] for row in found) == Counter(row["id"] for row in rows)
    assert found == evaluate_order(grammar.parse_order(text), rows[::-1], COLUMNS)
