"""What whole requests answer, for the reference evaluator: nested records, groups with aggregates, and updates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from pocketapi.expressions import grammar
from pocketapi.expressions.nodes import Call, Item, Node, Star
from tests.evaluator_functions import SIGNATURES, checked_integer
from tests.evaluator_rows import Row
from tests.evaluator_tables import TableChecker, TableEvaluator, World
from tests.evaluator_values import Refused

DEPTH = 3
AGGREGATES = ("count", "sum", "avg", "min", "max")

# Records nested in a select


def selected(world: World, table: str, text: str, row: Row) -> dict[str, Any]:
    """What a select answers of a row."""
    items = grammar.parse_items(text)
    _check_items(world, table, items, 1)
    return _answer(world, table, items, row)


def _check_items(world: World, table: str, items: Sequence[Node], depth: int) -> None:
    """Raise Refused where items are a 400."""
    for item in items:
        node = item.expression if isinstance(item, Item) else item
        if is_relation(node):
            if depth > DEPTH:
                raise Refused("records nest too deep")
            _check_items(world, _relation(world, table, node)[0], node.args, depth + 1)
        elif not isinstance(node, Star):
            TableChecker(world, table, frozenset({"auth"})).static(node)


def is_relation(node: Node) -> TypeGuard[Call]:
    """Whether an item is nested records."""
    return isinstance(node, Call) and node.name not in SIGNATURES and node.name != "exists"


def _answer(world: World, table: str, items: Sequence[Node], row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        node, alias = (item.expression, item.alias) if isinstance(item, Item) else (item, None)
        if isinstance(node, Star):
            checker = TableChecker(world, table, frozenset())
            found |= {name: row[name] for name in checker.columns if checker.sees(table, name) and name not in found}
        elif is_relation(node):
            found[alias or node.parts[0]] = _related(world, table, node, row)
        else:
            found[alias or str(node)] = value(world, table, node, row)
    return found


def value(world: World, table: str, node: Node, row: Row, new: Row | None = None) -> Any:
    """The value of an expression for a row."""
    evaluator = TableEvaluator(world, table, row, new)
    evaluator.checker.static(node)
    return evaluator.value(node)


def _related(world: World, table: str, node: Call, row: Row) -> Any:
    target, ours, theirs, many = _relation(world, table, node)
    items = node.args or (Star(),)
    if row[ours] is None:
        return [] if many else None
    rows = sorted((each for each in world.visible(target) if each[theirs] == row[ours]), key=lambda each: str(each["id"]))
    found = [_answer(world, target, items, each) for each in rows]
    return found if many else next(iter(found), None)


def _relation(world: World, table: str, node: Call) -> tuple[str, str, str, bool]:
    """The other table, our column, its column, and whether many rows may answer."""
    first, *rest = node.parts
    checker = TableChecker(world, table, frozenset())
    spec = world.tables[table]
    if not rest and checker.sees(table, first):
        if first not in spec.keys:
            raise Refused(f"{first} is no key")
        return (spec.keys[first][0], first, spec.keys[first][1], False)
    forward = [
        (target, ours, key, False)
        for ours, (target, key) in spec.keys.items()
        if target == first and not rest and checker.sees(table, ours)
    ]
    backward = [
        (first, key, theirs, True)
        for theirs, (target, key) in (world.tables[first].keys.items() if first in world.tables else ())
        if target == table and rest in ([], [theirs]) and checker.sees(first, theirs)
    ]
    found = [*forward, *backward]
    if len(found) != 1:
        raise Refused(f"{node.name} is no relation, or several")
    return found[0]


# Groups


def grouped(
    world: World, table: str, rows: Sequence[Row], items: Mapping[str, str], group: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of a select with aggregates, by key; in no order."""
    keys = [grammar.parse(text) for text in group]
    groups: dict[tuple[Any, ...], list[Row]] = {} if group else {(): []}
    for row in rows:
        groups.setdefault(tuple((type(part), part) for part in (value(world, table, key, row) for key in keys)), []).append(row)
    trees = {key: grammar.parse(text) for key, text in items.items()}
    return [{key: _aggregate(world, table, tree, members) for key, tree in trees.items()} for members in groups.values()]


def _aggregate(world: World, table: str, node: Node, rows: Sequence[Row]) -> Any:
    """An aggregate over rows; anything else is of the group, and so of its first row."""
    if not (isinstance(node, Call) and node.name in AGGREGATES and len(node.args) < 2):
        return value(world, table, node, rows[0])
    if not node.args:
        return len(rows)
    values = [each for row in rows if (each := value(world, table, node.args[0], row)) is not None]
    if node.name == "count":
        return len(values)
    if not values:
        return None
    if node.name in ("min", "max"):
        return (min if node.name == "min" else max)(values, key=lambda each: each.encode() if isinstance(each, str) else each)
    total = sum(values)
    if node.name == "avg":
        return total / len(values)
    return checked_integer(total) if isinstance(total, int) else total


# Updates


def updated(world: World, table: str, where: str, changes: Mapping[str, str], rule: str | None = None) -> dict[str, Row]:
    """By key, the rows that an update changes, as they will be; each expression reads the rows as they were."""
    found: dict[str, Row] = {}
    condition = grammar.parse(where)
    trees = {name: grammar.parse(text) for name, text in changes.items()}
    for row in world.rows[table]:
        new = {**row, **{name: value(world, table, tree, row) for name, tree in trees.items()}}
        allowed = rule is None or world.fulfils(rule, table, row, new)
        if allowed and TableEvaluator(world, table, row, new).holds(condition):
            found[row["id"]] = new
    return found


def check(world: World, table: str, text: str, *, new: bool = False) -> None:
    """Raise Refused where a condition is a 400."""
    TableChecker(world, table, frozenset({"auth", "new"} if new else {"auth"})).static(grammar.parse(text))
