"""The config's tables as the database has them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.expressions.search import VECTOR
from pocketapi.tables.table import current


def tables(connection: BaseDatabaseWrapper) -> list[dict[str, Any]]:
    """Columns and indexes of each of the config's tables that is there."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        return [_table(connection, cursor, name) for name in current().tables if name in there]


def _table(connection: BaseDatabaseWrapper, cursor: Any, name: str) -> dict[str, Any]:
    introspection = connection.introspection
    constraints = introspection.get_constraints(cursor, name)
    key = {column for constraint in constraints.values() if constraint["primary_key"] for column in constraint["columns"]}
    columns = [
        {
            "name": info.name,
            "type": _type(connection, info),
            "notNull": not info.null_ok,
            "default": info.default,
            "primary": info.name in key,
        }
        for info in introspection.get_table_description(cursor, name)
        if info.name != VECTOR  # no column of the user's
    ]
    indexes = [
        {"name": index, "columns": constraint["columns"], "unique": constraint["unique"]}
        for index, constraint in constraints.items()
        if (constraint["index"] or constraint["unique"]) and constraint["columns"] != [VECTOR]
    ]
    return {"name": name, "columns": columns, "indexes": indexes}


def _type(connection: Any, info: Any) -> str:
    if isinstance(info.type_code, str):
        return info.type_code
    return str(connection.introspection.data_types_reverse.get(info.type_code, info.type_code)).removesuffix("Field")
