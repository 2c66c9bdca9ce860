"""`search`: which tables are searched, and their indexes made anew."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.conftest import UseConfig
from tests.tables.structure import ask
from tests.tables.test_search import BASE, fill, found


def search(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("pocketapi", "search", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def notes(use_config: UseConfig, connection: BaseDatabaseWrapper) -> BaseDatabaseWrapper:
    use_config(BASE)
    fill(connection)
    return connection


def spoil(connection: BaseDatabaseWrapper) -> None:
    """Leaves an index without what it is of."""
    if connection.vendor == "sqlite":
        ask(connection, "DROP TRIGGER fts_notes_update")
        ask(connection, 'DELETE FROM "notes$search"')
        ask(connection, "DELETE FROM \"notes$keys\" WHERE key = 'a'")
    else:
        ask(connection, "DROP INDEX fts_notes")


def test_the_tables_are_listed_and_nothing_is_done(notes: BaseDatabaseWrapper) -> None:
    assert search() == (0, "notes: title, body (unicode61)\ntags: label (unicode61)\n")
    spoil(notes)
    assert search("notes") == (0, "notes: title, body (unicode61)\n")
    assert notes.vendor == "postgresql" or found(notes, "notes @@ 'run'") == ""


def test_an_index_is_made_anew(notes: BaseDatabaseWrapper) -> None:
    spoil(notes)
    assert search("--rebuild", "notes") == (0, "notes: title, body (unicode61)\nnotes: rebuilt\n")
    assert found(notes, "notes @@ 'run'") == "b"
    ask(notes, "UPDATE notes SET title = 'run' WHERE id = 'a'")
    assert found(notes, "notes @@ 'run'") == "ab"
    assert search("--rebuild")[1].count("rebuilt") == 2
    assert found(notes, "notes @@ 'run'") == "ab"
    if notes.vendor == "postgresql":
        assert ask(notes, "SELECT count(*) FROM pg_indexes WHERE indexname = 'fts_notes'") == [(1,)]


def test_tables_that_are_not_searched_are_refused(notes: BaseDatabaseWrapper) -> None:
    assert search("--rebuild", "authors", "nope") == (
        1,
        "There is no fullTextSearch of authors, nope. Searched are: notes, tags.\n",
    )


def test_a_database_that_is_not_migrated_is_told(notes: BaseDatabaseWrapper) -> None:
    ask(notes, "ALTER TABLE notes RENAME TO elsewhere")
    code, said = search("--rebuild", "notes")
    assert (code, "pocketapi migrate" in said) == (1, True)
