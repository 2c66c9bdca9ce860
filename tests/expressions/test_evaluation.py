"""Constant conditions and values, decided in Python as a database would."""

from __future__ import annotations

import time
from typing import Any

import pytest

from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.evaluation import evaluate, like
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Const, Slot, Typed, rewrite
from tests.expressions.things import SCOPE, typed

META = {"n": 2, "half": 0.5, "names": ["a", "5"], "o": {"a": [1, {"b": None}]}, "since": "2025-01-31", "big": 10**400, "": 1}
ENV = Environment(variables={"auth": {"uid": "u1", "email": None, "role": ["admin", "a"], "verified": True, "meta": META}})

VALUES: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7 / -2", -3),
    ("7.0 / 2", 3.5),
    ("1 / 0", None),
    ("1.0 / 0", None),
    ("9223372036854775807 + 1", None),
    ("-9223372036854775807 - 2", None),
    ("1e308 * 10", None),
    ("1e308 + 1e308", None),
    ("-(auth.meta.n)", -2.0),
    ("-(auth.meta.nope)", None),
    ("true + true", 2),
    ("null + 1", None),
    ("'a' || 1.0", "a1"),
    ("'a' || null", None),
    ("lower('AÉ') || upper('aé')", "aÉAé"),
    ("length('é😀')", 2),
    ("coalesce(null, auth.email, 'x')", "x"),
    ("coalesce(null)", None),
    ("auth.meta->>'n' + 1", 3.0),
    ("auth.meta->>'big' + 1", None),
    ("auth.meta->'o'->'a'", '[1,{"b":null}]'),
    ("auth.meta->>'$.o.a[1].b'", None),
    ("(auth.meta->>'n') || 'x'", None),
    ("auth.uid", '"u1"'),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_value(text: str, value: Any) -> None:
    found = evaluate(typed(text), ENV)
    assert (found, type(found)) == (value, type(value))


TRUE = [
    *("1 == 1.0", "'a' == 'a'", "1 == '1'", "null == null"),
    *("null = null", "1 != null", "!(1 == null)", "1 != 2"),
    *("auth.uid == 'u1'", "auth.email == null", "auth.uid != null", "auth.uid != auth.email"),
    *("!(auth.email == auth.email)", "auth.role == 'admin'", "'a' == auth.role", "auth.role != 'x'"),
    *("auth.role ~ 'adm%'", "auth.role in ('x', 'a')", "auth.meta.n == 2", "auth.meta.n == '2'"),
    *("auth.meta.n == 2.0", "auth.meta.half < 1", "1 > auth.meta.half", "auth.meta.n >= 2"),
    *("auth.meta.names == 5", "'5' in auth.meta.names", "auth.meta.since > '2025-01-30'", "auth.meta->>'since' == '2025-01-31'"),
    *("auth.verified", "auth.verified == true", "!auth.email", "'A' < 'a'"),
    *("'b' > 'a'", "auth.meta.n < auth.meta.n + 1", "auth.meta.half < auth.meta.n", "auth.uid > auth.meta.since"),
    *("auth.uid ~ 'U_'", "auth.role !~ 'x'", "1 in (2, 1)", "1 !in (2, null)"),
    *("null !in (null)", "auth.email !in ('x')", "json_contains(auth.meta.names, 'a')", "3 !in auth.meta->'names'"),
    *("json_contains('[1, true]', 1)", "!json_contains('[1]', true)", "!json_contains('1', 1)", "!json_contains('[null]', null)"),
    *("'😀' > '\uffff'", "1.5", "'0'", "true & 1 & 'x'"),
    *("false | 1", "auth.meta.o", "auth.meta.names", "1 <= 1"),
    *("!(1 < null)", "auth.meta.n != auth.uid", "!(auth.meta.n < auth.uid)", "!(auth.meta.o < auth.meta.o)"),
    *("!(auth.verified < auth.meta.n)", "true == true == true == true"),
]


@pytest.mark.parametrize("text", TRUE)
def test_true(text: str) -> None:
    tree = Checker(SCOPE).condition(grammar.parse(text))
    assert evaluate(tree, ENV) is True
    assert evaluate(Checker(SCOPE).condition(grammar.parse(f"!({text})")), ENV) is False


@pytest.mark.parametrize("text", ["0", "''", "null", "0.0", "false", "auth.meta.nope", "auth.email", "auth.jwt.x"])
def test_values_that_are_false(text: str) -> None:
    assert evaluate(Checker(SCOPE).condition(grammar.parse(text)), ENV) is False


NEW = {"name": "B", "code": "B", "tag": "B ", "qty": 3, "price": None, "on_sale": False, "day": "2025-01-31"}
NEW |= {"created_at": "2025-01-31T00:00:00.000Z", "opens": "10:30:00.000", "extra": None}
NEW |= {"data": '{"at":"2025-01-31T10:30:00Z","n":3.0}'}


def new_row(tree: Typed) -> Typed:
    """The tree over a row's new values, as createRule is judged."""

    def slot(part: Typed) -> Typed:
        if isinstance(part, ColumnRef):
            return Const(part.kind, slot=Slot(part.column.name, 0), collation=part.column.collation, nullable=True)
        return part

    return rewrite(tree, slot)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("name == 'b'", False),
        ("code == 'b'", True),
        ("code in ('a', 'b')", True),
        ("code < 'a'", False),
        ("tag == 'B'", True),
        ("'B  ' == tag", True),
        ("price == null", True),
        ("qty == data->>'n'", True),
        ("!on_sale", True),
        ("day == data->>'at'", True),
        ("opens == data->>'at'", False),
        ("data->>'at' > created_at", True),
        ('data == \'{"n": 3, "at": "2025-01-31T10:30:00Z"}\'', True),
        ("data == extra", False),
        ("extra == extra", True),
        ("extra", False),
        ("data->'n' in (data->'n', '[]')", True),
        ("name == auth.uid", False),
    ],
)
def test_new_values_compare_as_their_columns(text: str, holds: bool) -> None:
    env = Environment(variables=ENV.variables, ready={Slot(name, 0): value for name, value in NEW.items()})
    assert evaluate(new_row(Checker(SCOPE).condition(grammar.parse(text))), env) is holds


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("", "", True),
        ("", "%", True),
        ("a", "", False),
        ("a", "_", True),
        ("", "_", False),
        ("Alpha", "aLPH_", True),
        ("abc", "a%c", True),
        ("abcbc", "a%bc", True),
        ("abcb", "a%c", False),
        ("a%c", "a\\%c", True),
        ("abc", "a\\%c", False),
        ("a_c", "a\\_c", True),
        ("a\\", "a\\", True),
        ("a\\b", "a\\\\b", True),
        ("ab", "a\\b", True),
        ("a\nb", "a_b", True),
        ("É", "é", False),
        ("xx", "%%x%", True),
        ("a.c", "a.c", True),
        ("abc", "a.c", False),
    ],
)
def test_like(text: str, pattern: str, matches: bool) -> None:
    assert like(text, pattern) is matches


def test_no_pattern_takes_long() -> None:
    started = time.perf_counter()
    assert not like("a" * 2000, "%a" * 500 + "%b")
    assert time.perf_counter() - started < 2


def test_only_known_parts_have_a_value() -> None:
    with pytest.raises(TypeError):
        evaluate(ColumnRef(Kind.TEXT, SCOPE.columns["name"]), ENV)
