"""`seed`: all rows of a file or none, in the order that keys ask for."""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.commands import seed
from pocketapi.tables.table import model_of
from tests.conftest import UseConfig

pytestmark = pytest.mark.django_db

CONFIG = """
tables:
  - name: comments
    fields:
      - {name: id, type: integer, primary: true}
      - {name: post_id, type: relation, foreignKey: {table: posts, column: id}}
      - {name: answers_id, type: integer, foreignKey: {table: comments, column: id}}
  - name: posts
    autoSetUid: true
    fields:
      - baseFields
      - {name: author_id, type: relation, foreignKey: {table: users, column: id}}
      - {name: title, type: text, unique: true}
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields]
    extensions: [{name: auth, jwtSecret: only-for-tests-only-for-tests-of-users, jwtTokenDuration: 60, maxTokenRefresh: 1}]
"""
ROWS = """
comments: [{id: 1, post_id: first}, {id: 2, post_id: first, answers_id: 1}]
posts:
  - {id: first, title: Hello, author_id: ann, created: '2026-01-02T03:04:05.678Z'}
  - {title: No author}
users:
  - {id: ann, username: ann, email: ann@example.org, name: Ann, password: a-quiet-corner}
"""
HEAD = "posts: [{title: One}]\n"


@pytest.fixture(autouse=True)
def _tables(use_config: UseConfig) -> None:
    use_config(CONFIG)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.yaml"


def run(file: Path, *, force: bool = False) -> tuple[int, str]:
    out = io.StringIO()
    return seed.run(argparse.Namespace(file=file, force=force), out), out.getvalue()


def count(name: str) -> int:
    return model_of(name)._default_manager.count()


def test_rows_go_in_whatever_their_order_in_the_file(file: Path) -> None:
    file.write_text(ROWS)
    code, text = run(file)
    assert (code, text.splitlines()) == (
        0,
        [
            "users: 1 rows",
            "posts: 2 rows",
            "comments: 2 rows",
            "Sign in to users as ann. Password: a-quiet-corner",
        ],
    )
    assert [count(name) for name in ("users", "posts", "comments")] == [1, 2, 2]


def test_they_go_through_the_write_path(file: Path, connection: BaseDatabaseWrapper) -> None:
    file.write_text(ROWS)
    run(file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM users")
        assert cursor.fetchone()[0].startswith("argon2$")
        cursor.execute("SELECT id FROM posts WHERE title = 'No author'")
        assert len(cursor.fetchone()[0]) == 22


def test_a_second_run_does_nothing(file: Path) -> None:
    file.write_text(HEAD)
    run(file)
    file.write_text(ROWS)
    assert run(file) == (0, "Nothing to do: there are rows in posts.\n")
    assert count("users") == 0
    assert run(file, force=True)[0] == 0
    assert count("posts") == 3


def test_more_rows_than_a_batch(file: Path) -> None:
    titles = [f"post {number}" for number in range(seed.BATCH + 3)]
    file.write_text("\n".join(["posts:", *(f"- {{title: {title}}}" for title in titles)]))
    assert run(file)[0] == 0
    assert count("posts") == len(titles)
    file.write_text("\n".join(["posts:", *(f"- {{title: more {title}}}" for title in titles), "- {title: post 1}"]))
    code, text = run(file, force=True)
    place = f"{file}:{len(titles) + 2}:4: posts[{len(titles)}].title"
    assert (code, text.splitlines()[0]) == (1, f"{place}: A record with this value already exists.")
    assert count("posts") == len(titles)


# (the file, what is said of it)
WRONG = [
    ("- 1", "{file}:1:1: The file has a mapping: rows by table, as in `posts: [{{title: Hello}}]`."),
    ("post: []", "{file}:1:1: post: There is no table `post`: did you mean `posts`?"),
    ("posts: {}", "{file}:1:1: posts: The rows of a table are a list."),
    ("posts:\n- Hello", "{file}:2:3: posts[0]: A row is a mapping of fields and values."),
    ("posts: [", "{file}:2:1: This is not YAML"),
    (HEAD + "comments:\n  - {id: 1}\n  - {id: x}", "{file}:4:6: comments[1].id: This is no integer."),
    (HEAD + "comments:\n  - {id: 1, post: 2}", "{file}:3:13: comments[0].post: There is no field post"),
    (HEAD + "comments:\n  - {id: 1, post_id: x}", "{file}:3:13: comments[0].post_id: There is no record of posts with this id."),
    (HEAD + "comments:\n  - {id: 1}\n  - {id: 1}", "{file}:4:6: comments[1].id: A record with this value already exists."),
    ("users: [{username: ann}]", "{file}:1:9: users[0].email: This field is required."),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_has_its_place_and_nothing_is_inserted(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    code, told = run(file)
    assert code == 1
    assert told.startswith(said.format(file=file))
    assert told.endswith("Nothing was inserted.\n")
    assert count("posts") == 0


def test_a_missing_file(file: Path) -> None:
    assert run(file) == (1, f"{file}: The file cannot be read: No such file or directory.\nNothing was inserted.\n")


def test_an_empty_file(file: Path) -> None:
    file.write_text("")
    assert run(file) == (0, "")


def test_tables_that_refer_to_each_other_have_an_order_all_the_same(use_config: UseConfig) -> None:
    config = use_config("""
        tables:
          - {name: a, fields: [baseFields.id, {name: b_id, type: relation, foreignKey: {table: b, column: id}}]}
          - {name: b, fields: [baseFields.id, {name: a_id, type: relation, foreignKey: {table: a, column: id}}]}
    """)
    assert seed.in_key_order(config) == ["b", "a"]
