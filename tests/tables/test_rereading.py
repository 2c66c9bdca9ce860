"""What writes answer on tables with triggers: the rows as the triggers leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.answers import SERVICE, Api, run_sql
from tests.conftest import UseConfig

TEXT = """
tables:
  - name: notes
    autoSetUid: true
    fields:
      - baseFields
      - {name: title, type: text}
      - {name: loud, type: text, check: length(loud) < 9}
      - {name: at, type: date}
    triggers: [createdTrigger, updatedTrigger, TRIGGERS]
    extensions: [{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
"""
LOUD = "UPDATE notes SET loud = upper(NEW.title), at = '2020-01-01T00:00:00.000Z' WHERE id = NEW.id"
TRIGGERS = ", ".join(
    [
        f"{{name: i, seq: AFTER, event: INSERT, when: NEW.title <> 'hide', body: \"{LOUD}\"}}",
        f'{{name: u, seq: AFTER, event: UPDATE, updateOf: title, body: "{LOUD}"}}',
        "{name: h, seq: AFTER, event: INSERT, when: NEW.title = 'hide', body: DELETE FROM notes WHERE id = NEW.id}",
    ]
)
OLD = "2020-01-01T00:00:00.000Z"
Start = Callable[[str], Api]


@pytest.fixture
def start(use_config: UseConfig) -> Start:
    def with_triggers(triggers: str) -> Api:
        use_config(TEXT.replace(", TRIGGERS", triggers and f", {triggers}"))
        return Api()

    return with_triggers


def answered(api: Api, request: str, body: Any, by: str | None = None) -> Any:
    return api(request, body, by).expect(200)


def test_an_insert_answers_what_triggers_made_of_the_rows(start: Start) -> None:
    api = start(TRIGGERS)
    rows = [{"title": "b"}, {"title": "hide"}, {"title": "a"}]
    found = answered(api, "POST notes/insert", {"values": rows, "returning": "title,loud,at,length(loud) as n"})
    assert found == [{"title": "b", "loud": "B", "at": OLD, "n": 1}, {"title": "a", "loud": "A", "at": OLD, "n": 1}]


def test_an_update_and_a_delete_answer_the_rows(start: Start) -> None:
    api = start(TRIGGERS)
    answered(api, "POST notes/insert", {"values": {"title": "a"}})
    body = {"where": "title == 'a'", "setValues": {"title": "b"}, "returning": "title, loud, upper('x') as x"}
    assert answered(api, "POST notes/update", body) == [{"title": "b", "loud": "B", "x": "X"}]
    body = {"where": "true", "set": {"title": "concat(title, 'c')"}, "returning": "loud"}
    assert answered(api, "POST notes/update", body) == [{"loud": "BC"}]
    assert answered(api, "POST notes/delete", {"where": "title == 'bc'", "returning": "loud"}) == [{"loud": "BC"}]


def test_a_write_that_a_trigger_fails_leaves_nothing(start: Start) -> None:
    api = start(TRIGGERS)
    answered(api, "POST notes/insert", {"values": {"title": "a"}})
    body = {"where": "true", "setValues": {"title": "much too long"}, "returning": "loud"}
    found = api("POST notes/update", body).expect(400)
    assert found["data"] == {"loud": {"code": "check", "message": "This value is not allowed here."}}
    assert run_sql("SELECT title FROM notes") == [("a",)]


def test_the_stamps_are_the_apis_own(start: Start) -> None:
    api = start("")
    (made,) = answered(api, "POST notes/insert", {"values": {"title": "a"}, "returning": "*"})
    body = {"where": "true", "setValues": {"title": "b"}, "returning": "*"}
    (changed,) = answered(api, "POST notes/update", body)
    assert (made["created"], made["updated"]) == (changed["created"], made["created"])
    assert changed["updated"] >= made["updated"]
    assert answered(api, "POST notes/list", {})["items"] == [changed]


def test_a_created_column_that_an_admin_changes_is_named(start: Start, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": "x" * 40}
    api = start("")
    answered(api, "POST notes/insert", {"values": {"id": "a", "title": "a"}, "returning": "id"}, "admin")
    found = api("POST notes/edit/a", {"created": OLD}, "admin").expect(400)
    assert found["data"] == {"created": {"code": "check", "message": "This value is not allowed here."}}


def test_a_stamp_that_an_update_repeats_is_answered_as_it_is_set(start: Start, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": "x" * 40}
    api = start("")
    answered(api, "POST notes/insert", {"values": {"id": "a", "title": "a", "updated": OLD}}, "admin")
    body = {"where": "true", "setValues": {"title": "b", "updated": OLD}, "returning": "updated"}
    (changed,) = answered(api, "POST notes/update", body, "admin")
    assert changed["updated"] > OLD
    assert answered(api, "POST notes/list", {"select": "updated"})["items"] == [changed]
