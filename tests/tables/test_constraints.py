"""What the config demands of rows is kept by the database itself: every statement here is raw SQL."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.config.constraint_names import constraint_name
from tests.conftest import UseConfig

DEMANDS = """
tables:
  - name: things
    fields:
      - {name: id, type: text, primary: true}
      - {name: needed, type: text, notNull: true, default: x}
      - {name: single, type: text, unique: true}
      - {name: folded, type: text, unique: true, collate: NOCASE}
      - {name: trimmed, type: text, unique: true, collate: RTRIM}
      - {name: small, type: integer, check: {q: small < 10 AND small % 2 = 0}}
      - {name: per_vendor, type: integer, check: {q: {sqlite: per_vendor > 1, postgresql: per_vendor > 1}}}
    indexes:
      - {fields: [needed, small], unique: true, name: one_of_each, where: {q: small IS NOT NULL}}
  - name: order
    fields:
      - {name: select, type: text, primary: true, collate: NOCASE}
"""
OK = "INSERT INTO things (id, needed, single, folded, trimmed, small, per_vendor) VALUES ('a', 'n', 's', 'Fold', 'trim', 2, 2)"

# (statement, what the error names)
REFUSED = [
    ("INSERT INTO things (id) VALUES ('a')", "id|things_pkey"),
    ("INSERT INTO things (id) VALUES (NULL)", "id"),
    ("INSERT INTO things (id, needed) VALUES ('b', NULL)", "needed"),
    ("INSERT INTO things (id, single) VALUES ('b', 's')", "single"),
    ("INSERT INTO things (id, folded) VALUES ('b', 'fOLD')", "folded"),
    ("INSERT INTO things (id, trimmed) VALUES ('b', 'trim  ')", "trimmed"),
    ("INSERT INTO things (id, small) VALUES ('b', 3)", "ck_things_small"),
    ("INSERT INTO things (id, per_vendor) VALUES ('b', 1)", "ck_things_per_vendor"),
    ("INSERT INTO things (id, needed, small) VALUES ('b', 'n', 2)", "needed|one_of_each"),
    ("""INSERT INTO "order" ("select") VALUES ('KEY')""", "select"),
]
TAKEN = [
    "INSERT INTO things (id, single) VALUES ('b', 'S')",
    "INSERT INTO things (id, folded) VALUES ('b', 'fold ')",
    "INSERT INTO things (id, trimmed) VALUES ('b', 'TRIM')",
    "INSERT INTO things (id, small) VALUES ('b', NULL)",
    "INSERT INTO things (id, needed) VALUES ('b', 'n')",
    "INSERT INTO things (id) VALUES ('A')",
]


@pytest.mark.parametrize(("statement", "named"), REFUSED)
def test_a_row_that_breaks_a_demand_is_refused(
    use_config: UseConfig, connection: BaseDatabaseWrapper, statement: str, named: str
) -> None:
    prepare(use_config, connection)
    with pytest.raises(IntegrityError, match=named):
        run(connection, statement)


@pytest.mark.parametrize("statement", TAKEN)
def test_a_row_that_breaks_none_is_taken(use_config: UseConfig, connection: BaseDatabaseWrapper, statement: str) -> None:
    prepare(use_config, connection)
    run(connection, statement)


def prepare(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(DEMANDS)
    run(connection, OK)
    run(connection, """INSERT INTO "order" ("select") VALUES ('key')""")


KEYS = """
tables:
  - name: parents
    fields:
      - {name: id, type: integer, primary: true}
      - {name: code, type: text, unique: true}
  - name: children
    fields:
      - {name: id, type: integer, primary: true}
      - name: parent
        type: relation
        sqlType: integer
        default: 2
        foreignKey: {table: parents, column: id, onDelete: DELETE, onUpdate: UPDATE}
