"""The functions of the reference evaluator but those of dates. Arguments come converted to what SIGNATURES asks for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pocketapi.expressions.nodes import Literal, Node
from tests.evaluator_dates import check_format, check_modifier
from tests.evaluator_values import (
    EXACT,
    K,
    Path,
    Refused,
    Unspecified,
    ascii_lower,
    ascii_upper,
    checked_float,
    checked_integer,
    compare,
    is_number,
    json_equal,
    number_text,
    parse_path,
)

MANY = 100


@dataclass(frozen=True)
class Signature:
    """What a function takes (the last argument repeats) and gives: a kind, `same` or `operand`, the kind of its arguments."""

    takes: tuple[str, ...]
    gives: Any
    least: int = 1
    most: int = 1
    aggregate: bool = False
    ordered: bool = False

    def argument(self, index: int) -> str:
        return self.takes[min(index, len(self.takes) - 1)]


DATED = ("date", "modifier")
SIGNATURES: Mapping[str, Signature] = {
    "lower": Signature(("text",), K.TEXT),
    "upper": Signature(("text",), K.TEXT),
    "length": Signature(("text",), K.INTEGER),
    "substring": Signature(("text", "integer"), K.TEXT, 2, 3),
    "replace": Signature(("text",), K.TEXT, 3, 3),
    "concat": Signature(("concat",), K.TEXT, 1, MANY),
    "trim": Signature(("text",), K.TEXT),
    "coalesce": Signature(("same",), "same", 1, MANY),
    "abs": Signature(("number",), "operand"),
    "round": Signature(("number", "integer"), K.NUMBER, 1, 2),
    "min": Signature(("same",), "same", 1, MANY, ordered=True),
    "max": Signature(("same",), "same", 1, MANY, ordered=True),
    "count": Signature(("same",), K.INTEGER, 0, 1, aggregate=True),
    "sum": Signature(("number",), "operand", aggregate=True),
    "avg": Signature(("number",), K.NUMBER, aggregate=True),
    "date": Signature(DATED, K.DAY, 1, MANY),
    "time": Signature(DATED, K.TIME, 1, MANY),
    "datetime": Signature(DATED, K.TIMESTAMP, 1, MANY),
    "unixepoch": Signature(DATED, K.INTEGER, 1, MANY),
    "strftime": Signature(("format", "date", "modifier"), K.TEXT, 2, MANY),
    "json_contains": Signature(("json", "value"), K.BOOL, 2, 2),
    "json_length": Signature(("json",), K.INTEGER),
    "json_set": Signature(("json", "path", "value"), K.JSON, 3, 3),
    "json_insert": Signature(("json", "path", "value"), K.JSON, 3, 3),
    "json_replace": Signature(("json", "path", "value"), K.JSON, 3, 3),
    "json_patch": Signature(("json",), K.JSON, 2, 2),
}


def check_static(takes: str, node: Node) -> None:
    """Refuse a modifier, format or path that is not written out, or not known."""
    if not isinstance(node, Literal) or not isinstance(node.value, str):
        raise Refused(f"a {takes} is a literal text")
    {"modifier": check_modifier, "format": check_format, "path": parse_path}[takes](node.value)


# Arithmetic


def arithmetic(operator: str, left: Any, right: Any, *, kind: K) -> Any:
    """`+ - * /` on two numbers; null past 64 bits or double precision and on division by zero."""
    if left is None or right is None:
        return None
    if kind is K.NUMBER or isinstance(left, float) or isinstance(right, float):
        return fractional(operator, float(left), float(right))
    if operator == "/" and right == 0:
        return None
    if operator == "/":
        found = truncated(left, right)
        inexact = found * right != left
    else:
        found = {"+": left + right, "-": left - right, "*": left * right}[operator]
        inexact = abs(found) > EXACT
    if kind is K.NUMERIC and inexact:
        raise Unspecified("whether a number without a column is an integer")
    return checked_integer(found)


def truncated(left: int, right: int) -> int:
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def fractional(operator: str, left: float, right: float) -> float | None:
    if operator == "/":
        return None if right == 0 else checked_float(left / right)
    return checked_float({"+": left + right, "-": left - right, "*": left * right}[operator])


def negated(value: Any) -> Any:
    if value is None or isinstance(value, float):
        return None if value is None else -value
    return checked_integer(-value)


def rounded(value: Any, digits: Any) -> float | None:
    """Halves away from zero, on the shortest decimal form."""
    if value is None or digits is None:
        return None
    if digits < 0:
        raise Unspecified("digits below 0")
    if isinstance(value, int) and abs(value) > EXACT:
        raise Unspecified("rounding an integer past 2**53")
    exact = Decimal(repr(value))
    exponent = exact.as_tuple().exponent
    if digits > 300 or (isinstance(exponent, int) and -exponent <= digits):
        return float(value)
    shifted = exact.scaleb(digits).to_integral_value(ROUND_HALF_UP)
    return checked_float(float(shifted.scaleb(-digits)))


def absolute(value: Any) -> Any:
    return None if value is None else abs(value) if isinstance(value, float) else checked_integer(abs(value))


# Text


def concat(*values: Any) -> str:
    return "".join("" if value is None else as_text(value) for value in values)


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else number_text(value)


def substring(text: str | None, start: Any, *lengths: Any) -> str | None:
    if text is None or start is None or None in lengths:
        return None
    start = int(start)
    if start < 0:
        raise Unspecified("a substring that starts before its text")
    if not lengths:
        return text[max(start - 1, 0) :]
    length = int(lengths[0])
    if length < 0:
        return None
    return text[max(start - 1, 0) : max(start - 1 + length, 0)]


def replace(text: str | None, old: str | None, new: str | None) -> str | None:
    if text is None or old is None or new is None:
        return None
    return text.replace(old, new) if old else text


def null_or(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else function(value)


# JSON


def json_contains(value: Any, wanted: Any) -> bool:
    return isinstance(value, list) and wanted is not None and any(json_equal(item, wanted) for item in value)


def json_length(value: Any) -> int | None:
    return len(value) if isinstance(value, list) else None


def changed(value: Any, path: Path, new: Any, *, create: bool, overwrite: bool) -> Any:
    """json_set, json_insert and json_replace."""
    if value is None:
        return None
    if not path:
        raise Unspecified("setting the whole of a JSON value")
    value = copy.deepcopy(value)
    *above, last = path
    parent = value
    for key in above:
        if not holds(parent, key):
            if create:
                raise Unspecified("setting a path whose parent is not there")
            return value
        parent = parent[key]
    if holds(parent, last):
        if overwrite:
            parent[last] = new
    elif create:
        add(parent, last, new)
    return value


def add(parent: Any, key: str | int, new: Any) -> None:
    """A key that an object has not, or the next item of an array."""
    if isinstance(key, str) and isinstance(parent, dict):
        parent[key] = new
    elif isinstance(key, int) and isinstance(parent, list):
        if key > len(parent):
            raise Unspecified("setting an item past the end of an array")
        parent.append(new)


def holds(value: Any, key: str | int) -> bool:
    if isinstance(key, str):
        return isinstance(value, dict) and key in value
    return isinstance(value, list) and key < len(value)


def merged(value: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, new in patch.items():
        if new is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), new)
    return result


def json_patch(value: Any, patch: Any) -> Any:
    return None if value is None or patch is None else merged(value, patch)


CHANGES = {"json_set": (True, True), "json_insert": (True, False), "json_replace": (False, True)}


# Calls


def first_known(values: Sequence[Any]) -> Any:
    return next((value for value in values if value is not None), None)


def extreme(values: Sequence[Any], kind: K, way: int) -> Any:
    """The scalar min (way -1) or max (way 1): null where an argument is."""
    if None in values:
        return None
    found = values[0]
    for value in values[1:]:
        if compare(value, found, kind, ()) == way:
            found = value
    return found


PLAIN: Mapping[str, Callable[..., Any]] = {
    "lower": null_or(ascii_lower),
    "upper": null_or(ascii_upper),
    "length": null_or(len),
    "trim": null_or(lambda text: text.strip(" ")),
    "substring": substring,
    "replace": replace,
    "concat": concat,
    "abs": absolute,
    "round": lambda value, digits=0: rounded(value, digits),
    "json_contains": json_contains,
    "json_length": json_length,
    "json_patch": json_patch,
}


def integral(value: Any) -> Any:
    """A JSON number or variable as an integer argument."""
    if isinstance(value, float):
        if value.is_integer():
            return int(value)
        raise Unspecified("a fraction where an integer is taken")
    return value


def shared(values: Sequence[Any], kind: K) -> list[Any]:
    """The values of arguments that share a kind, as values of it."""
    if kind is not K.NUMBER:
        return list(values)
    if any(isinstance(value, int) and abs(value) > EXACT for value in values):
        raise Unspecified("an integer past 2**53 among fractions")
    return [float(value) if is_number(value) else value for value in values]


def call(name: str, values: Sequence[Any], kind: K) -> Any:
    """A function's answer; kind is that of its result."""
    if name == "coalesce":
        return first_known(shared(values, kind))
    if name in ("min", "max"):
        return extreme(shared(values, kind), kind, -1 if name == "min" else 1)
    if name in CHANGES:
        create, overwrite = CHANGES[name]
        return changed(values[0], parse_path(values[1]), values[2], create=create, overwrite=overwrite)
    return PLAIN[name](*values)
