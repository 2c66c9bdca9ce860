"""INSERT in as few statements as it takes, and defaults of every kind that a rule reads."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.errors import PocketError
from pocketapi.records import queries, requests, statements, write
from pocketapi.rules.principal import SYSTEM, Caller
from tests.api.answers import run_sql
from tests.conftest import UseConfig


@pytest.mark.parametrize(("rows", "sizes"), [
    ([], []),
    ([{"a": 1}] * 3, [3]),
    ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [2]),
    ([{"a": 1}, {"b": 1}, {"a": 1}], [1, 1, 1]),
    ([{}, {}], [1, 1]),
    ([{"a": 1, "b": 1}] * 15_001, [15_000, 1]),
])  # fmt: skip
def test_rows_of_the_same_columns_share_a_statement(rows: list[dict[str, Any]], sizes: list[int]) -> None:
    assert statements.parts(rows) == len(sizes)
    assert [len(group) for group in statements._groups(rows)] == sizes


DRAWN = """
tables:
  - name: things
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: word, type: text, maxLength: 3, default: {q: "SQL"}}
    extensions: [{name: rules, createRule: "word != null"}]
"""


@pytest.mark.parametrize(("sql", "found"), [("'abc'", "abc"), ("'10%'", "10%"), ("5", "5"), ("NULL", 403), ("'abcd'", 400)])
def test_a_default_in_sql_is_checked_where_a_rule_reads_it(use_config: UseConfig, sql: str, found: Any) -> None:
    table = use_config(DRAWN.replace("SQL", sql)).tables["things"]
    ask = requests.Insert(({},), single=True, returning="word")
    if isinstance(found, int):
        with pytest.raises(PocketError) as caught:
            write.insert(table, lambda: ask, Caller())
        assert caught.value.status == found
        assert run_sql("SELECT 1 FROM things") == []
    else:
        assert write.insert(table, lambda: ask, Caller()) == [{"word": found}]


VENDOR = """
tables:
  - name: things
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: word, type: text, default: {q: {sqlite: "'only there'"}}}
      - {name: uuid, type: text, default: {q: {sqlite: "'u'", postgresql: "gen_random_uuid()"}}}
    extensions: [{name: rules, createRule: "word == null | length(uuid) > 0"}]
"""


def test_a_default_that_one_database_has(use_config: UseConfig) -> None:
    table = use_config(VENDOR).tables["things"]
    ask = requests.Insert(({},), single=True, returning="word,uuid")
    (found,) = write.insert(table, lambda: ask, Caller())
    assert found["word"] == ("only there" if queries.vendor() == "sqlite" else None)
    assert len(found["uuid"]) in (1, 36)


def test_nothing_but_defaults_is_inserted(use_config: UseConfig) -> None:
    table = use_config(DRAWN.replace("SQL", "'abc'")).tables["things"]
    ask = requests.Insert(({}, {}, {}), single=False, returning="*")
    assert write.insert(table, lambda: ask, SYSTEM) == [{"id": number, "word": "abc"} for number in (1, 2, 3)]
