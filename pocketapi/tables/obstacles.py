"""Rows that stand in the way of a step of a migration: counted before, so that the refusal says how many and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import UniqueConstraint
from django.db.models.constraints import BaseConstraint

from pocketapi.errors import MigrationRefused
from pocketapi.tables.conditions import condition_sql
from pocketapi.tables.constraints import FOLDING, Check, Folded
from pocketapi.tables.conversions import changes_type, converted, noun
from pocketapi.tables.foreign_keys import ForeignKeyConstraint
from pocketapi.tables.indexes import ColumnIndex, IndexedColumns


def refuse_values(editor: Any, model: Any, old: Any, new: Any) -> None:
    """MigrationRefused for values that the new type of a column cannot hold, and nulls that it may no longer have."""
    table, column = model._meta.db_table, editor.quote_name(old.column)
    if changes_type(old, new):
        value = converted(old, new, column, editor.connection.vendor)
        count = _count(editor, table, f"{column} IS NOT NULL AND ({value}) IS NULL")
        _refuse(count, table, f"a `{old.column}` that is no {noun(type(new))}", "mend the values first")
    if old.null and not new.null and not new.has_db_default():
        count = _count(editor, table, f"{column} IS NULL")
        _refuse(count, table, f"no `{old.column}`", "fill them first, or give the field a default")


def refuse_constraint(editor: Any, model: Any, constraint: BaseConstraint) -> None:
    """MigrationRefused for rows that break a new constraint."""
    table, quote = model._meta.db_table, editor.quote_name
    match constraint:
        case Check():
            sql = condition_sql(constraint.condition, model, editor)
            count = _count(editor, table, f"NOT ({sql})") if sql else 0
            _refuse(count, table, f"values that break the check {constraint.name}", "mend them first")
        case ForeignKeyConstraint() if _is_there(editor, constraint.to_table):
            target, key = quote(constraint.to_table), quote(constraint.to_column)
            column = f"{quote(table)}.{quote(constraint.column)}"
            found = f"EXISTS (SELECT 1 FROM {target} AS target WHERE target.{key} = {column})"
            count = _count(editor, table, f"{column} IS NOT NULL AND NOT {found}")
            lost = f"a `{constraint.column}` that is no {constraint.to_column} of {constraint.to_table}"
            _refuse(count, table, lost, "mend them first")
        case UniqueConstraint():
            _refuse_doubles(editor, table, _unique_columns(editor, constraint), None, constraint.name)


def refuse_index(editor: Any, model: Any, index: Any) -> None:
    """MigrationRefused for rows that a new unique index cannot hold."""
    if isinstance(index, ColumnIndex) and index.unique:
        table, vendor = model._meta.db_table, editor.connection.vendor
        parts = [(column, collate, False) for column, collate, _ in index.columns]
        columns = [str(IndexedColumns(table, [part], editor.quote_name, vendor)) for part in parts]
        where = condition_sql(index.where, model, editor) if index.where else None
        _refuse_doubles(editor, table, columns, where, index.name)


def _unique_columns(editor: Any, constraint: UniqueConstraint) -> Sequence[str]:
    found = [editor.quote_name(name) for name in constraint.fields]
    for expression in constraint.expressions:
        if isinstance(expression, Folded):
            column = editor.quote_name(expression.get_source_expressions()[0].name)
            found.append(column if editor.connection.vendor == "sqlite" else f"{FOLDING[expression.collate]}({column})")
    return found


def _refuse_doubles(editor: Any, table: str, columns: Sequence[str], where: str | None, name: str) -> None:
    condition = " AND ".join([*(f"{column} IS NOT NULL" for column in columns), *([f"({where})"] if where else [])])
    groups = (
        f"SELECT count(*) AS number FROM {editor.quote_name(table)} WHERE {condition}"
        f" GROUP BY {', '.join(columns)} HAVING count(*) > 1"
    )
    count = _ask(editor, f"SELECT coalesce(sum(number), 0) FROM ({groups}) AS doubles")
    _refuse(count, table, f"the same values as others, against {name}", "make them differ first")


def _refuse(count: int, table: str, lack: str, advice: str) -> None:
    if count:
        rows = f"{count} rows of {table} have" if count > 1 else f"1 row of {table} has"
        raise MigrationRefused(f"{rows} {lack}: {advice}.")


def _count(editor: Any, table: str, condition: str) -> int:
    return _ask(editor, f"SELECT count(*) FROM {editor.quote_name(table)} WHERE {condition}")


def _ask(editor: Any, sql: str) -> int:
    with editor.connection.cursor() as cursor:
        cursor.execute(sql, None)
        return int(cursor.fetchone()[0])


def _is_there(editor: Any, table: str) -> bool:
    with editor.connection.cursor() as cursor:
        return table in editor.connection.introspection.table_names(cursor)
