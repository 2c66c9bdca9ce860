"""The index of a search, by raw SQL and under migrations, on both databases: what the rows say is what is found."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query

from pocketapi.expressions import check
from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.scope import Scope
from pocketapi.tables import models
from pocketapi.tables.build import LABEL
from pocketapi.tables.table import current
from tests.conftest import UseConfig
from tests.tables.conftest import Change
from tests.tables.evolving import settled
from tests.tables.structure import ask, rows
from tests.tables.test_migrate import run

Fresh = BaseDatabaseWrapper
SEARCH = "    fullTextSearch: {fields: [title, body]}\n"
BASE = f"""
tables:
  - name: authors
    fields: [{{name: id, type: text, primary: true}}]
  - name: notes
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: author, type: relation, foreignKey: {{table: authors, column: id, onDelete: CASCADE, onUpdate: CASCADE}}}}
      - {{name: title, type: text}}
      - {{name: body, type: editor}}
      - {{name: slug, type: text, unique: true}}
      - {{name: views, type: integer, default: 0}}
      - {{name: updated, type: date, default: {{q: CURRENT_TIMESTAMP}}, usage: record_updated}}
    triggers: [updatedTrigger]
{SEARCH}  - name: tags
    fields: [{{name: id, type: integer, primary: true}}, {{name: label, type: text}}]
    fullTextSearch: {{fields: label}}
