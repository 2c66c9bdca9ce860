"""Prepared plans answer as fresh ones: what a compiler reads of a text or a caller, no two plans share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from typing import Any

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, slots_of
from pocketapi.expressions.shape import cut
from pocketapi.records import queries, read, requests
from tests import generators
from tests.conftest import UseConfig
from tests.expressions.things import SCOPE, Things, caller_of, some_rows
from tests.generators import ANONYMOUS

USER = {**ANONYMOUS, "uid": "u1", "role": "admin", "email": "a@example.com", "verified": True}
ROLES = {"one": "admin", "two": ["admin", "a"], "three": ["a", "b", "admin"], "none": None}
META = {"base": "a", "level": 1, "names": ["a", "b"], "flag": True, "since": "2025-01-31"}


def reset() -> None:
    read.PREPARED.__init__()  # type: ignore[misc]
    read.PLANS.__init__()  # type: ignore[misc]


@pytest.fixture
def things(use_config: UseConfig) -> Iterator[Things]:
    reset()
    yield Things(use_config(generators.TABLE_YAML), some_rows(20))
    reset()


SAME_SHAPE = [
    ("qty | 1 == 1", "qty | 1 == 2"),
    ("qty & 'a' ~ 'a%'", "qty & 'a' ~ 'b%'"),
    ("qty > 1 & 0", "qty > 1 & 1"),
    ("qty > 1 | ''", "qty > 1 | 'a'"),
    ("qty in (1, 2) & 3 in (1, 2)", "qty in (1, 2) & 3 in (1, 3)"),
    ("data->>'kind' == 'a'", "data->>'owner' == 'a'"),
    ("data->>'$.list[0]' == 'a'", "data->>'$.list[1]' == 'a'"),
    ("data->'kind' == null", "data->'n' == null"),
    ("data->0 == null", "data->1 == null"),
    ("(data->('kind')) == null", "(data->('n')) == null"),
    ("strftime('%Y', created_at) == '2024'", "strftime('%m', created_at) == '2024'"),
    ("datetime(created_at, '+1 days') > '2025-01-01'", "datetime(created_at, '-1 days') > '2025-01-01'"),
    ("date(created_at, 'start of year') == day", "date(created_at, '+0 days') == day"),
    ("datetime('now') > created_at", "datetime('2000-01-01') > created_at"),
    ("date('2025-01-31', '+1 months') > day", "date('2025-01-31', '+1 years') > day"),
    ("json_set(data, '$.kind', 'a') == data", "json_set(data, '$.fresh', 'a') == data"),
    ("json_set(data, '$.kind', 'a') == data", "json_set(data, '$.kind', 'b') == data"),
    ("json_contains(data->'list', 1)", "json_contains(data->'flag', 1)"),
    ("name ~ 'a%'", "name ~ '%a'"),
    ("name ~ 'a\\\\'", "name ~ 'a%'"),
    ("qty == -1", "qty == -2"),
    ("name @@ 'a'", "name @@ 'b'"),
    ("things @@ 'alpha'", "things @@ '-alpha'"),
    ("things @@ 'alpha'", "things @@ '\"say hi\" OR al*'"),
    ("things @@ 'a' | 1 == 1", "things @@ 'a' | 1 == 2"),
    ("price == 1.5", "price == 2.5"),
    ("data == '[]'", "data == '{}'"),
    ("created_at > '2025-01-31'", "created_at > '2024-01-31T10:00:00Z'"),
    ("on_sale == 1", "on_sale == 0"),
    ("substring(name, 1, 2) == 'a'", "substring(name, 2, 1) == 'a'"),
    ("round(price, 1) == 0.5", "round(price, 0) == 0.5"),
]


@pytest.mark.parametrize("pair", [pytest.param(pair, id=" / ".join(pair)) for pair in SAME_SHAPE])
def test_texts_of_equal_shape_do_not_share_what_is_read(pair: tuple[str, str], things: Things) -> None:
    fresh = {}
    for text in pair:
        reset()
        fresh[text] = things.ids(text, USER)
    for first, second in permutations(pair):
        reset()
        assert (things.ids(first, USER), things.ids(second, USER)) == (fresh[first], fresh[second])


CALLERS = [
    ANONYMOUS,
    USER,
    *({**USER, "role": role} for role in ROLES.values()),
    {**USER, "verified": False},
    *(
        {**USER, "meta": {**META, **change}}
        for change in ({}, {"level": "high"}, {"level": 0.5}, {"names": []}, {"names": ["u1"]})
    ),
    {**USER, "meta": {**META, "base": None, "flag": False}},
    {**USER, "meta": {"names": "a", "level": [1], "base": {"a": 1}}},
    {**USER, "uid": "u2"},
]
OF_CALLERS = [
    "id == auth.uid",
    "auth.uid == null",
    "qty > 1 | auth.verified",
    "qty > 1 & auth.role == 'admin'",
    "name == auth.role",
    "name in auth.meta.names",
    "auth.meta.level < qty",
    "qty == auth.meta.level",
    "data->>'owner' == auth.uid",
    "data->>'n' >= auth.meta.level",
    "(auth.meta == null) == on_sale",
    "auth.role ~ 'a%' | qty == 1",
    "name ~ auth.meta.base",
    "coalesce(auth.meta.base, name) == name",
    "auth.meta.flag == on_sale",
    "auth.role in (name, code)",
    "things @@ auth.role",
    "name @@ auth.meta.base | things @@ auth.meta.names",
]


@pytest.mark.parametrize("text", OF_CALLERS)
def test_callers_do_not_share_what_is_read_of_them(text: str, things: Things) -> None:
    fresh = []
    for caller in CALLERS:
        reset()
        fresh.append(things.ids(text, caller))
    for order in (range(len(CALLERS)), range(len(CALLERS) - 1, -1, -1)):
        reset()
        assert [(index, things.ids(text, CALLERS[index])) for index in order] == [(index, fresh[index]) for index in order]


def test_what_a_compiler_reads_is_no_slot() -> None:
    texts = {text for pair in SAME_SHAPE for text in pair}
    for text in texts:
        checker = Checker(SCOPE, slots_of(text, "where"))
        checker.condition(grammar.parse(text))
        assert not checker.statics, text


def test_a_thousand_filters_of_one_shape_are_prepared_once(things: Things, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    page = queries.page
    monkeypatch.setattr(queries, "page", lambda *args: compiled.append("page") or page(*args))
    parsed = grammar._parse.cache_info().misses
    expected = {number: {row["id"] for row in things.rows if (row["views"] or 0) > number} for number in range(1000)}
    for number in range(1000):
        assert things.ids(f"views > {number}", USER) == expected[number]
    assert (read.PREPARED.misses, read.PLANS.misses, len(compiled)) == (1, 1, 1)
    assert grammar._parse.cache_info().misses - parsed <= 2  # the filter and the select, once each


def test_searches_for_other_words_are_one_statement(things: Things) -> None:
    for query in ("a", '"say hi"', "al* -beta", "a OR b", "", "(("):
        things.ids(f"things @@ '{query}'", USER)
    assert (read.PREPARED.misses, read.PLANS.misses) == (1, 1)


WRONG = [
    ("qty == '1'", "qty == 'many'", "qty: 'many' is not an integer.", 7),
    ("name == 'a' & qty == '1'", "name == 'abc' & qty == 'x'", "qty: 'x' is not an integer.", 23),
    ("created_at > '2025-01-01'", "created_at > 'soon'", "created_at: 'soon' is not a date.", 13),
    ("on_sale == 1", "on_sale == 2", "on_sale: 2 is neither true nor false.", 11),
    ("qty in (1, 2)", "qty in (1, 9223372036854775808)", "9223372036854775808 is beyond 64 bits.", 11),
    ("price > 1", "price > 99999999999999999999", "99999999999999999999 is beyond 64 bits.", 8),
    ("price > 1.5", "price > 1e999", "1e999 is beyond double precision.", 8),
    ("data == '[]'", "data == '[,]'", "data: '[,]' is not JSON.", 8),
    ("data == '[]'", "data == '\"\\\\u0000\"'", "data: '\"\\\\u0000\"' is not JSON.", 8),
    ("opens < '10:00'", "opens < '25:00'", "opens: '25:00' is not a time.", 8),
    ("name == 'a'", "name == 'a\0'", "name: text cannot hold the character NUL.", 8),
    ("1 == 2 & qty == '1'", "1 == 2 & qty == ' x'", "qty: ' x' is not an integer.", 16),
    ("qty == '1'\n& views == '1'", "qty == '1'\n& views == 'x'", "views: 'x' is not an integer.", 22),
]


@pytest.mark.parametrize(("right", "wrong", "message", "position"), [pytest.param(*case, id=case[1]) for case in WRONG])
def test_a_literal_is_refused_by_a_warm_plan_as_by_a_cold_one(
    right: str, wrong: str, message: str, position: int, things: Things
) -> None:
    for warm in (False, True):
        reset()
        if warm:
            things.ids(right, USER)
        with pytest.raises(ExpressionError) as caught:
            ask(things, wrong, USER)
        lines = wrong.split("\n")
        line = lines[-1] if "\n" in wrong else wrong
        caret = f"{line}\n{' ' * (position - (len(wrong) - len(line)))}^"
        assert (caught.value.message, caught.value.data) == (message, {"position": position, "caret": caret})


def ask(things: Things, where: str, caller: Mapping[str, Any]) -> None:
    read.select(things.table, lambda: requests.read({"where": where, "select": "id"}), caller_of(caller))


UNLIKE = [
    ("views > 5", "views > ?i"),
    ("name == 'a'", "name == ?s"),
    ("views > 5", "views > 5.5"),
    ("views > 5", "views > '5'"),
    ("name == 'a'", f"name == '{'a' * 4000}'"),
    ("views > 5", f"views > {'0' * 4000}5"),
]


@pytest.mark.parametrize(("one", "other"), [pytest.param(*pair, id=pair[1][:30]) for pair in UNLIKE])
def test_texts_that_differ_in_more_than_values_have_shapes_of_their_own(one: str, other: str) -> None:
    assert cut(one).shape != cut(other).shape


def test_a_mark_of_shapes_is_no_expression_even_on_a_warm_plan(things: Things) -> None:
    things.ids("views > 5", USER)
    with pytest.raises(ExpressionError, match=r"there is no `a \? b : c`"):
        ask(things, "views > ?i", USER)
