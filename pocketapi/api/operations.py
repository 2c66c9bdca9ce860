"""What each route does, for the OpenAPI document: one entry for each name in urls.py.

A route over `table`, `accounts` (tables with the auth extension) or `action` has one operation for each of them. What a null rule
keeps for admins is not described: the document is for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.actions.registry import Action
from pocketapi.api import schemas
from pocketapi.api.schemas import Schema
from pocketapi.config import link
from pocketapi.records.fields import proofs
from pocketapi.records.requests import MODES

Ref = Callable[[str, Schema], Schema]
"""Registers a schema under a name; gives the reference to it."""

READ_ERRORS = (400, 401, 403, 503)
BODY_ERRORS = (*READ_ERRORS, 413, 415)
WRITE_ERRORS = (*BODY_ERRORS, 409)
TEXTS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
COUNT: Schema = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**63 - 1}
OBJECT: Schema = {"type": "object"}
SUCCESS: Schema = {"type": "object", "properties": {"success": {"const": True}}, "required": ["success"]}
READING: Mapping[str, tuple[Schema, str]] = {
    "where": ({"type": "string"}, "A filter, in the expression language."),
    "order": ({"type": "string"}, "`-created,title`; the primary key breaks ties."),
    "sort": ({"type": "string"}, "The same as order; not beside it."),
    "limit": (COUNT, "The most rows to answer."),
    "offset": (COUNT, "How many rows to pass over."),
    "select": ({"type": "string"}, "Columns, expressions with a name, aggregates, nested records."),
    "distinct": ({"type": "boolean"}, "Equal rows once."),
    "group": ({"type": "string"}, "What aggregates are grouped by."),
    "cursor": ({"type": "string"}, "`*` starts; then what X-Next-Cursor says. Not beside offset, distinct and group."),
}
LISTS = ("order", "sort", "select", "group")  # of a body may be lists
TOTAL = {"total": ({"type": "string", "enum": ["exact", "none"]}, "Whether to count all rows.")}


@dataclass(frozen=True)
class Subject:
    """What an operation is about: a table, an action, or neither; and how schemas are named."""

    ref: Ref
    found: link.Table | Action | None = None

    @property
    def table(self) -> link.Table:
        if not isinstance(self.found, link.Table):
            raise TypeError(self.found)
        return self.found

    @property
    def action(self) -> Action:
        if not isinstance(self.found, Action):
            raise TypeError(self.found)
        return self.found

    def record(self) -> Schema:
        return self.ref(f"{self.table.name}.record", schemas.record(self.table))

    def values(self) -> Schema:
        return self.ref(f"{self.table.name}.values", schemas.values(self.table))

    def changes(self) -> Schema:
        return self.ref(f"{self.table.name}.changes", schemas.changes(self.table))


def nothing(_subject: Subject) -> Any:
    """No body, no parameters."""
    return None


def has(*verbs: str) -> Callable[[Subject], bool]:
    """Whether one of these rules lets anybody in who is no admin."""
    return lambda subject: any(subject.table.rule(verb) is not None for verb in verbs)


def everywhere(_subject: Subject) -> bool:
    """An operation that is described for every subject."""
    return True


@dataclass(frozen=True)
class Operation:
    """One method of a route. `who` is anyone, caller or admin; `html` tells that the answer is a page."""

    method: str
    name: str
    summary: str
    answer: Callable[[Subject], Schema]
    errors: tuple[int, ...] = READ_ERRORS
    parameters: Callable[[Subject], list[Schema] | None] = nothing
    body: Callable[[Subject], Schema | None] = nothing
    needs_body: bool = True
    shown: Callable[[Subject], bool] = everywhere
    who: str = "anyone"
    tagged: bool = False
    html: bool = False


@dataclass(frozen=True)
class Route:
    """The path of a route below the API's root, what it is over, and its operations."""

    path: str
    over: str
    operations: tuple[Operation, ...]


# Answers


def array_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def rows(subject: Subject) -> Schema:
    return array_of(subject.record())


def page(subject: Subject) -> Schema:
    total = {"type": ["integer", "null"], "description": "Null where it was not asked for."}
    following = {"type": ["string", "null"], "description": "With a cursor: that of the next page, null at the end."}
    properties = {"items": rows(subject), "total": total, "next": following}
    return subject.ref(f"{subject.table.name}.page", {"type": "object", "properties": properties, "required": ["items", "total"]})


def session(subject: Subject) -> Schema:
    """Tokens and the record of who is signed in."""
    properties = {"token": {"type": "string"}, "refresh_token": {"type": "string"}, "record": subject.record()}
    schema = {"type": "object", "properties": {**properties, "verified": {"type": "boolean"}}, "required": list(properties)}
    return subject.ref(f"{subject.table.name}.session", schema)


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