"""
PLAIN = BASE.replace(SEARCH, "")
ROWS = [
    ("a", "Running shoes", "for the café"),
    ("b", "Cooking", "run a kitchen"),
    ("c", None, "100% walk"),
    ("d", None, None),
]


def fill(connection: BaseDatabaseWrapper, table: str = "notes") -> None:
    ask(connection, "INSERT INTO authors (id) VALUES ('ann'), ('bob')")
    for key, title, body in ROWS:
        given = [key, "bob" if key == "b" else "ann", title, body, f"s{key}"]
        ask(connection, f"INSERT INTO {table} (id, author, title, body, slug) VALUES (%s, %s, %s, %s, %s)", given)
    ask(connection, "INSERT INTO tags (id, label) VALUES (1, 'red running')")


def found(connection: BaseDatabaseWrapper, text: str, name: str = "notes", key: str = "id") -> str:
    """The keys of the rows that fulfil a condition."""
    table, model = current().tables[name], models.MODELS[name]
    tree = check.condition(text, Scope(name, table.columns, search=table.searched))
    query = Query(model)
    query.add_fields([key])
    query.where.add(Compiler().condition(tree).resolve_expression(query), "AND")
    sql, params = query.get_compiler(connection=connection).as_sql()
    return "".join(sorted(str(row[0]) for row in ask(connection, sql, params)))


@pytest.fixture
def notes(use_config: UseConfig, connection: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    use_config(BASE)
    fill(connection)
    return connection


# statements, a condition, the keys that it finds then
WRITES: list[tuple[list[str], str, str]] = [
    ([], "notes @@ 'run'", "b"),
    ([], "notes @@ 'cafe'", "a"),
    ([], "notes @@ '100'", "c"),
    ([], "!(notes @@ 'run')", "acd"),
    (["UPDATE notes SET title = 'walks' WHERE id = 'd'"], "title @@ 'walks'", "d"),
    (["UPDATE notes SET body = title, title = body"], "title @@ 'kitchen' | body @@ 'shoes'", "ab"),
    (["UPDATE notes SET views = 5"], "notes @@ 'run'", "b"),
    (["UPDATE notes SET title = NULL, body = NULL"], "notes @@ 'run' | notes @@ 'shoes'", ""),
    (["UPDATE notes SET id = 'z' WHERE id = 'b'"], "notes @@ 'run'", "z"),
    (["UPDATE notes SET id = id || id"], "notes @@ 'run' | notes @@ 'walk'", "bbcc"),
    (["UPDATE notes SET id = 'z', title = 'walk' WHERE id = 'b'"], "notes @@ 'walk'", "cz"),
    (["DELETE FROM notes WHERE id = 'b'"], "notes @@ 'run'", ""),
    (["DELETE FROM notes"], "notes @@ 'run'", ""),
    (["DELETE FROM authors WHERE id = 'bob'"], "notes @@ 'run'", ""),
    (["UPDATE authors SET id = 'bo' WHERE id = 'bob'"], "notes @@ 'run'", "b"),
    (["DELETE FROM notes WHERE id = 'b'", "INSERT INTO notes (id, title) VALUES ('b', 'run')"], "title @@ 'run'", "b"),
    (["INSERT INTO notes (id, title) SELECT 'x' || id, title FROM notes"], "notes @@ 'shoes'", "axa"),
    (
        ["INSERT INTO notes (id, title) VALUES ('b', 'walk') ON CONFLICT (id) DO UPDATE SET title = 'walk'"],
        "notes @@ 'walk' & notes @@ 'run'",
        "b",
    ),
    (["INSERT INTO notes (id, title) VALUES ('b', 'walk') ON CONFLICT DO NOTHING"], "notes @@ 'walk'", "c"),
    (["UPDATE tags SET id = 2"], "notes @@ 'running'", "a"),
]
SQLITE: list[tuple[list[str], str, str]] = [  # REPLACE skips the triggers of what it deletes
    (["INSERT OR REPLACE INTO notes (id, title) VALUES ('b', 'walk')"], "notes @@ 'run'", ""),
    (["INSERT OR REPLACE INTO notes (id, title) VALUES ('b', 'walk')"], "notes @@ 'walk'", "bc"),
    (["INSERT OR REPLACE INTO notes (id, title, slug) VALUES ('z', 'run', 'sb')"], "notes @@ 'run'", "z"),
    (
        [
            "INSERT OR REPLACE INTO notes (id, title, slug) VALUES ('z', 'run', 'sb')",
            "UPDATE notes SET id = 'b' WHERE id = 'z'",
        ],
        "notes @@ 'run' & !(notes @@ 'kitchen')",
        "b",
    ),
    (["UPDATE OR REPLACE notes SET id = 'b' WHERE id = 'a'"], "notes @@ 'running' & !(notes @@ 'run')", "b"),
    (["INSERT OR ABORT INTO notes (id, title) VALUES ('z', 'walk')"], "notes @@ 'walk'", "cz"),
    (["INSERT OR IGNORE INTO notes (id, title) VALUES ('b', 'walk'), ('y', 'walk')"], "notes @@ 'walk'", "cy"),
    (["DELETE FROM notes WHERE id = 'a'", "VACUUM INTO ''"], "notes @@ 'run'", "b"),
]


@pytest.mark.parametrize("case", [*WRITES, *SQLITE], ids=lambda case: f"{'; '.join(case[0])} {case[1]}")
def test_raw_writes_are_followed(notes: BaseDatabaseWrapper, case: tuple[list[str], str, str]) -> None:
    statements, condition, keys = case
    if case in SQLITE and (notes.vendor != "sqlite" or "VACUUM" in statements[-1]):
        pytest.skip("not of this database")
    for statement in statements:
        ask(notes, statement)
    assert found(notes, condition) == keys


def test_truncate_is_followed(notes: BaseDatabaseWrapper) -> None:
    if notes.vendor == "postgresql":
        ask(notes, "TRUNCATE notes")
        assert found(notes, "notes @@ 'run'") == ""


def test_keys_of_numbers_are_found(notes: BaseDatabaseWrapper) -> None:
    assert found(notes, "tags @@ 'red'", "tags") == "1"
    ask(notes, "UPDATE tags SET id = 9007199254740993")
    assert found(notes, "label @@ 'RUNNING'", "tags") == "9007199254740993"


def test_long_texts_are_found_whole(notes: BaseDatabaseWrapper) -> None:
    common = " ".join(["the"] * 600 + [f"w{number}" for number in range(20_000)])
    ask(notes, "UPDATE notes SET body = %s WHERE id = 'a'", [f"{common} the very end"])
    assert found(notes, "notes @@ '\"the very end\"'") == "a"
    assert found(notes, "notes @@ '\"w19998 w19999 the\"'") == "a"
    assert found(notes, "notes @@ '\"w19999 w19998\"'") == ""
    many = " ".join(f"word{number:07}" for number in range(150_000))
    ask(notes, "UPDATE notes SET body = %s WHERE id = 'a'", [many])
    assert found(notes, "notes @@ 'word0000007'") == "a"
    assert found(notes, "notes @@ '\"word0000007 word0000008\"'") == "a"


@dataclass
class Case:
    """A change of the config: texts and what takes their place, then conditions and what they find."""

    name: str
    changes: list[tuple[str, str]]
    finds: list[tuple[str, str]]
    table: str = "notes"
    key: str = "id"
    destroys: bool = False


FOUND = [("notes @@ 'run'", "b"), ("notes @@ 'cafe'", "a"), ("title @@ 'shoes'", "a"), ("body @@ 'shoes'", "")]
CHANGES = [
    Case(
        "a field is added",
        [("      - {name: slug", "      - {name: more, type: text, default: run}\n      - {name: slug")],
        FOUND,
    ),
    Case(
        "a required field is added",
        [("      - {name: slug", "      - {name: more, type: text, notNull: true, default: run}\n      - {name: slug")],
        FOUND,
    ),
    Case(
        "a field that is not searched is dropped",
        [("      - {name: views, type: integer, default: 0}\n", "")],
        FOUND,
        destroys=True,
    ),
    Case("a field that is not searched is renamed", [("name: views", "name: seen, lastName: views")], FOUND),
    Case(
        "a field that is not searched changes its type",
        [("name: views, type: integer, default: 0", "name: views, type: text")],
        FOUND,
    ),
    Case(
        "a searched field is renamed",
        [("{name: title,", "{name: heading, lastName: title,"), ("fields: [title", "fields: [heading")],
        [("heading @@ 'shoes'", "a"), ("notes @@ 'run'", "b")],
    ),
    Case(
        "a searched field is dropped",
        [("      - {name: title, type: text}\n", ""), ("fields: [title, body]", "fields: [body]")],
        [("notes @@ 'shoes'", ""), ("body @@ 'run'", "b")],
        destroys=True,
    ),
    Case(
        "a searched field is required",
        [("{name: body, type: editor}", "{name: body, type: editor, notNull: true, default: run}")],
        [("notes @@ 'run'", "bd")],
        destroys=True,
    ),
    Case(
        "a searched field changes its collation",
        [("{name: title, type: text}", "{name: title, type: text, collate: NOCASE}")],
        FOUND,
    ),
    Case(
        "a searched field gets a check",
        [("{name: title, type: text}", "{name: title, type: text, check: \"title != 'x'\"}")],
        FOUND,
    ),
    Case(
        "a field is searched no longer",
        [("fields: [title, body]", "fields: [title]")],
        [("notes @@ 'run'", ""), ("notes @@ 'shoes'", "a")],
    ),
    Case("the fields change places", [("fields: [title, body]", "fields: [body, title]")], FOUND),
    Case(
        "another field is searched", [("fields: [title, body]", "fields: [title, body, slug]")], [*FOUND, ("slug @@ 'sb'", "b")]
    ),
    Case(
        "the tokenizer changes",
        [("fields: [title, body]", "fields: [title, body], tokenize: porter")],
        [("notes @@ 'run'", "ab")],
    ),
    Case(
        "trigrams are searched",
        [("fields: [title, body]", "fields: [title, body], tokenize: trigram")],
        [("notes @@ 'unni'", "a")],
    ),
    Case(
        "beginnings are indexed",
        [("fields: [title, body]", "fields: [title, body], prefix: [2, 3]")],
        [*FOUND, ("notes @@ 'ru*'", "ab")],
    ),
    Case(
        "the table is renamed",
        [("  - name: notes\n", "  - name: articles\n    lastName: notes\n")],
        [("articles @@ 'run'", "b"), ("title @@ 'shoes'", "a")],
        "articles",
    ),
    Case(
        "the table and a field are renamed",
        [
            ("  - name: notes\n", "  - name: articles\n    lastName: notes\n"),
            ("{name: title,", "{name: heading, lastName: title,"),
            ("fields: [title", "fields: [heading"),
        ],
        [("articles @@ 'run'", "b"), ("heading @@ 'shoes'", "a")],
        "articles",
    ),
    Case(
        "the key is renamed",
        [("{name: id, type: text, primary: true, usage", "{name: key, lastName: id, type: text, primary: true, usage")],
        FOUND,
        key="key",
    ),
    Case("the search is dropped and another stays", [(SEARCH, "")], []),
    Case("the search is disabled", [("fields: [title, body]", "fields: [title, body], enabled: false")], []),
    Case(
        "the table is dropped",
        [(BASE[BASE.index("  - name: notes") : BASE.index("  - name: tags")], "")],
        [("tags @@ 'red'", "1")],
        "tags",
        destroys=True,
    ),
]


def migrated(change: Change, text: str, *options: str) -> None:
    change(text)
    code, words = run(*options)
    assert code == 0, words


def traces(connection: Fresh) -> list[str]:
    """What a database holds of a search of notes."""
    if connection.vendor == "sqlite":
        return [name for (name,) in ask(connection, "SELECT name FROM sqlite_master") if "notes$" in name or "fts_notes" in name]
    made = "SELECT attname FROM pg_attribute WHERE attname = 'search$' AND attrelid = to_regclass('notes') AND NOT attisdropped"
    return [name for (name,) in ask(connection, f"{made} UNION SELECT indexname FROM pg_indexes WHERE indexname = 'fts_notes'")]


@pytest.mark.parametrize("case", CHANGES, ids=lambda case: case.name)
def test_a_search_survives_a_change(fresh: Fresh, change: Change, case: Case) -> None:
    migrated(change, BASE)
    fill(fresh)
    before = rows(fresh)
    text = BASE
    for old, new in case.changes:
        assert old in text, old
        text = text.replace(old, new)
    change(text)
    run("--dry-run")
    migrated(change, text, *["--allow-destructive"] * case.destroys)
    for condition, keys in case.finds:
        assert (condition, found(fresh, condition, case.table, case.key)) == (condition, keys)
    if case.name.startswith(("the search", "the table is dropped")):
        assert traces(fresh) == []
    elif case.table != "tags":
        searched = current().tables[case.table].searched
        assert searched
        ask(fresh, f"UPDATE {case.table} SET {searched.columns[0].name} = 'swim' WHERE {case.key} = 'c'")
        ask(fresh, f"DELETE FROM {case.table} WHERE {case.key} = 'b'")
        assert found(fresh, f"{case.table} @@ 'swim' | {case.table} @@ 'kitchen'", case.table, case.key) == "c"
    assert before["authors"] == rows(fresh)["authors"]
    settled(fresh)


def test_rows_that_are_there_are_found_once_the_search_is_added(fresh: Fresh, change: Change) -> None:
    migrated(change, PLAIN)
    fill(fresh)
    assert traces(fresh) == []
    migrated(change, BASE)
    assert found(fresh, "notes @@ 'run'") == "b"
    migrated(change, PLAIN)
    assert traces(fresh) == []
    migrated(change, BASE)
    assert found(fresh, "notes @@ 'run'") == "b"
    settled(fresh)


def test_the_last_search_leaves_nothing_behind(fresh: Fresh, change: Change) -> None:
    migrated(change, BASE)
    without = PLAIN[: PLAIN.rindex("    fullTextSearch")]
    migrated(change, without)
    settled(fresh)
    left = "SELECT name FROM sqlite_master WHERE name LIKE '%$%'"
    if fresh.vendor == "postgresql":
        left = (
            "SELECT dictname FROM pg_ts_dict WHERE dictname LIKE 'pocket%'"
            " UNION SELECT proname FROM pg_proc WHERE proname LIKE 'pocket%'"
        )
    assert ask(fresh, left) == []


def test_the_way_back_is_known(fresh: Fresh, change: Change) -> None:
    migrated(change, PLAIN)
    fill(fresh)
    migrated(change, BASE)
    call_command("migrate", LABEL, "0001", database=fresh.alias, verbosity=0)
    assert traces(fresh) == []
    call_command("migrate", LABEL, database=fresh.alias, verbosity=0)
    assert found(fresh, "notes @@ 'run'") == "b"
