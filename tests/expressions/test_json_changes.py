"""json_set and its kin in Python; test_functions.py compares them with PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.expressions import json_paths
from pocketapi.expressions.json_changes import change, changed, merged


@pytest.mark.parametrize(
    ("document", "path", "by_set", "by_insert", "by_replace"),
    [
        ({"a": 1}, "$.a", {"a": 9}, {"a": 1}, {"a": 9}),
        ({"a": 1}, "$.b", {"a": 1, "b": 9}, {"a": 1, "b": 9}, {"a": 1}),
        ({"a": {"b": 1}}, "$.a.b", {"a": {"b": 9}}, {"a": {"b": 1}}, {"a": {"b": 9}}),
        ({}, "$.a.b[0]", {"a": {"b": [9]}}, {"a": {"b": [9]}}, {}),
        ({}, "$.a[1]", {}, {}, {}),
        ({"a": 1}, "$.a.b", {"a": 1}, {"a": 1}, {"a": 1}),
        ([1, 2], "$[1]", [1, 9], [1, 2], [1, 9]),
        ([1, 2], "$[2]", [1, 2, 9], [1, 2, 9], [1, 2]),
        ([1, 2], "$[3]", [1, 2], [1, 2], [1, 2]),
        ([1], "$.0", [1], [1], [1]),
        ({"0": 1}, "$[0]", {"0": 1}, {"0": 1}, {"0": 1}),
        ({"a": [{"b": 1}]}, "$.a[0].c", {"a": [{"b": 1, "c": 9}]}, {"a": [{"b": 1, "c": 9}]}, {"a": [{"b": 1}]}),
        (5, "$", 9, 5, 9),
        (5, "$.a", 5, 5, 5),
    ],
)
def test_changed(document: Any, path: str, by_set: Any, by_insert: Any, by_replace: Any) -> None:
    steps = json_paths.parse(path)
    assert changed("json_set", document, steps, 9) == by_set
    assert changed("json_insert", document, steps, 9) == by_insert
    assert changed("json_replace", document, steps, 9) == by_replace


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": 1, "b": 2}, {"a": None, "c": 3}, {"b": 2, "c": 3}),
        ({"a": {"b": 1}}, {"a": {"c": None, "d": {"e": None}}}, {"a": {"b": 1, "d": {}}}),
        ([1], {"a": 1}, {"a": 1}),
        ({"a": 1}, [None], [None]),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_merged(document: Any, patch: Any, result: Any) -> None:
    assert merged(document, patch) == result


def test_sql_holds_no_keys() -> None:
    found = change("json_set", json_paths.parse('$."secret key"[0]'))
    assert "secret" not in found.template.sqlite + found.template.postgresql
    assert found.texts[:2] == ("json_set", '$."secret key"[0]')
