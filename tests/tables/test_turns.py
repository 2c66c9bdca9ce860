"""Writers of a SQLite database wait for each other, in one process and in several, and never for ever."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from pocketapi.tables import turns
from tests.tables.conftest import sqlite_entry

ALIAS = "turns"


@pytest.fixture
def database(tmp_path: Path, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock():
        connections.settings[ALIAS] = sqlite_entry(tmp_path / "fresh.sqlite3")
        yield connections[ALIAS]
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def lock_of(database: Any) -> Path:
    return Path(f"{database.settings_dict['NAME']}{turns.SUFFIX}")


def is_free(path: Path) -> bool:
    """Whether another opener of the file, as another process is, gets the lock."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def test_a_turn_keeps_other_processes_and_threads_waiting_until_it_ends(database: Any) -> None:
    order: list[str] = []

    def another() -> None:
        with turns.turn(database):
            order.append("second")

    with turns.turn(database):
        waiting = threading.Thread(target=another)
        waiting.start()
        assert not is_free(lock_of(database))
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]
    assert is_free(lock_of(database))


def test_who_has_a_turn_does_not_wait_for_another(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An action of one statement has a turn, and so has its statement."""
    monkeypatch.setattr(turns, "ONE", threading.Lock())
    monkeypatch.setattr(turns, "PATIENCE", -1)  # for ever
    seen: list[bool] = []

    def nested() -> None:
        with turns.turn(database):
            with turns.turn(database):
                seen.append(turns.ONE.locked())
            seen.append(turns.ONE.locked())

    thread = threading.Thread(target=nested, daemon=True)
    thread.start()
    thread.join(10)
    assert seen == [True, True]
    assert not turns.ONE.locked()


def test_a_turn_that_fails_is_given_back(database: Any) -> None:
    with pytest.raises(RuntimeError), turns.turn(database):
        raise RuntimeError
    assert is_free(lock_of(database))


def test_who_waits_too_long_goes_on_without_a_turn(database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 0.01)
    with turns.turn(database):
        pass
    with lock_of(database).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with turns.turn(database):
            assert not is_free(lock_of(database))
    with turns.ONE, turns.turn(database):
        pass
    assert not turns.ONE.locked()


def test_a_folder_that_takes_no_file_is_no_obstacle(database: Any, tmp_path: Path) -> None:
    database.settings_dict["NAME"] = str(tmp_path / "missing" / "database.sqlite3")
    with turns.turn(database):
        assert not lock_of(database).exists()


@pytest.mark.django_db
def test_other_databases_need_none(connection: Any) -> None:
    with turns.turn(connection), turns.turn(connection):
        assert not turns.ONE.locked()
