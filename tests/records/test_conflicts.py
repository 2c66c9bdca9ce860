"""REPLACE where an index chooses its rows in raw SQL, or compares otherwise than its column."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.errors import Conflict, Forbidden
from pocketapi.records import requests, write
from pocketapi.rules.principal import SYSTEM, Caller
from tests.api.answers import run_sql
from tests.conftest import UseConfig

CONFIG = """
tables:
  - name: things
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: word, type: text}
      - {name: kind, type: text}
      - {name: drawn, type: text, unique: true, default: {q: "'fixed'"}}
    indexes:
      - {fields: word, unique: true, where: {q: "kind LIKE 'a%'"}}
      - {fields: kind COLLATE NOCASE, unique: true, where: "word == null"}
    extensions: [{name: rules, createRule: 'true', deleteRule: "word != 'kept'"}]
"""

# (rows that are there, the one that is written, ids that are left, or what is raised)
CASES: list[tuple[list[dict[str, Any]], dict[str, Any], Any]] = [
    ([{"word": "x", "kind": "a1"}], {"word": "x", "kind": "a2"}, [2]),
    ([{"word": "x", "kind": "b1"}], {"word": "x", "kind": "a2"}, [1, 2]),
    ([{"word": "x", "kind": "b1"}, {"word": "x", "kind": "a1"}], {"word": "x", "kind": "a2"}, [1, 3]),
    ([{"kind": "K"}], {"kind": "k"}, [2]),
    ([{"kind": "K", "word": "w"}], {"kind": "k"}, [1, 2]),
    ([{"word": "kept", "kind": "a1"}], {"word": "kept", "kind": "a2"}, Forbidden),
    ([{"word": "x", "drawn": None}], {"word": "y", "drawn": None}, [1, 2]),
    ([{"drawn": "fixed"}], {"word": "y", "drawn": "fixed"}, [2]),
]


def insert(table: Any, row: dict[str, Any], mode: str | None = None, caller: Caller = SYSTEM) -> Any:
    values = {"drawn": None, **row}
    return write.insert(table, lambda: requests.Insert((values,), single=True, returning="id", mode=mode), caller)


@pytest.mark.parametrize(("there", "written", "left"), CASES, ids=range(len(CASES)))
def test_only_rows_in_the_way_go(use_config: UseConfig, there: Any, written: Any, left: Any) -> None:
    table = use_config(CONFIG).tables["things"]
    for row in there:
        insert(table, row)
    if isinstance(left, list):
        insert(table, written, "REPLACE", Caller())
        found = [id_ for (id_,) in run_sql("SELECT id FROM things ORDER BY id")]
        assert len(found) == len(left)
        assert found[: len(left) - 1] == left[:-1]
    else:
        with pytest.raises(left):
            insert(table, written, "REPLACE", Caller())
        assert len(run_sql("SELECT 1 FROM things")) == len(there)


def test_a_value_that_the_database_draws_cannot_be_replaced(use_config: UseConfig) -> None:
    table = use_config(CONFIG).tables["things"]
    insert(table, {"drawn": "fixed"})
    drawn = requests.Insert(({"word": "y"},), single=True, mode="REPLACE")
    with pytest.raises(Conflict):
        write.insert(table, lambda: drawn, SYSTEM)


def test_an_update_replaces_by_the_same_rule(use_config: UseConfig) -> None:
    table = use_config(CONFIG).tables["things"]
    for row in ({"word": "x", "kind": "a1"}, {"word": "y", "kind": "a2"}, {"word": "x", "kind": "b1"}):
        insert(table, row)
    change = requests.Update("word == 'y'", {"word": "x"}, {}, "id", "REPLACE")
    assert write.update(table, lambda: change, SYSTEM) == [{"id": 2}]
    assert run_sql("SELECT id FROM things ORDER BY id") == [(2,), (3,)]
