"""Django's schema editors, with what the config's tables need: values converted, rows counted before they are refused, triggers.

A connection gets them when it is opened (connection.py), so that `manage.py migrate` has them as well. Tables of other apps are
treated as ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import cache
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import NOT_PROVIDED, JSONField

from pocketapi.tables import obstacles
from pocketapi.tables.build import LABEL
from pocketapi.tables.conversions import MAKE_IS_JSON, changes_type, converted
from pocketapi.tables.fields import AutoIncrementField, TextField
from pocketapi.tables.rebuild import rebuild, unchecked_renames
from pocketapi.tables.search import SearchIndex
from pocketapi.tables.triggers import Trigger


def install(connection: Any) -> None:
    """Gives a connection its editor."""
    base = connection.SchemaEditorClass
    if connection.vendor in EDITORS and not issubclass(base, Editor):
        connection.SchemaEditorClass = _editor(EDITORS[connection.vendor], base)


@cache
def _editor(ours: type[Editor], base: type[Any]) -> type[Any]:
    return type(ours.__name__, (ours, base), {})


def is_ours(model: Any) -> bool:
    """Whether a model is one of the config's tables."""
    return bool(model._meta.app_label == LABEL)


class Editor(BaseDatabaseSchemaEditor):
    """What both databases need."""

    def _looks(self, model: Any) -> bool:
        """Whether rows are to be looked at; SQL that is only written down changes none."""
        return is_ours(model) and not self.collect_sql

    def add_constraint(self, model: Any, constraint: Any) -> None:
        if self._looks(model):
            obstacles.refuse_constraint(self, model, constraint)
        super().add_constraint(model, constraint)

    def add_index(self, model: Any, index: Any, *args: Any, **kwargs: Any) -> None:
        if self._looks(model):
            obstacles.refuse_index(self, model, index)
        if isinstance(index, SearchIndex):
            self._execute_all(index.creation(model, self))
        elif not isinstance(index, Trigger) or index.create_sql(model, self) is not None:
            super().add_index(model, index, *args, **kwargs)

    def remove_index(self, model: Any, index: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(index, SearchIndex):
            self._execute_all(index.removal(model, self))
        else:
            super().remove_index(model, index, *args, **kwargs)

    def _execute_all(self, statements: Iterable[Any]) -> None:
        for statement in statements:
            self.execute(statement, None)

    def rename_index(self, model: Any, old_index: Any, new_index: Any) -> None:
        if isinstance(old_index, Trigger | SearchIndex):
            self.remove_index(model, old_index)
            self.add_index(model, new_index)
        else:
            super().rename_index(model, old_index, new_index)

    def alter_field(self, model: Any, old_field: Any, new_field: Any, strict: bool = False) -> None:
        if self._looks(model):
            obstacles.refuse_values(self, model, old_field, new_field)
        super().alter_field(model, old_field, new_field, strict=strict)

    def _model_indexes_sql(self, model: Any) -> list[Any]:
        """Without the triggers that are not for this database; a search takes several statements."""
        statements: list[Any] = super()._model_indexes_sql(model)  # type: ignore[misc]
        searches = [index for index in model._meta.indexes if isinstance(index, SearchIndex)]
        made = [statement for statement in statements if statement is not None]
        return [*made, *(statement for index in searches for statement in index.creation(model, self))]

    def delete_model(self, model: Any, *args: Any, **kwargs: Any) -> None:
        for index in model._meta.indexes:
            if isinstance(index, SearchIndex):
                self.remove_index(model, index)
        super().delete_model(model, *args, **kwargs)


class SqliteEditor(Editor):
    """Rebuilds tables in our way."""

    def _remake_table(self, model: Any, create_field: Any = None, delete_field: Any = None, alter_fields: Any = None) -> None:
        with unchecked_renames(self):
            if is_ours(model):
                rebuild(self, model, create_field, delete_field, alter_fields or [])
            else:
                super()._remake_table(model, create_field, delete_field, alter_fields)  # type: ignore[misc]


class PostgresqlEditor(Editor):
    """Converts values in the statement that changes the type, and wakes no trigger, since those change stamps."""

    def delete_model(self, model: Any, *args: Any, **kwargs: Any) -> None:
        for index in model._meta.indexes:
            if isinstance(index, Trigger):
                self.remove_index(model, index)
        super().delete_model(model, *args, **kwargs)

    def alter_field(self, model: Any, old_field: Any, new_field: Any, strict: bool = False) -> None:
        if is_ours(model) and isinstance(old_field, TextField) and isinstance(new_field, JSONField):
            self.execute(MAKE_IS_JSON, None)
        super().alter_field(model, old_field, new_field, strict=strict)

    def _alter_field(self, model: Any, old_field: Any, new_field: Any, *args: Any, **kwargs: Any) -> None:
        retyped = is_ours(model) and changes_type(old_field, new_field)
        if retyped:
            old_field = self._without_default(model, old_field)
            self._drop_type_checks(model, old_field)
        with self._without_triggers(model, is_ours(model) and old_field.null and not new_field.null):
            super()._alter_field(model, old_field, new_field, *args, **kwargs)  # type: ignore[misc]
        if retyped:
            self._add_type_check(model, new_field)
            if isinstance(new_field, AutoIncrementField):
                self._count_on(model, new_field)

    def _using_sql(self, new_field: Any, old_field: Any) -> Any:
        if is_ours(new_field.model) and changes_type(old_field, new_field):
            return f" USING {converted(old_field, new_field, self.quote_name(old_field.column), 'postgresql')}"
        return super()._using_sql(new_field, old_field)  # type: ignore[misc]

    @contextmanager
    def _without_triggers(self, model: Any, fills: bool) -> Iterator[None]:
        """While nulls that may no longer be take the default, rows change, and nobody changes them."""
        if fills:
            self._alter_table(model, "DISABLE TRIGGER USER")
        yield
        if fills:
            self._alter_table(model, "ENABLE TRIGGER USER")

    def _without_default(self, model: Any, field: Any) -> Any:
        """The column without its default, which the new type may not take."""
        if not field.has_db_default():
            return field
        self._alter_table(model, f"ALTER COLUMN {self.quote_name(field.column)} DROP DEFAULT")
        bare = copy(field)
        bare.db_default = NOT_PROVIDED
        return bare

    def _drop_type_checks(self, model: Any, field: Any) -> None:
        """What a type checks by itself goes with it."""
        if field.db_parameters(self.connection)["check"]:
            named = {constraint.name for constraint in model._meta.constraints}
            for name in self._constraint_names(model, [field.column], check=True, exclude=named):  # type: ignore[attr-defined]
                self.execute(self._delete_check_sql(model, name))  # type: ignore[attr-defined]

    def _add_type_check(self, model: Any, field: Any) -> None:
        if check := field.db_parameters(self.connection)["check"]:
            name = f"{model._meta.db_table}_{field.column}_check"
            self.execute(self._create_check_sql(model, name, check), None)  # type: ignore[attr-defined]

    def _count_on(self, model: Any, field: Any) -> None:
        """A new counter goes on where the rows end."""
        table, column = self.quote_name(model._meta.db_table), self.quote_name(field.column)
        sequence = f"pg_get_serial_sequence('{table}', '{field.column}')"
        self.execute(f"SELECT setval({sequence}, coalesce(max({column}), 0) + 1, false) FROM {table}", None)

    def _alter_table(self, model: Any, change: str) -> None:
        self.execute(f"ALTER TABLE {self.quote_name(model._meta.db_table)} {change}", None)


EDITORS: dict[str, type[Editor]] = {"sqlite": SqliteEditor, "postgresql": PostgresqlEditor}
