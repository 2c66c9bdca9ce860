"""Indexes of the config's tables: collations, directions, unique ones, partial ones."""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.backends.ddl_references import Columns, Statement, Table

from pocketapi.config.constraint_names import LONGEST
from pocketapi.tables.conditions import Condition, condition_sql
from pocketapi.tables.constraints import FOLDING

Part = tuple[str, str | None, bool]  # column, collation, descending


class ColumnIndex(models.Index):
    """An index over columns. On PostgreSQL NOCASE and RTRIM index the folded column, as comparisons fold it."""

    max_name_length = LONGEST

    def __init__(self, *, name: str, columns: Sequence[Part], unique: bool = False, where: Condition | None = None) -> None:
        super().__init__(fields=[column for column, *_ in columns], name=name)
        self.columns = [(column, collate, descending) for column, collate, descending in columns]
        self.unique, self.where = unique, where

    def deconstruct(self) -> Any:
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        kwargs: dict[str, Any] = {"name": self.name, "columns": self.columns}
        if self.unique:
            kwargs["unique"] = True
        if self.where:
            kwargs["where"] = self.where
        return path, (), kwargs

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Statement:
        vendor, table = schema_editor.connection.vendor, model._meta.db_table
        where = self.where and condition_sql(self.where, model, schema_editor)
        return Statement(
            "CREATE %(unique)sINDEX %(name)s ON %(table)s (%(columns)s)%(where)s",
            unique="UNIQUE " if self.unique else "",
            name=schema_editor.quote_name(self.name),
            table=Table(table, schema_editor.quote_name),
            columns=IndexedColumns(table, self.columns, schema_editor.quote_name, vendor),
            where=f" WHERE {where}" if where else "",
        )


class IndexedColumns(Columns):
    """The columns of an index, as one vendor writes them."""

    def __init__(self, table: str, parts: Sequence[Part], quote_name: Any, vendor: str) -> None:
        super().__init__(table, [column for column, *_ in parts], quote_name)
        self.collations = [collate for _, collate, _ in parts]
        self.suffixes = [" DESC" if descending else "" for *_, descending in parts]
        self.vendor = vendor

    def __str__(self) -> str:
        return ", ".join(map(self._column, self.columns, self.collations, self.suffixes))

    def _column(self, column: str, collate: str | None, suffix: str) -> str:
        quoted = self.quote_name(column)
        if self.vendor == "sqlite":
            return f"{quoted} COLLATE {collate}{suffix}" if collate else f"{quoted}{suffix}"
        folding = FOLDING.get(collate or "")
        return f"{folding}({quoted}){suffix}" if folding else f"{quoted}{suffix}"
