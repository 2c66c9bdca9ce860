"""What the entries of the OpenAPI document are made of: operations, routes, and the schemas that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.actions.registry import Action
from pocketapi.api import schemas
from pocketapi.api.schemas import Schema
from pocketapi.config import link

Ref = Callable[[str, Schema], Schema]
"""Registers a schema under a name; gives the reference to it."""

READ_ERRORS = (400, 401, 403, 503)
BODY_ERRORS = (*READ_ERRORS, 413, 415)
WRITE_ERRORS = (*BODY_ERRORS, 409)
TEXTS: Schema = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
OPTIONAL_TEXT: Schema = {"type": ["string", "null"]}
OBJECT: Schema = {"type": "object"}
SUCCESS: Schema = {"type": "object", "properties": {"success": {"const": True}}, "required": ["success"]}
COUNT: Schema = {"type": "integer", "format": "int64", "minimum": 0, "maximum": 2**63 - 1}
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


def no_forms(_subject: Subject) -> Schema:
    """JSON alone is described."""
    return {}


@dataclass(frozen=True)
class Operation:
    """One method of a route.

    `who` is anyone, caller or admin; `html` tells that the answer is a page. `results` are the answers of success by status,
    where one schema does not say it; `forms` the schemas of bodies beside JSON, by type; `second_factor` tells of a login that
    may stop half-way.
    """

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
    results: Callable[[Subject], Schema | None] = nothing
    forms: Callable[[Subject], Schema] = no_forms
    second_factor: bool = False


@dataclass(frozen=True)
class Route:
    """The path of a route below the API's root, what it is over, and its operations."""

    path: str
    over: str
    operations: tuple[Operation, ...]


def array_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def query(name: str, schema: Schema, description: str = "") -> Schema:
    """A parameter in the query string."""
    told = {"description": description} if description else {}
    return {"name": name, "in": "query", **told, "schema": schema}


def extra(subject: Subject) -> list[Schema]:
    """The query names that the rules read."""
    text = "Read by a rule."
    return [query(name, {"type": "string"}, text) for name in subject.table.query_names if name not in READING]


def one(subject: Subject) -> list[Schema]:
    """The id of a record."""
    return [{"name": "uid", "in": "path", "required": True, "schema": schemas.key(subject.table.uid)}]


def body(properties: dict[str, Schema], *needed: str) -> Schema:
    """An object of these properties and no others."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": list(needed)} if needed else {})
