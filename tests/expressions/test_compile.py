"""Trees to SQL: what stands in it, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.db.models import CheckConstraint
from django.db.models.sql import Query

from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, slots_of
from pocketapi.expressions.compile import Compiler, Parameter, Placeholder
from pocketapi.expressions.fragments import Fragment
from pocketapi.expressions.functions import TEMPLATES
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Const, Slot, Typed
from tests import generators
from tests.conftest import UseConfig
from tests.expressions.things import SCOPE, typed


@pytest.fixture
def query(use_config: UseConfig) -> Query:
    from pocketapi.tables import models as tables

    use_config(generators.TABLE_YAML)
    return Query(tables.MODELS["things"])


def sql_of(query: Query, tree: Typed, plain: bool = False) -> tuple[str, list[Any]]:
    compiler = query.get_compiler(connection=connections["default"])
    found = Compiler(plain=plain).condition(tree).resolve_expression(query)
    sql, params = compiler.compile(found)
    return sql.replace('"things".', "").replace('"', ""), list(params)


SQL = [
    ("id == 'a'", "id = %s", "id = (%s)::text"),
    ("id != 'a'", "id <> %s", "id <> (%s)::text"),
    ("qty == 1", "qty = %s", "qty = (%s)::bigint"),
    ("qty == views", "qty IS views", "qty IS NOT DISTINCT FROM views"),
    ("qty = views", "qty = views", "qty = views"),
    ("qty != views", "qty IS NOT views", "qty IS DISTINCT FROM views"),
    ("!(qty = views)", "(qty = views) IS NOT TRUE", "(qty = views) IS NOT TRUE"),
    ("qty == null", "qty IS NULL", "qty IS NULL"),
    ("qty != null", "qty IS NOT NULL", "qty IS NOT NULL"),
    ("!on_sale", "(on_sale) IS NOT TRUE", "(on_sale) IS NOT TRUE"),
    ("qty > 1 & !(name == 'a' | qty)", None, None),
    ("qty in (1, 2)", "qty IN (%s, %s)", "qty IN ((%s)::bigint, (%s)::bigint)"),
    ("code == 'a'", "(code COLLATE NOCASE) = (%s COLLATE NOCASE)", None),
    ("created_at > '2025-01-31'", "created_at > %s", "created_at > (%s)::timestamptz"),
]


@pytest.mark.parametrize(("text", "sqlite", "postgresql"), [pytest.param(*case, id=case[0]) for case in SQL])
def test_ordinary_filters_are_ordinary_sql(text: str, sqlite: str | None, postgresql: str | None, query: Query) -> None:
    sql, _ = sql_of(query, Checker(SCOPE).condition(grammar.parse(text)))
    wanted = sqlite if connections["default"].vendor == "sqlite" else postgresql
    assert wanted in (None, sql)
    assert "SELECT" not in sql


def test_no_text_of_a_client_reaches_sql(query: Query) -> None:
    text = (
        "name ~ 'EVIL' | data->>'EVIL' == 'EVIL' | strftime('EVIL %Y', day) == 'EVIL' | json_set(data, '$.EVIL', 'EVIL') == data"
    )
    sql, params = sql_of(query, typed(text))
    assert "EVIL" not in sql
    assert sum("EVIL" in str(param) for param in params) >= 7


def test_slots_and_variables_are_parameters_and_constants_values(query: Query) -> None:
    text = "qty == 5 & name == auth.uid"
    tree = Checker(SCOPE, slots_of(text, "where")).condition(grammar.parse(text))
    _, params = sql_of(query, tree)
    assert [type(param) for param in params] == [Parameter, Parameter]
    assert [param.leaf.kind for param in params] == [Kind.INTEGER, Kind.TEXT]
    assert sql_of(query, typed("qty == 5"))[1] == [5]


PLAIN = [
    ("price == null | price >= 0", "(price IS NULL OR price >= %s)"),
    ("!(qty == views)", "NOT (qty = views)"),
    ("qty != 1", "NOT (qty = %s)"),
    ("id != 'a'", "id <> %s"),
    ("qty in (1, 2)", "qty IN (%s, %s)"),
    ("name !in ('a')", "NOT (name IN (%s))"),
    ("length(name) > 2", "length(name) > %s"),
    ("substring(name, 1, 2) == 'ab'", "substr(name, %s, %s) = %s"),
    ("replace(name, 'a', 'b') ~ name", "replace(name, %s, %s) LIKE name ESCAPE '\\'"),
    ("qty / 2 + 1 == -(qty)", "((qty / NULLIF(%s, 0)) + %s) = (-(qty))"),
    ("price * 2 - 1 > abs(qty)", "((price * %s) - %s) > abs(qty)"),
    ("on_sale", "on_sale"),
]


@pytest.mark.parametrize(("text", "wanted"), PLAIN)
def test_checks_are_plain_sql_of_three_values(text: str, wanted: str, query: Query) -> None:
    sql, _ = sql_of(query, Checker(SCOPE).condition(grammar.parse(text)), plain=True)
    for cast in ("bigint", "text", "float8"):
        sql = sql.replace(f"(%s)::{cast}", "%s")
    assert sql.replace("::float8", "") == wanted


def test_a_bare_value_is_a_condition(query: Query) -> None:
    assert sql_of(query, typed("name"))[0] == "name <> ''"
    assert sql_of(query, Const(Kind.BOOL, value=True))[0] in ("1", "TRUE")
    assert sql_of(query, typed("!(qty in [])"))[0] in ("(0) IS NOT TRUE", "(FALSE) IS NOT TRUE")


def test_only_known_trees_compile() -> None:
    with pytest.raises(TypeError):
        Compiler().value(Typed(Kind.TEXT))


def test_the_column_of_a_reference_can_be_another_expression(query: Query) -> None:
    compiler = Compiler(column=lambda reference: Placeholder(Const(reference.kind, slot=Slot("new", 0))))
    found = compiler.value(ColumnRef(Kind.TEXT, SCOPE.columns["name"]))
    assert isinstance(found, Placeholder)
    assert found.get_group_by_cols() == []


def test_a_fragment_is_a_constraint_that_django_takes(query: Query) -> None:
    condition = Compiler(plain=True).condition(typed("qty > 1"))
    assert isinstance(condition, Fragment)
    assert CheckConstraint(condition=condition, name="c").condition is condition  # type: ignore[arg-type,call-arg,attr-defined]


def test_every_function_has_a_template() -> None:
    assert {"truth text", "to_json number", "date text day"} <= TEMPLATES.keys()
