"""What a name means: a column of some row, or a variable of the caller. The one place that resolves names.

A Scope holds the columns that may be named; who builds it decides which: the config's own rules see all of them, a client
those that it may see. A column that is not in the scope does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pocketapi.errors import ExpressionError
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.nodes import Name


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


@dataclass(frozen=True, slots=True)
class ColumnName:
    """A name that is a column, of the row as stored, as it will be (`new`) or of the row around (`outer`)."""

    column: Column
    row: str = ""  # "", "new" or "outer"


@dataclass(frozen=True, slots=True)
class VariableName:
    """A name that is a value of the caller, the parameters or the request."""

    path: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.path)


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
    aliases: Mapping[str, object] = field(default_factory=dict)

    def resolve(self, name: Name) -> ColumnName | VariableName:
        """What a name means; ExpressionError with the nearest name where it means nothing."""
        first, *rest = name.parts
        if not rest:
            return ColumnName(self._column(first, name))
        if first == self.table and len(rest) == 1:
            return ColumnName(self._column(rest[0], name))
        if first in ("new", "outer") and first in self.prefixes and len(rest) == 1:
            return ColumnName(self._column(rest[0], name), first)
        if first in self.prefixes and first in ("auth", "params", "request"):
            return self._variable(name)
        raise self._unknown(name)

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


def nearest(wanted: str, known: Iterable[str], prefix: str = "") -> str:
    """The end of a sentence: `: did you mean ...?` for the known name that is most alike, else a full stop."""
    found = get_close_matches(wanted, list(known), n=1, cutoff=0.5)
    return f": did you mean `{prefix}{found[0]}`?" if found else "."
