"""createRule over new values: only a true answer admits."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from pocketapi.errors import Forbidden
from pocketapi.records import judge
from pocketapi.rules.policy import rule_of
from pocketapi.rules.principal import Caller, Principal
from tests.conftest import UseConfig

CONFIG = """
tables:
  - name: things
    fields:
      - {{name: id, type: text, primary: true}}
      - {{name: word, type: text, collate: NOCASE}}
      - {{name: count, type: integer}}
      - {{name: at, type: date}}
      - {{name: data, type: json}}
      - {{name: flag, type: bool, sqlType: integer}}
      - {{name: bytes, type: blob}}
    extensions: [{{name: rules, createRule: "{rule}"}}]
"""
ANN = Caller(Principal(uid="ann", sid="s", roles=("a", "b")))

# rule, new values, caller, whether it admits, whether a statement was needed
CASES: list[tuple[str, dict[str, Any], Caller, bool, bool]] = [
    ("true", {}, Caller(), True, False),
    ("false", {}, Caller(), False, False),
    ("word == 'x'", {"word": "x"}, Caller(), True, True),
    ("word == 'x'", {"word": "X"}, Caller(), True, True),
    ("word == 'x'", {"word": "y"}, Caller(), False, True),
    ("word == 'x'", {}, Caller(), False, True),
    ("word = null", {}, Caller(), True, True),
    ("new.word == word", {"word": "x"}, Caller(), True, True),
    ("id == auth.uid", {"id": "ann"}, ANN, True, False),
    ("id == auth.uid", {"id": "bob"}, ANN, False, False),
    ("id == auth.uid", {"id": "ann"}, Caller(), False, False),
    ("id == auth.uid", {}, Caller(), False, False),
    ("auth.role == 'b'", {}, ANN, True, False),
    ("count > 1", {"count": 2}, Caller(), True, False),
    ("count > 1", {}, Caller(), False, False),
    ("!(count > 1)", {}, Caller(), True, False),
    ("count / 0 == 1", {"count": 2}, Caller(), False, True),
    ("count + 9223372036854775807 > 0", {"count": 2}, Caller(), False, True),
    ("length(word) == 2", {"word": "xy"}, Caller(), True, True),
    ("json_length(data) == 2", {"data": "[1, 2]"}, Caller(), True, True),
    ("json_length(data) == 2", {"data": "{}"}, Caller(), False, True),
    ("data->>'a' == 'x'", {"data": '{"a": "x"}'}, Caller(), True, True),
    ("at > '2025-01-01'", {"at": "2025-01-02T00:00:00.000Z"}, Caller(), True, False),
    ("flag", {"flag": True}, Caller(), True, False),
    ("flag == false", {"flag": False}, Caller(), True, False),
    ("bytes != null", {"bytes": b"x"}, Caller(), True, False),
]


@pytest.mark.parametrize(("rule", "row", "caller", "admits", "asks"), CASES)
def test_only_a_true_answer_admits(use_config: UseConfig, rule: str, row: Any, caller: Caller, admits: bool, asks: bool) -> None:
    table = use_config(CONFIG.format(rule=rule)).tables["things"]
    tree = rule_of(table, "create", caller)
    for _ in range(2):  # prepared, then again
        with CaptureQueriesContext(connections["default"]) as captured:
            assert judge.admits(table, tree, row, caller) is admits
        assert len(captured) <= asks or asks
    judge.judge(table, tree, [], caller)
    if not admits:
        with pytest.raises(Forbidden):
            judge.judge(table, tree, [row], caller)
