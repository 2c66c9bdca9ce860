"""Whatever the file holds, load gives a Config or raises ConfigError."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketapi.config.shape import value_at
from pocketapi.errors import ConfigError, ConfigProblem
from tests.config.wrong import load_text, text_of

EXAMPLE = (Path(__file__).parent.parent / "configs" / "example.yaml").read_text()
DOCUMENT = yaml.safe_load(EXAMPLE)
SECRETS = {"JWT_SECRET": "j" * 40, "JWT_SECRET_USERS": "u" * 40}
CASES = yaml.safe_load((Path(__file__).parent / "wrong.yaml").read_text())

words = st.sampled_from(
    ["name", "fields", "users", "$X", "'true'", "auth.uid", "text", "<<", "q", "l", "~", "baseFields", "sql", "rules"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | words
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | words, inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for key, part in parts for deeper in paths(part, (*path, key)))]


PATHS = paths(DOCUMENT)[1:]


def loads(text: str | bytes) -> None:
    """Loads or is refused with at least one problem, each with a message."""
    problems: tuple[object, ...] = ()
    try:
        load_text(text, environ=SECRETS)
    except ConfigError as error:
        problems = error.problems or ("no problem",)
    assert all(isinstance(problem, ConfigProblem) and problem.message and problem.line >= 0 for problem in problems)


quietly = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@quietly
@given(st.binary(max_size=60))
def test_bytes(data: bytes) -> None:
    loads(data)


@quietly
@given(st.text(alphabet="ab:-?!&*[]{}'\"#|>%@`,\n \t~<.0", max_size=40))
def test_yaml_like_text(text: str) -> None:
    loads(text)


@quietly
@given(values)
def test_documents(document: Any) -> None:
    loads(json.dumps(document))


@quietly
@given(st.sampled_from(PATHS), values, st.booleans())
def test_a_good_config_with_one_value_changed(path: tuple[Any, ...], value: Any, removed: bool) -> None:
    document = copy.deepcopy(DOCUMENT)
    parent = value_at(document, path[:-1])
    if removed:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    loads(json.dumps(document))


@quietly
@given(st.integers(0, len(EXAMPLE)), st.integers(0, 20), st.text(max_size=3))
def test_a_good_config_with_a_slip_of_the_hand(start: int, length: int, text: str) -> None:
    loads((EXAMPLE[:start] + text + EXAMPLE[start + length :]).encode("utf-8", "surrogatepass"))


@quietly
@given(st.sampled_from(CASES), st.integers(0, 400), st.sampled_from(["", "5", "[", "x", ": ", "null", "'", "{a: b}"]))
def test_wrong_configs_made_worse(case: dict[str, Any], place: int, text: str) -> None:
    whole = text_of(case)
    place %= len(whole) + 1
    loads(whole[:place] + text + whole[place + 1 :])


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_any_value_may_be_of_the_wrong_kind(path: tuple[Any, ...]) -> None:
    for value in (None, 5, "x", [], {}, [None], {"name": None}):
        document = copy.deepcopy(DOCUMENT)
        value_at(document, path[:-1])[path[-1]] = value
        loads(json.dumps(document))
