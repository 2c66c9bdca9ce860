"""Actions in SQL: what they answer, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, ProgrammingError
from psycopg import errors

from pocketapi.actions import run
from pocketapi.errors import BadRequest, Conflict, PocketError, Unavailable, ValidationFailed
from pocketapi.records.integrity import refusal
from pocketapi.tables.table import model_of
from tests.api.answers import START, Api
from tests.conftest import UseConfig
from tests.records.raised import postgresql_error, sqlite_error

POST = {"id": "p1", "author_id": "ann", "title": "t1", "published": True, "clicks": 0, "created": "2025-01-01T00:00:00.000Z"}
# (action, parameters, caller, the answer)
CASES: list[tuple[str, dict[str, Any], str | None, Any]] = [
    ("click", {"post": "p3"}, None, [[{"clicks": 1}]]),
    ("click", {"post": "nothing"}, None, [[]]),
    ("text", {"value": "one"}, None, [[{"name": "one", "echo": "one"}]]),
    ("find", {}, None, [[{"name": "three", "qty": 2}, {"name": "two", "qty": 2}, {"name": "one", "qty": 1}]]),
    ("find", {"least": 2, "limit": 1, "offset": 1}, None, [[{"name": "two", "qty": 2}]]),
    ("find", {"limit": 0}, None, [[]]),
    ("find", {"limit": None, "offset": 2}, None, [[{"name": "one", "qty": 1}]]),
    ("skip", {}, None, [[{"name": "two"}, {"name": "three"}]]),
    ("doubled", {"n": 1}, None, [[{"name": "one"}, {"name": "two"}]]),
    ("groups", {"least": 1}, None, [[{"qty": 1, "many": 1, "price": 0.5}, {"qty": 2, "many": 2, "price": 2.0}]]),
    ("groups", {"least": 1.5}, None, [[{"qty": 2, "many": 2, "price": 2.0}]]),
    ("quantities", {}, None, [[{"qty": 1}, {"qty": 2}]]),
    ("whole", {"name": "one"}, None, [[{"n": "one", "odd": "a%b;", "extra": 5}]]),
    ("secret", {}, None, [[{"id": "p1", "note": "n1"}, {"id": "p2", "note": "n2"}, {"id": "p3", "note": "n3"}]]),
    ("publish_sql", {"post": "p3"}, None, [[{"id": "p3", "published": True}]]),
    ("add_items", {"name": "x"}, None, [[{"name": "x", "code": None, "qty": 5}, {"name": "x!", "code": None, "qty": 1}, {"name": "last", "code": "other", "qty": 1}]]),
    ("add_empty", {}, None, [[{"id": 1}]]),
    ("remove", {"name": "two"}, None, [[{"name": "two"}]]),
    ("ignore", {"code": "a"}, None, [[{"name": "y"}]]),
    ("replace", {"code": "a"}, None, [[{"name": "x", "code": "a"}, {"name": "y", "code": "b"}]]),
    ("set_codes", {"code": "b"}, None, [[{"name": "two", "code": "b", "asked": "b"}]]),
    ("take_codes", {"code": "b"}, None, [[{"name": "one", "code": "b"}, {"name": "three", "code": "b"}]]),
    ("swap", {"a": 7, "b": 8}, None, 409),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "params", "caller", "wanted"), CASES, ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)]
)
def test_an_action_answers_a_list_of_rows_for_each_statement(
    api: Api, action: str, params: dict[str, Any], caller: str | None, wanted: Any
) -> None:
    answer = api(f"POST /action/{action}", params, by=caller)
    if isinstance(wanted, int):
        answer.expect(wanted)
    else:
        answer.expect(200, wanted)


KINDS = {
    "bool": True,
    "flag": True,
    "number": 0.1,
    "numeric": 2.5,
    "integer": 7,
    "stamp": "2025-03-11T10:00:00.000Z",
    "day": "2025-03-11",
    "time": "10:00:00.000",
    "written": "2025-03-11T10:00:00.000Z",
    "json": {"a": [1, None]},
    "jtext": ["x"],
    "blob": "YWI=",
    "choice": None,
    "text": "abc",
}


def test_columns_are_answered_as_the_api_answers_them(api: Api) -> None:
    inserted, selected, queried, raw = api("POST /action/kinds_sql", {}).expect(200)
    assert inserted == []
    assert selected == api("GET kinds/select", query={"select": ",".join(KINDS)}).body == [KINDS]
    assert queried == [{name: KINDS[name] for name in ("bool", "flag", "json", "jtext", "day")}]
    assert raw == [{"real": 1.5, "total": 0.1, "bytes": "YWI=", "n": 1, "empty": None}]


def test_sql_is_that_of_the_database_in_use(api: Api, connection: Any) -> None:
    api("POST /action/per_vendor", {}).expect(200, [[{"vendor": connection.vendor}]])


# (caller, hidden columns that a star answers)
STARS = [(None, set()), ("ann", set()), ("editor", {"note", "code"}), ("admin", {"note", "code"})]


@pytest.mark.parametrize(("caller", "hidden"), STARS)
def test_a_star_leaves_hidden_columns_out_and_passwords_always(api: Api, caller: str | None, hidden: set[str]) -> None:
    posts, users, changed = api("POST /action/stars", {}, by=caller).expect(200, [[POST], [{"id": "ann"}], [{"id": "p1"}]])
    assert {"note", "code"} & posts[0].keys() == {"note", "code"} & changed[0].keys() == hidden
    assert not {"password", "password_salt"} & users[0].keys()


def test_ids_and_times_are_filled_in_as_by_the_api(api: Api) -> None:
    ((row,),) = api("POST /action/add_bare", {"text": "x"}).expect(200)
    assert len(row["id"]) == 22
    assert row["updated"] >= row["created"] > POST["created"]
    ((changed,),) = api("POST /action/publish_sql", {"post": "p3"}).expect(200)
    assert changed["updated"] > POST["created"]


HOSTILE = [
    "x' OR '1'='1",
    "'; DROP TABLE items; --",
    "\\'; --",
    "%s %% ?",
    "{:value}",
    "$1 :value",
    'a"b`c',
    "/* */",
    "ümlaut ✓",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("action", "name"), [("text", "value"), ("whole", "name"), ("remove", "name"), ("click", "post")])
def test_a_text_is_a_value_and_never_sql(api: Api, action: str, name: str, text: str) -> None:
    api(f"POST /action/{action}", {name: text}).expect(200, [[]])
    model_of("items")._default_manager.create(name=text, qty=1)
    if action == "text":
        api("POST /action/text", {"value": text}).expect(200, [[{"name": text, "echo": text}]])
    assert model_of("items")._default_manager.count() == 4


@pytest.mark.parametrize("value", ["1; DROP TABLE items", "1 OR 1=1", [1], {"a": 1}, True, "1"])
@pytest.mark.parametrize("name", ["least", "limit", "offset"])
def test_a_number_is_a_number(api: Api, name: str, value: Any) -> None:
    api("POST /action/find", {name: value}).expect(400, {"message": "Validation error", "data": {name: {"code": "invalid"}}})


# (action, parameters, status, message, data)
REFUSED: list[tuple[str, dict[str, Any], int, str, Any]] = [
    ("first_then", {"how": "a"}, 409, "A record with this value already exists.", {"code": {"code": "unique"}}),
    ("first_then", {"how": "minus"}, 400, "Validation error", {"price": {"code": "check"}}),
    ("not_null", {}, 400, "Validation error", {"name": {"code": "null"}}),
    ("adopt_raw", {}, 400, "A key points to no record, or other records refer to one that was to go.", {}),
    ("misspelt", {}, 400, "The database refused a statement of this action. Nothing was changed.", {}),
    ("broken", {}, 400, "The database refused a statement of this action. Nothing was changed.", {}),
    ("beyond", {"n": 0}, 400, "", {}),
    ("find", {"limit": -1}, 400, "Validation error", {"limit": {"code": "invalid"}}),
    ("find", {"offset": -1}, 400, "Validation error", {"offset": {"code": "invalid"}}),
]


@pytest.mark.parametrize(("action", "params", "status", "message", "data"), REFUSED)
def test_what_the_database_refuses_changes_nothing_and_tells_no_sql(
    api: Api, action: str, params: dict[str, Any], status: int, message: str, data: Any
) -> None:
    before = list(model_of("items")._default_manager.order_by("id").values())
    answer = api(f"POST /action/{action}", params)
    answer.expect(status, {"data": data})
    assert not message or answer.body["message"] == message
    assert not any(word in str(answer.body) for word in ("SELECT", "INSERT", "nowhere", "constraint"))
    assert list(model_of("items")._default_manager.order_by("id").values()) == before


# (action, parameters, the field at fault), where `p` is a parent of the name `n` and has a child
KEYS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("dangling", {}, {"parent_id": "missing"}),
    ("adopt", {"parent": "nobody"}, {"parent_id": "missing"}),
    ("adopt", {"parent": "p", "other": "x"}, {"other": "missing"}),
    ("adopt", {"parent": "nobody", "other": "n"}, {"parent_id": "missing"}),
    ("adopt_replacing", {"parent": "nobody"}, {"parent_id": "missing"}),
    ("move", {"parent": "nobody"}, {"parent_id": "missing"}),
    ("move_ignoring", {"parent": "nobody"}, {"parent_id": "missing"}),
    ("move_replacing", {"parent": "nobody"}, {"parent_id": "missing"}),
    ("rename_parents", {}, {"id": "restricted"}),
    ("orphan", {}, {"id": "restricted"}),
]


@pytest.mark.parametrize(("action", "params", "wanted"), KEYS)
def test_a_key_that_the_database_refuses_is_named(api: Api, action: str, params: dict[str, Any], wanted: dict[str, str]) -> None:
    parent = model_of("parents")._default_manager.create(id="p", name="n", created=START, updated=START)
    model_of("children")._default_manager.create(parent_id=parent.pk)
    found = api(f"POST /action/{action}", params).expect(400, {"message": "Validation error"})
    assert {name: error["code"] for name, error in found["data"].items()} == wanted
    assert list(model_of("children")._default_manager.values_list("parent_id", "other")) == [("p", None)]


def test_several_statements_are_one_transaction(api: Api) -> None:
    model_of("items")._default_manager.filter(name="one").update(code=None)
    api("POST /action/swap", {"a": 7, "b": 8}).expect(200, [[{"qty": 7}], [{"qty": 8}]])


def test_replace_deletes_what_is_in_the_way(api: Api) -> None:
    api("POST /action/take_codes", {"code": "z"}).expect(200)
    assert [(row.name, row.code) for row in model_of("items")._default_manager.all()] == [("three", "z")]
    api("POST /action/replace", {"code": "z"}).expect(200, [[{"name": "x", "code": "z"}, {"name": "y", "code": "b"}]])
    assert [row.name for row in model_of("items")._default_manager.order_by("name")] == ["x", "y"]


def test_a_statement_is_made_once_for_all_requests(api: Api, django_assert_num_queries: Any) -> None:
    api("POST /action/click", {"post": "p1"}).expect(200)
    with django_assert_num_queries(3):  # a savepoint, since a test is a transaction
        api("POST /action/click", {"post": "p1"}).expect(200, [[{"clicks": 2}]])


TRIGGERED = """
tables:
  - name: notes
    fields: [{name: id, type: integer, primary: true, autoIncrement: true}, {name: text, type: text}, {name: code, type: text, unique: true}, {name: next, type: relation, sqlType: integer, foreignKey: {table: notes, column: id}}, {name: born, type: date, usage: record_created}]
    triggers:
      - createdTrigger
      - name: shout
        event: INSERT
        seq: AFTER
        body: {sqlite: "UPDATE notes SET text = upper(text) WHERE id = NEW.id", postgresql: "UPDATE notes SET text = upper(text) WHERE id = NEW.id"}
      - name: strict
        event: DELETE
        seq: BEFORE
        body: {sqlite: "SELECT RAISE(ABORT, 'Notes are kept.')", postgresql: "RAISE EXCEPTION 'Notes are kept.'"}
