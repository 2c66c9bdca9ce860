"""The words of a text, and its parting into shape and literals."""

from __future__ import annotations

import pytest

from pocketapi.expressions import shape
from pocketapi.expressions.shape import MAX_LENGTH, cut, is_beyond, literal_value, tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a.b<=1", ["name a", "operator .", "name b", "operator <=", "integer 1"]),
        ("!in !inner !a", ["operator !in", "operator !", "name inner", "operator !", "name a"]),
        ("1.5 1e3 1.5e-3", ["fraction 1.5", "fraction 1e3", "fraction 1.5e-3"]),
        ("a->>'b'->c||d", ["name a", "operator ->>", "string 'b'", "operator ->", "name c", "operator ||", "name d"]),
        ("'it\\'s' \"a'b\"", ["string 'it\\'s'", 'string "a\'b"']),
        ("'open", ["other '", "name open"]),
        ("12ab 1.x", ["other 12", "name ab", "other 1", "operator .", "name x"]),
        ("a\t\r\n b", ["name a", "name b"]),
        ("é?", ["other é", "other ?"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [f"{word.kind} {word.text}" for word in tokens(text)] == words


def test_words_know_where_they_start() -> None:
    assert [word.position for word in tokens("  a  >  10")] == [2, 5, 8]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "007", 7),
        ("fraction", "1.5e1", 15.0),
        ("string", "'a'", "a"),
        ("string", r"'it\'s'", "it's"),
        ("string", r"'a\\b'", r"a\b"),
        ("string", r"'a\nb\"'", r"a\nb\""),
        ("string", r'"say \"hi\""', 'say "hi"'),
    ],
)
def test_what_a_token_stands_for(kind: str, text: str, value: object) -> None:
    assert literal_value(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "beyond"),
    [
        ("integer", "9223372036854775807", False),
        ("integer", "9223372036854775808", True),
        ("integer", "0" * 3000 + "7", False),
        ("integer", "0", False),
        ("integer", "9" * 3000, True),
        ("fraction", "1e308", False),
        ("fraction", "1e309", True),
    ],
)
def test_numbers_past_their_kind(kind: str, text: str, beyond: bool) -> None:
    assert is_beyond(kind, text) is beyond


@pytest.mark.parametrize(
    ("text", "form", "literals"),
    [
        ("views > 10 & slug == 'x'", "views > ?i & slug == ?s", (10, "x")),
        ("a1 == 1.5", "a1 == ?f", (1.5,)),
        ("a in (1, '2')", "a in (?i, ?s)", (1, "2")),
        ("data->>'a' == 'b'", "data->>'a' == ?s", ("b",)),
        ("data->( 'a') == 0", "data->( 'a') == ?i", (0,)),
        ("data->0->>'b' == 0", "data->0->>'b' == ?i", (0,)),
        ("date(d, '+1 days') > '2025-01-01'", "date(d, '+1 days') > ?s", ("2025-01-01",)),
        ("date ('now') > d", "date ('now') > d", ()),
        ("strftime('%Y', d) == '2024'", "strftime('%Y', d) == ?s", ("2024",)),
        ("date(coalesce(d, '2025-01-01'), '+1 days')", "date(coalesce(d, ?s), '+1 days')", ("2025-01-01",)),
        ("json_set(data, '$.a', 'x')", "json_set(data, '$.a', ?s)", ("x",)),
        ("json_set(data, '$.a', lower('X'))", "json_set(data, '$.a', lower(?s))", ("X",)),
        ("update(1)", "update(?i)", (1,)),
        ("date(d)) > 1", "date(d)) > ?i", (1,)),
    ],
)
def test_cut(text: str, form: str, literals: tuple[object, ...]) -> None:
    found = cut(text)
    assert (found.shape, found.literals) == (form, literals)


@pytest.mark.parametrize(
    "text", ["a > ?i", "a > 9223372036854775808", "a > 1e999", "a > " + "1" * 5000, f"a == '{'x' * MAX_LENGTH}'"]
)
def test_what_the_grammar_refuses_for_its_values_has_a_shape_of_its_own(text: str) -> None:
    assert cut(text).shape == f"??{text}"


def test_a_long_run_of_digits_takes_no_long_time() -> None:
    assert [word.kind for word in shape.tokens("1" * 4000 + "x")] == ["other", "name"]
