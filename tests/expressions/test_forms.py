"""Values in the forms in which existing models store them."""

from __future__ import annotations

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.expressions import forms
from pocketapi.expressions.forms import FORMS
from pocketapi.expressions.fragments import parts_of

UUID = "0b6e7f1c-54a4-4f0e-9a55-0d2f1c3b4a59"
# (a timestamp, the least text of its millisecond, the least text of the next)
MOMENTS = [
    ("2025-03-11T10:00:00.000Z", "2025-03-11 10:00:00", "2025-03-11 10:00:00.001"),
    ("2025-03-11T10:00:00.100Z", "2025-03-11 10:00:00.1", "2025-03-11 10:00:00.101"),
    ("2025-03-11T10:00:00.999Z", "2025-03-11 10:00:00.999", "2025-03-11 10:00:01"),
    ("9999-12-31T23:59:59.999Z", "9999-12-31 23:59:59.999", "9999-12-31 23:59:59.9999999"),
    ("0001-01-01T00:00:00.000Z", "0001-01-01 00:00:00", "0001-01-01 00:00:00.001"),
]


@pytest.mark.parametrize(("text", "least", "following"), MOMENTS)
def test_bounds_of_a_millisecond(text: str, least: str, following: str) -> None:
    assert (forms.moment(text), forms.following(text)) == (least, following)


@pytest.mark.parametrize(("form", "value", "stored"), [
    ("uuid", "0B6E7F1C-54A4-4F0E-9A55-0D2F1C3B4A59", "0b6e7f1c54a44f0e9a550d2f1c3b4a59"),
    ("uuid", "none", None),
    ("uuid", None, None),
    ("uuid", 5, 5),
    ("text", "a", "a"),
    ("", "a", "a"),
])  # fmt: skip
def test_values_beside_columns(form: str, value: object, stored: object) -> None:
    assert forms.as_stored(form, value) == stored


# (form, what SQLite stores, the type of PostgreSQL and what it stores, what is read)
STORED = [
    ("moment", "2025-03-11 10:00:00", "timestamptz", "2025-03-11 10:00:00Z", "2025-03-11T10:00:00.000Z"),
    ("moment", "2025-03-11 10:00:00.123999", "timestamptz", "2025-03-11 10:00:00.123999Z", "2025-03-11T10:00:00.123Z"),
    ("moment", "2025-03-11 10:00:00.5", "timestamptz", "2025-03-11 10:00:00.5Z", "2025-03-11T10:00:00.500Z"),
    ("moment", None, "timestamptz", None, None),
    ("clock", "10:00:00.000999", "time", "10:00:00.000999", "10:00:00.000"),
    ("clock", "10:00:00", "time", "10:00:00", "10:00:00.000"),
    ("seconds", 90500000, "interval", "90.5 seconds", 90.5),
    ("seconds", -1, "interval", "-0.000001 seconds", -1e-06),
    ("uuid", UUID.replace("-", ""), "uuid", UUID, UUID),
    ("address", "10.0.0.1", "inet", "10.0.0.1", "10.0.0.1"),
    ("json", "null", "jsonb", "null", None),
    ("file", "", "text", "", None),
]  # fmt: skip
TEXTS = {
    "moment": "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    "clock": "to_char({0}, 'HH24:MI:SS.MS')",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "sqlite", "type_", "postgresql", "read"), STORED)
def test_stored_values_are_read(
    connection: BaseDatabaseWrapper, form: str, sqlite: object, type_: str, postgresql: object, read: object
) -> None:
    is_sqlite = connection.vendor == "sqlite"
    column = "given" if is_sqlite else f"given::{type_}"
    sql, _ = parts_of(FORMS[form].read.of(connection.vendor)).fill([(column, [])])
    if not is_sqlite:
        sql = TEXTS.get(form, "{0}").replace("{0}", sql)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql} FROM (SELECT %s AS given) s", [sqlite if is_sqlite else postgresql])
        assert cursor.fetchone() == (read,)


@pytest.mark.django_db
@pytest.mark.parametrize("form", [name for name, form in FORMS.items() if form.write])
def test_what_is_written_is_read(connection: BaseDatabaseWrapper, form: str) -> None:
    write, read = FORMS[form].write, FORMS[form].read
    assert write
    written, _ = parts_of(write.of(connection.vendor)).fill([("%s", [])])
    sql, _ = parts_of(read.of(connection.vendor)).fill([("given", [])])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {sql} FROM (SELECT {written} AS given) s", [UUID])
        assert cursor.fetchone() == (UUID,)
