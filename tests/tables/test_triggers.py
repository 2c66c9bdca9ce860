"""Triggers of the config, by raw SQL on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.conftest import UseConfig

STAMPED = """
tables:
  - name: notes
    fields:
      - baseFields
      - {name: title, type: text}
    triggers: [createdTrigger, updatedTrigger]
"""
OLD = "2020-01-01T00:00:00.000Z"


def run(connection: BaseDatabaseWrapper, sql: str) -> Any:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(sql, None)
        return cursor.fetchall() if cursor.description else None


def stamped(use_config: UseConfig, connection: BaseDatabaseWrapper, text: str = STAMPED) -> None:
    use_config(text)
    run(connection, f"INSERT INTO notes (id, created, updated, title) VALUES ('a', '{OLD}', '{OLD}', 'One')")
    run(connection, f"INSERT INTO notes (id, created, updated, title) VALUES ('b', '{OLD}', '{OLD}', 'Two')")


def is_old(connection: BaseDatabaseWrapper, key: str, column: str = "updated") -> bool:
    return run(connection, f"SELECT count(*) FROM notes WHERE id = '{key}' AND {column} = '{OLD}'") == [(1,)]


def test_the_created_column_is_set_once(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    stamped(use_config, connection)
    with pytest.raises(IntegrityError, match=r"ck_notes_created|created of notes is set once"):
        run(connection, "UPDATE notes SET created = '2021-01-01T00:00:00.000Z' WHERE id = 'a'")
    run(connection, f"UPDATE notes SET created = '{OLD}', title = 'x' WHERE id = 'a'")
    assert is_old(connection, "a", "created")


def test_an_update_that_leaves_updated_sets_it(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    stamped(use_config, connection)
    run(connection, "UPDATE notes SET title = 'x' WHERE id = 'a'")
    assert (is_old(connection, "a"), is_old(connection, "b")) == (False, True)
    if connection.vendor == "sqlite":
        assert len(run(connection, "SELECT updated FROM notes WHERE id = 'a'")[0][0]) == len(OLD)


def test_an_update_that_sets_updated_keeps_it(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    stamped(use_config, connection)
    given = "2021-01-01T00:00:00.000Z"
    run(connection, f"UPDATE notes SET title = 'x', updated = '{given}'")
    assert run(connection, f"SELECT count(*) FROM notes WHERE updated = '{given}'") == [(2,)]


@pytest.mark.parametrize("storage", ["timestamp", "date", "text"])
def test_every_form_of_a_stamp(use_config: UseConfig, connection: BaseDatabaseWrapper, storage: str) -> None:
    use_config(
        f"""
        tables:
          - name: notes
            fields:
              - {{name: id, type: integer, primary: true}}
              - {{name: updated, type: date, sqlType: {storage}, usage: record_updated}}
            triggers: [updatedTrigger]
        """
    )
    run(connection, "INSERT INTO notes (id) VALUES (1)")
    run(connection, "UPDATE notes SET id = 2")
    assert run(connection, "SELECT count(*) FROM notes WHERE id = 2 AND updated IS NOT NULL") == [(1,)]


def test_names_of_the_original_mean_the_same(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    original = "{name: raise_on_created_update, event: UPDATE, seq: BEFORE, body: x}, updatedTrigger, "
    original += "{name: update_updated_on_update, event: UPDATE, seq: AFTER, body: x}"
    stamped(use_config, connection, STAMPED.replace("createdTrigger, updatedTrigger", original))
    run(connection, "UPDATE notes SET title = 'x' WHERE id = 'a'")
    assert not is_old(connection, "a")
    with pytest.raises(IntegrityError):
        run(connection, "UPDATE notes SET created = updated WHERE id = 'a'")


CUSTOM = """
tables:
  - name: posts
    fields:
      - {name: id, type: integer, primary: true}
      - {name: title, type: text}
      - {name: views, type: integer, default: 0}
    triggers:
