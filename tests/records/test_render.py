"""Rows as JSON: what the database writes and what Python writes is one and the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pocketapi.expressions.kinds import Kind
from pocketapi.records import read, render, requests, write
from pocketapi.rules.principal import SYSTEM
from tests.api.conftest import desk
from tests.conftest import UseConfig
from tests.records.test_json_text import TEXT

WORDS = TEXT | st.sampled_from(['"', "\\", "\x01\x1f\x7f", "\u2028\u2029", "😀\ufffd", "%s{0}", "'", "\r\n\t"])
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([2**53, 2**53 + 1, -(2**63), 2**63 - 1, 0])
FLOATS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300, allow_subnormal=False)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6) | WORDS
DOCUMENTS = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8
)
STAMPS = st.datetimes().map(lambda moment: f"{moment.isoformat(timespec='milliseconds')}Z")
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "text": WORDS,
    "editor": WORDS,
    "number": FLOATS,
    "integer": INTEGERS,
    "bool": st.booleans(),
    "flag": st.booleans(),
    "stamp": STAMPS,
    "written": STAMPS,
    "day": st.dates().map(str),
    "time": st.times().map(lambda time: time.isoformat(timespec="milliseconds")),
    "json": DOCUMENTS.map(json.dumps),
    "jtext": DOCUMENTS.map(json.dumps),
    "blob": st.sampled_from(["", "AA==", "AAECAw==", "/+8="]),
}
ROWS = st.fixed_dictionaries({name: st.none() | values for name, values in COLUMNS.items()})


def posted(name: str, value: Any) -> Any:
    """What comes back of a posted value."""
    if value is None or (name == "blob" and value == ""):
        return None
    return json.loads(value) if name in ("json", "jtext") else value


def test_the_database_and_python_write_the_same_json(use_config: UseConfig) -> None:
    kinds = use_config(desk()).tables["kinds"]

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(ROWS, min_size=1, max_size=8))
    def check(rows: list[dict[str, Any]]) -> None:
        with transaction.atomic():
            values = tuple({"id": f"{number:03}", **row} for number, row in enumerate(rows))
            ask = requests.Insert(values, single=False, returning="*")
            by_python = [read.render.dumps(record) for record in write.insert(kinds, lambda: ask, SYSTEM)]
            page = read.select(kinds, requests.Read, SYSTEM)
            by_database = json.loads(read.answer(page, listed=False))
            each = [read.view(kinds, row["id"], requests.View, SYSTEM) for row in by_database]
            transaction.set_rollback(True)
        assert b",".join(by_python) == b",".join(each) == page.rows
        for row, found in zip(rows, by_database, strict=True):
            assert {name: found[name] for name in row} == {name: posted(name, value) for name, value in row.items()}

    check()


# (a driver's value, the column's kind, what is answered)
DRIVER: list[tuple[Any, Kind | None, Any]] = [
    (None, None, None),
    ("x", None, "x"),
    (1, Kind.BOOL, True),
    (1, None, 1),
    (Decimal(5), None, 5),
    (Decimal("2.50"), None, 2.5),
    (Decimal("5.00"), Kind.NUMBER, 5.0),
    (Decimal(10) ** 30, None, 1e30),
    (Decimal("NaN"), None, None),
    (float("inf"), None, None),
    (memoryview(b"ab"), None, "YWI="),
    (memoryview(b"ab"), Kind.BLOB, "YWI="),
    (datetime(2025, 3, 11, 10, tzinfo=UTC), None, "2025-03-11T10:00:00.000Z"),
    (date(2025, 3, 11), Kind.DAY, "2025-03-11"),
    (time(10), None, "10:00:00.000"),
    ({"a": 1}, Kind.JSON, {"a": 1}),
    (UUID(int=1), None, "00000000-0000-0000-0000-000000000001"),
]


@pytest.mark.parametrize(("value", "kind", "wanted"), DRIVER)
def test_a_value_of_raw_sql_is_answered_as_the_api_answers_it(value: Any, kind: Kind | None, wanted: Any) -> None:
    assert render.plain(value, kind) == wanted
