"""What a name means: a column of some row, or a variable of the caller. The one place that resolves names.

A Scope holds the columns that may be named; who builds it decides which: the config's own rules see all of them, a client
those that it may see. A column that is not in the scope does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pocketapi.errors import ExpressionError
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.nodes import Name

if TYPE_CHECKING:
    from pocketapi.expressions.typed import Typed


@dataclass(frozen=True, slots=True)
class Column:
    """A column as expressions see it."""

    table: str
    name: str
    kind: Kind
    storage: str = "text"  # the sqlType
    nullable: bool = True
    collation: str = "BINARY"
    hidden: bool = False  # noSelect
    secret: bool = False  # a password: named by nobody
    key: tuple[str, str] | None = None  # (table, column) that a foreign key points to
    form: str = ""  # how an existing model stores it: see forms.py
    field: str = ""  # what Django calls it, where that is not its name


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A name that is a column: of the row as stored (row ""), as it will be ("new"), or of a row under an alias."""

    column: Column
    row: str = ""
    outer: bool = False  # named as a column of the row around


@dataclass(frozen=True, slots=True)
class VariableName:
    """A name that is a value of the caller, the parameters or the request."""

    path: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class Searched:
    """The full-text search of a table: its name in the database, its key, and the columns that are searched."""

    relation: str
    key: Column
    columns: tuple[Column, ...]
    tokenize: str = "unicode61"


@dataclass(frozen=True)
class Rows:
    """Another table: its columns that may be named, and the condition on its rows that may be seen (None: no row)."""

    relation: str  # its name in the database
    columns: Mapping[str, Column]
    rule: Typed | None
    search: Searched | None = None
    primary: str = ""  # the name of its key


@dataclass(frozen=True)
class Hop:
    """One foreign key of a path: the column that holds it, and the table and column that it points to."""

    via: str
    rows: Rows
    key: str


@dataclass(frozen=True)
class PathName:
    """A name that follows foreign keys from a column of a row to a column of another."""

    base: ColumnName
    hops: tuple[Hop, ...]
    column: Column


def nowhere(_table: str) -> Rows | None:
    """The tables of a scope that knows its own only."""
    return None


AUTH = ("uid", "email", "role", "verified", "admin", "superadmin", "meta", "jwt", "sid", "cid")
REQUEST = ("method", "ip", "query", "headers")
UNREADABLE_HEADERS = frozenset({"authorization", "x_authorization", "cookie"})
PREFIXES = ("auth", "params", "request", "new", "outer")


