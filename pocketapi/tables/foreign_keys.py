"""Foreign keys that the database itself keeps, actions included, at once and not at commit.

Django's own key emulates ON DELETE and is deferred. Ours is two things: a column that knows its target, for queries and the
admin, and a constraint that writes the key.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models.constraints import BaseConstraint

Model = type[models.Model]
ACTIONS = ("SET NULL", "SET DEFAULT", "CASCADE", "RESTRICT", "NO ACTION")
FIXED = {"on_delete": models.DO_NOTHING, "db_constraint": False, "related_name": "+", "db_index": False}


class ForeignKeyField(models.ForeignKey):  # type: ignore[type-arg]
    """A column with a target. The attribute is the key itself, under the column's name: there is no object to fetch.

    Migrations see a plain column of class `stored`: the key is a constraint, so tables may be created in any order, and Django
    need not render all the tables that hang together again at each step.
    """

    def __init__(self, to: Any, to_field: Any = None, *, stored: type[models.Field[Any, Any]], **kwargs: Any) -> None:
        self.stored, self.options = stored, kwargs
        super().__init__(to, to_field=to_field, **{**kwargs, **FIXED})

    def clone(self) -> Any:
        return self.stored(**self.options)

    def get_attname(self) -> str:
        return self.name

    def contribute_to_class(self, cls: Model, name: str, private_only: bool = False, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, private_only=private_only, **kwargs)
        # Django has just put the accessor of the related object under this name.
        setattr(cls, self.attname, self.descriptor_class(self))

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        key = getattr(data, self.target_field.attname) if isinstance(data, models.Model) else data
        setattr(instance, self.attname, key)


class ForeignKeyConstraint(BaseConstraint):
    """`CONSTRAINT name FOREIGN KEY ... ON DELETE ... ON UPDATE ...`, not deferrable."""

    def __init__(self, *, name: str, column: str, to_table: str, to_column: str, on_delete: str, on_update: str) -> None:
        super().__init__(name=name)
        self.column, self.to_table, self.to_column = column, to_table, to_column
        self.on_delete, self.on_update = on_delete, on_update

    def deconstruct(self) -> Any:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, **self._parts()}

    def _parts(self) -> dict[str, str]:
        names = ("column", "to_table", "to_column", "on_delete", "on_update")
        return {name: getattr(self, name) for name in names}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ForeignKeyConstraint) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((self.name, *self._parts().values()))

    def _key_sql(self, quote: Any) -> str:
        return (
            f"CONSTRAINT {quote(self.name)} FOREIGN KEY ({quote(self.column)}) REFERENCES {quote(self.to_table)} "
            f"({quote(self.to_column)}) ON DELETE {self.on_delete} ON UPDATE {self.on_update}"
        )

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """SQLite takes a key to a table that is not there yet; PostgreSQL gets it at the end, when all tables are."""
        if schema_editor.connection.vendor == "sqlite":
            return self._key_sql(schema_editor.quote_name)
        return self.create_sql(model, schema_editor)

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        schema_editor.deferred_sql.append(self._statement(model, schema_editor.quote_name))

    def _statement(self, model: Any, quote: Any) -> Statement:
        table = model._meta.db_table
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(column)s) REFERENCES %(to)s (%(target)s) %(actions)s",
            table=Table(table, quote),
            name=quote(self.name),
            column=Columns(table, [self.column], quote),
            to=Table(self.to_table, quote),
            target=Columns(self.to_table, [self.to_column], quote),
            actions=f"ON DELETE {self.on_delete} ON UPDATE {self.on_update}",
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """The database judges keys; forms look the target up through the field."""
