"""What goes with a row, by raw SQL on both databases, and through migrations."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.credentials import sessions
from pocketapi.credentials.sessions import Device
from pocketapi.models import OF_USERS, Identity, OneTimeToken, RecoveryCode, RefreshToken, RemovedFile, SecondFactor, Session
from tests.conftest import UseConfig
from tests.tables.conftest import Change
from tests.tables.evolving import files as written
from tests.tables.evolving import settled
from tests.tables.structure import ask
from tests.tables.test_migrate import run

TABLES = """
tables:
  - name: people
    fields:
      - {name: id, type: KEY, primary: true, usage: record_uid}
      - {name: login, type: text, usage: auth_username}
      - {name: secret, type: text, noSelect: true, usage: auth_password}
      - {name: boss, type: relation, sqlType: KEY, foreignKey: {table: people, column: id, onDelete: CASCADE}}
    extensions: [{name: auth, jwtSecret: secret-of-people-secret-of-people-secret, jwtTokenDuration: 60, maxTokenRefresh: 0}]
  - name: posts
    r2Base: pub/posts
    fields:
      - {name: id, type: text, primary: true, usage: record_uid}
      - {name: person, type: relation, sqlType: KEY, foreignKey: {table: people, column: id, onDelete: CASCADE}}
      - {name: cover, type: file}
      - {name: paper, type: file}
  - name: notes
    idInR2: true
    fields:
      - {name: id, type: text, primary: true, noUpdate: true, usage: record_uid}
      - {name: file, type: file}
  - name: kept
    autoDeleteR2Files: false
    fields: [{name: id, type: integer, primary: true}, {name: file, type: file}]
"""
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def text(key: str = "text") -> str:
    return TABLES.replace("KEY", key)


def removed() -> list[str]:
    return sorted(RemovedFile.objects.values_list("key", flat=True))


# (statements after the rows are there, the keys in the outbox)
CASES: list[tuple[list[str], list[str]]] = [
    (["DELETE FROM posts WHERE id = 'a'"], ["pub/posts/c1", "pub/posts/p1"]),
    (["DELETE FROM posts"], ["pub/posts/c1", "pub/posts/c2", "pub/posts/p1"]),
    (["DELETE FROM people WHERE id = '1'"], ["pub/posts/c1", "pub/posts/p1"]),
    (["UPDATE posts SET cover = 'new' WHERE id = 'a'"], ["pub/posts/c1"]),
    (["UPDATE posts SET cover = NULL"], ["pub/posts/c1", "pub/posts/c2"]),
    (["UPDATE posts SET cover = cover, paper = 'x'"], ["pub/posts/p1"]),
    (["UPDATE posts SET id = 'z' WHERE id = 'a'"], []),
    (["UPDATE notes SET file = 'g'"], ["notes/n/f"]),
    (["UPDATE notes SET id = 'm', file = NULL"], ["notes/n/f"]),
    (["DELETE FROM notes"], ["notes/n/f"]),
    (["DELETE FROM kept", "UPDATE posts SET paper = 'q' WHERE id = 'b'"], []),
]


@pytest.mark.parametrize(("statements", "keys"), CASES)
def test_the_outbox_holds_what_rows_no_longer_name(
    use_config: UseConfig, connection: BaseDatabaseWrapper, statements: list[str], keys: list[str]
) -> None:
    use_config(text())
    ask(connection, "INSERT INTO people (id, login) VALUES ('1', 'a'), ('2', 'b')")
    ask(connection, "INSERT INTO posts (id, person, cover, paper) VALUES ('a', '1', 'c1', 'p1'), ('b', '2', 'c2', NULL)")
    ask(connection, "INSERT INTO notes (id, file) VALUES ('n', 'f')")
    ask(connection, "INSERT INTO kept (id, file) VALUES (1, 'f')")
    for statement in statements:
        ask(connection, statement)
    assert removed() == keys


def test_a_name_of_any_length_keeps_nobody_from_deleting(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(text())
    ask(connection, "INSERT INTO posts (id, cover) VALUES ('a', %s)", [f"{'x' * 1500}'"])
    ask(connection, "DELETE FROM posts")
    assert [len(key) for key in removed()] == [1024]


def belongings(user: Any, table: str = "people") -> None:
    """A row of each kind that belongs to a user."""
    sessions.open_session(table, user, Device())
    whose = {"table": table, "user": str(user)}
    name = f"{table} {user}"
    OneTimeToken.objects.create(hash=name, purpose="otp", created=NOW, expires=NOW.replace(year=2100), **whose)
    Identity.objects.create(provider="x", subject=name, created=NOW, **whose)
    SecondFactor.objects.create(secret="x", created=NOW, **whose)
    RecoveryCode.objects.create(hash=name, **whose)


def owners() -> set[tuple[str, str]]:
    """Whose rows are left: of every kind alike."""
    found = [set(model.objects.filter(table__in=("people", "others")).values_list("table", "user")) for model in OF_USERS]
    assert all(each == found[0] for each in found)
    assert RefreshToken.objects.count() == Session.objects.count()
    return found[0]


@pytest.mark.parametrize("key", ["text", "integer"])
def test_what_belongs_to_a_user_goes_with_the_user(use_config: UseConfig, connection: BaseDatabaseWrapper, key: str) -> None:
    use_config(text(key))
    ask(connection, "INSERT INTO people (id, login) VALUES ('1', 'a'), ('2', 'b'), ('4', 'd')")
    ask(connection, "INSERT INTO people (id, login, boss) VALUES ('3', 'c', '1')")
    for user in (1, 2, 3, 4):
        belongings(user)
    belongings(1, "others")
    ask(connection, "UPDATE people SET login = 'z'")
    assert len(owners()) == 5
    ask(connection, "DELETE FROM people WHERE id = '1'")  # 3 goes by the cascade
    assert owners() == {("people", "2"), ("people", "4"), ("others", "1")}
    ask(connection, "UPDATE people SET id = '5' WHERE id = '2'")
    assert owners() == {("people", "4"), ("others", "1")}
    with connection.constraint_checks_disabled():
        connection.check_constraints()


BEFORE = """
tables:
  - name: posts
    fields:
      - {name: id, type: text, primary: true, usage: record_uid}
      - {name: cover, type: text}
      - {name: views, type: integer, default: 0}
