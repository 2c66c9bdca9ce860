"""A stored file of a record, for who may view the record: one statement, that of `view`."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from pocketapi.config import link, schema
from pocketapi.errors import NotFound
from pocketapi.expressions import literals
from pocketapi.files import names
from pocketapi.records import read, requests
from pocketapi.rules.policy import rule_of
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import visible

EVERYBODY = "true"  # the viewRule of what caches may keep


@dataclass(frozen=True)
class Found:
    """A file that a record names now, and how it is wanted.

    `fixed` tells that its path holds the name, so that it never means another file.
    """

    wanted: requests.File

    field: schema.Field
    name: str
    key: str
    public: bool
    fixed: bool


def find(table: link.Table, uid: str, path: str, ask: requests.Ask[requests.File], caller: Caller) -> Found:
    """The file of a path: a name, a field, or a field and a name. NotFound whatever the reason, but for a null viewRule."""
    rule_of(table, "view", caller)
    wanted = ask()
    shown = visible(table, caller.is_admin)
    fields = {field.name: field.spec for field in table.files if field.name in shown}
    if not fields:
        raise _none(table)
    view = requests.View(select=", ".join(fields))
    current = orjson.loads(read.view(table, uid, lambda: view, caller))
    field, fixed = _named(path, current)
    if field is None or not isinstance(name := current.get(field), str):
        raise _none(table)
    try:
        key = names.key_of(table, name, literals.convert(uid, table.uid.column.kind))
    except ValueError:
        raise _none(table) from None
    rule = table.rule("view")
    return Found(wanted, fields[field], name, key, public=rule is not None and rule.text.strip() == EVERYBODY, fixed=fixed)


def _named(path: str, current: dict[str, str | None]) -> tuple[str | None, bool]:
    """The field that a path means, and whether the path holds the stored name."""
    field, slash, name = path.partition("/")
    if slash:
        return (field, True) if name and current.get(field) == name else (None, True)
    named = next((each for each, value in current.items() if value == path), None)
    return (named, True) if named else (path if path in current else None, False)


def _none(table: link.Table) -> NotFound:
    return NotFound(f"There is no such file in {table.name}.")
