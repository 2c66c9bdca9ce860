"""SQL that reads other rows: columns under an alias, and subqueries around conditions and values.

A subquery's arguments are written by themselves, since what is computed beforehand for them lives inside the subquery.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import Expression

from pocketapi.expressions.fragments import UNTYPED, parts_of
from pocketapi.expressions.templates import Template


def quoted(name: str | None) -> str:
    """A name in double quotes, as both databases take it; names hold none."""
    return f'"{name}"'


class AliasedColumn(Expression):
    """A column of another row."""

    output_field = UNTYPED

    def __init__(self, alias: str, name: str) -> None:
        super().__init__()
        self.alias, self.name = alias, name

    def as_sql(self, *_: Any, **__: Any) -> Any:
        return f"{quoted(self.alias)}.{quoted(self.name)}", []


class Subquery(Expression):
    """A template over arguments that are written by themselves."""

    def __init__(self, template: Template, *args: Expression, conditional: bool = False) -> None:
        super().__init__(output_field=BooleanField() if conditional else UNTYPED)
        self.template, self.args = template, list(args)

    def get_source_expressions(self) -> list[Any]:
        return self.args

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.args = list(exprs)

    def get_group_by_cols(self) -> list[Any]:
        return [self]

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        args = [compiler.compile(arg) for arg in self.args]
        return parts_of(self.template.of(connection.vendor)).fill([(sql, list(params)) for sql, params in args])