"""
FILED = BEFORE.replace("cover, type: text", "cover, type: file")
BY_ID = FILED.replace("name: posts", "name: posts\n    idInR2: true").replace("usage", "noUpdate: true, usage")
# (the config before, the config after, whether the outbox sees a delete then, and with which prefix)
CHANGES = [
    (BEFORE, FILED, "posts/"),
    (FILED, BEFORE, None),
    (FILED, FILED.replace("views, type: integer", "views, type: number"), "posts/"),
    (FILED, FILED.replace("cover, type", "picture, lastName: cover, type"), "posts/"),
    (FILED, FILED.replace("name: posts", "name: articles\n    lastName: posts"), "posts/"),
    (FILED, FILED.replace("name: posts", "name: articles\n    lastName: posts\n    r2Base: other"), "other/"),
    (FILED, FILED.replace("name: posts", "name: posts\n    autoDeleteR2Files: false"), None),
    (FILED, FILED.replace("name: posts", "name: posts\n    r2Base: a/b"), "a/b/"),
    (FILED, BY_ID, "posts/one/"),
    (FILED, FILED.replace("cover, type: file", "cover, type: file, notNull: true"), "posts/"),
]


@pytest.mark.parametrize(("before", "after", "prefix"), CHANGES, ids=range(len(CHANGES)))
def test_triggers_follow_the_config(
    fresh: BaseDatabaseWrapper, change: Change, migrations_dir: Path, before: str, after: str, prefix: str | None
) -> None:
    change(before)
    assert run()[0] == 0
    ask(fresh, "INSERT INTO posts (id, cover) VALUES ('one', 'a.png')")
    config = change(after)
    assert run("--allow-destructive")[0] == 0
    (table,) = config.tables
    ask(fresh, f"DELETE FROM {table}")
    assert ask(fresh, "SELECT key FROM pocketapi_removedfile") == ([] if prefix is None else [(f"{prefix}a.png",)])
    assert len(written(migrations_dir)) == 3
    settled(fresh)
