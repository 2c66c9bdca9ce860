"""Which stored files rows name: asked of the database before anything is deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import connection

from pocketapi.config import link
from pocketapi.files import names
from pocketapi.files.store import store
from pocketapi.tables.table import current, model_of

AT_ONCE = 500  # keys in one statement


def named(keys: Collection[str]) -> set[str]:
    """Those of the keys that a row names now."""
    found: set[str] = set()
    wanted = list(keys)
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        for table, words in _by_table(part).items():
            found.update(key for _, key in _rows(current().tables[table], words))
    return found & set(wanted)


def _by_table(keys: Iterable[str]) -> dict[str, list[str]]:
    """By table, the words to look rows up by: ids where files lie by id, else names."""
    found: dict[str, list[str]] = {}
    for key in keys:
        for table, uid, name in names.owners(current(), key):
            found.setdefault(table.name, []).append(uid or name)
    return found


def _rows(table: link.Table, words: list[str]) -> Iterator[tuple[Any, str]]:
    """The uids of rows, and the keys that these name."""
    quote = connection.ops.quote_name
    columns = [table.uid.name] if table.spec.id_in_r2 else [field.name for field in table.files]
    places = ", ".join(["%s"] * len(words))
    conditions = " OR ".join(f"{quote(column)} IN ({places})" for column in columns)
    yield from _keys(table, f" WHERE {conditions}", words * len(columns))


def all_named() -> Iterator[tuple[link.Table, Any, str]]:
    """Every file that a row names: its table, the row's uid, and the key."""
    for table in current().tables.values():
        if table.files:
            yield from ((table, uid, key) for uid, key in _keys(table, "", []))


def _keys(table: link.Table, where: str, params: list[str]) -> Iterator[tuple[Any, str]]:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.name) for field in (table.uid, *table.files))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {quote(model_of(table.name)._meta.db_table)}{where}", params)
        while rows := cursor.fetchmany(AT_ONCE):
            for uid, *found in rows:
                for name in found:
                    if name and (key := _key(table, name, uid)):
                        yield uid, key


def _key(table: link.Table, name: str, uid: Any) -> str | None:
    try:
        return names.key_of(table, name, uid)
    except ValueError:  # raw SQL may have written anything
        return None


def is_stored(table: link.Table, name: str) -> bool:
    """Whether there is an object of a name below a table's base."""
    return names.is_name(name) and not table.spec.id_in_r2 and store().exists(names.key_of(table, name, None))
