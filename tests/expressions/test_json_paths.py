"""Paths into JSON, and how each database takes them."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.expressions import json_paths


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("0", ("0",)),
        (0, (0,)),
        ("a.b", ("a.b",)),
        ("", ("",)),
        ("$", ()),
        ("$.a.b[0]", ("a", "b", 0)),
        ("$[1][2]", (1, 2)),
        ('$."a b".c', ("a b", "c")),
        ('$.""', ("",)),
        ("$.é.0", ("é", "0")),
    ],
)
def test_parse(text: str | int, path: json_paths.Path) -> None:
    assert json_paths.parse(text) == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$.", "is not a JSON path"),
        ("$a", "is not a JSON path"),
        ("$.a[x]", "is not a JSON path"),
        ("$.a[-1]", "is not a JSON path"),
        ("$[9999999999]", "is not a JSON path"),
        ("$[٣]", "is not a JSON path"),
        (1_000_000_000, "at most 999999999"),
        ("$" + ".a" * 33, "at most 32 steps, this one has 33"),
        ('a"b', "no double quote"),
        ("a\\b", "no double quote"),
        ("$.a\nb", "no double quote"),
        ("a\ud800", "no double quote"),
    ],
)
def test_what_is_no_path(text: str | int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        json_paths.parse(text)


def test_spellings() -> None:
    path = json_paths.parse('$."a b".c[0]')
    assert json_paths.sqlite(path) == '$."a b"."c"[0]'
    assert json_paths.postgresql(path) == 'strict $."a b"."c"[0]'
    assert json_paths.postgresql_array(path) == '{"a b","c","0"}'


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("a", 0), 1),
        (("a", 1), None),
        (("a", "0"), None),
        (("b", "c"), None),
        ((0,), None),
        (("0",), "zero"),
        ((), {"a": [1], "0": "zero"}),
    ],
)
def test_lookup(path: json_paths.Path, found: Any) -> None:
    assert json_paths.lookup({"a": [1], "0": "zero"}, path) == found
