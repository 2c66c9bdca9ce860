"""SQLite's way to change a table: a new one is made, filled from the old one, and takes its name.

Django's own does not convert values, forgets what an autoincrement key has counted, reads percent signs of triggers as
placeholders, and fails where a trigger of another table names the one that is rebuilt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps.registry import Apps
from django.db.migrations.state import ModelState

from pocketapi.tables.conversions import converted
from pocketapi.tables.fields import AutoIncrementField
from pocketapi.tables.search import SearchIndex

PREFIX = "new__"


@contextmanager
def unchecked_renames(editor: Any) -> Iterator[None]:
    """Lets a table take a name that triggers and views of others use: while it is missing they would be errors."""
    editor.execute("PRAGMA legacy_alter_table = ON", None)
    try:
        yield
    finally:
        editor.execute("PRAGMA legacy_alter_table = OFF", None)


def rebuild(editor: Any, model: Any, create: Any, delete: Any, alter: list[tuple[Any, Any]]) -> None:
    """Brings a table to other columns; its constraints, indexes and triggers are made as the model has them."""
    table, state = model._meta.db_table, ModelState.from_model(model)
    values = {field.column: editor.quote_name(field.column) for field in model._meta.local_concrete_fields}
    for old, new in alter:
        state.fields = {new.name if name == old.name else name: field for name, field in state.fields.items()}
        state.fields[new.name] = new.clone()
        del values[old.column]
        values[new.column] = _value(editor, old, new)
    if delete:
        del state.fields[delete.name], values[delete.column]
        state.options["indexes"] = [index for index in state.options["indexes"] if delete.name not in index.fields]
    if create:
        state.fields[create.name] = create.clone()
    strangers = _strangers(editor, model)
    state.options["db_table"] = PREFIX + table
    new_model: Any = state.render(Apps())
    editor.create_model(new_model)
    _copy(editor, table, PREFIX + table, values)
    if all(isinstance(each._meta.pk, AutoIncrementField) for each in (model, new_model)):
        _keep_count(editor, table)
    editor.delete_model(model, handle_autom2m=False)
    editor.alter_db_table(new_model, PREFIX + table, table)
    for statement in [*editor.deferred_sql, *strangers]:
        editor.execute(statement, None)
    editor.deferred_sql = []


def _strangers(editor: Any, model: Any) -> list[str]:
    """The indexes and triggers that somebody else made on the table: they come back as they were."""
    known = {each.name for each in (*model._meta.indexes, *model._meta.constraints)}
    known |= {name for index in model._meta.indexes if isinstance(index, SearchIndex) for name in index.triggers}
    with editor.connection.cursor() as cursor:
        made = "SELECT name, sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('index', 'trigger') AND sql IS NOT NULL"
        cursor.execute(made, [model._meta.db_table])
        return [sql for name, sql in cursor.fetchall() if name not in known]


def _value(editor: Any, old: Any, new: Any) -> str:
    """A column's values as the new column has them."""
    value = converted(old, new, editor.quote_name(old.column), "sqlite")
    if old.null and not new.null and new.has_db_default():
        default, _ = editor.db_default_sql(new)
        return f"coalesce({value}, {default % ()})"
    return value


def _copy(editor: Any, source: str, target: str, values: dict[str, str]) -> None:
    columns, expressions = ", ".join(map(editor.quote_name, values)), ", ".join(values.values())
    source, target = editor.quote_name(source), editor.quote_name(target)
    editor.execute(f"INSERT INTO {target} ({columns}) SELECT {expressions} FROM {source}", None)


def _keep_count(editor: Any, table: str) -> None:
    """A key that was given once is never given again, though its row is gone."""
    editor.execute(f"DELETE FROM sqlite_sequence WHERE name = '{PREFIX}{table}'", None)
    kept = f"SELECT '{PREFIX}{table}', seq FROM sqlite_sequence WHERE name = '{table}'"
    editor.execute(f"INSERT INTO sqlite_sequence (name, seq) {kept}", None)
