"""A config as understood: names resolved, expressions parsed and checked, frozen.

`Config`, `Table` and `Field` are what every layer above reads. linker.py makes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pocketapi.config import schema, statements
from pocketapi.errors import ConfigProblem
from pocketapi.expressions.scope import Column
from pocketapi.expressions.typed import Typed, variables_of

VERBS = ("list", "view", "create", "update", "delete")


@dataclass(frozen=True)
class Rule:
    """A rule's text and its checked tree."""

    text: str
    tree: Typed


@dataclass(frozen=True)
class LiteralDefault:
    """A value, of the field's kind: a date in its one form, JSON parsed, `1` for a bool true."""

    value: Any


@dataclass(frozen=True)
class SqlDefault:
    """A default in raw SQL."""

    sql: schema.SqlText


@dataclass(frozen=True)
class Now:
    """The time of the insert."""


Default = LiteralDefault | SqlDefault | Now


@dataclass(frozen=True)
class Field:
    """A column: as written, and as expressions see it. At most one of `check` and `check_sql` is there."""

    spec: schema.Field
    column: Column
    check: Typed | None = None  # where `check` is written in the expression language
    check_sql: schema.SqlText | None = None  # where it is raw SQL
    default: Default | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def not_null(self) -> bool:
        """Primary keys are never null."""
        return not self.column.nullable


@dataclass(frozen=True)
class IndexColumn:
    """A column of an index; `collate` is none for the column's own."""

    name: str
    collate: str | None = None
    descending: bool = False


@dataclass(frozen=True)
class Index:
    """An index, its name at most 63 long and the same at every start. `where` or `where_sql` makes it a partial one."""

    name: str
    columns: tuple[IndexColumn, ...]
    unique: bool = False
    where: Rule | None = None
    where_sql: schema.SqlText | None = None


@dataclass(frozen=True)
class Table:
    """A table with its fields in order. `rules` is None without a rules extension; a rule that is None is for admins only."""

    name: str
    spec: schema.Table | schema.ModelTable
    fields: Mapping[str, Field]
    rules: Mapping[str, Rule | None] | None
    auth: schema.Auth | None
    indexes: tuple[Index, ...] = ()
    triggers: tuple[schema.Trigger, ...] = ()  # the custom ones
    compared: tuple[str, ...] = ()  # columns that rules compare with a literal or a variable

    @cached_property
    def primary(self) -> Field:
        return next(field for field in self.fields.values() if field.spec.primary)

    @cached_property
    def uid(self) -> Field:
        """The field that routes name a record by: the record_uid, else the primary key."""
        return self.with_usage("record_uid") or self.primary

    def with_usage(self, usage: schema.Usage) -> Field | None:
        """The first field of a usage, or none."""
        return next((field for field in self.fields.values() if field.spec.usage == usage), None)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every column, as the config's own expressions see them."""
        return {name: field.column for name, field in self.fields.items()}

    @cached_property
    def indexed(self) -> frozenset[str]:
        """The columns that an index starts with."""
        unique = {name for name, field in self.fields.items() if field.spec.primary or field.spec.unique}
        return frozenset(unique | {index.columns[0].name for index in self.indexes})

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        """The query names that rules read as `request.query.NAME`."""
        return query_names(rule.tree for rule in (self.rules or {}).values() if rule)

    def rule(self, verb: str) -> Rule | None:
        """The rule of list, view, create, update or delete; None admits admins only."""
        return self.rules[verb] if self.rules else None


@dataclass(frozen=True)
class Action:
    """An action as written, its guard understood."""

    spec: statements.Action
    guard: Typed | None = None

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        """The query names that the guard reads as `request.query.NAME`."""
        return query_names([self.guard] if self.guard else [])


def query_names(trees: Iterable[Typed]) -> tuple[str, ...]:
    """The names that conditions read as `request.query.NAME`."""
    paths = {path for tree in trees for path in variables_of(tree)}
    return tuple(str(path[2]) for path in paths if path[:2] == ("request", "query"))


@dataclass(frozen=True)
class Config:
    """A whole config. `fingerprint` is 8 hex digits of the file's SHA-256; `references` are the `$NAME`s by path."""

    spec: schema.Config
    tables: Mapping[str, Table]
    fingerprint: str
    references: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    warnings: tuple[tuple[str, ConfigProblem], ...] = ()  # (check id such as "pocketapi.W003", where and what)
