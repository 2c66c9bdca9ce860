"""SQL of the config, parted at its parameters."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.config.sql import Fragment, Sql, SqlError, fragment, parse

# (text, its parts)
GOOD: list[tuple[str, Sql]] = [
    ("", Sql(("",))),
    ("id = {:id}", Sql(("id = ", ""), ("id",))),
    ("{:a}{:b} + {:a}", Sql(("", "", " + ", ""), ("a", "b", "a"))),
    ("'it''s' || {:a}", Sql(("'it''s' || ", ""), ("a",))),
    (r"'a\' || {:a}", Sql((r"'a\' || ", ""), ("a",))),
    (r"E'it\'s' || {:a}", Sql((r"E'it\'s' || ", ""), ("a",))),
    ('"a""b" = {:a} AND `c` = $x$d$x$', Sql(('"a""b" = ', " AND `c` = $x$d$x$"), ("a",))),
    ("a -- it's so\n = {:a} /* and ' */ + 1", Sql(("a  \n = ", "   + 1"), ("a",))),
    ("data ? 'x' AND a % 2 = {:a}", Sql(("data ? 'x' AND a % 2 = ", ""), ("a",))),
    ("'{' || '}' || {:a}", Sql(("'{' || '}' || ", ""), ("a",))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), GOOD)
def test_texts_are_parted_at_parameters_outside_of_quotes(text: str, wanted: Sql) -> None:
    assert parse(text) == wanted


# (text, where it is wrong); all of them would be bound in the wrong place, or not be one statement
WRONG: list[tuple[str, int]] = [
    ("'{:a}'", 1),
    ("'x''{:a}'", 4),
    ("a = ' {:a}", 6),
    (r"E'\'{:a}'", 4),
    ('"{:a}"', 1),
    ("`{:a}`", 1),
    ("$${:a}$$", 2),
    ("$tag$ {:a} $tag$", 6),
    ("1 -- {:a}", 5),
    ("1 /* {:a} */", 5),
    ("1 /* /* */ {:a} */", 2),
    ("/* x", 0),
    ("'x", 0),
    ('"x', 0),
    ("$$x", 0),
    ("E'x", 0),
    ("{:a b}", 0),
    ("{: a}", 0),
    ("1;", 1),
]


@pytest.mark.parametrize(("text", "position"), WRONG)
def test_what_could_be_broken_out_of_is_refused(text: str, position: int) -> None:
    with pytest.raises(SqlError) as caught:
        parse(text)
    assert caught.value.position == position


@pytest.mark.parametrize(("text", "good"), [
    ("SELECT 1;", True), ("SELECT 1; -- end", True), ("SELECT ';'", True), ("SELECT 1; SELECT 2", False), ("SELECT 1;;", True),
    ("COMMIT", False), ("  rollback to x", False), ("BEGIN", False), ("ATTACH 'x' AS y", False), ("beginning", True),
])  # fmt: skip
def test_a_whole_statement_is_one_and_no_end_of_a_transaction(text: str, good: bool) -> None:
    if good:
        assert parse(text, whole=True).names == ()
    else:
        with pytest.raises(SqlError):
            parse(text, whole=True)


# (value, the fragment or nothing)
FRAGMENTS: list[tuple[Any, Fragment | None]] = [
    ("a", Fragment({"": "a"}, {})),
    (5, Fragment({}, {}, 5)),
    (None, Fragment({}, {}, None)),
    ([1], Fragment({}, {}, [1])),
    ({"l": {"q": 1}}, Fragment({}, {}, {"q": 1})),
    ({"q": "a", "p": {"x": 1}}, Fragment({"": "a"}, {"x": 1})),
    ({"q": {"sqlite": "a"}}, Fragment({"sqlite": "a"}, {})),
    ({}, None),
    ({"q": {}}, None),
    ({"q": {"mysql": "a"}}, None),
    ({"q": {"sqlite": 5}}, None),
    ({"q": "a", "l": 1}, None),
    ({"q": "a", "p": [1]}, None),
    ({"a": 1}, None),
]


@pytest.mark.parametrize(("value", "wanted"), FRAGMENTS)
def test_fragments_are_texts_mappings_and_literals(value: Any, wanted: Fragment | None) -> None:
    if wanted is None:
        with pytest.raises(SqlError):
            fragment(value)
    else:
        assert fragment(value) == wanted


def test_a_fragment_may_be_for_one_database_only() -> None:
    assert fragment({"q": {"sqlite": "a"}}).of("postgresql") is None
    assert fragment("a").of("postgresql") == "a"
    assert fragment(5).is_literal
