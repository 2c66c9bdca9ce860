"""The value of what is constant, decided in Python as a database would."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pocketapi.expressions import json_paths, literals, routines
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import Const, Operation, Typed, Variable, collation, walk

ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
ASCII_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LIMIT = 2**63


def is_evaluable(tree: Typed) -> bool:
    """Whether `evaluate` knows the tree's value."""
    return all(
        isinstance(part, Const | Variable) or (isinstance(part, Operation) and part.name in OPERATIONS) for part in walk(tree)
    )


def evaluate(tree: Typed, env: Environment) -> Any:
    """The value of an evaluable tree; conditions are True or False."""
    match tree:
        case Const():
            return env.literal(tree)
        case Variable():
            return _variable(tree, env)
        case Operation():
            return OPERATIONS[tree.name](tree, env)
        case _:
            raise TypeError(tree)


def _variable(tree: Variable, env: Environment) -> Any:
    """A variable's value; among integers it may be a fraction."""
    value = env.variable(tree)
    return env.variable(replace(tree, kind=Kind.NUMBER)) if value is None and tree.kind is Kind.INTEGER else value


def _args(tree: Operation, env: Environment) -> list[Any]:
    return [evaluate(argument, env) for argument in tree.args]


def _is_null_literal(tree: Typed) -> bool:
    return isinstance(tree, Const) and tree.is_null


def _choices(tree: Typed, env: Environment) -> list[Any]:
    """The values that a side stands for: the items of a list variable, else one."""
    if isinstance(tree, Variable) and isinstance(found := env.raw(tree.path), list):
        return [_variable(replace(tree, path=(*tree.path, number)), env) for number in range(len(found))]
    return [evaluate(tree, env)]


def _equal(tree: Operation, env: Environment) -> bool:
    left, right = tree.args
    if _is_null_literal(left) or _is_null_literal(right):
        other = right if _is_null_literal(left) else left
        return evaluate(other, env) is None and not (isinstance(other, Variable) and env.raw(other.path) is not None)
    lefts, rights = _choices(left, env), _choices(right, env)
    if None in lefts and None in rights:
        return tree.name != "=" and not tree.detail
    return any(_same(a, b, left, right) for a in lefts for b in rights)


def _same(a: Any, b: Any, left: Typed, right: Typed) -> bool:
    if a is None or b is None:
        return False
    if left.kind is Kind.JSON:
        return routines.canonical_json(a) == routines.canonical_json(b)
    fit = COLLATIONS[collation_of(left, right)]
    return bool(fit(a) == fit(b))


def collation_of(left: Typed, right: Typed) -> str:
    """The collation that a comparison has: that of its left column, else of its right."""
    return next((found for found in map(collation, (left, right)) if found != "BINARY"), "BINARY")


COLLATIONS: dict[str, Callable[[Any], Any]] = {
    "BINARY": lambda value: value,
    "NOCASE": lambda value: value.translate(ASCII_LOWER) if isinstance(value, str) else value,
    "RTRIM": lambda value: value.rstrip(" ") if isinstance(value, str) else value,
}


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Operation, Environment], bool]:
    def decide(tree: Operation, env: Environment) -> bool:
        left, right = _args(tree, env)
        if left is None or right is None:
            return False
        if tree.args[0].kind is Kind.JSON:
            return _ordered_json(compare, json.loads(left), json.loads(right))
        fit = COLLATIONS[collation_of(*tree.args)]
        return compare(_sortable(fit(left)), _sortable(fit(right)))

    return decide


