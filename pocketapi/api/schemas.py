"""Tables and parameters as JSON Schema, as everybody sees them: hidden columns are not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketapi.config import link
from pocketapi.config.statements import Param
from pocketapi.expressions.kinds import Kind
from pocketapi.records.fields import may_write, proofs
from pocketapi.rules.principal import ANONYMOUS, Caller
from pocketapi.rules.scope import visible

Schema = dict[str, Any]

NOBODY = Caller(ANONYMOUS)
INT64 = {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1}
KINDS: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.INTEGER: INT64,
    Kind.NUMBER: {"type": "number", "format": "double"},
    Kind.BOOL: {"type": "boolean"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$"},
    Kind.JSON: {"description": "Any JSON value."},
    Kind.BLOB: {"type": "string", "contentEncoding": "base64"},
}
FORMATS = {"email": "email", "url": "uri", "password": "password"}
USAGES: Mapping[str, Schema] = {
    "auth_username": {"pattern": "^[A-Za-z][A-Za-z0-9_]{0,31}$"},
    "auth_email": {"format": "email", "maxLength": 255},
    "auth_password": {"format": "password", "minLength": 8, "maxLength": 255, "writeOnly": True},
}
EXAMPLES: Mapping[Kind, Any] = {
    Kind.TEXT: "text",
    Kind.INTEGER: 1,
    Kind.NUMBER: 1.5,
    Kind.BOOL: True,
    Kind.TIMESTAMP: "2026-03-11T10:00:00.000Z",
    Kind.DAY: "2026-03-11",
    Kind.TIME: "10:00:00.000",
    Kind.JSON: {},
    Kind.BLOB: "dGV4dA==",
}
USAGE_EXAMPLES = {"auth_username": "ann", "auth_email": "ann@example.com", "auth_password": "corr3ct-horse", "auth_name": "Ann"}
TYPE_EXAMPLES = {"email": "ann@example.com", "url": "https://example.com"}


def nullable(schema: Schema) -> Schema:
    """A schema that takes null, too; one without a type takes everything already."""
    if "type" not in schema:
        return schema
    changed = {**schema, "type": [schema["type"], "null"]}
    return {**changed, "enum": [*schema["enum"], None]} if "enum" in schema else changed


def answered(field: link.Field) -> Schema:
    """A column's value in an answer."""
    schema = {**KINDS[field.column.kind]}
    if field.spec.description:
        schema["description"] = field.spec.description
    return schema if field.not_null else nullable(schema)


def record(table: link.Table) -> Schema:
    """A record: what `select` leaves out is absent, and what it computes is there, too."""
    return {"type": "object", "properties": {name: answered(table.fields[name]) for name in visible(table, admin=False)}}


def posted(field: link.Field) -> Schema:
    """A column's value in a body, with the limits of the config."""
    spec, kind = field.spec, field.column.kind
    schema = {
        **KINDS[kind],
        **({"format": FORMATS[spec.type]} if spec.type in FORMATS else {}),
        **USAGES.get(spec.usage or "", {}),
    }
    limits: dict[str, Any] = {"maxLength": spec.max_length, "pattern": spec.pattern}
    if kind.is_number:
        limits |= {"minimum": spec.min, "maximum": spec.max}
    schema |= {name: limit for name, limit in limits.items() if limit is not None}
    if spec.options:
        schema["enum"] = list(spec.options)
    if spec.description:
        schema["description"] = spec.description
    return schema if field.not_null else nullable(schema)


def writable(table: link.Table, verb: str) -> dict[str, link.Field]:
    """The fields that callers may set; of the hidden ones, passwords only."""
    shown = {name for name, field in table.fields.items() if not field.column.hidden or _is_password(table, field)}
    return {name: field for name, field in table.fields.items() if name in shown and may_write(table, field, NOBODY, verb)}


def _is_password(table: link.Table, field: link.Field) -> bool:
    return table.auth is not None and field.spec.usage == "auth_password"


def values(table: link.Table) -> Schema:
    """The fields of a new record."""
    fields = writable(table, "insert")
    needed = [name for name, field in fields.items() if _is_required(table, field)]
    confirm, _ = proofs(table)
    properties = {name: posted(field) for name, field in fields.items()} | _words([confirm])
    needed += [confirm] if confirm and (password := table.with_usage("auth_password")) and password.name in needed else []
    return _object(properties, needed, {name: _example(fields[name]) for name in needed if name in fields})


def _is_required(table: link.Table, field: link.Field) -> bool:
    if not field.not_null or field.default is not None or field.spec.auto_increment:
        return False
    filled_in = field.spec.usage in ("record_created", "record_updated") or (field is table.uid and table.spec.auto_set_uid)
    return not filled_in


def changes(table: link.Table) -> Schema:
    """The fields of a record that is changed."""
    fields = writable(table, "update")
    properties = {name: posted(field) for name, field in fields.items()} | _words(proofs(table))
    first = next((name for name in fields if not _is_password(table, fields[name])), None)
    return _object(properties, [], {first: _example(fields[first])} if first else {})


def _words(names: Any) -> dict[str, Schema]:
    """The words that prove a password."""
    return {name: {"type": "string", "format": "password", "writeOnly": True} for name in names if name}


def _object(properties: dict[str, Schema], needed: list[str], example: dict[str, Any]) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": needed} if needed else {}) | ({"examples": [example]} if example else {})


def _example(field: link.Field) -> Any:
    if field.spec.options:
        return field.spec.options[0]
    return USAGE_EXAMPLES.get(field.spec.usage or "", TYPE_EXAMPLES.get(field.spec.type, EXAMPLES[field.column.kind]))


def key(field: link.Field) -> Schema:
    """A record's id in a path."""
    return INT64 if field.column.kind is Kind.INTEGER else {"type": "string", "minLength": 1}


def parameters(params: Mapping[str, Param]) -> Schema:
    """The body of an action."""
    types: Mapping[str, Schema] = {"integer": INT64, "number": KINDS[Kind.NUMBER]}
    examples = {"string": "text", "number": 1.5, "integer": 1, "boolean": True}
    properties: dict[str, Schema] = {}
    for name, param in params.items():
        schema = {**types.get(param.type, {"type": param.type})}
        schema = nullable(schema) if param.optional else schema
        told = {"description": param.description, "default": param.default}
        properties[name] = schema | {word: value for word, value in told.items() if value is not None}
    needed = [name for name, param in params.items() if not param.optional]
    return _object(properties, needed, {name: examples[params[name].type] for name in needed})
