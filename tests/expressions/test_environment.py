"""Literals and variables of a request."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import Const, Slot, Variable

TEXT = "qty == 'x' & views == 2"
ENV = Environment(
    {"where": ("x", 2)},
    {"auth": {"uid": "u1", "meta": {"n": [1, [2]], "empty": []}}},
    {"where": TEXT},
    {Slot("new.a", 0): "ready"},
)


def test_literals() -> None:
    assert ENV.literal(Const(Kind.INTEGER, value=3, negative=True)) == -3
    assert ENV.literal(Const(Kind.INTEGER, slot=Slot("where", 1))) == 2
    assert ENV.of(Const(Kind.NUMBER, slot=Slot("where", 1), negative=True)) == -2.0
    assert ENV.of(Const(Kind.TEXT, slot=Slot("new.a", 0))) == "ready"


def test_a_literal_that_cannot_be_converted_is_told_with_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        ENV.literal(Const(Kind.INTEGER, slot=Slot("where", 0), label="qty"))
    assert caught.value.message == "qty: 'x' is not an integer."
    assert caught.value.data == {"position": 7, "caret": f"{TEXT}\n       ^"}
    with pytest.raises(ExpressionError) as caught:
        Environment({"uid": ("x",)}).literal(Const(Kind.INTEGER, slot=Slot("uid", 0)))
    assert (caught.value.message, caught.value.data) == ("'x' is not an integer.", {})


@pytest.mark.parametrize(
    ("path", "value", "signature"),
    [
        (("auth", "uid"), "u1", ("text", 0)),
        (("auth", "nope"), None, ("null", 0)),
        (("auth", "uid", "x"), None, ("null", 0)),
        (("params", "x"), None, ("null", 0)),
        (("auth", "meta", "n"), [1, [2]], ("list", 2)),
        (("auth", "meta", "n", 0), 1, ("integer", 0)),
        (("auth", "meta", "empty"), [], ("list", 0)),
        (("auth", "meta"), {"n": [1, [2]], "empty": []}, ("json", 0)),
    ],
)
def test_variables(path: tuple[str | int, ...], value: Any, signature: tuple[str, int]) -> None:
    assert ENV.raw(path) == value
    assert ENV.signature(path) == signature


def test_a_variable_takes_its_kind() -> None:
    assert ENV.of(Variable(Kind.TEXT, ("auth", "uid"))) == "u1"
    assert ENV.of(Variable(Kind.INTEGER, ("auth", "uid"))) is None
    assert ENV.of(Variable(Kind.JSON, ("auth", "meta", "n"))) == "[1,[2]]"
