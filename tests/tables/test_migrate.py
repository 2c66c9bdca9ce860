"""`pocketapi migrate`: a database follows its config, and loses nothing unasked."""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.commands import migrate as command
from pocketapi.errors import MigrationRefused
from pocketapi.tables import databases, migrate
from tests.tables.conftest import ALIAS, Change

Fresh = BaseDatabaseWrapper
FIRST = """
tables:
  - name: notes
    fields:
      - {name: id, type: text, primary: true}
      - {name: title, type: text, unique: true, check: {q: length(title) < 100}}
      - {name: views, type: integer, default: 0}
    indexes: [{fields: title}, {fields: views, where: {q: views > 1}}]
  - name: comments
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: note, type: relation, foreignKey: {table: notes, column: id, onDelete: CASCADE}}
"""


def run(*arguments: str) -> tuple[int, str]:
    """The exit code and the words of `manage.py pocketapi migrate`."""
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    out = io.StringIO()
    code = command.run(parser.parse_args([*arguments, "--database", ALIAS]), out)
    return code, out.getvalue()


def execute(connection: Fresh, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def filled(fresh: Fresh, change: Change) -> None:
    """The first config with a note and a comment."""
    change(FIRST)
    assert run()[0] == 0
    execute(fresh, "INSERT INTO notes (id, title, views) VALUES ('a', 'One', 5)")
    execute(fresh, "INSERT INTO comments (note) VALUES ('a')")


def test_a_missing_database_is_made_and_filled(empty: Fresh, change: Change, migrations_dir: Path) -> None:
    change(FIRST)
    code, said = run()
    assert code == 0
    assert ("Made the database" in said) == (empty.vendor == "postgresql")
    assert "Applied pocket_tables.0001_initial." in said
    assert [path.name for path in sorted(migrations_dir.glob("*.py"))] == ["0001_initial.py", "__init__.py"]
    assert execute(empty, "SELECT count(*) FROM notes") == [(0,)]
    assert execute(empty, "SELECT count(*) FROM auth_user") == [(0,)]
    assert run() == (0, "The database is up to date.\n")
    assert migrate.pending(empty) == []


def test_a_dry_run_shows_and_writes_nothing(empty: Fresh, change: Change, migrations_dir: Path) -> None:
    change(FIRST)
    code, said = run("--dry-run")
    assert code == 0
    assert "pocket_tables.0001_initial" in said
    assert not migrations_dir.exists()
    assert databases.exists(empty) == (empty.vendor == "sqlite")
    filled(empty, change)
    change(FIRST.replace("default: 0", "default: 7"))
    code, said = run("--dry-run")
    assert "7" in said
    assert len(list(migrations_dir.glob("*.py"))) == 2
    execute(empty, "INSERT INTO notes (id) VALUES ('b')")
    assert execute(empty, "SELECT views FROM notes WHERE id = 'b'") == [(0,)]


def test_what_is_added_keeps_the_rows(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(FIRST.replace("    indexes", "      - {name: body, type: text, notNull: true, default: 100% new}\n    indexes"))
    assert run()[0] == 0
    assert execute(fresh, "SELECT id, title, views, body FROM notes") == [("a", "One", 5, "100% new")]
    assert execute(fresh, "SELECT note FROM comments") == [("a",)]


RENAMED = """
tables:
  - name: articles
    lastName: notes
    fields:
      - {name: key, lastName: id, type: text, primary: true}
      - {name: heading, lastName: title, type: text, unique: true, check: {q: length(heading) < 100}}
      - {name: views, type: integer, default: 0}
    indexes: [{fields: heading}, {fields: views, where: {q: views > 1}}]
  - name: comments
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: article, lastName: note, type: relation, foreignKey: {table: articles, column: key, onDelete: CASCADE}}
"""


def test_renames_keep_rows_keys_and_demands(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(RENAMED)
    code, said = run()
    assert (code, "Destroys" in said) == (0, False)
    assert execute(fresh, "SELECT key, heading, views FROM articles") == [("a", "One", 5)]
    assert execute(fresh, "SELECT article FROM comments") == [("a",)]
    for broken in ("INSERT INTO articles (key, heading) VALUES ('b', 'One')", "INSERT INTO comments (article) VALUES ('x')"):
        with pytest.raises(IntegrityError):
            execute(fresh, broken)
    with pytest.raises(IntegrityError, match="ck_articles_heading"):
        execute(fresh, f"INSERT INTO articles (key, heading) VALUES ('c', '{'x' * 100}')")
    execute(fresh, "DELETE FROM articles")
    assert execute(fresh, "SELECT count(*) FROM comments") == [(0,)]
    assert run() == (0, "The database is up to date.\n")


def test_a_new_spelling_of_a_column_is_a_rename(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(FIRST.replace("name: views", "name: Views").replace(", {fields: views, where: {q: views > 1}}", ""))
    code, said = run()
    assert (code, said.count("Destroys")) == (0, 0)
    assert execute(fresh, 'SELECT "Views" FROM notes') == [(5,)]


# (what changes, what is said)
DESTRUCTIVE = [
    ("      - {name: views, type: integer, default: 0}\n", "", "drops the column notes.views"),
    ("name: views, type: integer", "name: views, type: bool", "changes the type of notes.views from integer to bool"),
    ("name: title, type: text", "name: title, notNull: true, type: text", "makes notes.title NOT NULL"),
    (FIRST[FIRST.index("  - name: comments") :], "", "drops the table comments with its rows"),
]


@pytest.mark.parametrize(("old", "new", "said"), DESTRUCTIVE)
def test_what_destroys_is_refused_unless_allowed(
    fresh: Fresh, change: Change, migrations_dir: Path, old: str, new: str, said: str
) -> None:
    filled(fresh, change)
    before = execute(fresh, "SELECT * FROM notes"), execute(fresh, "SELECT * FROM comments")
    changed = FIRST.replace(old, new)
    if "views" in said:
        changed = changed.replace(", {fields: views, where: {q: views > 1}}", "").replace("default: 0", "default: false")
    change(changed)
    code, words = run()
    assert code == 1
    assert said in words
    assert "--allow-destructive" in words
    assert len(list(migrations_dir.glob("*.py"))) == 2
    assert (execute(fresh, "SELECT * FROM notes"), execute(fresh, "SELECT * FROM comments")) == before
    if "bool" not in said:
        code, words = run("--allow-destructive")
        assert (code, words.splitlines()[0]) == (0, f"Destroys data: {said}")
        assert execute(fresh, "SELECT title FROM notes") == [("One",)]


def test_a_required_column_without_default_is_refused_with_advice(fresh: Fresh, change: Change, migrations_dir: Path) -> None:
    filled(fresh, change)
    change(FIRST.replace("    indexes", "      - {name: body, type: text, notNull: true}\n    indexes"))
    code, words = run("--allow-destructive")
    assert code == 1
    assert "notes.body" in words
    assert "default" in words
    assert len(list(migrations_dir.glob("*.py"))) == 2


def test_rows_that_break_a_new_demand_stop_the_migration_and_leave_no_file(
    fresh: Fresh, change: Change, migrations_dir: Path
) -> None:
    filled(fresh, change)
    execute(fresh, "INSERT INTO notes (id) VALUES ('b')")
    change(FIRST.replace("name: title, type: text", "name: title, notNull: true, type: text"))
    code, words = run("--allow-destructive")
    assert code == 1
    assert "rolled back" in words
    assert len(list(migrations_dir.glob("*.py"))) == 2
    assert execute(fresh, "SELECT id FROM notes ORDER BY id") == [("a",), ("b",)]
    execute(fresh, "UPDATE notes SET title = 'Two' WHERE id = 'b'")
    assert run("--allow-destructive")[0] == 0


def test_rows_that_break_a_new_key_stop_the_migration(fresh: Fresh, change: Change, migrations_dir: Path) -> None:
    keyless = FIRST.replace(", foreignKey: {table: notes, column: id, onDelete: CASCADE}", "")
    change(keyless)
    assert run()[0] == 0
    execute(fresh, "INSERT INTO comments (note) VALUES ('nothing')")
    change(FIRST)
    code, words = run()
    assert (code, "rolled back" in words) == (1, True)
    assert len(list(migrations_dir.glob("*.py"))) == 2
    assert not fresh.in_atomic_block
    execute(fresh, "DELETE FROM comments")
    assert run()[0] == 0
    with pytest.raises(IntegrityError):
        execute(fresh, "INSERT INTO comments (note) VALUES ('nothing')")


def test_a_rebuild_of_a_parent_keeps_its_children(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(FIRST.replace("check: {q: length(title) < 100}", "check: {q: length(title) < 50}"))
    assert run()[0] == 0
    assert execute(fresh, "SELECT note FROM comments") == [("a",)]
    execute(fresh, "DELETE FROM notes")
    assert execute(fresh, "SELECT count(*) FROM comments") == [(0,)]


@pytest.mark.parametrize("action", ["SET NULL", "NO ACTION", "RESTRICT"])
def test_a_changed_action_is_in_force(fresh: Fresh, change: Change, action: str) -> None:
    filled(fresh, change)
    change(FIRST.replace("onDelete: CASCADE", f"onDelete: {action}"))
    assert run()[0] == 0
    if action == "SET NULL":
        execute(fresh, "DELETE FROM notes")
        assert execute(fresh, "SELECT note FROM comments") == [(None,)]
    else:
        with pytest.raises(IntegrityError):
            execute(fresh, "DELETE FROM notes")


def test_keys_that_go_round_are_migrated(fresh: Fresh, change: Change) -> None:
    from tests.tables.test_constraints import CYCLE

    change(CYCLE)
    assert run()[0] == 0
    execute(fresh, "INSERT INTO authors (id) VALUES ('a')")
    execute(fresh, "INSERT INTO books (isbn, slug, author) VALUES ('1', 'one', 'a')")
    with pytest.raises(IntegrityError):
        execute(fresh, "UPDATE authors SET best = 'x'")
    assert run() == (0, "The database is up to date.\n")


def test_every_type_is_migrated_and_settles(fresh: Fresh, change: Change) -> None:
    from tests.tables.test_fields import TYPES

    change(TYPES.read_text())
    assert run()[0] == 0
    execute(fresh, "INSERT INTO types (id) VALUES (1)")
    assert run() == (0, "The database is up to date.\n")


def test_checks_in_the_expression_language_are_migrated(fresh: Fresh, change: Change) -> None:
    from tests.tables.test_constraints import CHECKS

    change(CHECKS)
    assert run()[0] == 0
    with pytest.raises(IntegrityError, match="ck_checked_small"):
        execute(fresh, "INSERT INTO checked (id, small) VALUES (1, 11)")
    change(CHECKS.replace("small < 10.5", "small < 20"))
    assert run()[0] == 0
    execute(fresh, "INSERT INTO checked (id, small) VALUES (1, 11)")
    assert run() == (0, "The database is up to date.\n")


def test_types_widen_without_asking(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(
        FIRST.replace("name: views, type: integer, default: 0", "name: views, type: text, default: none").replace(
            "views > 1", "views > '1'"
        )
    )
    assert run()[0] == 0
    assert execute(fresh, "SELECT views FROM notes") == [("5",)]


def test_the_type_of_a_key_that_is_referred_to_stays(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(
        FIRST.replace("{name: id, type: text, primary", "{name: id, type: integer, primary").replace(
            "type: relation", "type: relation, sqlType: integer"
        )
    )
    code, words = run("--allow-destructive")
    assert code == 1
    assert "comments.note refers to it" in words


def test_the_listing_has_sql_both_ways(fresh: Fresh, change: Change) -> None:
    filled(fresh, change)
    change(FIRST.replace("default: 0", "default: 7"))
    change(FIRST.replace("    indexes", "      - {name: body, type: text, notNull: true}\n    indexes"))
    with pytest.raises(MigrationRefused):
        migrate.apply(fresh)
    change(FIRST.replace("    indexes", "      - {name: body, type: text}\n    indexes"))
    assert migrate.pending(fresh) == ["pocket_tables.0002_notes_body"]
    assert migrate.apply(fresh) == ["pocket_tables.0002_notes_body"]
    first, second = migrate.listing(fresh)
    assert (first["name"], first["applied"], second["name"], second["applied"]) == ("0001_initial", True, "0002_notes_body", True)
    assert first["applied_at"] <= second["applied_at"]
    assert 'CREATE TABLE "notes"' in first["sql"]
    assert 'DROP TABLE "notes"' in first["sql_revert"]
    assert 'ADD COLUMN "body"' in second["sql"]
    assert 'DROP COLUMN "body"' in second["sql_revert"]


def test_two_hundred_tables_that_refer_in_a_ring_are_made(fresh: Fresh, change: Change) -> None:
    columns = "".join(f"      - {{name: f{number}, type: text}}\n" for number in range(18))
    tables = "".join(
        f"  - name: t{number}\n    fields:\n      - {{name: id, type: text, primary: true}}\n{columns}"
        f"      - {{name: other, type: relation, foreignKey: {{table: t{(number + 1) % 200}, column: id}}}}\n"
        for number in range(200)
    )
    change("tables:\n" + tables)
    assert run()[0] == 0
    assert run() == (0, "The database is up to date.\n")
