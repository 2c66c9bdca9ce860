"""The syntax tree of an expression: what was written, before any name is resolved.

Positions count characters from 0 in the text and take no part in equality.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

Scalar = None | bool | int | float | str


@dataclass(frozen=True, slots=True)
class Node:
    """Any part of an expression."""

    position: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """`1`, `1.5`, `'text'`, `true`, `null`."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Name(Node):
    """`title`, `auth.uid`, `items.qty`: one part or several."""

    parts: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`lower(name)`, `exists(members, ...)`, and in select `comments(id, body)` or `comments.post_id(id)`."""

    parts: tuple[str, ...]
    args: tuple[Node, ...]

    @property
    def name(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`!x`, `-x`, `+x`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`left operator right`; the operator as grammar.py spells it (`in` and `!in` in lower case)."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    """`('a', 'b')` or `['a', 'b']` at the right of `in`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Star(Node):
    """`*` in select and returning."""


@dataclass(frozen=True, slots=True)
class Item(Node):
    """One item of select, returning or group: an expression and its alias."""

    expression: Node
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class OrderItem(Node):
    """One item of order: an expression and its direction."""

    expression: Node
    descending: bool = False


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Call(args=below) | ListOf(items=below):
            return below
        case Item(expression=expression) | OrderItem(expression=expression):
            return (expression,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, depth first."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(children(part)))
