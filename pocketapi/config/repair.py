"""A document without what is wrong in its shape, so that the rest can be linked and all problems stand in one report.

Nothing of a repaired document is ever used but its problems.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from pocketapi.config import schema, shape
from pocketapi.config.part import IDENTIFIER
from pocketapi.config.report import Path, Report
from pocketapi.config.shape import Found, value_at

ROUNDS = 4
COLUMN: tuple[Path, ...] = ((), ("name",), ("type",), ("sqlType",))  # what a column is to expressions
FIELDS_DEEP = 4  # ("tables", 1, "fields", 3)
TOP_LEVEL = {"appUrl": "http://localhost", "jwtSecret": "-" * 64, "tables": []}
KEY = {"name": "id", "type": "text", "primary": True}


@dataclass
class Doubt:
    """Tables, by index, of which something was lost: names or types of columns, or any other property of them."""

    columns: set[int] = field(default_factory=set)
    properties: set[int] = field(default_factory=set)

    def add(self, path: Path, *, is_extra: bool) -> None:
        """Notes what a mistake at a path may have cost its table."""
        if path[:1] != ("tables",) or len(path) == 1:
            return
        table, rest = int(path[1]), path[2:]
        if rest[:1] == ("fields",):
            self.properties.add(table)
        if not is_extra and (rest in ((), ("name",), ("fields",)) or (rest[:1] == ("fields",) and rest[2:3] in COLUMN)):
            self.columns.add(table)


def rest(document: Any, errors: list[Found], report: Report, doubt: Doubt) -> schema.Config | None:
    """What is left of a config, and what is doubtful in it."""
    document = deepcopy(document)
    for attempt in range(ROUNDS):
        for path, error in sorted(errors, key=lambda found: -len(found[0])):
            is_extra = error["type"] == "extra_forbidden"
            doubt.add(path if attempt < ROUNDS - 2 else path[:2], is_extra=is_extra)
            _mend(document, path, attempt, report, is_extra=is_extra)
        config, errors = shape.validate(document)
        if config:
            return config
    return None


def _mend(document: Any, path: Path, attempt: int, report: Report, *, is_extra: bool) -> None:
    """Takes out the property at fault; if that was tried, or cannot be, the item around it; at last the property of the top."""
    parent = value_at(document, path[:-1])
    if (attempt == 0 or is_extra) and path and isinstance(parent, dict) and path[-1] in parent and not _is_needed(path):
        parent.pop(path[-1])
        if len(path) == 1 and path[0] in TOP_LEVEL:
            parent[path[0]] = TOP_LEVEL[str(path[0])]
    elif len(path) == 1 and path[0] in TOP_LEVEL:
        document[path[0]] = TOP_LEVEL[str(path[0])]
    elif (item := _item(path, attempt)) is not None:
        value_at(document, item[:-1])[item[-1]] = _stand_in(item, value_at(document, item))
        report.mute([item])
    elif path and isinstance(document, dict):
        document.pop(path[0], None)


def _is_needed(path: Path) -> bool:
    """Whether leaving a property out would only make another mistake of the one."""
    in_field = len(path) == FIELDS_DEEP + 1 and path[2] == "fields"
    return (in_field and path[-1] in ("name", "type")) or (path[0] == "actions" and len(path) > 2)


def _item(path: Path, attempt: int) -> Path | None:
    """The list item that an error lies in: the innermost one that has a stand-in, in the last rounds the table or action."""
    lengths: Iterable[int] = (4, 2) if attempt < ROUNDS - 2 else (2,)
    for length in lengths:
        item = path[:length]
        named = len(item) == length and isinstance(item[-1], int) and item[-2]
        if named in ("tables", "fields", "extensions", "indexes", "triggers", "actions", "authProviders"):
            return item
    return None


def _stand_in(item: Path, was: Any) -> Any:
    name = was.get("name") if isinstance(was, dict) else None
    known = name if isinstance(name, str) and IDENTIFIER.fullmatch(name) else f"unreadable_{item[-1]}"
    match item[-2]:
        case "tables":
            return {"name": known, "fields": [KEY]}
        case "fields":
            return {"name": known, "type": "text"}
        case "extensions":
            return {"name": "crud"}
        case "indexes":
            return {"fields": known}
        case "triggers":
            return "createdTrigger"
        case "actions":
            return {"name": known, "steps": {"type": "SELECT", "table": known}}
        case _:
            return {"name": known}
