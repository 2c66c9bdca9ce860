"""`baseFields` and `authFields`: ready-made fields, put in the place of their names before anything is validated."""

from __future__ import annotations

from copy import deepcopy
from difflib import get_close_matches
from typing import Any

from pocketapi.config.report import Path, Report

NOW = {"q": "CURRENT_TIMESTAMP"}
STAMP = {"type": "date", "sqlType": "timestamp", "notNull": True, "noInsert": True, "noUpdate": True, "default": NOW}

SCAFFOLDS: dict[str, list[dict[str, Any]]] = {
    "baseFields": [
        {
            "name": "id",
            "type": "text",
            "sqlType": "text",
            "primary": True,
            "notNull": True,
            "noUpdate": True,
            "usage": "record_uid",
        },
        {"name": "created", **STAMP, "usage": "record_created"},
        {"name": "updated", **STAMP, "usage": "record_updated"},
    ],
    "authFields": [
        {"name": "username", "type": "text", "sqlType": "text", "notNull": True, "unique": True, "usage": "auth_username"},
        {
            "name": "email",
            "type": "text",
            "sqlType": "text",
            "notNull": True,
            "unique": True,
            "noUpdate": True,
            "usage": "auth_email",
        },
        {
            "name": "email_verified",
            "type": "bool",
            "sqlType": "boolean",
            "notNull": True,
            "default": False,
            "noInsert": True,
            "noUpdate": True,
            "usage": "auth_email_verified",
        },
        {"name": "password", "type": "text", "sqlType": "text", "notNull": True, "noSelect": True, "usage": "auth_password"},
        {
            "name": "password_salt",
            "type": "text",
            "sqlType": "text",
            "noSelect": True,
            "noInsert": True,
            "noUpdate": True,
            "usage": "auth_password_salt",
        },
        {"name": "name", "type": "text", "sqlType": "text", "notNull": True, "usage": "auth_name"},
        {"name": "avatar", "type": "file", "sqlType": "text", "usage": "auth_avatar"},
        {"name": "role", "type": "text", "sqlType": "text", "usage": "auth_audience"},
        {"name": "meta", "type": "json", "sqlType": "json", "usage": "auth_metadata"},
    ],
}
NAMES = SCAFFOLDS | {f"{name}.{field['name']}": [field] for name, fields in SCAFFOLDS.items() for field in fields}


def expand(document: Any, report: Report) -> set[int]:
    """Puts fields in the place of scaffolds' names, in the document; gives the tables that had an unknown name."""
    tables = document.get("tables") if isinstance(document, dict) else None
    unknown = set()
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        if (
            isinstance(table, dict)
            and isinstance(table.get("fields"), list)
            and not _expand(table, ("tables", index, "fields"), report)
        ):
            unknown.add(index)
    return unknown


def _expand(table: dict[str, Any], path: Path, report: Report) -> bool:
    """One table's fields; false where a name is unknown."""
    fields: list[Any] = []
    origins: list[int] = []
    unknown: list[Path] = []
    for index, item in enumerate(table["fields"]):
        found = NAMES.get(item) if isinstance(item, str) else [item]
        if found is None:
            report.error("E003", (*path, index), _unknown(item))
            unknown.append((*path, len(fields)))
            found = [{"name": f"unknown_{index}", "type": "text"}]
        fields += deepcopy(found)
        origins += [index] * len(found)
    report.mute(unknown)
    table["fields"] = fields
    report.places.origins[path] = origins
    return not unknown


def _unknown(name: str) -> str:
    near = get_close_matches(name, NAMES, n=1, cutoff=0.6)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else f"there are {', '.join(SCAFFOLDS)} and each of their fields, such as baseFields.id."
    )
    return f"`{name}` is no scaffold: {hint}"