def _ordered_json(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    """Two JSON values have an order where both are numbers or both are texts."""
    kinds = {Kind.NUMBER if kind.is_number else kind for kind in map(literals.kind_of_value, (left, right))}
    return kinds in ({Kind.NUMBER}, {Kind.TEXT}) and compare(_sortable(left), _sortable(right))


def _sortable(value: Any) -> Any:
    """Text in the order of its UTF-8 bytes, as databases have it."""
    return value.encode() if isinstance(value, str) else value


def like(text: str, pattern: str) -> bool:
    """SQL LIKE: `%` and `_`, `\\` escapes, ASCII case is ignored; a lone backslash at the end stands for itself.

    The last `%` takes one character more where what follows it fails, so the time grows with both lengths only.
    """
    text, wanted = text.translate(ASCII_LOWER), re.findall(r"\\.|.", pattern.translate(ASCII_LOWER), re.DOTALL)
    at = index = 0
    again: tuple[int, int] | None = None  # where the last `%` stands, and where the text after it starts
    while at < len(text):
        if index < len(wanted) and wanted[index] == "%":
            again, index = (index, at), index + 1
        elif index < len(wanted) and wanted[index] in ("_", text[at], f"\\{text[at]}"):
            at, index = at + 1, index + 1
        elif again:
            again = (again[0], again[1] + 1)
            index, at = again[0] + 1, again[1]
        else:
            return False
    return all(part == "%" for part in wanted[index:])


def _like(tree: Operation, env: Environment) -> bool:
    texts, patterns = _choices(tree.args[0], env), _choices(tree.args[1], env)
    return any(like(text, pattern) for text in texts for pattern in patterns if text is not None and pattern is not None)


def _member(tree: Operation, env: Environment) -> bool:
    left, *items = tree.args
    values = [(value, item) for item in items for value in _choices(item, env)]
    return any(_same(a, b, left, item) for a in _choices(left, env) for b, item in values)


def _holds(tree: Operation, env: Environment) -> bool:
    array, value = _args(tree, env)
    return array is not None and value is not None and routines.json_holds(array, value)


def _truth(tree: Operation, env: Environment) -> bool:
    value = evaluate(tree.args[0], env)
    if tree.args[0].kind is Kind.JSON and value is not None:
        value = json.loads(value)
    return value not in (None, False, 0, "", b"")


def _number(result: Any, kind: Kind) -> Any:
    """A result within its kind, None past it."""
    if result is None or (kind is Kind.INTEGER and not -LIMIT <= result < LIMIT):
        return None
    return None if isinstance(result, float) and not math.isfinite(result) else result


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Operation, Environment], Any]:
    def decide(tree: Operation, env: Environment) -> Any:
        left, right = _args(tree, env)
        if left is None or right is None:
            return None
        if tree.kind is Kind.NUMBER:
            left, right = float(left), float(right)
        try:
            return _number(compute(left, right), tree.kind)
        except (ZeroDivisionError, OverflowError):
            return None

    return decide


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, float):
        return left / right
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _strict(compute: Callable[..., Any]) -> Callable[[Operation, Environment], Any]:
    """An operation that is null where an argument is."""

    def decide(tree: Operation, env: Environment) -> Any:
        args = _args(tree, env)
        return None if None in args else compute(*args)

    return decide


def _coalesce(tree: Operation, env: Environment) -> Any:
    return next((value for value in _args(tree, env) if value is not None), None)


def _json_step(tree: Operation, env: Environment) -> Any:
    source = evaluate(tree.args[0], env)
    found = None if source is None else json_paths.lookup(json.loads(source), tree.detail)
    own = literals.kind_of_value(found)
    fits = own is tree.kind or (own.is_number and tree.kind.is_number) or (own is Kind.TEXT and tree.kind.is_date)
    return literals.convert_variable(found, tree.kind) if fits or tree.kind is Kind.JSON else None


def _to_json(tree: Operation, env: Environment) -> Any:
    (source,) = tree.args
    value = evaluate(source, env)
    return literals.to_json(value)


OPERATIONS: dict[str, Callable[[Operation, Environment], Any]] = {
    "and": lambda tree, env: all(evaluate(arg, env) for arg in tree.args),
    "or": lambda tree, env: any(evaluate(arg, env) for arg in tree.args),
    "not": lambda tree, env: not evaluate(tree.args[0], env),
    "truth": _truth,
    "==": _equal,
    "=": _equal,
    "!=": lambda tree, env: not _equal(tree, env),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "~": _like,
    "!~": lambda tree, env: not _like(tree, env),
    "in": _member,
    "!in": lambda tree, env: not _member(tree, env),
    "holds": _holds,
    "!holds": lambda tree, env: not _holds(tree, env),
    "+": _arithmetic(operator.add),
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": _arithmetic(_divide),
    "negative": lambda tree, env: None if (value := evaluate(tree.args[0], env)) is None else _number(-value, tree.kind),
    "as_integer": _strict(int),
    "written": _strict(literals.number_text),
    "||": _strict(operator.add),
    "lower": _strict(lambda text: text.translate(ASCII_LOWER)),
    "upper": _strict(lambda text: text.translate(ASCII_UPPER)),
    "length": _strict(len),
    "coalesce": _coalesce,
    "->": _json_step,
    "->>": _json_step,
    "to_json": _to_json,
}
