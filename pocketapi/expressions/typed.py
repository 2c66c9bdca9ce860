"""The checked tree: names resolved, every part of a known kind, literals converted to the kind of what they meet.

A literal of a client's text is a slot: its value comes when the prepared statement runs. The few literals that a compiler
must read (JSON paths, formats, modifiers) are `static`: their value stands in the tree and belongs to a plan's key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Any

from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.scope import Column

PREDICATES = frozenset(
    {
        "and",
        "or",
        "not",
        "truth",
        "==",
        "!=",
        "=",
        "<",
        "<=",
        ">",
        ">=",
        "~",
        "!~",
        "in",
        "!in",
        "holds",
        "!holds",
        "exists",
        "@@",
    }
)
SUBQUERIES = frozenset({"path", "exists", "nest"})
OWN = ("", "new")  # the row that a statement is about, as it is and as it will be


OF_CALLER = "caller"  # in the detail of an equality: a side holds a variable, which equals nothing by being null


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a value: which text of the request it is of (`where`, `set.views`), and the literal's number in it."""

    source: str
    index: int


@dataclass(frozen=True, slots=True)
class Typed:
    """Any part of a checked expression."""

    kind: Kind
    position: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Const(Typed):
    """A literal: a value as written, or the slot that brings it. `label` names what it meets, for messages."""

    value: Any = None
    slot: Slot | None = None
    label: str = ""
    collation: str = "BINARY"  # of the column that a new value is for
    nullable: bool = False  # whether the slot may bring null
    negative: bool = False  # a number with a minus before it, which is a literal still

    @property
    def is_null(self) -> bool:
        return self.slot is None and self.value is None

    @property
    def written(self) -> Any:
        """The value with its sign."""
        return -self.value if self.negative else self.value


@dataclass(frozen=True, slots=True)
class ColumnRef(Typed):
    """A column of the stored row (row ""), of the row as it will be ("new"), or of another row under its alias.

    `outer` tells that it was named as a column of the row around.
    """

    column: Column
    row: str = ""
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Variable(Typed):
    """A value of the caller, the parameters or the request; JSON until it meets a kind."""

    path: tuple[str | int, ...]  # a number is an item of a list


@dataclass(frozen=True, slots=True)
class Operation(Typed):
    """An operator or function over arguments. `detail` holds what was read at compile time: a JSON path, modifiers."""

    name: str
    args: tuple[Typed, ...]
    detail: tuple[Any, ...] = ()

    @property
    def is_predicate(self) -> bool:
        return self.name in PREDICATES


@dataclass(frozen=True, slots=True)
class Output:
    """One item of a select: the key in the answer and the value; `star` where it came from `*`."""

    key: str
    value: Typed
    star: bool = False


@dataclass(frozen=True, slots=True)
class Ordering:
    """One item of an order; `output` is the number of the selected item that it names, if it does."""

    value: Typed
    descending: bool = False


def walk(tree: Typed) -> Iterator[Typed]:
    """The tree and all below it, each part before its arguments."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Operation):
            waiting.extend(reversed(part.args))


def rewrite(tree: Typed, change: Callable[[Typed], Typed]) -> Typed:
    """The tree with `change` applied to each part, leaves first."""
    if isinstance(tree, Operation):
        args = []
        for argument in tree.args:
            args.append(rewrite(argument, change))
        tree = tree if all(map(is_, args, tree.args)) else replace(tree, args=tuple(args))
    return change(tree)


def collation(part: Typed) -> str:
    """The collation under which a value is compared and ordered: that of the column that it is, at the end of a path, too."""
    if isinstance(part, Operation) and part.name == "path":
        return collation(part.args[1])
    if isinstance(part, ColumnRef):
        return part.column.collation
    return part.collation if isinstance(part, Const) else "BINARY"


def columns_of(tree: Typed) -> set[str]:
    """The names of the columns that a tree reads of its own row."""
    return {part.column.name for part in walk(tree) if isinstance(part, ColumnRef) and part.row in OWN}


def variables_of(tree: Typed) -> set[tuple[str | int, ...]]:
    """The variables that a tree reads."""
    return {part.path for part in walk(tree) if isinstance(part, Variable)}


def has_variable(tree: Typed) -> bool:
    """Whether a tree reads any variable itself: those of a path are its tables' rules', and `exists` is never null by one."""
    if isinstance(tree, Operation):
        return tree.name not in SUBQUERIES and any(map(has_variable, tree.args))
    return isinstance(tree, Variable)


TRUE, FALSE = Const(Kind.BOOL, value=True), Const(Kind.BOOL, value=False)