actions:
  - name: add
    params: {text: string}
    sql: {type: INSERT, table: notes, values: [{text: '{:text}'}, {text: "{:text} || '2'", code: "'c'"}], returning: [text, {q: '{:text}', as: said}]}
  - {name: add_none, sql: {type: UPDATE, table: notes, set: {code: null}, where: id = 0, returning: '*'}}
  - {name: clear, sql: {type: DELETE, table: notes}}
  - {name: rewind, sql: {type: UPDATE, table: notes, set: {born: {l: '2020-01-01T00:00:00.000Z'}}}}
  - {name: lead, params: {to: integer}, sql: [{type: SELECT, table: notes}, {type: INSERT, table: notes, values: {next: "{:to}"}, returning: [id]}]}
"""


def test_what_triggers_change_is_answered_and_what_they_say_is_told(use_config: UseConfig) -> None:
    use_config(TRIGGERED)
    assert run("add", {"text": "a"}) == [[{"text": "A", "said": "a"}, {"text": "A2", "said": "a"}]]
    with pytest.raises(Conflict):
        run("add", {"text": "b"})
    assert model_of("notes")._default_manager.count() == 2, "the first row of the second action is undone"
    assert run("add_none") == [[]]
    with pytest.raises(BadRequest, match="Notes are kept"):
        run("clear")
    with pytest.raises(ValidationFailed) as caught:
        run("rewind")
    assert caught.value.data.keys() == {"born"}, "and no words of the trigger"
    with pytest.raises(ValidationFailed) as caught:
        run("lead", {"to": 99})
    assert caught.value.data.keys() == {"next"}, "though the transaction answers nothing any more"


# (a database's error, the error that is told)
ERRORS: list[tuple[DatabaseError, type[PocketError]]] = [
    (sqlite_error("database is locked", "SQLITE_BUSY"), Unavailable),
    (postgresql_error(errors.QueryCanceled, "canceling statement due to statement timeout"), Unavailable),
    (sqlite_error("no such column: connection_timeout", "SQLITE_ERROR"), BadRequest),
    (InterfaceError("connection already closed"), Unavailable),
    (DataError("out of range"), BadRequest),
    (ProgrammingError("syntax error"), BadRequest),
    (IntegrityError("UNIQUE constraint failed: elsewhere.a"), Conflict),
    (IntegrityError("UNIQUE constraint failed: index 'unknown'"), Conflict),
    (IntegrityError("datatype mismatch"), BadRequest),
    (IntegrityError("CHECK constraint failed: a_unique_connection"), BadRequest),
]


@pytest.mark.parametrize(("error", "told"), ERRORS)
def test_what_a_database_says_of_sql_becomes_an_error_without_it(
    use_config: UseConfig, error: DatabaseError, told: type[PocketError]
) -> None:
    use_config(TRIGGERED)
    found = refusal(error)
    assert type(found) is told
    assert str(error) not in found.message
