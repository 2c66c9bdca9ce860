"""A config as understood: names resolved, expressions parsed and checked, frozen.

`Config`, `Table` and `Field` are what every layer above reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pocketapi.config import schema
from pocketapi.errors import ConfigProblem
from pocketapi.expressions.check import Typed
from pocketapi.expressions.scope import Column

VERBS = ("list", "view", "create", "update", "delete")


@dataclass(frozen=True)
class Rule:
    """A rule's text and its checked tree."""

    text: str
    tree: Typed


@dataclass(frozen=True)
class Field:
    """A column: as written, and as expressions see it."""

    spec: schema.Field
    column: Column
    check: Typed | None = None  # where `check` is written in the expression language

    @property
    def name(self) -> str:
        return self.spec.name


@dataclass(frozen=True)
class Table:
    """A table with its fields in order. `rules` is None without a rules extension; a rule that is None is for admins only."""

    name: str
    spec: schema.Table | schema.ModelTable
    fields: Mapping[str, Field]
    rules: Mapping[str, Rule | None] | None
    auth: schema.Auth | None

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

    def rule(self, verb: str) -> Rule | None:
        """The rule of list, view, create, update or delete; None admits admins only."""
        return self.rules[verb] if self.rules else None


@dataclass(frozen=True)
class Config:
    """A whole config. `fingerprint` is 8 hex digits of the file's SHA-256; `references` are the `$NAME`s by path."""

    spec: schema.Config
    tables: Mapping[str, Table]
    fingerprint: str
    references: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, ConfigProblem], ...] = ()  # (check id such as "pocketapi.W003", where and what)
