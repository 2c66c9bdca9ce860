"""What is constant is decided here, in Python, before any SQL: `true | x` is true, `auth.uid != null` for a caller.

`Outline` finds in a tree what a request must answer before a prepared statement can be chosen: the truth of its constant
conditions and the shape of its variables. `fold` then simplifies the tree by those answers and nothing else, so that equal
answers mean an equal tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from pocketapi.expressions.check import ORDERINGS
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.evaluation import collation_of, evaluate, is_evaluable
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.meeting import coerce, is_loose
from pocketapi.expressions.typed import FALSE, TRUE, Const, Operation, Slot, Typed, Variable, walk

__all__ = ["FALSE", "TRUE", "Environment", "Outline", "collation_of", "evaluate", "fold", "is_evaluable"]


EQUALITIES = ("==", "!=", "=")
COMPARISONS = (*EQUALITIES, *ORDERINGS, "in", "!in", "~", "!~", "@@")
POSITIVE = {"!=": "==", "!in": "in", "!~": "~"}


@dataclass(frozen=True)
class Outline:
    """What of a request decides how its trees fold."""

    consts: tuple[Const, ...]
    guards: tuple[Typed, ...]
    variables: tuple[tuple[str | int, ...], ...]

    @classmethod
    def of(cls, trees: Iterable[Typed]) -> Outline:
        consts: dict[tuple[Slot, Kind], Const] = {}
        guards: dict[Typed, None] = {}
        variables: dict[tuple[str | int, ...], None] = {}
        for tree in trees:
            for part in walk(tree):
                if isinstance(part, Const) and part.slot:
                    consts.setdefault((part.slot, part.kind), part)
            _outline(tree, guards, variables)
        return cls(tuple(consts.values()), tuple(guards), tuple(variables))

    def key(self, env: Environment) -> tuple[Any, ...]:
        """The answers; checks every literal on the way, also those of parts that fold away."""
        for const in self.consts:
            env.literal(const)
        return (*(evaluate(guard, env) for guard in self.guards), *(env.signature(path) for path in self.variables))


def _outline(tree: Typed, guards: dict[Typed, None], variables: dict[tuple[str | int, ...], None]) -> None:
    if is_guard(tree):
        guards[tree] = None
    elif isinstance(tree, Variable):
        variables[tree.path] = None
    elif isinstance(tree, Operation):
        for argument in tree.args:
            _outline(argument, guards, variables)


def is_guard(tree: Typed) -> bool:
    """Whether a tree is a condition that Python decides: constant, and of operations that it knows."""
    return isinstance(tree, Operation) and tree.is_predicate and is_evaluable(tree)


# Simplifying


def fold(tree: Typed, env: Environment) -> Typed:
    """The tree without what is constant: TRUE, FALSE, or what a database must decide."""
    if is_guard(tree):
        return TRUE if evaluate(tree, env) else FALSE
    if not isinstance(tree, Operation):
        return tree
    args = []
    for argument in tree.args:
        args.append(fold(argument, env))
    tree = replace(tree, args=tuple(args))
    if tree.name in SIMPLIFY:
        return SIMPLIFY[tree.name](tree)
    return _with_variables(tree, env) if tree.name in COMPARISONS else tree


def _and(tree: Operation) -> Typed:
    rest = tuple(dict.fromkeys(arg for arg in tree.args if arg != TRUE))
    if FALSE in rest:
        return FALSE
    return (rest[0] if len(rest) == 1 else replace(tree, args=rest)) if rest else TRUE


def _or(tree: Operation) -> Typed:
    rest = tuple(dict.fromkeys(arg for arg in tree.args if arg != FALSE))
    if TRUE in rest:
        return TRUE
    return (rest[0] if len(rest) == 1 else replace(tree, args=rest)) if rest else FALSE


def _not(tree: Operation) -> Typed:
    (inner,) = tree.args
    if inner in (TRUE, FALSE):
        return FALSE if inner == TRUE else TRUE
    return inner.args[0] if isinstance(inner, Operation) and inner.name == "not" else tree


def _exists(tree: Operation) -> Typed:
    return FALSE if tree.args[0] == FALSE else tree


SIMPLIFY: dict[str, Callable[[Operation], Typed]] = {"and": _and, "or": _or, "not": _not, "exists": _exists}


def _with_variables(tree: Operation, env: Environment) -> Typed:
    """A comparison whose side is a variable: null equals nothing, a list is each of its items, a value has its own kind."""
    never = TRUE if tree.name in POSITIVE else FALSE
    if tree.name in EQUALITIES and any(isinstance(arg, Const) and arg.is_null for arg in tree.args):
        return tree
    for index, side in enumerate(tree.args):
        if not isinstance(side, Variable):
            continue
        kind, length = env.signature(side.path)
        if kind == "null":
            rest = tree.args[:index] + tree.args[index + 1 :]
            if tree.name in ("in", "!in") and index and len(rest) > 1:
                return _with_variables(replace(tree, args=rest), env)
            return never
        if kind == "list":
            return _any_item(tree, index, length, env)
        if kind != "json" and all(map(is_loose, tree.args)):
            return replace(tree, args=tuple(coerce(arg, Kind(kind)) for arg in tree.args))
        if kind == "number" and side.kind is Kind.INTEGER:
            args = (*tree.args[:index], coerce(side, Kind.NUMBER), *tree.args[index + 1 :])
            return _with_variables(replace(tree, args=args), env)
    return tree


def _any_item(tree: Operation, index: int, length: int, env: Environment) -> Typed:
    """The comparison with each item of a list variable: one that holds suffices."""
    side, negated = tree.args[index], tree.name in POSITIVE
    if not isinstance(side, Variable) or tree.name in ORDERINGS or not length:
        return TRUE if negated else FALSE
    items = tuple(replace(side, path=(*side.path, number)) for number in range(length))
    before, after = tree.args[:index], tree.args[index + 1 :]
    if tree.name in ("in", "!in") and index:
        return _with_variables(replace(tree, args=(*before, *items, *after)), env)
    choices = [replace(tree, name=POSITIVE.get(tree.name, tree.name), args=(*before, item, *after)) for item in items]
    either = _or(Operation(Kind.BOOL, "or", tuple(_with_variables(choice, env) for choice in choices)))
    return _not(Operation(Kind.BOOL, "not", (either,))) if negated else either
