"""What is constant folds before SQL, and what a plan may depend on of a caller."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, slots_of
from pocketapi.expressions.fold import FALSE, TRUE, Environment, Outline, fold, is_evaluable
from pocketapi.expressions.shape import cut
from tests.expressions.test_check import written
from tests.expressions.things import SCOPE, typed

CALLER = {
    "uid": "u1",
    "email": None,
    "role": ["admin", "a"],
    "verified": True,
    "meta": {"level": 2, "part": 0.5, "empty": [], "names": ["x", "y"], "flag": True, "object": {"a": 1}, "deep": [["x"], "y"]},
}
ENV = Environment(variables={"auth": CALLER})

FOLDED = [
    ("true | name", "True"),
    ("1 == 2 & name", "False"),
    ("1 == 1 & name & 'a'", "truth(name)"),
    ("0 | name | ''", "truth(name)"),
    ("name & name", "truth(name)"),
    ("name | name", "truth(name)"),
    ("true & true", "True"),
    ("false | false", "False"),
    ("!(1 == 2)", "True"),
    ("!(true & name == 'a')", "not(==(name, 'a'))"),
    ("!!(name == 'a')", "==(name, 'a')"),
    ("!(1 == 1 | name)", "False"),
    ("auth.uid == 'u1'", "True"),
    ("auth.uid == null", "False"),
    ("auth.email == null", "True"),
    ("auth.email == name", "False"),
    ("auth.email != name", "True"),
    ("name == auth.email | qty", "truth(qty)"),
    ("name < auth.email", "False"),
    ("name !~ auth.email", "True"),
    ("name in (auth.email)", "False"),
    ("name in (auth.email, 'a')", "in(name, 'a')"),
    ("name !in (auth.email, 'a')", "!in(name, 'a')"),
    ("auth.email in (name, 'a')", "False"),
    ("name in (auth.role, null)", "in(name, auth.role.0:text, auth.role.1:text, None)"),
    ("name == null", "==(name, None)"),
    ("name == auth.uid", "==(name, auth.uid:text, 'caller')"),
    ("auth.role == 'admin'", "True"),
    ("auth.role ~ 'adm%'", "True"),
    ("auth.role == 'b'", "False"),
    ("auth.role != 'b'", "True"),
    ("auth.role < 'b'", "False"),
    ("name == auth.role", "or(==(name, auth.role.0:text, 'caller'), ==(name, auth.role.1:text, 'caller'))"),
    ("name != auth.role", "not(or(==(name, auth.role.0:text, 'caller'), ==(name, auth.role.1:text, 'caller')))"),
    ("name ~ auth.role", "or(~(name, auth.role.0:text), ~(name, auth.role.1:text))"),
    ("name < auth.role", "False"),
    ("name in auth.role", "in(name, auth.role.0:text, auth.role.1:text)"),
    ("name in auth.meta.empty", "False"),
    ("name !in auth.meta.empty", "True"),
    ("name != auth.meta.empty", "True"),
    ("auth.role in (name, code)", "or(in(auth.role.0:text, name, code), in(auth.role.1:text, name, code))"),
    ("qty < auth.meta.level", "<(qty, auth.meta.level:integer)"),
    ("qty < auth.meta.part", "<(qty, auth.meta.part:number)"),
    ("qty in (auth.meta.part, auth.meta.level)", "in(qty, auth.meta.part:number, auth.meta.level:integer)"),
    ("data->>'a' == auth.uid", "==(->>:text(data, 'a'), auth.uid:text, 'caller')"),
    ("data->>'a' < auth.meta.part", "<(->>:number(data, 'a'), auth.meta.part:number)"),
    ("data->>'a' == auth.meta.flag", "==(->>:bool(data, 'a'), auth.meta.flag:bool, 'caller')"),
    ("data->>'a' == auth.meta.object", "==(->>:json(data, 'a'), auth.meta.object:json, 'caller')"),
    ("data == auth.meta.object", "==(data, auth.meta.object:json, 'caller')"),
    ("(auth.uid == 'u1') == on_sale", "==(True, on_sale, 'caller')"),
    ("lower(auth.uid) == name", "==(lower(auth.uid:text), name, 'caller')"),
    ("qty + 1 == 2", "==(+(qty, 1), 2)"),
]


@pytest.mark.parametrize(("text", "tree"), [pytest.param(*case, id=case[0]) for case in FOLDED])
def test_fold(text: str, tree: str) -> None:
    checker = Checker(SCOPE)
    assert written(fold(checker.condition(grammar.parse(text)), ENV)) == tree


def test_two_list_variables_are_both_taken_apart() -> None:
    tree = fold(typed("name in (auth.role, auth.meta.names)"), ENV)
    assert written(tree) == "in(name, auth.role.0:text, auth.role.1:text, auth.meta.names.0:text, auth.meta.names.1:text)"
    tree = fold(typed("name in auth.meta.deep"), ENV)
    assert written(tree) == "in(name, auth.meta.deep.0.0:text, auth.meta.deep.1:text)"


def outline_of(text: str) -> Outline:
    return Outline.of([Checker(SCOPE, slots_of(text, "where")).condition(grammar.parse(text))])


def test_an_outline_holds_constant_conditions_and_variables() -> None:
    outline = outline_of("qty > 1 & auth.verified & 1 == 2 & name == auth.role & (auth.uid == 'x' | qty == 2)")
    assert [written(guard) for guard in outline.guards] == [
        "truth(auth.verified:json)",
        "==(?1:integer, ?2:integer)",
        "==(auth.uid:text, ?3:text, 'caller')",
    ]
    assert outline.variables == (("auth", "role"),)
    assert [written(const) for const in outline.consts] == [f"?{n}:{'text' if n == 3 else 'integer'}" for n in (0, 1, 2, 3, 4)]


def environment(text: str, **caller: Any) -> Environment:
    return Environment({"where": cut(text).literals}, {"auth": {**CALLER, **caller}}, {"where": text})


def test_equal_keys_fold_to_equal_trees() -> None:
    text = "qty > 1 & auth.verified & name == auth.role & 'a' ~ 'a%'"
    outline = outline_of(text)
    key = outline.key(environment(text))
    assert key == (True, True, ("list", 2))
    assert outline.key(environment(text, role=["x", "y"], uid="u2")) == key
    for other in ({"verified": False}, {"role": "admin"}, {"role": None}, {"role": ["a"]}):
        assert outline.key(environment(text, **other)) != key
    assert outline.key(environment(text.replace("'a%'", "'b%'"))) != key


def test_constants_are_what_folding_gives() -> None:
    assert fold(typed("1 == 1"), ENV) == TRUE
    assert fold(typed("1 == 2"), ENV) == FALSE


@pytest.mark.parametrize(
    ("text", "known"),
    [("1 + 1 == 2", True), ("lower(auth.uid) == 'a'", True), ("name == 'a'", False), ("round(1.5) == 2", False)],
)
def test_what_python_decides(text: str, known: bool) -> None:
    assert is_evaluable(typed(text)) is known
