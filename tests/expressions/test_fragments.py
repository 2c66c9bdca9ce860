"""Templates and their parts, and what is computed before."""

from __future__ import annotations

import pytest
from django.db import connections
from django.db.models import Value
from django.db.models.sql import Query

from pocketapi.expressions.environment import Environment
from pocketapi.expressions.fragments import Fragment, Parameter, Placeholder, canonical, parts_of, pattern
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.templates import Template, both
from pocketapi.expressions.typed import Const, Slot
from tests import generators
from tests.conftest import UseConfig


def test_parts_of_a_template() -> None:
    parts = parts_of("a {0} {{1}} '{{{{}}}}' {*} b{1}")
    assert parts.texts == ("a ", " {1} '{{}}' ", " b", "")
    assert parts.places == (0, -1, 1)
    assert parts.fill([("x", [1]), ("y", [2])]) == ("a x {1} '{{}}' x, y by", [1, 1, 2, 2])


def test_what_stands_again() -> None:
    parts = parts_of("{0} {1} {0}")
    assert (parts.again(0), parts.again(1)) == (True, False)
    assert parts_of("f({*}) + g({*})").again(1)


@pytest.mark.parametrize(
    ("template", "depths"),
    [
        ("{0}", (1,)),
        ("f({0})", (5,)),
        ("({0}) + {1}", (3, 1)),
        ("CASE WHEN f('(') THEN {0} END, {1}", (7, 1)),
        ("(SELECT {0} FROM t)", (10,)),
    ],
)
def test_depths(template: str, depths: tuple[int, ...]) -> None:
    assert parts_of(template).depths == depths


@pytest.fixture
def query(use_config: UseConfig) -> Query:
    from pocketapi.tables import models as tables

    use_config(generators.TABLE_YAML)
    return Query(tables.MODELS["things"])


def written(query: Query, fragment: Fragment) -> tuple[str, list[object]]:
    compiler = query.get_compiler(connection=connections["default"])
    sql, params = compiler.compile(fragment.resolve_expression(query))
    return sql, list(params)


def value(number: int) -> Fragment:
    return Fragment(both("f({0})"), Value(number))


def test_plain_arguments_are_repeated_and_others_computed_once(query: Query) -> None:
    twice = both("{0} + {0}")
    assert written(query, Fragment(twice, Value(1))) == ("%s + %s", [1, 1])
    sql, params = written(query, Fragment(twice, value(1)))
    assert (sql.count("f(%s)"), params) == (1, [1])
    assert "v0$ + v0$" in sql


def test_levels_carry_what_is_read_later(query: Query) -> None:
    twice = both("{0} + {0}")
    inner = Fragment(twice, value(1))
    root = Fragment(both("{0} * {0} * {1} * {1}"), Fragment(twice, inner), value(2))
    sql, params = written(query, root)
    assert sorted(params) == [1, 2]
    assert sql.count("%s") == 2
    assert "l3$" in sql


def test_parameters_follow_the_order_in_which_they_stand(query: Query) -> None:
    root = Fragment(both("{1} - {0} - {0}"), value(1), Value(2))
    sql, params = written(query, root)
    inner_first = sql.index("f(%s)") < sql.index("%s - ")
    assert params == ([1, 2] if inner_first else [2, 1])


def test_aggregates_stay_where_they_are(query: Query) -> None:
    total = Fragment(both("SUM({0})"), value(1), aggregate=True)
    root = Fragment(Template("{0} + {0}", "{0} + {0}", single=both("twice({0})")), total)
    assert root.contains_aggregate
    assert written(query, root)[0] == "twice(SUM(f(%s)))"
    beside = Fragment(both("{0} || {0} || {1}"), value(1), total)
    assert written(query, beside)[0] == "f(%s) || f(%s) || SUM(f(%s))"
    assert len(beside.get_group_by_cols()) == 1
    assert total.get_group_by_cols() == []
    assert value(1).get_group_by_cols()


def test_copies_share_nothing(query: Query) -> None:
    inner = value(1)
    root = Fragment(both("g({0})"), inner)
    copied = root.resolve_expression(query)
    assert copied is not root
    assert copied.args[0] is not inner
    assert root.get_source_expressions() == [Value(1)]


def test_parameters_take_values_from_each_request() -> None:
    fitted = Parameter(Const(Kind.TEXT, slot=Slot("where", 0)), pattern)
    assert fitted.value(Environment({"where": ("a\\",)})) == "a\\\\"
    for fit in (pattern, canonical, None):
        assert Parameter(Const(Kind.TEXT, value=None), fit).value(Environment()) is None


def test_placeholders_have_a_type_on_postgresql() -> None:
    assert Placeholder(Const(Kind.DAY, value="2025-01-31")).as_postgresql() == ("(%s)::date", ["2025-01-31"])
    assert Placeholder(Const(Kind.NULL)).as_postgresql() == ("%s", [None])


def test_templates_by_place() -> None:
    template = Template("s", "p", "plain", both("single"))
    assert [template.of("sqlite"), template.of("postgresql")] == ["s", "p"]
    assert template.of("sqlite", plain=True) == "plain"
    assert template.of("postgresql", single=True) == "single"
    assert both("x").of("sqlite", plain=True, single=True) == "x"