TRIGGERS
  - name: log
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: what, type: text}
"""
INSERT = "INSERT INTO posts (id, title) VALUES (1, '100% $body$ it''s')"
LOG = "INSERT INTO log (what) VALUES"

# (the trigger, what is done, what the log holds then)
CASES: list[tuple[str, list[str], list[str]]] = [
    (f"{{name: t, seq: AFTER, event: INSERT, body: {LOG} (NEW.title)}}", [INSERT], ["100% $body$ it's"]),
    (f"{{name: t, seq: BEFORE, event: INSERT, body: {LOG} ('%s %% $body$');}}", [INSERT], ["%s %% $body$"]),
    (f"{{name: t, seq: AFTER, event: DELETE, body: '{LOG} (OLD.title); '}}", [INSERT, "DELETE FROM posts"], ["100% $body$ it's"]),
    (f"{{name: t, seq: BEFORE, event: DELETE, body: {LOG} ('gone')}}", [INSERT, "DELETE FROM posts"], ["gone"]),
    (
        f"{{name: t, seq: AFTER, event: UPDATE, updateOf: views, body: {LOG} ('views')}}",
        [INSERT, "UPDATE posts SET title = 'x'", "UPDATE posts SET views = 5"],
        ["views"],
    ),
    (
        f"{{name: t, seq: after, event: update, when: NEW.views > OLD.views, body: {LOG} (NEW.title)}}",
        [INSERT, "UPDATE posts SET title = 'x'", "UPDATE posts SET views = 5", "UPDATE posts SET views = 4"],
        ["x"],
    ),
    (
        f"""{{name: t, seq: AFTER, event: INSERT,
            when: {{q: {{sqlite: "NEW.title GLOB '1*'", postgresql: "NEW.title ~ '^1'"}}}},
            body: {{sqlite: {LOG} ('s'), postgresql: "{LOG} ('p')"}}}}""",
        [INSERT, "INSERT INTO posts (id, title) VALUES (2, '2')"],
        ["vendor"],
    ),
    (f"{{name: t, seq: AFTER, event: INSERT, body: ['{LOG} (1)', {{q: '{LOG} (2);'}}]}}", [INSERT], ["1", "2"]),
    (f"{{name: t, seq: AFTER, event: INSERT, body: {{sqlite: {LOG} ('s')}}}}", [INSERT], ["only sqlite"]),
]


@pytest.mark.parametrize(("trigger", "statements", "logged"), CASES)
def test_a_custom_trigger(
    use_config: UseConfig, connection: BaseDatabaseWrapper, trigger: str, statements: list[str], logged: list[str]
) -> None:
    use_config(CUSTOM.replace("TRIGGERS", f"      - {trigger}"))
    for statement in statements:
        run(connection, statement)
    vendor = connection.vendor[0]
    wanted = [each for each in logged if each != "only sqlite" or vendor == "s"]
    expected = [vendor if each in ("vendor", "only sqlite") else each for each in wanted]
    assert [what for (what,) in run(connection, "SELECT what FROM log ORDER BY id")] == expected


def test_the_body_may_be_a_block_of_plpgsql(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    block = f"""
      - name: t
        seq: BEFORE
        event: INSERT
        body:
          sqlite: {LOG} ('5')
          postgresql: |
            DECLARE many integer := 2 + 3;
            BEGIN
              IF many > 1 THEN
                NEW.title := NEW.title || '!';
              END IF;
              {LOG} (many);
            END;
    """
    use_config(CUSTOM.replace("TRIGGERS", block))
    run(connection, INSERT)
    assert run(connection, "SELECT what FROM log") == [("5",)]
    if connection.vendor == "postgresql":
        assert run(connection, "SELECT title FROM posts") == [("100% $body$ it's!",)]


def test_a_trigger_that_refuses_rolls_back(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    refusal = "{sqlite: \"SELECT RAISE(ABORT, 'no more')\", postgresql: \"RAISE EXCEPTION 'no more'\"}"
    use_config(CUSTOM.replace("TRIGGERS", f"      - {{name: t, seq: BEFORE, event: INSERT, body: {refusal}}}"))
    with pytest.raises(DatabaseError, match="no more"):
        run(connection, INSERT)
    assert run(connection, "SELECT count(*) FROM posts") == [(0,)]


def test_tables_may_have_triggers_of_the_same_name(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    table = """
  - name: {name}
    fields: [{{name: id, type: integer, primary: true}}, {{name: updated, type: date, usage: record_updated}}]
    triggers: [updatedTrigger, {{name: twin, seq: BEFORE, event: DELETE, body: UPDATE one SET id = id}}]
"""
    use_config("tables:" + table.format(name="one") + table.format(name="two"))
    run(connection, "INSERT INTO two (id) VALUES (1)")
    run(connection, "DELETE FROM two")
