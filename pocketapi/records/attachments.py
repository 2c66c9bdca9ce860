"""The files of rows that are written: which of them an unchanged value names, and where those that came are stored meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from pocketapi.config import link
from pocketapi.errors import ValidationFailed, field_error
from pocketapi.files import names
from pocketapi.files.deposits import deposited
from pocketapi.files.uploads import Incoming, Upload


def without_unchanged(table: link.Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Posted fields but those files that stay as they are: an empty text says so."""
    unchanged = {field.name for field in table.files if values.get(field.name) == ""}
    return {name: value for name, value in values.items() if name not in unchanged}


def check_fixed(table: link.Table, names_: Iterable[str]) -> None:
    """Refuse another id for a record whose files lie below its id, be it an admin who asks."""
    if table.files and table.spec.id_in_r2 and table.uid.name in names_:
        raise ValidationFailed({table.uid.name: field_error("fixed", "Files lie below this id: it does not change.")})


def has_incoming(table: link.Table, row: Mapping[str, Any]) -> bool:
    """Whether a row names files that have yet to be stored."""
    return any(isinstance(row.get(field.name), Incoming) for field in table.files)


def stored(table: link.Table, rows: Iterable[Mapping[str, Any]]) -> AbstractContextManager[None]:
    """Keep the files of rows in the store while the rows are written, and those that are named then for good."""
    files = [file for row in rows for file in _incoming(table, row)] if table.files else []
    return deposited(files) if files else nullcontext()


def _incoming(table: link.Table, row: Mapping[str, Any]) -> Iterable[tuple[str, Upload]]:
    for field in table.files:
        value = row.get(field.name)
        if isinstance(value, Incoming):
            yield _key(table, value, row.get(table.uid.name)), value.upload


def _key(table: link.Table, name: str, uid: Any) -> str:
    try:
        return names.key_of(table, name, uid)
    except ValueError:
        told = "Files lie below this id: it has 1 to 64 letters, digits, `-` and `_`."
        raise ValidationFailed({table.uid.name: field_error("invalid", told)}) from None