"""
# (onDelete, the parent after its row 1 is deleted; an error where that is refused)
ON_DELETE: list[tuple[str, Any]] = [
    ("CASCADE", []),
    ("SET NULL", [None]),
    ("SET DEFAULT", [2]),
    ("RESTRICT", IntegrityError),
    ("NO ACTION", IntegrityError),
]
ON_UPDATE: list[tuple[str, Any]] = [
    ("CASCADE", [9]),
    ("SET NULL", [None]),
    ("SET DEFAULT", [2]),
    ("RESTRICT", IntegrityError),
    ("NO ACTION", IntegrityError),
]


@pytest.mark.parametrize(("action", "after"), ON_DELETE)
def test_a_key_acts_on_delete(use_config: UseConfig, connection: BaseDatabaseWrapper, action: str, after: Any) -> None:
    use_config(KEYS.replace("DELETE", action).replace("UPDATE", "NO ACTION"))
    acts(connection, "DELETE FROM parents WHERE id = 1", after)


@pytest.mark.parametrize(("action", "after"), ON_UPDATE)
def test_a_key_acts_on_update(use_config: UseConfig, connection: BaseDatabaseWrapper, action: str, after: Any) -> None:
    use_config(KEYS.replace("DELETE", "NO ACTION").replace("UPDATE", action))
    acts(connection, "UPDATE parents SET id = 9 WHERE id = 1", after)


def acts(connection: BaseDatabaseWrapper, statement: str, after: Any) -> None:
    run(connection, "INSERT INTO parents (id) VALUES (1), (2)")
    run(connection, "INSERT INTO children (id, parent) VALUES (1, 1)")
    if after is IntegrityError:
        with pytest.raises(IntegrityError, match=r"FOREIGN KEY|fk_children_parent"):
            run(connection, statement)
    else:
        run(connection, statement)
        assert rows(connection, "SELECT parent FROM children") == [(value,) for value in after]


def test_a_key_to_nothing_is_refused_at_once(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(KEYS.replace("DELETE", "CASCADE").replace("UPDATE", "CASCADE"))
    with pytest.raises(IntegrityError):
        run(connection, "INSERT INTO children (id, parent) VALUES (1, 7)")


CYCLE = """
tables:
  - name: authors
    fields:
      - {name: id, type: text, primary: true}
      - {name: best, type: relation, foreignKey: {table: books, column: isbn, onDelete: SET NULL}}
      - {name: mentor, type: relation, foreignKey: {table: authors, column: id, onDelete: CASCADE}}
  - name: books
    fields:
      - {name: isbn, type: text, primary: true}
      - {name: slug, type: text, unique: true}
      - {name: author, type: relation, notNull: true, foreignKey: {table: authors, column: id, onDelete: CASCADE}}
      - {name: sequel_of, type: relation, foreignKey: {table: books, column: slug, onUpdate: CASCADE}}
"""


def test_keys_may_go_round(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(CYCLE)
    run(connection, "INSERT INTO authors (id) VALUES ('a')")
    run(connection, "INSERT INTO authors (id, mentor) VALUES ('b', 'a')")
    run(connection, "INSERT INTO books (isbn, slug, author) VALUES ('1', 'one', 'a')")
    run(connection, "INSERT INTO books (isbn, slug, author, sequel_of) VALUES ('2', 'two', 'b', 'one')")
    run(connection, "UPDATE authors SET best = '2'")
    run(connection, "UPDATE books SET slug = 'uno' WHERE isbn = '1'")
    assert rows(connection, "SELECT sequel_of FROM books WHERE isbn = '2'") == [("uno",)]
    run(connection, "DELETE FROM books WHERE isbn = '2'")
    assert rows(connection, "SELECT best FROM authors ORDER BY id") == [(None,), (None,)]
    run(connection, "DELETE FROM authors WHERE id = 'a'")
    assert rows(connection, "SELECT count(*) FROM books") == [(0,)]


CHECKS = """
tables:
  - name: checked
    fields:
      - {name: id, type: integer, primary: true}
      - {name: small, type: number, check: small >= 0 & small < 10.5}
      - {name: word, type: text, collate: NOCASE, check: "word in ('a', 'b%', 'it\\\\'s') | length(word) > 5"}
      - {name: flag, type: bool, check: flag == true | small == null}
      - {name: day, type: date, sqlType: date, check: "day > '2025-01-01'"}
      - {name: at, type: date, check: "at > '2025-01-01T00:00:00Z'"}
    indexes: [{fields: word, unique: true, name: one_word, where: "flag == true & word != 'a'"}]
