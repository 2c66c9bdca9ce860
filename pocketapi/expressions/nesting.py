"""Records nested in a select: the one that a key points to as an object, those that point here as a list.

`author_id(id, name)` goes by the key column, `users(name)` and `comments(body)` by the other table, `comments.post_id(id)` by
both where several keys lead there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from pocketapi.errors import ExpressionError
from pocketapi.expressions.check import Checker
from pocketapi.expressions.kinds import FUNCTIONS, Kind
from pocketapi.expressions.nodes import Call, Item, Node, Star
from pocketapi.expressions.rows import Source, visible
from pocketapi.expressions.scope import Column, Rows, Scope, nearest
from pocketapi.expressions.typed import ColumnRef, Operation, Output, Typed

DEPTH = 3
Outputs = Callable[[tuple[Item | Star, ...], Checker, int], tuple[Output, ...]]


@dataclass(frozen=True)
class Relation:
    """How another table is reached: our column, its column, and whether many rows may answer."""

    table: str
    ours: str
    theirs: str
    many: bool


@dataclass(frozen=True)
class Shape:
    """What the database writes of nested rows: their keys, whether they are a list, and its order."""

    keys: tuple[str, ...]
    many: bool
    primary: str


def nested(node: Call, checker: Checker, depth: int, outputs: Outputs) -> Operation:
    """Nested records as a JSON value."""
    if depth > DEPTH:
        raise ExpressionError(f"Records nest at most {DEPTH} deep.", position=node.position)
    scope = checker.scope
    relation = _relation(node, scope)
    rows = scope.rows_of(relation.table, node.position)
    alias = checker.fresh()
    inner = scope.within(relation.table, rows, alias)
    items = tuple(map(_item, node.args)) or (Star(position=node.position),)
    found = outputs(items, replace(checker, scope=inner, aggregates=False), depth + 1)
    keys = _column(rows.columns, relation.theirs, alias), _column(scope.columns, relation.ours, scope.row)
    condition = Operation(Kind.BOOL, "and", (visible(rows, alias, checker.fresh), Operation(Kind.BOOL, "=", keys)))
    shape = Shape(tuple(output.key for output in found), relation.many, rows.primary)
    args = (condition, *(output.value for output in found))
    return Operation(Kind.JSON, "nest", args, (Source(rows.relation, alias), shape), position=node.position)


def is_nested(value: Typed) -> bool:
    """Whether a value is nested records."""
    return isinstance(value, Operation) and value.name == "nest"


def _item(node: Node) -> Item | Star:
    return node if isinstance(node, Item | Star) else Item(node, position=node.position)


def _column(columns: Mapping[str, Column], name: str, row: str) -> ColumnRef:
    column = columns[name]
    return ColumnRef(column.kind, column, row)


def _relation(node: Call, scope: Scope) -> Relation:
    """The one relation that a name means; ExpressionError where there is none, or more than one."""
    first, *rest = node.parts
    if not rest and (column := scope.columns.get(first)) is not None:
        if column.key is None:
            raise ExpressionError(f"`{first}` is no foreign key: there is nothing to nest.", position=node.position)
        return Relation(column.key[0], first, column.key[1], many=False)
    found = [each for each in _relations(scope) if each.table == first and (not rest or (each.many and [each.theirs] == rest))]
    if len(found) == 1:
        return found[0]
    if not found:
        keys = (name for name, column in scope.columns.items() if column.key)
        hint = nearest(node.name, [*(each.table for each in _relations(scope)), *keys, *FUNCTIONS])
        raise ExpressionError(f"There is no relation or function `{node.name}`{hint}", position=node.position)
    ways = ", ".join(f"`{each.table}.{each.theirs}(...)`" if each.many else f"`{each.ours}(...)`" for each in found)
    raise ExpressionError(f"`{first}(...)` could be several relations: write {ways}.", position=node.position)


def _relations(scope: Scope) -> Iterator[Relation]:
    """The tables that visible keys point to, and those whose visible keys point here."""
    for name, column in scope.columns.items():
        if column.key:
            yield Relation(column.key[0], name, column.key[1], many=False)
    for table in scope.tables:
        for name, column in _visible(scope, table).items():
            if column.key and column.key[0] == scope.table and column.key[1] in scope.columns:
                yield Relation(table, column.key[1], name, many=True)


def _visible(scope: Scope, table: str) -> Mapping[str, Column]:
    rows: Rows | None = scope.rows(table)
    return rows.columns if rows else {}
