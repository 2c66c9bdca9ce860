"""Names that leave their row: paths along foreign keys, `exists`, and records nested in a select.

Each other row has an alias of its own (`x1$`), which is the `row` of the columns that are read from it. What the caller may
see of a table is the condition that its scope brings along (`Scope.rows_of`): every row on the way fulfils it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import TypeGuard

from pocketapi.errors import ExpressionError
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.scope import ColumnName, PathName, Rows, Scope
from pocketapi.expressions.typed import FALSE, OWN, SUBQUERIES, ColumnRef, Operation, Typed, rewrite, walk

MOST_KEYS = 3
MOST_EXISTS = 2
Fresh = Callable[[], str]


@dataclass(frozen=True)
class Step:
    """One table on a path: its name in the database, its alias, the column that is pointed to, and its own next key.

    The column is stored in the form of the one that points to it.
    """

    table: str
    alias: str
    key: str
    following: str | None = None
    form: str = ""


@dataclass(frozen=True)
class Source:
    """The table that `exists` or a nested select reads."""

    table: str
    alias: str


def reference(found: ColumnName, position: int) -> ColumnRef:
    """A resolved column as a leaf."""
    return ColumnRef(found.column.kind, found.column, found.row, found.outer, position=position)


def path(found: PathName, position: int, fresh: Fresh) -> Operation:
    """The value at the end of a path, null where a row on it is missing or hidden."""
    if len(found.hops) > MOST_KEYS:
        raise ExpressionError(f"A path follows at most {MOST_KEYS} keys.", position=position)
    steps, rules = [], []
    for hop, following in zip(found.hops, [*found.hops[1:], None], strict=True):
        alias = fresh()
        rules.append(visible(hop.rows, alias, fresh))
        steps.append(Step(hop.rows.relation, alias, hop.key, following.via if following else None, found.base.column.form))
    value = ColumnRef(found.column.kind, found.column, steps[-1].alias)
    base = reference(found.base, position)
    return Operation(found.column.kind, "path", (base, value, *rules), tuple(steps), position=position)


def visible(rows: Rows, alias: str, fresh: Fresh) -> Typed:
    """The condition on a table's rows under an alias; nobody's rows are none."""
    return FALSE if rows.rule is None else placed(rows.rule, alias, fresh)


def placed(tree: Typed, alias: str, fresh: Fresh) -> Typed:
    """A table's own condition as one about its row under an alias, with aliases of its own made new."""
    return rewrite(_renamed(tree, {"": alias}, fresh), lambda part: replace(part, outer=False) if _is_outer(part) else part)


def settled(tree: Typed) -> Typed:
    """The tree with the aliases of each of its subqueries counted from one, so that what is written alike is alike.

    A group's path is then the path that is selected, wherever in their texts they stand, and so it is in SQL.
    """
    if reads_rows(tree):
        numbers = count(1)
        return _renamed(tree, {row: row for row in OWN}, lambda: alias_of(next(numbers)))
    if isinstance(tree, Operation):
        return replace(tree, args=tuple(map(settled, tree.args)))
    return tree


def alias_of(number: int) -> str:
    """An alias for another row: no name of the config has a `$`."""
    return f"x{number}$"


def reads_rows(part: Typed) -> TypeGuard[Operation]:
    """Whether a part is a subquery."""
    return isinstance(part, Operation) and part.name in SUBQUERIES


def _is_outer(part: Typed) -> TypeGuard[ColumnRef]:
    return isinstance(part, ColumnRef) and part.outer


def _renamed(tree: Typed, names: dict[str, str], fresh: Fresh) -> Typed:
    """A tree with other aliases: `names` has those that are set, all others become new ones."""

    def renamed(row: str) -> str:
        if row not in names:
            names[row] = fresh()
        return names[row]

    def change(part: Typed) -> Typed:
        if isinstance(part, ColumnRef):
            return replace(part, row=renamed(part.row))
        if reads_rows(part):
            return replace(part, detail=tuple(_under(each, renamed) for each in part.detail))
        return part

    return rewrite(tree, change)


def _under(each: object, renamed: Callable[[str], str]) -> object:
    return replace(each, alias=renamed(each.alias)) if isinstance(each, Step | Source) else each


def inner_scope(scope: Scope, table: str, position: int, alias: str) -> tuple[Scope, Rows]:
    """The scope inside `exists(table, ...)`; ExpressionError where there is no such table, or it nests too deep."""
    if scope.depth == MOST_EXISTS:
        raise ExpressionError("One `exists` may stand inside another, no deeper.", position=position)
    rows = scope.rows_of(table, position)
    inner = scope.within(table, rows, alias)
    return replace(inner, prefixes=inner.prefixes | {"outer"}, outer=scope), rows


def twice(tree: Typed) -> Typed:
    """An updateRule that names `outer` holds with `outer` the stored row and with `outer` the new values."""
    if not any(isinstance(part, ColumnRef) and part.outer for part in walk(tree)):
        return tree

    def moved(part: Typed) -> Typed:
        return replace(part, row="new") if isinstance(part, ColumnRef) and part.outer and not part.row else part

    return Operation(Kind.BOOL, "and", (tree, rewrite(tree, moved)))
