"""YAML by the rules of version 1.2, and where everything stands."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.config import source
from pocketapi.config.report import Place, Report, written

VALUES: list[tuple[str, Any]] = [
    ("no", "no"),
    ("yes", "yes"),
    ("on", "on"),
    ("Off", "Off"),
    ("y", "y"),
    ("true", True),
    ("True", True),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("null", None),
    ("Null", None),
    ("~", None),
    ("", None),
    ("nULL", "nULL"),
    ("12", 12),
    ("-12", -12),
    ("+12", 12),
    ("007", 7),
    ("0o17", 15),
    ("0x1F", 31),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("1:30", "1:30"),
    ("1.5", 1.5),
    ("1.", 1.0),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("-1.5E-2", -0.015),
    ("1.2.3", "1.2.3"),
    ("2025-03-11", "2025-03-11"),
    ("2025-03-11T10:00:00Z", "2025-03-11T10:00:00Z"),
    ("=", "="),
    ("<", "<"),
    ("'12'", "12"),
    ('"true"', "true"),
    ("!!str 12", "12"),
    ("!!int '12'", 12),
    ("!!null ''", None),
    ("|\n  two\n  lines", "two\nlines\n"),
    ("{b: [1, {c: d}]}", {"b": [1, {"c": "d"}]}),
]


def read(text: str) -> tuple[Any, Report]:
    report = Report("pocketapi.yaml")
    return source.read(text.encode(), report), report


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    document, report = read(f"a: {text}\n")
    assert document == {"a": value}
    assert type(document["a"]) is type(value)
    assert report.problems == []


@pytest.mark.parametrize(
    "text", [".inf", "-.INF", ".nan", "!!int abc", "!!float x", "!!binary aGk=", "!!timestamp 2025-01-01", "!mine x", "1e999"]
)
def test_other_scalars_are_refused_where_they_stand(text: str) -> None:
    _, report = read(f"a: {text}\n")
    assert [(each.line, each.column, each.path) for each in report.problems] == [(1, 4, "a")]


def test_json_loads() -> None:
    assert read('{"a": [true, null, 1.5e3, "\\u00e9"],\n "b": {}}')[0] == {"a": [True, None, 1500.0, "é"], "b": {}}


def test_a_byte_order_mark_and_windows_lines_are_fine() -> None:
    assert read("\ufeffa: 1\r\nb: 2\r\n")[0] == {"a": 1, "b": 2}


def test_aliases_repeat_and_merges_fill_in() -> None:
    document, report = read("a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [{y: 5}, *a]}\n")
    assert document == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 2}, "c": {"x": 1, "y": 3}, "d": {"x": 1, "y": 5}}
    assert report.problems == []


PLACES: list[tuple[str, Place]] = [
    ("a", (1, 1)),
    ("b", (2, 1)),
    ("b[0]", (3, 5)),
    ("b[0].c", (3, 5)),
    ("b[1]", (4, 5)),
    ("b[1].é", (4, 14)),
]


@pytest.mark.parametrize(("path", "place"), PLACES)
def test_places(path: str, place: Place) -> None:
    _, report = read("a: 1\nb:\n  - c: 2\n  - {d: 'é', é: 3}\n")
    assert {written(each): found for each, found in report.places.keys.items()}[path] == place


def test_a_position_is_exact_where_the_text_stands_as_it_is() -> None:
    _, report = read("a: x == y\nb: 'x == y'\nc: \"x \\x3d= y\"\nd: >-\n  x == y\n")
    assert [report.places.of((name,), 5) for name in "abcd"] == [(1, 9), (2, 10), (3, 1), (4, 1)]


def test_what_is_not_there_has_the_place_of_what_is_around_it() -> None:
    _, report = read("a:\n  b: 1\n")
    assert report.places.of(("a", "c", 5)) == (1, 1)
    assert report.places.of(("z",)) == (1, 1)


def test_a_scalar_of_a_variable() -> None:
    assert [source.scalar(text) for text in ("5", "true", "1.5", "no", "", ".inf", "9" * 500)] == [
        5,
        True,
        1.5,
        "no",
        None,
        ".inf",
        "9" * 500,
    ]
