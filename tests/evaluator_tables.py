"""Several tables for the reference evaluator: paths along keys, `exists`, `outer`, and what a caller may see of other rows.

A path is null and `exists` false where the target's listRule hides the row, or where it has none; an admin sees every row.
Rules see every row and every column. `new.` follows keys in an updateRule only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pocketapi.expressions import grammar
from pocketapi.expressions.nodes import Call, Name, Node
from tests.evaluator_kinds import BOOL, PREFIXES, Checker, ColumnSpec
from tests.evaluator_rows import Evaluator, Row
from tests.evaluator_values import Refused, Static

MOST_KEYS = 3
MOST_EXISTS = 2


@dataclass(frozen=True)
class TableSpec:
    """A table: its columns, which of them point to (table, column), which are hidden, and its rules by verb."""

    columns: Mapping[str, ColumnSpec]
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    rules: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class World:
    """All tables with their rows, and who asks. `trusted` is a rule's own reading."""

    tables: Mapping[str, TableSpec]
    rows: Mapping[str, Sequence[Row]]
    caller: Mapping[str, Any]
    trusted: bool = False
    new_paths: bool = False

    def visible(self, table: str) -> Iterator[Row]:
        """The rows of a table that the expression sees."""
        rule = self.tables[table].rules.get("list")
        everything = self.trusted or self.caller["admin"]
        yield from (row for row in self.rows[table] if everything or (rule and self.fulfils(rule, table, row)))

    def fulfils(self, rule: str, table: str, row: Row, new: Row | None = None) -> bool:
        """Whether a row fulfils a rule of its table; an updateRule with `outer` the stored row, and the new one."""
        inside = World(self.tables, self.rows, self.caller, trusted=True, new_paths=new is not None)
        tree = grammar.parse(rule)
        readings = (False,) if new is None else (False, True)
        return all(TableEvaluator(inside, table, row, new, moved=moved).holds(tree) for moved in readings)


class TableChecker(Checker):
    """Names of one table, and of those that it leads to."""

    def __init__(self, world: World, table: str, spaces: frozenset[str], outer: TableChecker | None = None) -> None:
        super().__init__(world.tables[table].columns, table, spaces)
        self.world, self.outer = world, outer
        self.inside: dict[int, TableChecker] = {}

    @property
    def depth(self) -> int:
        return self.outer.depth + 1 if self.outer else 0

    @property
    def root(self) -> TableChecker:
        return self.outer.root if self.outer else self

    def sees(self, table: str, name: str) -> bool:
        spec = self.world.tables[table]
        return name in spec.columns and (self.world.trusted or self.world.caller["admin"] or name not in spec.hidden)

    def column(self, name: str) -> Static:
        if not self.sees(self.table, name):
            raise Refused(f"no column {name}")
        return super().column(name)

    def _name(self, node: Name) -> Static:
        start, parts = self.place(node)
        return start.ends(parts) if start else super()._name(node)

    def place(self, node: Name) -> tuple[TableChecker | None, tuple[str, ...]]:
        """The table whose row a name starts at, and its way from there; none for a variable."""
        first, *rest = node.parts
        if rest and first == self.table:
            return self, tuple(rest)
        if rest and first == "outer" and self.outer:
            return self.outer, tuple(rest)
        if rest and first == "new" and "new" in self.spaces:
            if len(rest) > 1 and not self.world.new_paths:
                raise Refused("only an updateRule follows keys of new")
            return self.root, tuple(rest)
        if rest and first in PREFIXES & self.spaces:
            return None, ()
        return self, node.parts

    def ends(self, parts: tuple[str, ...]) -> Static:
        """The kind at the end of a way."""
        if len(parts) > MOST_KEYS + 1:
            raise Refused("too many keys")
        at: TableChecker = self
        for part in parts[:-1]:
            at.column(part)
            if part not in self.world.tables[at.table].keys:
                raise Refused(f"{part} is no key")
            at = TableChecker(self.world, self.world.tables[at.table].keys[part][0], self.spaces)
        return at.column(parts[-1])

    def _call(self, node: Call) -> Static:
        if node.name != "exists":
            return super()._call(node)
        if len(node.args) != 2 or not isinstance(node.args[0], Name) or str(node.args[0]) not in self.world.tables:
            raise Refused("exists takes a table and a condition")
        if self.depth == MOST_EXISTS:
            raise Refused("exists nests too deep")
        self.inside[id(node)] = TableChecker(self.world, str(node.args[0]), self.spaces, self)
        self.inside[id(node)].static(node.args[1])
        return BOOL


class TableEvaluator(Evaluator):
    """One row of one table; inside `exists`, with the evaluator of the row around."""

    def __init__(
        self,
        world: World,
        table: str,
        row: Row,
        new: Row | None = None,
        outer: TableEvaluator | None = None,
        checker: TableChecker | None = None,
        *,
        moved: bool = False,
    ) -> None:
        super().__init__(row, world.tables[table].columns, caller=world.caller, new=new, table=table)
        spaces = frozenset({"auth", *(("new",) if new is not None else ())})
        self.world, self.outer, self.moved = world, outer, moved
        self.names = checker or TableChecker(world, table, spaces)
        self.checker = self.names

    def holds(self, node: Node) -> bool:
        """Whether the row fulfils a condition."""
        self.checker.static(node)
        return bool(self.truth(node))

    def named(self, node: Name) -> Any:
        start, parts = self.names.place(node)
        if start is None:
            return super().named(node)
        if node.parts[0] == "new" and "new" in self.names.spaces and start is self.names.root:
            return self.follow(start.table, self.root.new or {}, parts)
        around = self.outer if self.outer and start is self.outer.names else self
        row = around.new if around.moved and around is not self else around.row
        return self.follow(start.table, row or {}, parts)

    @property
    def root(self) -> TableEvaluator:
        return self.outer.root if self.outer else self

    def follow(self, table: str, row: Row, parts: tuple[str, ...]) -> Any:
        """The value at the end of a way; null where a row is missing or hidden."""
        for part in parts[:-1]:
            target, key = self.world.tables[table].keys[part]
            wanted = row[part]
            found = next((each for each in self.world.visible(target) if wanted is not None and each[key] == wanted), None)
            if found is None:
                return None
            table, row = target, found
        value = row[parts[-1]]
        is_fraction = self.world.tables[table].columns[parts[-1]].kind == "number"
        return float(value) if value is not None and is_fraction else value

    def called(self, node: Call, kind: Any) -> Any:
        if node.name != "exists":
            return super().called(node, kind)
        inside = self.names.inside[id(node)]
        every = (
            TableEvaluator(self.world, inside.table, row, self.new, self, inside) for row in self.world.visible(inside.table)
        )
        return any(each.holds(node.args[1]) for each in every)
