"""A config as understood: names resolved, expressions parsed and checked, frozen.

`Config`, `Table` and `Field` are what every layer above reads. linker.py makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pocketapi.config import schema, statements
from pocketapi.config.providers import Provider
from pocketapi.errors import ConfigProblem
from pocketapi.expressions.scope import Column, Searched
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


@dataclass(frozen=True)
class Computed:
    """A default that Python computes for each row."""

    make: Callable[[], Any]


@dataclass(frozen=True)
class Drawn:
    """A default of an existing model's column that its database computes; `draw` asks it for one."""

    draw: Callable[[], Any]


Default = LiteralDefault | SqlDefault | Now | Computed | Drawn


@dataclass(frozen=True)
class Field:
    """A column: as written, and as expressions see it. At most one of `check` and `check_sql` is there.

    `accept` is an existing model's own validation of a value, a ValueError of code and sentence where it takes none; `blank`
    tells that it takes the empty text. What is `generated` the database alone writes, what is `fixed` an insert alone.
    """

    spec: schema.Field
    column: Column
    check: Typed | None = None  # where `check` is written in the expression language
    check_sql: schema.SqlText | None = None  # where it is raw SQL
    default: Default | None = None
    accept: Callable[[Any], Any] | None = None
    blank: bool = False
    generated: bool = False
    fixed: bool = False

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def not_null(self) -> bool:
        """Primary keys are never null."""
        return not self.column.nullable

    @property
    def is_indexable(self) -> bool:
        """Whether it has no index of its own and may have one: what is long does not fit into those of PostgreSQL."""
        return not (self.spec.primary or self.spec.unique) and self.spec.type not in ("editor", "json", "blob")


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
class Key:
    """What a key of an existing model points to: a column of another model, or of a table of the config (its key, if none)."""

    target: str  # `app_label.Model`, or the table's name
    column: str | None
    on_delete: schema.KeyAction
    is_table: bool = False


@dataclass(frozen=True)
class Model:
    """A Django model that exists, before it is a table: its columns, what they point to, or why it cannot be a table.

    `joins` are the models of the tables behind many-to-many fields, by field. A proxy has the `concrete` model of its rows.
    """

    label: str
    relation: str  # its table in the database
    concrete: str = ""
    fields: tuple[Field, ...] = ()
    keys: Mapping[str, Key] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    indexes: tuple[Index, ...] = ()
    problems: tuple[str, ...] = ()


Models = Mapping[str, Model]  # by `app_label.Model`


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
    sought: tuple[tuple[str, ...], ...] = ()  # for each `exists` of a rule, the columns by which it looks for rows here

    @property
    def is_model(self) -> bool:
        """Whether this is a model that exists, which Django's own instances write."""
        return isinstance(self.spec, schema.ModelTable)

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
    def files(self) -> tuple[Field, ...]:
        """The fields that name files of our store; those of an existing model are its own."""
        return () if self.is_model else tuple(field for field in self.fields.values() if field.spec.type == "file")

    @property
    def base(self) -> str:
        """The prefix of the keys of its files: a renamed table keeps its old one."""
        return self.spec.r2_base or getattr(self.spec, "last_name", None) or self.name

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Every column, as the config's own expressions see them."""
        return {name: field.column for name, field in self.fields.items()}

    @cached_property
    def searched(self) -> Searched | None:
        """The full-text search, where there is one that is enabled."""
        return searched(self.spec, self.columns)

    @cached_property
    def indexed(self) -> frozenset[str]:
        """The columns that an index starts with."""
        automatic = self.unserved if isinstance(self.spec, schema.Table) and self.spec.auto_index else ()
        return frozenset((*self._served, *automatic))

    @cached_property
    def unserved(self) -> tuple[str, ...]:
        """The columns that rules compare, or look for rows by, and that no index serves, of those that can have one."""
        searches = (*((name,) for name in self.compared), *(names for names in self.sought if self._served.isdisjoint(names)))
        wanted = (next((name for name in names if self.fields[name].is_indexable), None) for names in searches)
        return tuple(dict.fromkeys(name for name in wanted if name and name not in self._served))

    @cached_property
    def _served(self) -> frozenset[str]:
        """The columns that an index of all rows starts with."""
        unique = {name for name, field in self.fields.items() if field.spec.primary or field.spec.unique}
        whole = (index for index in self.indexes if index.columns and not (index.where or index.where_sql))
        return frozenset(unique | {index.columns[0].name for index in whole})

    @cached_property
    def query_names(self) -> tuple[str, ...]:
        """The query names that rules read as `request.query.NAME`."""
        return query_names(rule.tree for rule in (self.rules or {}).values() if rule)

    def rule(self, verb: str) -> Rule | None:
        """The rule of list, view, create, update or delete; None admits admins only."""
        return self.rules[verb] if self.rules else None


def searched(spec: schema.Table | schema.ModelTable, columns: Mapping[str, Column]) -> Searched | None:
    """The full-text search that a table has as written, of columns that are there."""
    search = spec.full_text_search if isinstance(spec, schema.Table) else None
    key = next((columns[field.name] for field in spec.fields if isinstance(field, schema.Field) and field.primary), None)
    found = tuple(columns[name] for name in search.fields if name in columns) if search and search.enabled else ()
    return Searched(spec.name, key, found, search.tokenize) if search and key and found else None


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
    providers: Mapping[str, Provider] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=dict)
    warnings: tuple[tuple[str, ConfigProblem], ...] = ()  # (check id such as "pocketapi.W003", where and what)
