"""Values when the type of their column changes over filled tables: converted, or counted and left alone. On both databases."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from pocketapi.expressions.dates import format_date
from pocketapi.tables import models
from tests.tables.conftest import ALIAS, Change
from tests.tables.evolving import BASE, OLD, Fresh, alive, files, kept, settled, started, with_value
from tests.tables.structure import ask, rows, structure
from tests.tables.test_migrate import run

# (from, stored, to, what it becomes, whether it is asked for)
CONVERTED: list[tuple[str, list[str], str, list[Any], bool]] = [
    ("type: integer", ["5", "-9223372036854775808", "NULL"], "type: text", ["5", "-9223372036854775808", None], False),
    ("type: integer", ["5", "-9007199254740992"], "type: number", [5.0, -9007199254740992.0], False),
    ("type: integer", ["5", "-3"], "type: number, sqlType: numeric", [5.0, -3.0], False),
    ("type: integer", ["1", "0", "NULL"], "type: bool", [True, False, None], True),
    ("type: integer", ["1", "0"], "type: bool, sqlType: integer", [True, False], True),
    ("type: text", ["'5'", "'-9223372036854775808'", "NULL"], "type: integer", [5, -(2**63), None], True),
    ("type: text", ["'1.5'", "'-2e3'", "'7'", "'0'"], "type: number", [1.5, -2000.0, 7.0, 0.0], True),
    ("type: text", ["'1.25'"], "type: number, sqlType: numeric", [1.25], True),
    ("type: text", ["'true'", "'0'", "NULL"], "type: bool", [True, False, None], True),
    ("type: text", ["'1'", "'false'"], "type: bool, sqlType: integer", [True, False], True),
    ("type: number", ["1.5", "0.30000000000000004", "-1e300"], "type: text", ["1.5", "0.30000000000000004", "-1e+300"], False),
    ("type: number", ["5.0", "-3"], "type: integer", [5, -3], True),
    ("type: number", ["0.30000000000000004", "1e300"], "type: number, sqlType: numeric", [0.30000000000000004, 1e300], False),
    ("type: number, sqlType: numeric", ["1.25", "-3"], "type: number", [1.25, -3.0], True),
    ("type: number, sqlType: numeric", ["1.25"], "type: text", ["1.25"], False),
    ("type: number", ["1", "0"], "type: bool", [True, False], True),
    ("type: bool", ["TRUE", "FALSE", "NULL"], "type: integer", [1, 0, None], False),
    ("type: bool", ["TRUE", "FALSE"], "type: bool, sqlType: integer", [True, False], False),
    ("type: bool, sqlType: integer", ["1", "0"], "type: bool", [True, False], False),
    ("type: bool", ["TRUE", "FALSE"], "type: text", ["true", "false"], False),
    ("type: bool, sqlType: integer", ["1", "0"], "type: text", ["true", "false"], False),
    ("type: date", ["'2025-03-11T10:20:30.123Z'", "NULL"], "type: date, sqlType: date", ["2025-03-11", None], True),
    ("type: date", ["'2025-03-11T10:20:30.123Z'"], "type: date, sqlType: time", ["10:20:30.123"], True),
    ("type: date", ["'2025-03-11T10:20:30.123Z'"], "type: date, sqlType: text", ["2025-03-11T10:20:30.123Z"], False),
    ("type: date", ["'0001-01-01T00:00:00.000Z'"], "type: text", ["0001-01-01T00:00:00.000Z"], False),
    ("type: date, sqlType: datetime", ["'2025-03-11T10:20:30.123Z'"], "type: date", ["2025-03-11T10:20:30.123Z"], False),
    ("type: date, sqlType: text", ["'2025-03-11T10:20:30.123Z'"], "type: date", ["2025-03-11T10:20:30.123Z"], False),
    ("type: date, sqlType: text", ["'2025-03-11T10:20:30.123Z'"], "type: date, sqlType: date", ["2025-03-11"], True),
    ("type: date, sqlType: text", ["'2025-03-11T10:20:30.123Z'"], "type: date, sqlType: time", ["10:20:30.123"], True),
    ("type: date, sqlType: date", ["'2025-03-11'", "NULL"], "type: date", ["2025-03-11T00:00:00.000Z", None], False),
    ("type: date, sqlType: date", ["'2025-03-11'"], "type: date, sqlType: text", ["2025-03-11T00:00:00.000Z"], False),
    ("type: date, sqlType: date", ["'2025-03-11'"], "type: text", ["2025-03-11"], False),
    ("type: date, sqlType: time", ["'10:20:00.000'"], "type: text", ["10:20:00.000"], False),
    (
        "type: text",
        ["'2025-03-11'", "'2025-03-11 10:00:00.123456'", "'2025-03-11T01:00:00+02:00'"],
        "type: date",
        ["2025-03-11T00:00:00.000Z", "2025-03-11T10:00:00.123Z", "2025-03-10T23:00:00.000Z"],
        True,
    ),
    ("type: text", ["'2025-03-11T23:00-02:00'"], "type: date, sqlType: text", ["2025-03-12T01:00:00.000Z"], True),
    ("type: text", ["'2025-03-11'", "'2025-03-11T10:00'"], "type: date, sqlType: date", ["2025-03-11", "2025-03-11"], True),
    ("type: text", ["'10:20'", "'23:59:59.9999'"], "type: date, sqlType: time", ["10:20:00.000", "23:59:59.999"], True),
    ("type: json", ["'[1, \"ü\"]'", "NULL"], "type: text", ['[1, "ü"]', None], False),
    ("type: json", ["'{\"a\": 1}'"], "type: json, sqlType: text", [{"a": 1}], False),
    ("type: json, sqlType: text", ["'{\"a\": 1}'"], "type: json", [{"a": 1}], False),
    ("type: json, sqlType: text", ["'[1]'"], "type: text", ["[1]"], False),
    ("type: text", ["'{\"a\": [1]}'", "'\"x\"'", "NULL"], "type: json", [{"a": [1]}, "x", None], True),
    ("type: text", ["'[1]'"], "type: json, sqlType: text", [[1]], True),
    ("type: text", ["'a'", "'b'"], "type: select, options: [a, b]", ["a", "b"], False),
    ("type: integer", ["1"], "type: select, sqlType: integer, options: [1]", [1], False),
    ("type: text, notNull: true, default: '7'", ["'5'"], "type: integer, notNull: true, default: 7", [5], True),
    ("type: text, default: many", ["'5'", "NULL"], "type: integer, notNull: true, default: 7", [5, 7], True),
    ("type: integer, check: value > 1", ["5"], "type: text, check: value > '1'", ["5"], False),
    ("type: integer, check: value > 1", ["5"], "type: number, check: value > 1", [5.0], False),
    (
        f"type: date, check: \"value > '{OLD}'\"",
        ["'2025-03-11'"],
        f"type: date, sqlType: date, check: \"value > '{OLD[:10]}'\"",
        ["2025-03-11"],
        True,
    ),
    ("type: integer, unique: true", ["5", "6"], "type: text, unique: true, collate: NOCASE", ["5", "6"], False),
]


@pytest.mark.parametrize(("old", "stored", "new", "becomes", "asked"), CONVERTED)
def test_values_are_kept_when_their_type_changes(
    fresh: Fresh, change: Change, migrations_dir: Path, old: str, stored: list[str], new: str, becomes: list[Any], asked: bool
) -> None:
    started(fresh, change, with_value(old), *stored)
    before = rows(fresh)
    change(with_value(new))
    if asked:
        code, words = run()
        assert (code, "--allow-destructive" in words, files(migrations_dir)) == (1, True, ["0001_initial.py", "__init__.py"])
        assert rows(fresh) == before
    assert run(*["--allow-destructive"] * asked)[0] == 0
    assert values(fresh, new) == becomes
    kept(before, rows(fresh), {}, ("notes.value",))
    alive(fresh)
    settled(fresh, reverts="sqlType: time" not in new)  # there is no way back from a time of day to a moment


def values(fresh: Fresh, spec: str) -> list[Any]:
    """The values as Python has them, dates as text; SQLite must have that very text."""
    model = models.MODELS["notes"]
    found = list(model._default_manager.using(ALIAS).order_by("id").values_list("value", flat=True))
    texts = [format_date(value) if isinstance(value, date | time) else value for value in found]
    if fresh.vendor == "sqlite" and "json" not in spec:
        raw = [value for (value,) in ask(fresh, "SELECT value FROM notes ORDER BY id")]
        assert raw == texts
        assert [type(value) for value in raw if "bool" not in spec] == [type(text) for text in texts if "bool" not in spec]
    return texts


# (from, stored, to, what is said)
REFUSED: list[tuple[str, list[str], str, str]] = [
    (
        "type: text",
        ["'5'", "'many'", "'05'", "'9223372036854775808'"],
        "type: integer",
        "3 rows of notes have a `value` that is no integer",
    ),
    ("type: text", ["'5'", "'1e999'", "' 1'", "'NaN'"], "type: number", "3 rows of notes have a `value` that is no number"),
    ("type: text", ["'yes'"], "type: bool", "1 row of notes has a `value` that is no bool"),
    (
        "type: text",
        ["'soon'", "'2025-02-30'", "'10:00'", "'2025-01-01'"],
        "type: date",
        "3 rows of notes have a `value` that is no timestamp",
    ),
    ("type: text", ["'2025-02-30'", "'2024-02-29'"], "type: date, sqlType: date", "1 row of notes has a `value` that is no day"),
    ("type: text", ["'2025-01-01'", "'25:00'"], "type: date, sqlType: time", "2 rows of notes have a `value` that is no time"),
    ("type: text", ["'{'", "'null'", "'[]'"], "type: json", "2 rows of notes have a `value` that is no json"),
    ("type: number", ["2.5", "1e300", "3"], "type: integer", "2 rows of notes have a `value` that is no integer"),
    ("type: integer", ["2", "1"], "type: bool", "1 row of notes has a `value` that is no bool"),
    ("type: integer", ["9007199254740993"], "type: number", "1 row of notes has a `value` that is no number"),
    ("type: blob", ["NULL"], "type: text", "notes.value cannot change from blob to text"),
    ("type: date, sqlType: time", ["NULL"], "type: date", "notes.value cannot change from time to timestamp"),
    ("type: text", ["NULL", "'a'", "NULL"], "type: text, notNull: true", "2 rows of notes have no `value`"),
    (
        "type: text",
        ["'a'", "'bb'"],
        "type: text, check: length(value) < 2",
        "1 row of notes has values that break the check ck_notes_value",
    ),
    (
        "type: text, check: length(value) < 5",
        ["'bb'"],
        "type: text, check: {q: value NOT LIKE 'b%'}",
        "1 row of notes has values that break",
    ),
    (
        "type: text",
        ["'a'", "'a'", "'b'", "NULL", "NULL"],
        "type: text, unique: true",
        "2 rows of notes have the same values as others, against uq_notes_value",
    ),
    (
        "type: text, unique: true",
        ["'a'", "'A'"],
        "type: text, unique: true, collate: NOCASE",
        "2 rows of notes have the same values as others",
    ),
    (
        "type: text, unique: true",
        ["'a'", "'a  '"],
        "type: text, unique: true, collate: RTRIM",
        "2 rows of notes have the same values as others",
    ),
    (
        "type: relation",
        ["'ann'", "'x'", "NULL"],
        "type: relation, foreignKey: {table: authors, column: id}",
        "1 row of notes has a `value` that is no id of authors",
    ),
    ("type: text", ["'1'", "'1.0'"], "type: number, unique: true", "2 rows of notes have the same values as others"),
]


@pytest.mark.parametrize(("old", "stored", "new", "said"), REFUSED)
def test_rows_in_the_way_are_counted_and_nothing_is_done(
    fresh: Fresh, change: Change, migrations_dir: Path, old: str, stored: list[str], new: str, said: str
) -> None:
    started(fresh, change, with_value(old), *stored)
    before, made = rows(fresh), structure(fresh)
    change(with_value(new))
    code, words = run("--allow-destructive")
    assert code == 1
    assert said in words
    assert files(migrations_dir) == ["0001_initial.py", "__init__.py"]
    change(with_value(old))
    assert (rows(fresh), structure(fresh)) == (before, made)
    assert run() == (0, "The database is up to date.\n")
    alive(fresh)


@pytest.mark.parametrize("where", ["", ', where: "value != null"'])
def test_rows_that_break_a_unique_index_are_counted(fresh: Fresh, change: Change, where: str) -> None:
    started(fresh, change, BASE, "'a'", "'A '", "'b'")
    change(BASE.replace("name: plain}", f"name: plain, unique: true{where}}}"))
    assert run()[0] == 0
    change(
        BASE.replace(
            "{fields: value, name: plain}", f"{{fields: [views, value COLLATE NOCASE], name: other, unique: true{where}}}"
        )
    )
    assert run()[0] == 0
    change(BASE.replace("{fields: value, name: plain}", f"{{fields: value COLLATE RTRIM, name: plain, unique: true{where}}}"))
    assert run()[0] == 0
    change(BASE.replace("{fields: value, name: plain}", f"{{fields: views, name: plain, unique: true{where}}}"))
    code, words = run()
    assert (code, "3 rows of notes have the same values as others, against plain" in words) == (1, True)