"""
# (columns, values, the error; none where the row is taken)
CHECKED = [
    ("small", "10", None),
    ("small", "10.5", "ck_checked_small"),
    ("small", "-1", "ck_checked_small"),
    ("small", "NULL", None),
    ("word", "'A'", None),
    ("word", "'b%'", None),
    ("word", "'it''s'", None),
    ("word", "'bx'", "ck_checked_word"),
    ("word", "'longer'", None),
    ("small, flag", "1, TRUE", None),
    ("small, flag", "1, FALSE", "ck_checked_flag"),
    ("flag", "FALSE", None),
    ("day", "'2025-01-02'", None),
    ("day", "'2025-01-01'", "ck_checked_day"),
    ("at", "'2025-01-01T00:00:00.001Z'", None),
    ("at", "'2025-01-01T00:00:00.000Z'", "ck_checked_at"),
    ("flag, word", "TRUE, 'first word'", None),
    ("flag, word", "TRUE, 'LONGER WORD'", "word"),
    ("word", "'longer word'", None),
]


@pytest.mark.parametrize(("columns", "values", "error"), CHECKED)
def test_a_check_in_the_expression_language(
    use_config: UseConfig, connection: BaseDatabaseWrapper, columns: str, values: str, error: str | None
) -> None:
    use_config(CHECKS)
    run(connection, "INSERT INTO checked (id, flag, word) VALUES (1, TRUE, 'longer word')")
    statement = f"INSERT INTO checked (id, {columns}) VALUES (2, {values})"
    if error is None:
        run(connection, statement)
    else:
        with pytest.raises(IntegrityError, match=error):
            run(connection, statement)


INDEXES = """
tables:
  - name: posts
    fields:
      - {name: id, type: text, primary: true}
      - {name: title, type: text}
      - {name: tag, type: text, collate: NOCASE}
      - {name: views, type: integer}
    indexes:
      - {fields: title, name: plain}
      - {fields: [title DESC, views], name: both_ways}
      - {fields: title COLLATE NOCASE DESC, name: collated}
      - {fields: tag, name: own_collation}
      - {fields: views, name: part, where: {q: views > 10}, unique: true}
"""
# name: what each database says of it
WRITTEN = {
    "plain": ("(title)", '("title")'),
    "both_ways": ("(title DESC, views)", '("title" DESC, "views")'),
    "collated": ("(lower(title) DESC)", '("title" COLLATE NOCASE DESC)'),
    "own_collation": ("(lower(tag))", '("tag" COLLATE NOCASE)'),
    "part": ("UNIQUE.*(views) WHERE (views > 10)", 'UNIQUE.*("views") WHERE views > 10'),
}


def test_indexes_are_there(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(INDEXES)
    sql = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'posts' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'posts' AND indexname <> 'posts_pkey'",
    }[connection.vendor]
    found = dict(rows(connection, sql))
    assert found.keys() == WRITTEN.keys()
    for name, (postgresql, sqlite) in WRITTEN.items():
        for part in (sqlite if connection.vendor == "sqlite" else postgresql).split(".*"):
            assert part in found[name]


def test_unique_text_has_one_index_and_no_more(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config("tables: [{name: t, fields: [{name: id, type: text, primary: true}, {name: u, type: text, unique: true}]}]")
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "t")
    assert sum(bool(each["index"] or each["unique"]) and each["columns"] == ["u"] for each in found.values()) == 1
    assert sum(each["columns"] == ["id"] and not each["primary_key"] and bool(each["index"]) for each in found.values()) == 0


@pytest.mark.parametrize("column", ["title", "t" * 63])
def test_names_are_stable_and_fit(column: str) -> None:
    name = constraint_name("ck", "posts", column)
    assert len(name) <= 63
    assert name == constraint_name("ck", "posts", column)
    assert name.startswith("ck_posts_t")


def run(connection: BaseDatabaseWrapper, sql: str) -> None:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(sql)


def rows(connection: BaseDatabaseWrapper, sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
