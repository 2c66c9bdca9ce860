"""The schema and the rows that change in test_evolution.py and test_conversions.py, and what must hold before and after.

Notes refer to authors, are referred to by comments, have triggers and every kind of index, and a column `value` that cases are
about.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables import migrate
from tests.tables.conftest import Change
from tests.tables.structure import ask, made_afresh, structure
from tests.tables.test_migrate import run

Fresh = BaseDatabaseWrapper
OLD = "2020-01-01T00:00:00.000Z"
VALUE = "      - {name: value, type: text}\n"
BASE = """
tables:
  - name: authors
    fields:
      - {name: id, type: text, primary: true}
      - {name: name, type: text, unique: true, collate: NOCASE}
  - name: notes
    fields:
      - baseFields
      - {name: author, type: relation, notNull: true, foreignKey: {table: authors, column: id, onDelete: CASCADE}}
      - {name: title, type: text, check: "length(title) < 50 & title !~ 'a%b'"}
      - {name: views, type: integer, notNull: true, default: 0, check: {q: "views % 2 = 0"}}
      - {name: value, type: text}
    indexes:
      - {fields: value, name: plain}
      - {fields: [title COLLATE NOCASE DESC, views], name: collated}
      - {fields: [author, title], unique: true, name: pair}
      - {fields: views, name: part, where: "title ~ 'x%' | views > 10"}
      - {fields: title, name: raw, where: {q: "title LIKE 'x%' AND views > 10"}}
    triggers:
      - createdTrigger
      - updatedTrigger
      - {name: log, seq: AFTER, event: UPDATE, updateOf: title, body: "INSERT INTO log (what) VALUES (NEW.title || '%')"}
  - name: comments
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: note, type: relation, notNull: true, foreignKey: {table: notes, column: id, onDelete: CASCADE, onUpdate: CASCADE}}
    triggers:
      - {name: gone, seq: AFTER, event: DELETE, body: "UPDATE notes SET views = views + 2 WHERE id = OLD.note"}
  - name: log
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: what, type: text}
  - name: tags
    fields:
      - {name: id, type: integer, primary: true}
      - {name: parent, type: relation, sqlType: integer, foreignKey: {table: tags, column: id, onDelete: SET NULL}}
      - {name: code, type: text, unique: true, notNull: true}
"""


def with_value(spec: str) -> str:
    return BASE.replace(VALUE, f"      - {{name: value, {spec}}}\n")


def fill(fresh: Fresh, *values: str) -> None:
    """Notes with the values, each with a comment; a comment that was counted and is gone."""
    ask(fresh, "INSERT INTO tags (id, parent, code) VALUES (7, NULL, 'a'), (9, 7, 'b')")
    ask(fresh, "INSERT INTO authors (id, name) VALUES ('ann', 'Ann'), ('bob', 'Bob')")
    ask(fresh, "INSERT INTO log (what) VALUES ('first')")
    for number, value in enumerate(values or ("NULL", "NULL"), start=1):
        ask(
            fresh,
            "INSERT INTO notes (id, created, updated, author, title, value)"
            f" VALUES ('n{number}', '{OLD}', '{OLD}', 'ann', 'One {number}', {value})",
        )
        ask(fresh, f"INSERT INTO comments (note) VALUES ('n{number}')")
    ask(fresh, "INSERT INTO comments (note) VALUES ('n1')")
    ask(fresh, "DELETE FROM comments WHERE id = (SELECT max(id) FROM comments)")
    ask(fresh, f"UPDATE notes SET views = 0, updated = '{OLD}' WHERE id = 'n1'")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.py"))


def started(fresh: Fresh, change: Change, text: str, *values: str) -> None:
    change(text)
    assert run()[0] == 0
    fill(fresh, *values)


def settled(fresh: Fresh, reverts: bool = True) -> None:
    """Nothing is left to do, everything is as in a new database, and each migration tells its SQL."""
    assert run() == (0, "The database is up to date.\n")
    assert not fresh.in_atomic_block
    for entry in migrate.listing(fresh):
        assert entry["sql"]
        assert entry["sql_revert"] or not reverts
    found = structure(fresh)
    assert found == made_afresh(fresh)


def alive(fresh: Fresh) -> None:
    """What the tables demand and do, they still do."""
    ask(fresh, "UPDATE notes SET title = 'x2' WHERE id = 'n1'")
    assert ask(fresh, "SELECT what FROM log ORDER BY id DESC")[0] == ("x2%",)
    assert ask(fresh, f"SELECT count(*) FROM notes WHERE id = 'n1' AND updated > '{OLD}'") == [(1,)]
    for broken in (
        "UPDATE notes SET created = updated WHERE id = 'n1'",
        "UPDATE notes SET views = 3",
        "UPDATE notes SET title = 'a--b'",
        "UPDATE notes SET author = 'nobody'",
        "INSERT INTO comments (note) VALUES ('nothing')",
        "INSERT INTO authors (id, name) VALUES ('c', 'ANN')",
    ):
        with pytest.raises(IntegrityError):
            ask(fresh, broken)
    counted = ask(fresh, "SELECT count(*) FROM comments")[0][0]
    ask(fresh, "INSERT INTO comments (note) VALUES ('n1')")
    assert ask(fresh, "SELECT max(id) FROM comments")[0][0] > counted + 1  # what was counted is not given again
    ask(fresh, "DELETE FROM comments")
    assert ask(fresh, "SELECT views FROM notes WHERE id = 'n1'") == [(4,)]
    ask(fresh, "INSERT INTO comments (note) VALUES ('n1')")
    ask(fresh, "DELETE FROM authors")
    assert ask(fresh, "SELECT count(*) FROM comments") == [(0,)]


def kept(before: Any, after: Any, names: dict[str, str], but: tuple[str, ...] = ()) -> None:
    """Every column that is still there has the values that it had."""
    for table, columns in before.items():
        now = after.get(names.get(table, table), {})
        for column, values in columns.items():
            place = names.get(f"{table}.{column}", column)
            if place in now and f"{table}.{column}" not in but:
                assert (table, column, now[place]) == (table, column, values)
