"""Every type on both databases: what Python gives comes back, and what is stored is the one form."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables.table import model_of
from tests.conftest import HERE, UseConfig

TYPES = HERE / "configs" / "types.yaml"
MOMENT = datetime(2025, 3, 11, 10, 0, 0, 123000, tzinfo=UTC)
PLUS_TWO = timezone(timedelta(hours=2))

# (column, given, what comes back, what SQLite stores)
ROUND_TRIPS: list[tuple[str, Any, Any, Any]] = [
    ("text", "a\nb 'c' \\ %s 😀", "a\nb 'c' \\ %s 😀", "a\nb 'c' \\ %s 😀"),
    ("text", "", "", ""),
    ("text", None, None, None),
    ("editor", "<p>x</p>", "<p>x</p>", "<p>x</p>"),
    ("real", 0.1, 0.1, 0.1),
    ("real", 1e300, 1e300, 1e300),
    ("number_integer", 7, 7, 7),
    ("float", 2.5, 2.5, 2.5),
    ("numeric", 1.25, 1.25, 1.25),
    ("integer", 2**63 - 1, 2**63 - 1, 2**63 - 1),
    ("integer", -(2**63), -(2**63), -(2**63)),
    ("int", 5, 5, 5),
    ("bool", False, False, 0),
    ("bool", None, None, None),
    ("bool_integer", False, False, 0),
    ("bool_integer", None, None, None),
    ("timestamp", MOMENT, MOMENT, "2025-03-11T10:00:00.123Z"),
    ("timestamp", datetime(2025, 3, 11, 12, 0, 0, 123999, PLUS_TWO), MOMENT, "2025-03-11T10:00:00.123Z"),
    ("timestamp", "2025-03-11 10:00:00.123", MOMENT, "2025-03-11T10:00:00.123Z"),
    ("timestamp", "2025-03-11", datetime(2025, 3, 11, tzinfo=UTC), "2025-03-11T00:00:00.000Z"),
    ("timestamp", datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
    ("datetime", None, None, None),
    ("day", date(2025, 3, 11), date(2025, 3, 11), "2025-03-11"),
    ("day", "2025-03-11T23:30:00-02:00", date(2025, 3, 12), "2025-03-12"),
    ("time", time(10, 0, 0, 500999), time(10, 0, 0, 500000), "10:00:00.500"),
    ("time", "10:00", time(10), "10:00:00.000"),
    ("date_text", MOMENT, MOMENT, "2025-03-11T10:00:00.123Z"),
    ("select", "a", "a", "a"),
    ("select_integer", 1, 1, 1),
    ("select_real", 0.5, 0.5, 0.5),
    ("json", {"a": [1, None, "ü"]}, {"a": [1, None, "ü"]}, '{"a": [1, null, "\\u00fc"]}'),
    ("json", None, None, None),
    ("json_text", [1, "x"], [1, "x"], '[1, "x"]'),
    ("json_text", "x", "x", '"x"'),
    ("relation", "x", "x", "x"),
    ("relation_integer", 3, 3, 3),
    ("relation_real", 3.5, 3.5, 3.5),
    ("blob", b"\x00\xff", b"\x00\xff", b"\x00\xff"),
]


@pytest.mark.parametrize(("column", "given", "back", "stored"), ROUND_TRIPS)
def test_a_value_comes_back(
    use_config: UseConfig, connection: BaseDatabaseWrapper, column: str, given: Any, back: Any, stored: Any
) -> None:
    use_config(TYPES)
    rows = model_of("types").objects
    key = rows.create(**{column: given}).pk
    value = rows.values_list(column, flat=True).get(pk=key)
    assert (bytes(value) if isinstance(value, memoryview) else value) == back
    assert type(value) is type(back) or column == "blob"
    if back is not None and column not in ("json", "json_text"):
        assert rows.filter(**{column: given}).count() == 1
    if connection.vendor == "sqlite":
        assert raw(connection, f'SELECT "{column}" FROM types') == stored


# (column, what comes back, what SQLite stores)
DEFAULTS: list[tuple[str, Any, Any]] = [
    ("text", 'it\'s 100% "%s" %(x)s \\ Grüße', 'it\'s 100% "%s" %(x)s \\ Grüße'),
    ("real", 0.1, 0.1),
    ("numeric", 1.5, 1.5),
    ("integer", -9007199254740993, -9007199254740993),
    ("bool", True, 1),
    ("bool_integer", True, 1),
    ("datetime", MOMENT, "2025-03-11T10:00:00.123Z"),
    ("day", date(2025, 3, 11), "2025-03-11"),
    ("time", time(10, 0, 0, 500000), "10:00:00.500"),
    ("select", "b", "b"),
    ("select_integer", 2, 2),
    ("json", {"a": ["100%", None, 1]}, '{"a": ["100\\u0025", null, 1]}'),
    ("json_text", [1, "50%"], '[1, "50\\u0025"]'),
    ("blob", b"\x00\x01\x02\xff", b"\x00\x01\x02\xff"),
    ("computed", 3, 3),
    ("vendor", "7%", "7%"),
    ("editor", None, None),
]


@pytest.mark.parametrize("insert", ["raw", "orm"])
def test_the_database_fills_defaults_in(use_config: UseConfig, connection: BaseDatabaseWrapper, insert: str) -> None:
    use_config(TYPES)
    if insert == "raw":
        run(connection, "INSERT INTO types (id) VALUES (1)")
    else:
        model_of("types").objects.create(id=1)
    row = model_of("types").objects.values().get()
    for column, back, stored in DEFAULTS:
        value = bytes(row[column]) if isinstance(row[column], memoryview) else row[column]
        assert (column, value) == (column, back)
        if connection.vendor == "sqlite":
            assert (column, raw(connection, f'SELECT "{column}" FROM types')) == (column, stored)


def test_now_has_milliseconds_and_one_form(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(TYPES)
    run(connection, "INSERT INTO types (id) VALUES (1)")
    row = model_of("types").objects.get()
    now = datetime.now(UTC)
    assert abs(now - row.timestamp) < timedelta(seconds=30)  # type: ignore[attr-defined]
    assert row.timestamp.microsecond % 1000 == 0  # type: ignore[attr-defined]
    assert row.date_text.tzinfo is UTC  # type: ignore[attr-defined]
    assert row.day_now in (now.date(), now.date() - timedelta(days=1))  # type: ignore[attr-defined]
    assert row.time_now.microsecond % 1000 == 0  # type: ignore[attr-defined]
    form = r"____-__-__T__:__:__.___Z"
    columns = ["date_text", "timestamp"] if connection.vendor == "sqlite" else ["date_text"]
    for column in columns:
        assert raw(connection, f"SELECT count(*) FROM types WHERE {column} LIKE '{form}'") == 1


@pytest.mark.parametrize(("column", "value"), [("timestamp", "soon"), ("day", "11.3.2025"), ("time", "25:00"), ("timestamp", 5)])
def test_no_date_is_refused(column: str, value: Any, use_config: UseConfig) -> None:
    use_config(TYPES)
    with pytest.raises(ValidationError):
        model_of("types").objects.create(**{column: value})


def test_text_sorts_by_its_bytes(use_config: UseConfig) -> None:
    use_config(TYPES)
    rows = model_of("types").objects
    for text in ("b", "A", "ä", "a", "_", "B"):
        rows.create(text=text)
    assert list(rows.order_by("text").values_list("text", flat=True)) == ["A", "B", "_", "a", "b", "ä"]


@pytest.mark.parametrize("column", ["json", "json_text"])
def test_the_database_refuses_what_is_no_json(use_config: UseConfig, connection: BaseDatabaseWrapper, column: str) -> None:
    from django.db import DatabaseError

    use_config(TYPES)
    with pytest.raises(DatabaseError):
        run(connection, f"INSERT INTO types ({column}) VALUES ('{{')")


def test_a_counted_key_is_never_given_twice(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(TYPES)
    rows = model_of("types").objects
    first = rows.create().pk
    run(connection, "DELETE FROM types")
    assert rows.create().pk > first


def run(connection: BaseDatabaseWrapper, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def raw(connection: BaseDatabaseWrapper, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]
