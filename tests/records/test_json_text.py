"""JSON text: read as the standard library reads it, or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketapi.records import json_text
from pocketapi.records.json_text import NotJson

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=20)


@given(JSON, st.booleans())
def test_what_was_written_is_read(value: Any, ascii_only: bool) -> None:
    assert json_text.parse(json.dumps(value, ensure_ascii=ascii_only)) == value


@given(st.text())
def test_any_text_is_json_or_refused(text: str) -> None:
    try:
        found = json_text.parse(text)
    except NotJson:
        return
    assert json.loads(text) == found


# (text, part of why it is refused)
REFUSED = [
    ("", "line 1, column 1"),
    ("{", "column 2"),
    ('{"a": 1,}', "column"),
    ("[1] 2", "column 5"),
    ("'a'", "column 1"),
    ("\ufeff1", "column 1"),
    ('{"a": 1, "a": 1}', "key a twice"),
    ('[{"b": {"a": 1, "a": 1}}]', "key a twice"),
    ("9223372036854775808", "64 bits"),
    ("[-9223372036854775809]", "64 bits"),
    ("1" * 5000, "64 bits"),
    ("NaN", "NaN"),
    ("[Infinity]", "Infinity"),
    ("-Infinity", "-Infinity"),
    ("1e999", "double precision"),
    ("-1e999", "double precision"),
    ('"\\u0000"', "NUL"),
    ('"\0"', "column"),
    ('"\\ud800"', "surrogate"),
    ('["\\udc00x"]', "surrogate"),
    ('{"\\ud800": 1}', "surrogate"),
    ("[" * 200_000, "deep"),
    ('{"a":' * 200_000, "deep"),
]


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(NotJson, match=why):
        json_text.parse(text)


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert json_text.parse('"\\ud83d\\ude00"') == "😀"
