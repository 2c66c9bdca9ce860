"""Databases that are behind, that stopped half-way, that others work on, and that several processes migrate at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from pocketapi.tables import editors, migrate, plan
from pocketapi.tables.table import current
from tests.conftest import HEADER
from tests.tables.conftest import Change
from tests.tables.evolving import BASE, VALUE, Fresh, alive, files, kept, settled, started
from tests.tables.structure import ask, rows, structure
from tests.tables.test_migrate import run

ROOT = Path(__file__).resolve().parents[2]
WORTH = "      - {name: worth, lastName: value, type: text}\n"
PRICE = "      - {name: price, lastName: worth, type: text}\n"


def renamed(field: str) -> str:
    name = field.split("name: ")[1].split(",", maxsplit=1)[0]
    return BASE.replace(VALUE, field).replace("fields: value,", f"fields: {name},")


def written(fresh: Fresh) -> None:
    """Writes the migrations that are due, as another machine would."""
    plan.write(plan.make_plan(fresh, current()).written)


def test_a_database_that_is_behind_follows_a_chain_of_names(fresh: Fresh, change: Change, migrations_dir: Path) -> None:
    started(fresh, change, BASE, "'a'", "'b'")
    before = rows(fresh)
    change(renamed(WORTH))
    written(fresh)
    change(renamed(PRICE))
    code, words = run()
    assert (code, words.count("Applied"), len(files(migrations_dir))) == (0, 2, 4)
    kept(before, rows(fresh), {"notes.value": "price"})
    assert ask(fresh, "SELECT price FROM notes ORDER BY id") == [("a",), ("b",)]
    alive(fresh)
    settled(fresh)


def test_a_name_that_was_never_migrated_is_no_former_name(fresh: Fresh, change: Change) -> None:
    started(fresh, change, BASE, "'a'", "'b'")
    change(renamed(PRICE))
    code, words = run()
    assert (code, "drops the column notes.value" in words) == (1, True)
    assert ask(fresh, "SELECT value FROM notes ORDER BY id") == [("a",), ("b",)]


def test_what_was_applied_stays_and_the_rest_follows(fresh: Fresh, change: Change, migrations_dir: Path) -> None:
    started(fresh, change, BASE, "'a'", "NULL")
    change(renamed(WORTH))
    written(fresh)
    change(renamed(WORTH.replace("type: text", "type: text, notNull: true")))
    code, words = run("--allow-destructive")
    assert code == 1
    assert "1 row of notes has no `worth`" in words
    assert files(migrations_dir) == [
        "0001_initial.py",
        "0002_remove_notes_plain_rename_value_notes_worth_and_more.py",
        "__init__.py",
    ]
    ask(fresh, "UPDATE notes SET worth = 'b' WHERE worth IS NULL")
    assert run("--allow-destructive")[0] == 0
    alive(fresh)
    settled(fresh)


def test_a_migration_that_stops_anywhere_leaves_all_as_it_was(
    fresh: Fresh, change: Change, migrations_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(fresh, change, BASE, "'5'", "'6'")
    before, made, there = rows(fresh), structure(fresh), files(migrations_dir)
    changed = BASE.replace(VALUE, "      - {name: worth, lastName: value, type: integer, notNull: true, default: 1}\n")
    changed = changed.replace("fields: value,", "fields: worth,").replace("length(title) < 50", "length(title) < 40")
    left = [0]

    def execute(editor: Any, sql: Any, params: Any = ()) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError("the disk is full")
        super(editors.Editor, editor).execute(sql, params)

    monkeypatch.setattr(editors.Editor, "execute", execute, raising=False)
    for statements in range(1, 1000, 4):
        left[0] = statements
        change(changed)
        code, words = run("--allow-destructive")
        if code == 0:
            break
        assert "the disk is full" in words
        change(BASE)
        assert (rows(fresh), structure(fresh), files(migrations_dir)) == (before, made, there)
    monkeypatch.undo()
    assert statements > 12
    assert ask(fresh, "SELECT worth FROM notes ORDER BY id") == [(5,), (6,)]
    alive(fresh)
    settled(fresh)


def test_a_primary_key_does_not_move(fresh: Fresh, change: Change, migrations_dir: Path) -> None:
    started(fresh, change, BASE)
    before = structure(fresh)
    old, key = "  - name: tags\n    fields:\n      - {name: id, type: integer, primary: true}", "code, type: text, unique: true"
    change(BASE.replace(old, old.replace("primary", "unique")).replace(key, "code, type: text, primary: true"))
    code, words = run("--allow-destructive")
    assert (code, "primary key of tags moves from id to code" in words) == (1, True)
    assert (structure(fresh), len(files(migrations_dir))) == (before, 2)


def test_what_others_made_on_a_table_stays(fresh: Fresh, change: Change) -> None:
    started(fresh, change, BASE, "'a'", "'b'")
    ask(fresh, "CREATE INDEX by_hand ON notes (created)")
    ask(fresh, "CREATE VIEW long_titles AS SELECT title FROM notes WHERE length(title) > 3")
    if fresh.vendor == "sqlite":
        ask(fresh, "CREATE TRIGGER hands AFTER DELETE ON tags BEGIN UPDATE notes SET views = views; END")
    stricter = BASE.replace("length(title) < 50", "length(title) < 40")
    change(stricter.replace("code, type: text,", "code, type: text, check: code != 'x',"))
    assert run()[0] == 0
    assert ask(fresh, "SELECT count(*) FROM long_titles") == [(2,)]
    names = "SELECT name FROM sqlite_master" if fresh.vendor == "sqlite" else "SELECT indexname FROM pg_indexes"
    there = {name for (name,) in ask(fresh, names)}
    assert "by_hand" in there
    assert fresh.vendor != "sqlite" or "hands" in there
    alive(fresh)


def test_the_sql_that_is_shown_is_the_sql_that_is_run(fresh: Fresh, change: Change) -> None:
    started(fresh, change, BASE.replace(VALUE, "      - {name: value, type: date}\n"), "'2025-03-11T10:20:30.123Z'")
    before = rows(fresh)
    change(BASE.replace(VALUE, "      - {name: value, type: date, sqlType: date}\n"))
    _, shown = run("--dry-run")
    assert rows(fresh) == before
    assert {"sqlite": "substr(", "postgresql": "USING ((("}[fresh.vendor].rstrip("(") in shown
    assert run("--allow-destructive")[0] == 0
    assert migrate.listing(fresh)[1]["sql"] in shown


SIMPLE = "tables: [{name: notes, fields: [{name: id, type: integer, primary: true}, {name: value, type: text}]}]\n"


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_of_processes_that_migrate_at_once_one_applies(vendor: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path}/db.sqlite3"
    if vendor == "postgresql":
        server: Any = request.getfixturevalue("postgresql_server")
        url = f"postgres://postgres@/at_once?host={server.get_postmaster_info().socket_dir}"
        request.addfinalizer(lambda: server.psql("DROP DATABASE IF EXISTS at_once WITH (FORCE)"))
    config, folder = tmp_path / "pocketapi.yaml", tmp_path / "pocketapi_migrations"
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only",
        "DATABASE_URL": url,
        "POCKETAPI_CONFIG": str(config),
        "POCKETAPI_MIGRATIONS_DIR": str(folder),
    }

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)

    def ended(*processes: subprocess.Popen[str]) -> list[str]:
        said = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * len(processes)
        return said

    config.write_text(HEADER + SIMPLE)
    ended(start("pocketapi", "migrate"))
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)"
    fill = f"from django.db import connection as c; c.cursor().execute('{numbers} INSERT INTO notes SELECT i, i FROM n')"
    ended(start("shell", "--no-imports", "-c", fill))
    config.write_text(HEADER + SIMPLE.replace("value, type: text", "value, type: integer, notNull: true, default: 0"))
    said = ended(*(start("pocketapi", "migrate", "--allow-destructive") for _ in range(3)))
    assert sorted("up to date" in words for words in said) == [False, True, True]
    assert [path.name for path in sorted(folder.glob("0*.py"))] == ["0001_initial.py", "0002_alter_notes_value.py"]
