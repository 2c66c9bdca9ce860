"""Schemas that change over filled tables, on both databases: no value, stamp, index or trigger is lost, and nothing unasked."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError

from tests.tables.conftest import Change
from tests.tables.evolving import BASE, OLD, VALUE, Fresh, alive, files, kept, settled, started
from tests.tables.structure import ask, rows
from tests.tables.test_migrate import run


@dataclass
class Case:
    """A change of the config: texts and what takes their place, what it destroys, new names, and what is true afterwards."""

    name: str
    changes: list[tuple[str, str]]
    destroys: str = ""
    names: dict[str, str] = field(default_factory=dict)
    then: list[tuple[str, Any]] = field(default_factory=list)
    altered: tuple[str, ...] = ()
    lives: bool = True


NOTE = "  - name: notes\n    fields:\n"
REST = "  - name: log\n"
TITLE = "      - {name: title, type: text, check: \"length(title) < 50 & title !~ 'a%b'\"}\n"
LOG = BASE[BASE.index("      - {name: log, seq") : BASE.index("  - name: comments")]
COMMENTS = BASE[BASE.index("  - name: comments") : BASE.index(REST)]
STAMPS = "      - createdTrigger\n      - updatedTrigger\n"
TAG = "  - name: tags\n    fields:\n      - {name: id, type: integer, primary: true}\n"
COUNTED = "{name: id, type: integer, primary: true, autoIncrement: true}\n      - {name: what"
KEY = "{table: authors, column: id, onDelete: CASCADE}"
INSERT = "INSERT INTO notes (id, author, title) VALUES ('z', 'ann', 'z')"

CASES = [
    Case("a table is added", [(REST, "  - name: more\n    fields: [{name: id, type: integer, primary: true}]\n" + REST)]),
    Case("a table is dropped", [(COMMENTS, "")], "drops the table comments", lives=False),
    Case(
        "a table is renamed",
        [
            ("  - name: notes\n", "  - name: articles\n    lastName: notes\n"),
            ("table: notes,", "table: articles,"),
            ("UPDATE notes SET", "UPDATE articles SET"),
        ],
        names={"notes": "articles"},
        then=[
            ("UPDATE articles SET title = 'x' WHERE id = 'n1'", None),
            ("SELECT what FROM log WHERE what <> 'first'", [("x%",)]),
            (f"SELECT id FROM articles WHERE updated > '{OLD}'", [("n1",)]),
            ("DELETE FROM comments", None),
            ("SELECT views FROM articles ORDER BY id", [(2,), (2,)]),
        ],
        lives=False,
    ),
    Case(
        "a field is added",
        [(VALUE, VALUE + "      - {name: body, type: text}\n")],
        then=[("SELECT count(body) FROM notes", [(0,)])],
    ),
    Case(
        "a required field with a default is added",
        [(VALUE, VALUE + "      - {name: body, type: text, notNull: true, default: 100% new}\n")],
        then=[("SELECT body FROM notes", [("100% new",)] * 2)],
    ),
    Case(
        "a required field with a computed default and an index is added",
        [
            (VALUE, VALUE + "      - {name: body, type: integer, notNull: true, default: {q: 3 + 4}, check: body > 5}\n"),
            ("    indexes:\n", "    indexes:\n      - {fields: body DESC, name: bodies, where: 'body > 6'}\n"),
        ],
        then=[("SELECT body FROM notes", [(7,)] * 2)],
    ),
    Case(
        "a date that is now is added",
        [(VALUE, VALUE + "      - {name: at, type: date, notNull: true, default: {q: CURRENT_TIMESTAMP}}\n")],
        then=[("SELECT count(*) FROM notes WHERE at > updated", [(2,)])],
    ),
    Case(
        "a key that refers to nothing yet is added",
        [(VALUE, VALUE + f"      - {{name: by, type: relation, foreignKey: {KEY}}}\n")],
    ),
    Case("a field is dropped", [(VALUE, ""), ("      - {fields: value, name: plain}\n", "")], "drops the column notes.value"),
    Case(
        "a unique field is dropped",
        [("      - {name: name, type: text, unique: true, collate: NOCASE}\n", "")],
        "drops the column authors.name",
        lives=False,
    ),
    Case(
        "a field is renamed",
        [(VALUE, "      - {name: worth, lastName: value, type: text}\n"), ("fields: value,", "fields: worth,")],
        names={"notes.value": "worth"},
    ),
    Case(
        "a field that checks, indexes and triggers name is renamed",
        [
            (TITLE, "      - {name: heading, lastName: title, type: text, check: \"length(heading) < 50 & heading !~ 'a%b'\"}\n"),
            ("title COLLATE", "heading COLLATE"),
            ("[author, title]", "[author, heading]"),
            ("title ~ 'x%'", "heading ~ 'x%'"),
            ('fields: title, name: raw, where: {q: "title', 'fields: heading, name: raw, where: {q: "heading'),
            ("updateOf: title", "updateOf: heading"),
            ("NEW.title", "NEW.heading"),
        ],
        names={"notes.title": "heading"},
        then=[
            ("UPDATE notes SET heading = 'x' WHERE id = 'n1'", None),
            ("SELECT what FROM log WHERE what <> 'first'", [("x%",)]),
            ("UPDATE notes SET heading = 'a-b'", IntegrityError),
        ],
        lives=False,
    ),
    Case(
        "the primary key is renamed",
        [
            (
                "      - baseFields\n",
                "      - {name: key, lastName: id, type: text, primary: true, usage: record_uid}\n"
                "      - baseFields.created\n      - baseFields.updated\n",
            ),
            ("{table: notes, column: id,", "{table: notes, column: key,"),
            ("WHERE id = OLD.note", "WHERE key = OLD.note"),
        ],
        names={"notes.id": "key"},
        then=[
            ("UPDATE notes SET title = 'x' WHERE key = 'n1'", None),
            (f"SELECT key FROM notes WHERE updated > '{OLD}'", [("n1",)]),
            ("UPDATE notes SET key = 'n9' WHERE key = 'n1'", None),
            ("SELECT count(*) FROM comments WHERE note = 'n9'", [(1,)]),
            ("DELETE FROM comments", None),
            ("SELECT views FROM notes WHERE key = 'n9'", [(2,)]),
        ],
        lives=False,
    ),
    Case(
        "a field is renamed and changes its type",
        [(VALUE, "      - {name: worth, lastName: value, type: json, sqlType: text}\n"), ("fields: value,", "fields: worth,")],
        "changes the type of notes.worth from text to jsontext",
        names={"notes.value": "worth"},
    ),
    Case(
        "a default is added",
        [("name: title, type: text,", "name: title, type: text, default: 50% off,")],
        then=[
            ("INSERT INTO notes (id, author) VALUES ('z', 'ann')", None),
            ("SELECT title FROM notes WHERE id = 'z'", [("50% off",)]),
            ("DELETE FROM notes WHERE id = 'z'", None),
        ],
    ),
    Case(
        "a default changes",
        [("default: 0", "default: 8")],
        then=[
            (INSERT, None),
            ("SELECT views FROM notes ORDER BY id", [(0,), (0,), (8,)]),
            ("DELETE FROM notes WHERE id = 'z'", None),
        ],
    ),
    Case("a default is dropped", [("notNull: true, default: 0, check", "notNull: true, check")], then=[(INSERT, IntegrityError)]),
    Case(
        "a null default comes to be required",
        [(VALUE, "      - {name: value, type: text, notNull: true, default: none}\n")],
        "makes notes.value NOT NULL",
        then=[("SELECT value FROM notes", [("none",)] * 2), (f"SELECT count(*) FROM notes WHERE updated = '{OLD}'", [(2,)])],
        altered=("notes.value",),
    ),
    Case(
        "null is allowed",
        [("name: views, type: integer, notNull: true", "name: views, type: integer")],
        then=[("UPDATE notes SET views = NULL WHERE id = 'n2'", None)],
    ),
    Case(
        "a check is added",
        [(VALUE, "      - {name: value, type: text, check: \"value != '%'\"}\n")],
        then=[("UPDATE notes SET value = '%'", IntegrityError)],
    ),
    Case(
        "a check changes",
        [("length(title) < 50", "length(title) < 40")],
        then=[(f"UPDATE notes SET title = '{'y' * 45}'", IntegrityError)],
    ),
    Case("a check is dropped", [(', check: {q: "views % 2 = 0"}', "")], then=[("UPDATE notes SET views = 3", None)], lives=False),
    Case(
        "unique is added",
        [(TITLE, TITLE.replace("type: text", "type: text, unique: true"))],
        then=[("UPDATE notes SET title = 'x'", IntegrityError)],
    ),
    Case(
        "unique is dropped",
        [("unique: true, collate: NOCASE", "collate: NOCASE")],
        then=[("INSERT INTO authors (id, name) VALUES ('z', 'ANN')", None)],
        lives=False,
    ),
    Case(
        "a foreign key is added",
        [(VALUE, "      - {name: value, type: relation, foreignKey: {table: authors, column: id}}\n")],
        then=[("UPDATE notes SET value = 'x'", IntegrityError)],
    ),
    Case(
        "a foreign key's action changes",
        [(f"notNull: true, foreignKey: {KEY}", f"foreignKey: {KEY.replace('CASCADE', 'SET NULL')}")],
        then=[
            ("DELETE FROM authors", None),
            ("SELECT author FROM notes", [(None,)] * 2),
            ("SELECT count(*) FROM comments", [(2,)]),
        ],
        lives=False,
    ),
    Case(
        "a foreign key is dropped",
        [(f", foreignKey: {KEY}", "")],
        then=[("UPDATE notes SET author = 'nobody'", None)],
        lives=False,
    ),
    Case(
        "a foreign key points elsewhere",
        [
            (f"foreignKey: {KEY}", "foreignKey: {table: writers, column: id}"),
            (
                REST,
                "  - name: writers\n    lastName: authors\n"
                + BASE[BASE.index("    fields:\n      - {name: id, type: text") : BASE.index(NOTE)]
                + REST,
            ),
            (BASE[BASE.index("  - name: authors") : BASE.index(NOTE)], ""),
        ],
        names={"authors": "writers"},
        then=[("DELETE FROM writers WHERE id = 'ann'", IntegrityError)],
        lives=False,
    ),
    Case(
        "a collation changes",
        [(", unique: true, collate: NOCASE", ", unique: true, collate: RTRIM")],
        then=[
            ("INSERT INTO authors (id, name) VALUES ('z', 'Ann ')", IntegrityError),
            ("INSERT INTO authors (id, name) VALUES ('z', 'ANN')", None),
        ],
        lives=False,
    ),
    Case("a collation with a check and an index changes", [(TITLE, TITLE.replace("type: text", "type: text, collate: NOCASE"))]),
    Case(
        "indexes change",
        [
            ("name: collated", "name: both_ways, unique: true"),
            ("DESC, views", "ASC, views DESC"),
            ('views > 10"}\n', 'views > 12"}\n'),
            ("title LIKE 'x%'", "title LIKE 'y%'"),
            ("      - {fields: [author, title], unique: true, name: pair}\n", ""),
            ("value, name: plain", "value DESC, name: plain"),
        ],
    ),
    Case("an index is renamed", [("name: plain", "name: simple")]),
    Case(
        "counting begins",
        [(TAG, TAG.replace("true}", "true, autoIncrement: true}"))],
        then=[
            ("INSERT INTO tags (code) VALUES ('c')", None),
            ("SELECT id, parent FROM tags ORDER BY id", [(7, None), (9, 7), (10, None)]),
        ],
        lives=False,
    ),
    Case(
        "counting ends",
        [
            (
                "{name: id, type: integer, primary: true, autoIncrement: true}\n      - {name: what",
                "{name: id, type: integer, primary: true}\n      - {name: what",
            ),
            (LOG, ""),
        ],
        then=[("INSERT INTO log (id, what) VALUES (7, 'x')", None)],
        lives=False,
    ),
    Case(
        "a counted key comes to be text",
        [(COUNTED, COUNTED.replace("type: integer, primary: true, autoIncrement: true", "type: text, primary: true")), (LOG, "")],
        names={"log.id": "?"},
        then=[("SELECT id, what FROM log", [("1", "first")]), ("INSERT INTO log (id, what) VALUES ('1', 'x')", IntegrityError)],
        lives=False,
    ),
    Case(
        "a trigger changes",
        [("NEW.title || '%'", "NEW.title || '!'")],
        then=[("UPDATE notes SET title = 'x' WHERE id = 'n1'", None), ("SELECT what FROM log WHERE what <> 'first'", [("x!",)])],
        lives=False,
    ),
    Case("a trigger is renamed", [("{name: log, seq", "{name: diary, seq")]),
    Case(
        "a trigger is dropped",
        [(LOG, "")],
        then=[("UPDATE notes SET title = 'x' WHERE id = 'n1'", None), ("SELECT what FROM log WHERE what <> 'first'", [])],
        lives=False,
    ),
    Case(
        "a trigger is added",
        [(LOG, LOG + "      - {name: new, seq: BEFORE, event: INSERT, body: \"INSERT INTO log (what) VALUES ('new')\"}\n")],
        then=[
            (INSERT, None),
            ("SELECT what FROM log WHERE what <> 'first'", [("new",)]),
            ("DELETE FROM notes WHERE id = 'z'", None),
        ],
    ),
    Case(
        "the stamps' triggers are dropped",
        [(STAMPS, "")],
        then=[
            ("UPDATE notes SET title = 'x'", IntegrityError),
            (f"UPDATE notes SET views = 2, created = '{OLD[:3]}1{OLD[4:]}'", None),
            (f"SELECT count(*) FROM notes WHERE updated = '{OLD}'", [(2,)]),
        ],
        lives=False,
    ),
    Case(
        "the columns of rules get indexes",
        [
            (
                "    triggers:\n" + STAMPS,
                "    autoIndex: true\n"
                "    extensions: [{name: rules, listRule: value == auth.uid & title == 'x' & author == auth.uid}]\n"
                "    triggers:\n" + STAMPS,
            )
        ],
    ),
    Case("fields change places", [(VALUE, ""), (NOTE, NOTE + VALUE)]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_change(fresh: Fresh, change: Change, migrations_dir: Path, case: Case) -> None:
    started(fresh, change, BASE)
    before = rows(fresh)
    text = BASE
    for old, new in case.changes:
        assert old in text, old
        text = text.replace(old, new)
    change(text)
    _, shown = run("--dry-run")
    assert files(migrations_dir) == ["0001_initial.py", "__init__.py"]
    if case.destroys:
        code, words = run()
        assert (code, case.destroys in words, files(migrations_dir)) == (1, True, ["0001_initial.py", "__init__.py"])
        assert case.destroys in shown
    code, words = run(*["--allow-destructive"] * bool(case.destroys))
    assert code == 0, words
    assert ("Destroys" in words) == bool(case.destroys)
    kept(before, rows(fresh), case.names, case.altered)
    for sql, expected in case.then:
        if expected is IntegrityError:
            with pytest.raises(IntegrityError):
                ask(fresh, sql)
        else:
            assert ask(fresh, sql) == expected
    if case.lives:
        alive(fresh)
    settled(fresh)
