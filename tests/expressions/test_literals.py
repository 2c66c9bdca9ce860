"""Literals and variables as the kind of what they meet."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.expressions import literals
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.literals import convert, convert_variable, kind_of_value, number_text, to_json

CONVERTED = [
    (Kind.TEXT, "a", "a"),
    (Kind.TEXT, 5, "5"),
    (Kind.TEXT, 1.0, "1"),
    (Kind.TEXT, "é😀", "é😀"),
    (Kind.TEXT, "\\u0000", "\\u0000"),
    (Kind.INTEGER, "-5", -5),
    (Kind.INTEGER, "007", 7),
    (Kind.INTEGER, 2.0, 2),
    (Kind.INTEGER, True, 1),
    (Kind.NUMBER, "1.5e1", 15.0),
    (Kind.NUMBER, 3, 3.0),
    (Kind.BOOL, "TRUE", True),
    (Kind.BOOL, "0", False),
    (Kind.BOOL, 1.0, True),
    (Kind.DAY, "2025-01-31T10:00Z", "2025-01-31"),
    (Kind.JSON, "[1, 2.0]", "[1,2.0]"),
    (Kind.JSON, '"é"', '"é"'),
    (Kind.JSON, '"\\\\u0000"', '"\\\\u0000"'),
    (Kind.JSON, True, "true"),
    (Kind.JSON, 1.5, "1.5"),
    (Kind.BLOB, "YQ==", b"a"),
    (Kind.BLOB, b"a", b"a"),
    (Kind.NULL, None, None),
    (Kind.INTEGER, None, None),
]


@pytest.mark.parametrize(("kind", "value", "converted"), CONVERTED)
def test_convert(kind: Kind, value: Any, converted: Any) -> None:
    found = convert(value, kind)
    assert (found, type(found)) == (converted, type(converted))


WRONG = [
    (Kind.TEXT, True, "true is not text"),
    (Kind.TEXT, "a\0b", "text cannot hold the character NUL"),
    (Kind.TEXT, "\ud800", "surrogates not allowed"),
    (Kind.INTEGER, "x", "'x' is not an integer"),
    (Kind.INTEGER, "+5", "'\\+5' is not an integer"),
    (Kind.INTEGER, "5 ", "'5 ' is not an integer"),
    (Kind.INTEGER, 1.5, "1.5 is not an integer"),
    (Kind.INTEGER, 2**63, "beyond 64 bits"),
    (Kind.NUMBER, "1.", "'1.' is not a number"),
    (Kind.NUMBER, "nan", "'nan' is not a number"),
    (Kind.NUMBER, 10**400, "beyond double precision"),
    (Kind.NUMBER, "1e999", "beyond double precision"),
    (Kind.BOOL, "yes", "'yes' is neither true nor false"),
    (Kind.BOOL, 2, "2 is neither true nor false"),
    (Kind.TIMESTAMP, 5, "5 is not a date"),
    (Kind.JSON, "{", "'{' is not JSON"),
    (Kind.JSON, "NaN", "'NaN' is not JSON"),
    (Kind.JSON, "1e999", "'1e999' is not JSON"),
    (Kind.JSON, '{"\\u0000": 1}', "is not JSON"),
    (Kind.JSON, '["a", "\\u0000"]', "is not JSON"),
    (Kind.JSON, '"\\ud800"', "is not JSON"),
    (Kind.JSON, "[" * 100_000, "is not JSON"),
    (Kind.BLOB, "?", "is not base64"),
    (Kind.BLOB, 5, "5 is not base64"),
]


@pytest.mark.parametrize(
    ("kind", "value", "message"), [pytest.param(*case, id=f"{case[0].value} {case[1]!r:.20}") for case in WRONG]
)
def test_what_cannot_be_converted(kind: Kind, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        convert(value, kind)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("kind", "value", "converted"),
    [
        (Kind.INTEGER, "5", 5),
        (Kind.INTEGER, "many", None),
        (Kind.NUMBER, 10**400, None),
        (Kind.TEXT, ["a"], None),
        (Kind.TEXT, {"a": 1}, None),
        (Kind.TEXT, "\0", None),
        (Kind.JSON, {"a": [1, None]}, '{"a":[1,null]}'),
        (Kind.JSON, "text", '"text"'),
        (Kind.JSON, None, None),
        (Kind.JSON, ["\0"], None),
        (Kind.JSON, float("inf"), None),
        (Kind.JSON, nested(100_000), None),
    ],
)
def test_a_variable_that_cannot_be_converted_is_null(kind: Kind, value: Any, converted: Any) -> None:
    assert convert_variable(value, kind) == converted


def test_kinds_of_values() -> None:
    values = [True, 1, 1.5, "a", None, [1], {"a": 1}]
    assert [kind_of_value(value).value for value in values] == ["bool", "integer", "number", "text", "null", "json", "json"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10.0, "10"),
        (0.1, "0.1"),
        (-2.5, "-2.5"),
        (-0.0, "0"),
        (7, "7"),
        (999999999999999.0, "999999999999999"),
        (1e15, "1e+15"),
        (-36558219150487664.0, "-3.6558219150487664e+16"),
        (1234567890123456.5, "1.2345678901234565e+15"),
        (-1e20, "-1e+20"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (1.5e-10, "1.5e-10"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
    ],
)
def test_a_number_is_written_as_postgresql_does(value: float, text: str) -> None:
    assert number_text(value) == text


def test_json_is_compact_and_keeps_letters() -> None:
    assert to_json({"é": [1, "a"]}) == '{"é":[1,"a"]}'
    assert literals.to_json(None) is None