@dataclass(frozen=True)
class Scope:
    """The columns of the statement's table, and which prefixes have a meaning."""

    table: str
    columns: Mapping[str, Column]
    prefixes: frozenset[str] = frozenset({"auth"})
    params: frozenset[str] = frozenset()
    new_paths: bool = False  # whether `new.` may follow keys
    aliases: Mapping[str, object] = field(default_factory=dict)
    rows: Callable[[str], Rows | None] = nowhere  # other tables by name
    tables: Collection[str] = ()  # the names of those
    bare: bool = False  # whether `*` leaves hidden columns out, though they may be named
    row: str = ""  # the alias of the row that bare names are of
    outer: Scope | None = None  # inside `exists`, the scope around
    search: Searched | None = None
    stored: bool = True  # whether the row is there already: of one that is yet to be written nothing is found

    @property
    def depth(self) -> int:
        """How many `exists` stand around."""
        return self.outer.depth + 1 if self.outer else 0

    @property
    def starred(self) -> Mapping[str, Column]:
        """The columns that `*` stands for."""
        return {name: each for name, each in self.columns.items() if not each.secret and not (self.bare and each.hidden)}

    def within(self, table: str, rows: Rows, alias: str) -> Scope:
        """The scope of another table's rows under an alias, for the same caller."""
        return replace(
            self,
            table=table,
            columns=rows.columns,
            row=alias,
            search=rows.search,
            aliases={},
            outer=None,
            stored=True,
            new_paths=False,
        )

    def resolve(self, name: Name) -> ColumnName | VariableName | PathName:
        """What a name means; ExpressionError with the nearest name where it means nothing."""
        first, *rest = name.parts
        if first == self.table and rest:
            return self._own(tuple(rest), name)
        if first == "outer" and self.outer is not None and rest:
            return _named_outer(self.outer._own(tuple(rest), name))
        if first == "new" and first in self.prefixes and rest:
            return self._new(tuple(rest), name)
        if first in self.prefixes and first in ("auth", "params", "request") and rest:
            return self._variable(name)
        return self._own(name.parts, name)

    def rows_of(self, table: str, position: int) -> Rows:
        """Another table by name."""
        found = self.rows(table)
        if found is None:
            no_table = f"There is no table `{table}`."
            told = "Only the row itself is known here, no other rows." if self.rows is nowhere else no_table
            raise ExpressionError(told, position=position)
        return found

    def _own(self, parts: tuple[str, ...], name: Name) -> ColumnName | PathName:
        """A column of this scope's row, or a path that starts there."""
        base = ColumnName(self._column(parts[0], name), self.row)
        return self._path(base, parts[1:], name) if len(parts) > 1 else base

    def _new(self, parts: tuple[str, ...], name: Name) -> ColumnName | PathName:
        """A column of the row as it will be; a path from there in an updateRule."""
        root = self
        while root.outer is not None:
            root = root.outer
        base = ColumnName(root._column(parts[0], name), "new")
        if len(parts) > 1 and not root.new_paths:
            raise ExpressionError(f"`{name}`: only an updateRule follows keys of `new`.", position=name.position)
        return root._path(base, parts[1:], name) if len(parts) > 1 else base

    def _path(self, base: ColumnName, rest: tuple[str, ...], name: Name) -> PathName:
        hops: list[Hop] = []
        column = base.column
        for part in rest:
            if column.key is None:
                raise self._no_key(column, name)
            table, key = column.key
            rows = self.rows_of(table, name.position)
            hops.append(Hop(column.name, rows, key))
            found = rows.columns.get(part)
            if found is None or found.secret:
                hint = nearest(part, _shown(rows))
                raise ExpressionError(f"`{name}`: `{part}` is no column of {table}{hint}", position=name.position)
            column = found
        return PathName(base, tuple(hops), column)

    def _no_key(self, column: Column, name: Name) -> ExpressionError:
        hint = ": for what is in JSON write `->>`." if column.kind is Kind.JSON else ", so that nothing follows it."
        return ExpressionError(f"`{name}`: `{column.name}` is no foreign key{hint}", position=name.position)

    def _column(self, wanted: str, name: Name) -> Column:
        column = self.columns.get(wanted)
        if column is None or column.secret:
            raise self._unknown(name)
        return column

    def _variable(self, name: Name) -> VariableName:
        first, second, *rest = name.parts
        if first == "auth" and (second not in AUTH or (rest and second not in ("meta", "jwt"))):
            raise ExpressionError(f"There is no `{name}`{nearest(second, AUTH, 'auth.')}", position=name.position)
        if first == "params" and (second not in self.params or rest):
            raise ExpressionError(
                f"There is no parameter `{second}`{nearest(second, self.params, 'params.')}", position=name.position
            )
        if first == "request":
            self._check_request(name, second, rest)
        return VariableName(name.parts)

    def _check_request(self, name: Name, second: str, rest: list[str]) -> None:
        deep = second in ("query", "headers")
        if second not in REQUEST or len(rest) != int(deep):
            raise ExpressionError(f"There is no `{name}`{nearest(second, REQUEST, 'request.')}", position=name.position)
        if deep and second == "headers" and rest[0] in UNREADABLE_HEADERS:
            raise ExpressionError(f"`{name}` is not readable.", position=name.position)

    def _unknown(self, name: Name) -> ExpressionError:
        visible = [column.name for column in self.columns.values() if not column.secret]
        wanted = name.parts[-1]
        known = [*visible, *(prefix for prefix in PREFIXES if prefix in self.prefixes)]
        hint = nearest(name.parts[0] if len(name.parts) > 1 and name.parts[0] != self.table else wanted, known)
        return ExpressionError(f"`{name}` is no column of {self.table}{hint}", position=name.position)


def _named_outer(found: ColumnName | PathName) -> ColumnName | PathName:
    if isinstance(found, PathName):
        return replace(found, base=replace(found.base, outer=True))
    return replace(found, outer=True)


def _shown(rows: Rows) -> list[str]:
    return [column.name for column in rows.columns.values() if not column.secret]


def nearest(wanted: str, known: Iterable[str], prefix: str = "") -> str:
    """The end of a sentence: `: did you mean ...?` for the known name that is most alike, else a full stop."""
    found = get_close_matches(wanted, list(known), n=1, cutoff=0.5)
    return f": did you mean `{prefix}{found[0]}`?" if found else "."