def query(name: str, schema: Schema, description: str = "") -> Schema:
    """A parameter in the query string."""
    told = {"description": description} if description else {}
    return {"name": name, "in": "query", **told, "schema": schema}


def extra(subject: Subject) -> list[Schema]:
    """The query names that the rules read."""
    text = "Read by a rule."
    return [query(name, {"type": "string"}, text) for name in subject.table.query_names if name not in READING]


def reading(listed: bool) -> Callable[[Subject], list[Schema]]:
    words = {**READING, **TOTAL} if listed else READING
    return lambda subject: [*(query(name, *told) for name, told in words.items()), *extra(subject)]


def one(subject: Subject) -> list[Schema]:
    """The id of a record."""
    return [{"name": "uid", "in": "path", "required": True, "schema": schemas.key(subject.table.uid)}]


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


def body(properties: dict[str, Schema], *needed: str) -> Schema:
    """An object of these properties and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(needed)} if needed else {})


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


def deleted(_subject: Subject) -> Schema:
    return body({"where": WHERE, "returning": RETURNING}, "where")


def signing_up(subject: Subject) -> Schema:
    schema = schemas.values(subject.table)
    password = subject.table.with_usage("auth_password")
    needed = [*schema.get("required", []), *([password.name] if password else [])]
    return {**schema, "required": list(dict.fromkeys(needed))}


def credentials(_subject: Subject) -> Schema:
    text = {"type": "string", "minLength": 1}
    names = {"identity": text, "email": text, "username": text}
    schema = body({**names, "password": {**text, "format": "password"}}, "password")
    return {
        **schema,
        "anyOf": [{"required": [name]} for name in names],
        "examples": [{"identity": "ann", "password": "corr3ct-horse"}],
    }


def new_password(subject: Subject) -> Schema:
    password = subject.table.with_usage("auth_password")
    names = [*([password.name] if password else []), *(name for name in proofs(subject.table) if name)]
    fields = schemas.changes(subject.table)["properties"]
    properties = {name: fields.get(name, {"type": "string"}) for name in names}
    return body(properties, *properties)


REFRESH = body({"refresh_token": {"type": "string"}}, "refresh_token")
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
    "doc-ui": Route("doc/ui", "", (
        Operation("get", "doc_ui", "This document to read and try.", nothing, (401, 404), html=True),
    )),
    "insert": Route("table/{table}/insert", "table", (
        Operation("post", "insert", "Insert records.", rows, WRITE_ERRORS, extra, inserted, shown=has("create")),
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
                  shown=has("update")),
    )),
    "edit": Route("table/{table}/edit/{uid}", "table", (
        Operation("post", "edit", "Change one record, its fields bare.", Subject.record, (*WRITE_ERRORS, 404), editing,
                  Subject.changes, needs_body=False, shown=has("update", "create")),
    )),
    "delete": Route("table/{table}/delete", "table", (
        Operation("post", "delete", "Delete the records that a filter finds.", rows, WRITE_ERRORS, extra, deleted,
                  shown=has("delete")),
    )),
    "sign-up": Route("table/{table}/auth/sign-up", "accounts", (
        Operation("post", "sign_up", "A new account and its first session.", session, (*WRITE_ERRORS, 429), nothing, signing_up,
                  shown=has("create")),
    )),
    "login-password": Route("table/{table}/auth/login-password", "accounts", (
        Operation("post", "login_password", "A session by password.", session, (*BODY_ERRORS, 429), nothing, credentials),
    )),
    "refresh-token": Route("table/{table}/auth/refresh-token", "accounts", (
        Operation("post", "refresh_token", "A new pair of tokens for a session.", session, (*BODY_ERRORS, 429), nothing,
                  lambda _: REFRESH, who="caller"),
    )),
    "change-password": Route("table/{table}/auth/change-password", "accounts", (
        Operation("post", "change_password", "Another password for the caller.", lambda _: SUCCESS, (*BODY_ERRORS, 429), nothing,
                  new_password, who="caller"),
    )),
    "logout": Route("table/{table}/auth/logout", "accounts", (
        Operation("post", "logout", "The end of a session.", lambda _: SUCCESS, BODY_ERRORS, who="caller"),
    )),
    "action": Route("action/{name}", "action", (
        Operation("post", "action", "Run an action.", lists, WRITE_ERRORS, guarded,
                  lambda subject: schemas.parameters(subject.action.params), needs_body=False),
    )),
}  # fmt: skip
