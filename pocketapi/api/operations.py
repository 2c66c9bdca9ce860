"""What each route does, for the OpenAPI document: one entry for each name in urls.py,
those of accounts and of files in modules of their own.

A route over `table`, `accounts` (tables with the auth extension) or `action` has one operation for each of them. What a null rule
keeps for admins is not described: the document is for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pocketapi.api import schemas
from pocketapi.api.account_operations import ACCOUNTS
from pocketapi.api.described import (
    BODY_ERRORS,
    OBJECT,
    READ_ERRORS,
    READING,
    TEXTS,
    WRITE_ERRORS,
    Operation,
    Route,
    Subject,
    array_of,
    body,
    extra,
    has,
    nothing,
    one,
    query,
)
from pocketapi.api.file_operations import FILES
from pocketapi.api.schemas import MULTIPART, Schema
from pocketapi.records.requests import MODES

LISTS = ("order", "sort", "select", "group")  # of a body may be lists
TOTAL = {"total": ({"type": "string", "enum": ["exact", "none"]}, "Whether to count all rows.")}


# Answers


def rows(subject: Subject) -> Schema:
    return array_of(subject.record())


def page(subject: Subject) -> Schema:
    total = {"type": ["integer", "null"], "description": "Null where it was not asked for."}
    following = {"type": ["string", "null"], "description": "With a cursor: that of the next page, null at the end."}
    properties = {"items": rows(subject), "total": total, "next": following}
    return subject.ref(f"{subject.table.name}.page", {"type": "object", "properties": properties, "required": ["items", "total"]})


def health(_subject: Subject) -> Schema:
    properties = {
        "status": {"type": "string"},
        "timestamp": {"type": "integer", "description": "Milliseconds since 1970."},
        "version": {"type": ["integer", "null"]},
        "appName": {"type": "string"},
        "config": {"type": "string", "description": "A fingerprint of the file that this process runs."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def migrations(_subject: Subject) -> Schema:
    return {"type": "object", "properties": {"migrations": array_of(OBJECT), "pending": {"type": "integer"}, "settings": OBJECT}}


def lists(subject: Subject) -> Schema:
    """Of an action in the config, a list of rows for each of its statements; of a function, what it gives."""
    return array_of(array_of(OBJECT)) if subject.action.config else {"description": "What the function answers."}


# Parameters


def reading(listed: bool) -> Callable[[Subject], list[Schema]]:
    words = {**READING, **TOTAL} if listed else READING
    return lambda subject: [*(query(name, *told) for name, told in words.items()), *extra(subject)]


def viewing(subject: Subject) -> list[Schema]:
    return [*one(subject), *(query(name, *READING[name]) for name in ("select", "where")), *extra(subject)]


def editing(subject: Subject) -> list[Schema]:
    modes = {"type": "string", "enum": ["INSERT", *MODES]}
    text = "INSERT makes the record where it is missing."
    return [
        *one(subject),
        query("returning", {"type": "string"}, "What to answer; the id."),
        query("or", modes, text),
        *extra(subject),
    ]


def guarded(subject: Subject) -> list[Schema]:
    return [query(name, {"type": "string"}, "Read by the guard.") for name in subject.action.query_names]


# Bodies


def asked(listed: bool) -> Callable[[Subject], Schema]:
    words = {**READING, **TOTAL} if listed else READING
    schema = body({name: {**(TEXTS if name in LISTS else told[0]), "description": told[1]} for name, told in words.items()})
    return lambda subject: subject.ref("list" if listed else "select", schema)


OR: Schema = {"type": "string", "enum": list(MODES), "description": "What to do about unique values that are taken."}
RETURNING: Schema = {**TEXTS, "description": "What to answer of the rows; without it, nothing."}
WHERE: Schema = {"type": "string", "minLength": 1, "description": "Which rows; `true` is all of them."}


def inserted(subject: Subject) -> Schema:
    some = {"anyOf": [subject.values(), array_of(subject.values())]}
    return body({"values": some, "returning": RETURNING, "or": OR}, "values")


def updated(subject: Subject) -> Schema:
    names = [name for name, field in schemas.writable(subject.table, "update").items() if not field.column.secret]
    computed = {"type": "object", "properties": {name: {"type": "string"} for name in names}, "additionalProperties": False}
    computed["description"] = "Expressions over the row, by field."
    properties = {"where": WHERE, "setValues": subject.changes(), "set": computed, "returning": RETURNING, "or": OR}
    return {**body(properties, "where"), "anyOf": [{"required": ["setValues"]}, {"required": ["set"]}]}


def inserted_form(subject: Subject) -> Schema:
    """A new record with its files."""
    return _form(subject, "insert", "values.", {"returning": {"type": "string"}, "or": OR})


def updated_form(subject: Subject) -> Schema:
    """Changed records, and their files."""
    return _form(subject, "update", "setValues.", {"where": WHERE, "returning": {"type": "string"}, "or": OR})


def edited_form(subject: Subject) -> Schema:
    """A changed record, its fields bare, and its files."""
    return _form(subject, "update", "", {})


def _form(subject: Subject, verb: str, prefix: str, beside: dict[str, Schema]) -> Schema:
    if not subject.table.files:
        return {}
    schema = schemas.form(subject.table, verb, prefix)
    return {MULTIPART: {**schema, "properties": {**schema["properties"], **beside}}}


def deleted(_subject: Subject) -> Schema:
    return body({"where": WHERE, "returning": RETURNING}, "where")


APPLIED: Schema = {"type": "object", "properties": {"applied": array_of({"type": "string"})}, "required": ["applied"]}

ROUTES: Mapping[str, Route] = {
    "health": Route("health", "", (
        Operation("get", "health", "Whether the server and its database answer.", health, (401, 503)),
    )),
    "settings": Route("settings", "", (
        Operation("get", "settings", "The config without its secrets.", lambda _: OBJECT, who="admin",
                  parameters=lambda _: [query("raw", {"type": "boolean"}, "The tables as the database has them.")]),
    )),
    "setup-db": Route("setup-db", "", (
        Operation("post", "setup_db", "Apply every pending migration.", lambda _: OBJECT, BODY_ERRORS, who="admin"),
    )),
    "migrations": Route("migrations", "", (
        Operation("get", "migrations", "The migrations of the config's tables.", migrations, who="admin"),
        Operation("post", "migrate", "Apply what is pending.",
                  lambda _: APPLIED, BODY_ERRORS, who="admin"),
    )),
    "doc": Route("doc", "", (Operation("get", "doc", "This document.", lambda _: OBJECT, (401,), tagged=True),)),
    "panel": Route("pocket", "", (
        Operation("get", "panel", "The way to the admin panel.", nothing, (404,),
                  results=lambda _: {"302": {"description": "To the panel."}}),
    )),
    "doc-ui": Route("doc/ui", "", (
        Operation("get", "doc_ui", "This document to read and try.", nothing, (401, 404), html=True),
    )),
    "insert": Route("table/{table}/insert", "table", (
        Operation("post", "insert", "Insert records.", rows, WRITE_ERRORS, extra, inserted,
                  forms=inserted_form, shown=has("create")),
    )),
    "select": Route("table/{table}/select", "table", (
        Operation("get", "select", "Records as an array.", rows, READ_ERRORS, reading(listed=False), shown=has("list")),
        Operation("post", "select_post", "Records as an array, asked for in a body.", rows, BODY_ERRORS, extra,
                  asked(listed=False), needs_body=False, shown=has("list")),
    )),
    "list": Route("table/{table}/list", "table", (
        Operation("get", "list", "A page of records and the number of all.", page, READ_ERRORS, reading(listed=True),
                  shown=has("list"), tagged=True),
        Operation("post", "list_post", "A page of records and the number of all, asked for in a body.", page, BODY_ERRORS, extra,
                  asked(listed=True), needs_body=False, shown=has("list")),
    )),
    "view": Route("table/{table}/view/{uid}", "table", (
        Operation("get", "view", "One record.", Subject.record, (*READ_ERRORS, 404), viewing, shown=has("view"), tagged=True),
    )),
    "update": Route("table/{table}/update", "table", (
        Operation("post", "update", "Change the records that a filter finds.", rows, WRITE_ERRORS, extra, updated,
                  forms=updated_form, shown=has("update")),
    )),
    "edit": Route("table/{table}/edit/{uid}", "table", (
        Operation("post", "edit", "Change one record, its fields bare.", Subject.record, (*WRITE_ERRORS, 404), editing,
                  Subject.changes, forms=edited_form, needs_body=False, shown=has("update", "create")),
    )),
    "delete": Route("table/{table}/delete", "table", (
        Operation("post", "delete", "Delete the records that a filter finds.", rows, WRITE_ERRORS, extra, deleted,
                  shown=has("delete")),
    )),
    **ACCOUNTS,
    **FILES,
    "action": Route("action/{name}", "action", (
        Operation("post", "action", "Run an action.", lists, WRITE_ERRORS, guarded,
                  lambda subject: schemas.parameters(subject.action.params), needs_body=False),
    )),
}  # fmt: skip
