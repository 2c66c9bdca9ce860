"""The functions that SQLite is given, called as SQLite calls them: with values of rows, whatever they are."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketapi.expressions import routines
from pocketapi.expressions.routines import FUNCTIONS

CALLS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("pocket_written", (10.0,), "10"),
    ("pocket_integer", (5,), 5),
    ("pocket_integer", (5.0,), None),
    ("pocket_finite", (1.5,), 1.5),
    ("pocket_finite", (math.inf,), None),
    ("pocket_round", (2.5, 0), 3.0),
    ("pocket_round", (1e300, 400), 1e300),
    ("pocket_round", (1.7e308, -308), None),
    ("pocket_substring", ("abc", 2, 1), "b"),
    ("pocket_replace", ("a" * 10**6, "a", "b" * 10), None),
    ("pocket_parse_date", ("2025-01-31",), "2025-01-31T00:00:00.000Z"),
    ("pocket_parse_date", ("10:30",), "2000-01-01T10:30:00.000Z"),
    ("pocket_parse_date", ("soon",), None),
    ("pocket_since_epoch", (0,), "1970-01-01T00:00:00.000Z"),
    ("pocket_since_epoch", (1e300,), None),
    ("pocket_pattern", ("a\\",), "a\\\\"),
    ("pocket_pattern", ("a\\\\",), "a\\\\"),
    ("pocket_pattern", ("é" * 30_000,), None),
    ("pocket_pattern", ("a" * 30_000,), "a" * 30_000),
    ("pocket_real", (0.1,), "0.1"),
    ("pocket_real", (math.inf,), "null"),
    ("pocket_base64", (b"a",), "YQ=="),
    ("pocket_json_number", (10.0,), "10"),
    ("pocket_json_canonical", ('{"b": 1.0, "a": [1e2, 0.5]}',), '{"a":[100,0.5],"b":1}'),
    ("pocket_json_canonical", ("1e30",), "1" + "0" * 30),
    ("pocket_json_canonical", ("1e500",), "Infinity"),
    ("pocket_json_canonical", ("[" * 100_000,), None),
    ("pocket_json_canonical", ("{",), None),
    ("pocket_json_holds", ("[1.0]", "1"), True),
    ("pocket_json_holds", ('{"a":1}', "1"), False),
    ("pocket_json_holds", ("{", "1"), False),
    ("pocket_json_changed", ("json_set", "{}", '$."a"', "1"), '{"a":1}'),
    ("pocket_json_changed", ("json_set", "{", "$", "1"), None),
    ("pocket_json_patched", ('{"a":1}', '{"a":null}'), "{}"),
    ("pocket_json_patched", ("{", "1"), None),
]


@pytest.mark.parametrize(("name", "args", "answer"), [pytest.param(*call, id=f"{call[0]} {call[1]!r:.30}") for call in CALLS])
def test_call(name: str, args: tuple[Any, ...], answer: Any) -> None:
    count, function = FUNCTIONS[name]
    assert count == len(args)
    assert function(*args) == answer


def test_null_gives_null() -> None:
    assert {name for name, (count, function) in FUNCTIONS.items() if count and function(*[None] * count) is not None} == set()


def test_refuse_ends_the_statement() -> None:
    with pytest.raises(OverflowError):
        routines.refuse()


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(-400, 400))
def test_rounding_never_raises(value: float, places: int) -> None:
    found = routines.rounded(value, places)
    assert found is None or math.isfinite(found)


@given(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_substrings_never_raise(text: str, start: int, length: int) -> None:
    assert (routines.substring(text, start, length) or "") in text


@given(st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_moments_never_raise(seconds: float) -> None:
    found = routines.since_epoch(seconds)
    assert found is None or len(found) == 24


@given(
    st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d(:\d\d)?)?)?", fullmatch=True)
)
def test_dates_never_raise(text: str) -> None:
    found = routines.parsed_date(text)
    assert found is None or len(found) == 24
