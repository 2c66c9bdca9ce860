"""The config's tables as the database has them."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables.table import current, model_of


def tables(connection: BaseDatabaseWrapper) -> list[dict[str, Any]]:
    """Columns and indexes of each of the config's tables that is there."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        named = {name: model_of(name)._meta.db_table for name in current().tables}
        return [_table(connection, cursor, name, relation) for name, relation in named.items() if relation in there]


def _table(connection: BaseDatabaseWrapper, cursor: Any, name: str, relation: str) -> dict[str, Any]:
    introspection = connection.introspection
    constraints = introspection.get_constraints(cursor, relation)
    key = {column for constraint in constraints.values() if constraint["primary_key"] for column in constraint["columns"]}
    columns = [
        {
            "name": info.name,
            "type": _type(connection, info),
            "notNull": not info.null_ok,
            "default": info.default,
            "primary": info.name in key,
        }
        for info in introspection.get_table_description(cursor, relation)
    ]
    indexes = [
        {"name": index, "columns": constraint["columns"], "unique": constraint["unique"]}
        for index, constraint in constraints.items()
        if constraint["index"] or constraint["unique"]
    ]
    return {"name": name, "columns": columns, "indexes": indexes}


def _type(connection: Any, info: Any) -> str:
    if isinstance(info.type_code, str):
        return info.type_code
    return str(connection.introspection.data_types_reverse.get(info.type_code, info.type_code)).removesuffix("Field")
