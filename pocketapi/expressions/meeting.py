"""Where values meet: what is loose, literals above all, takes the kind of what is firm; ExpressionError where kinds differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pocketapi.errors import ExpressionError
from pocketapi.expressions import literals
from pocketapi.expressions.kinds import UNORDERED, Kind, Takes
from pocketapi.expressions.scope import Column
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Typed, Variable


def describe(part: Typed) -> str:
    """What a part is called in messages."""
    match part:
        case ColumnRef(column=column):
            return column.name
        case Variable(path=path):
            return ".".join(map(str, path))
        case Operation(name=name):
            return f"`{name.removeprefix('agg:')}`"
        case _:
            return "a literal"


def as_condition(part: Typed) -> Typed:
    """A part as a condition."""
    if isinstance(part, Operation) and part.is_predicate:
        return part
    return Operation(Kind.BOOL, "truth", (part,), position=part.position)


def refuse(part: Typed, by: str, wanted: str) -> ExpressionError:
    name = f"`{by}` takes {wanted}, and {describe(part)} is {part.kind.family}."
    hint = " For OR write `|`." if by == "||" and part.kind is Kind.BOOL else ""
    hint = " `->` gives JSON: `->>` gives the value in it." if isinstance(part, Operation) and part.name == "->" else hint
    return ExpressionError(name + hint, position=part.position)


def is_loose(part: Typed) -> bool:
    """Whether a part takes the kind of what it meets."""
    if isinstance(part, Const | Variable):
        return True
    if not isinstance(part, Operation) or part.kind is not Kind.JSON:
        return False
    return part.name == "->>" or (part.name == "coalesce" and all(map(is_loose, part.args)))


def coerce(part: Typed, kind: Kind, label: str = "") -> Typed:
    """A loose part as a kind; ExpressionError where a literal cannot be. Other parts stay as they are."""
    match part:
        case Const():
            met = Kind.NUMBER if kind is Kind.INTEGER and part.kind is Kind.NUMBER else kind
            if part.slot or part.value is None:
                return replace(part, kind=met, label=label)
            return replace(part, kind=met, label=label, value=_converted(part, met, label), negative=False)
        case Variable():
            return replace(part, kind=kind)
        case Operation(name="coalesce") if is_loose(part):
            return replace(part, kind=kind, args=tuple(coerce(argument, kind, label) for argument in part.args))
        case Operation() if is_loose(part):
            return replace(part, kind=Kind.NUMBER if kind is Kind.INTEGER else kind)
        case _:
            return part


def assigned(tree: Typed, target: Column) -> Typed:
    """An expression's tree as a value of a column; ExpressionError where the kinds differ."""
    wanted = target.kind
    if isinstance(tree, Const) and tree.is_null:
        return Const(wanted)
    if is_loose(tree):
        tree = coerce(tree, wanted, target.name)
    if tree.kind is wanted or (tree.kind.is_number and wanted is Kind.NUMBER):
        return tree
    if tree.kind is Kind.NUMBER and wanted is Kind.INTEGER:
        return Operation(Kind.INTEGER, "to_integer", (tree,), position=tree.position)
    if tree.kind is Kind.DAY and wanted is Kind.TIMESTAMP:
        return Operation(Kind.TIMESTAMP, "midnight", (tree,), position=tree.position)
    raise ExpressionError(
        f"{target.name} is {wanted.family}, and {describe(tree)} is {tree.kind.family}.", position=tree.position
    )


def _converted(part: Const, kind: Kind, label: str) -> Any:
    try:
        return literals.convert(part.written, kind)
    except ValueError as error:
        raise ExpressionError(f"{label}: {error}." if label else f"{error}.", position=part.position) from None


def meet(left: Typed, right: Typed, operator: str) -> tuple[Typed, Typed]:
    """Two values brought to one kind."""
    if _is_null(left) or _is_null(right):
        return left, right
    if is_loose(left) and is_loose(right):
        return _meet_loose(left, right, operator)
    if is_loose(left):
        return coerce(left, right.kind, describe(right)), right
    if is_loose(right):
        return left, coerce(right, left.kind, describe(left))
    return _meet_fixed(left, right, operator)


def _is_null(part: Typed) -> bool:
    return isinstance(part, Const) and part.is_null


def _meet_loose(left: Typed, right: Typed, operator: str) -> tuple[Typed, Typed]:
    """Literals meet by the more special kind: text becomes what the other is. A variable leaves a JSON value as it is."""
    if isinstance(left, Const) and isinstance(right, Const):
        kind = right.kind if left.kind is Kind.TEXT else left.kind
        kind = Kind.NUMBER if {left.kind, right.kind} == {Kind.INTEGER, Kind.NUMBER} else kind
        return coerce(left, kind, "the literal"), coerce(right, kind, "the literal")
    if isinstance(left, Const):
        right = coerce(right, left.kind, operator)
        return coerce(left, right.kind), right
    if isinstance(right, Const):
        left = coerce(left, right.kind, operator)
        return left, coerce(right, left.kind)
    kind = next((part.kind for part in (left, right) if part.kind is not Kind.JSON), Kind.JSON)
    return coerce(left, kind, operator), coerce(right, kind, operator)


def _meet_fixed(left: Typed, right: Typed, operator: str) -> tuple[Typed, Typed]:
    if left.kind is right.kind or (left.kind.is_number and right.kind.is_number):
        return left, right
    if {left.kind, right.kind} == {Kind.DAY, Kind.TIMESTAMP}:
        return _midnight(left), _midnight(right)
    alike = left.kind.family == right.kind.family
    kinds = [part.kind.value if alike else part.kind.family for part in (left, right)]
    both = f"{describe(left)} is {kinds[0]} and {describe(right)} is {kinds[1]}"
    raise ExpressionError(f"`{operator}` compares values of one kind: {both}.", position=right.position)


def _midnight(part: Typed) -> Typed:
    return Operation(Kind.TIMESTAMP, "midnight", (part,), position=part.position) if part.kind is Kind.DAY else part


def shared_kind(args: tuple[Typed, ...]) -> Kind:
    """The kind of arguments that have met: fractions win over integers, JSON over variables, anything over null."""
    kinds = {arg.kind for arg in args} - {Kind.NULL}
    order = (Kind.NUMBER, Kind.JSON, *kinds)
    return next((kind for kind in order if kind in kinds), Kind.NULL)


def same_kind(args: tuple[Typed, ...], by: str) -> tuple[Typed, ...]:
    """Arguments that share one kind: that of the first firm one, else of the first literal."""
    firm = [arg for arg in args if not is_loose(arg)]
    given = [arg for arg in args if isinstance(arg, Const) and not arg.is_null]
    shared = (*firm, *given, *args)[0]
    if by != "coalesce" and shared.kind in (*UNORDERED, Kind.NULL):
        raise refuse(shared, by, "text, numbers, booleans and dates")
    for arg in args:
        shared, _ = meet(shared, arg, by)
    met = tuple(_fractional(meet(shared, arg, by)[1]) for arg in args)
    kind = shared_kind(met)
    return tuple(coerce(arg, kind) if isinstance(arg, Const) and not arg.is_null else arg for arg in met)


def _fractional(part: Typed) -> Typed:
    """A variable among integers may still be a fraction."""
    return coerce(part, Kind.NUMBER) if isinstance(part, Variable) and part.kind is Kind.INTEGER else part


def as_number(part: Typed, by: str) -> Typed:
    """A number, or a bool as 1 and 0."""
    if part.kind is Kind.BOOL and not _is_null(part):
        return Operation(Kind.INTEGER, "as_integer", (part,), position=part.position)
    if isinstance(part, Const) and part.kind is Kind.INTEGER:
        return part
    part = coerce(part, Kind.NUMBER, f"`{by}`") if is_loose(part) else part
    if not part.kind.is_number:
        raise refuse(part, by, "numbers")
    return part


def as_text(part: Typed, by: str) -> Typed:
    part = coerce(part, Kind.TEXT, f"`{by}`") if is_loose(part) else part
    if part.kind is not Kind.TEXT:
        raise refuse(part, by, "text")
    return part


def as_written(part: Typed, by: str) -> Typed:
    """Text, or a number as JSON writes it."""
    part = coerce(part, Kind.TEXT, f"`{by}`") if is_loose(part) else part
    if part.kind.is_number:
        return Operation(Kind.TEXT, "written", (part,), position=part.position)
    if part.kind is not Kind.TEXT:
        raise refuse(part, by, "text and numbers")
    return part


def as_integer(part: Typed, by: str) -> Typed:
    part = coerce(part, Kind.INTEGER, f"`{by}`") if is_loose(part) else part
    if isinstance(part, Operation) and part.name == "->>":
        return Operation(Kind.INTEGER, "to_integer", (part,), position=part.position)
    if part.kind is not Kind.INTEGER:
        raise refuse(part, by, "integers")
    return part


def as_json(part: Typed, by: str) -> Typed:
    part = coerce(part, Kind.JSON, f"`{by}`") if isinstance(part, Const | Variable) else part
    if part.kind is not Kind.JSON:
        raise refuse(part, by, "JSON")
    return part


def as_json_value(part: Typed, by: str = "in") -> Typed:
    """Anything that JSON can hold: text becomes a JSON string, never JSON text."""
    if part.kind is Kind.BLOB:
        raise refuse(part, by, "what JSON can hold")
    if part.kind is Kind.JSON:
        return part
    return Operation(Kind.JSON, "to_json", (part,), position=part.position)


def as_date(part: Typed, by: str) -> Typed:
    """A date; text is read as one, and is null where it is none."""
    part = coerce(part, Kind.TEXT, f"`{by}`") if is_loose(part) else part
    if part.kind is Kind.TEXT:
        return Operation(Kind.TIMESTAMP, "parse_date", (part,), position=part.position)
    if not part.kind.is_date:
        raise refuse(part, by, "dates (a number with 'unixepoch')")
    return part


def as_epoch(part: Typed, by: str) -> Typed:
    part = coerce(part, Kind.NUMBER, f"`{by}`") if is_loose(part) else part
    if not part.kind.is_number:
        raise refuse(part, by, "a number of seconds with 'unixepoch'")
    return part


def any_kind(part: Typed, _by: str) -> Typed:
    return part


ARGUMENTS: dict[Takes, Callable[[Typed, str], Typed]] = {
    Takes.TEXT: as_text,
    Takes.TEXT_OR_NUMBER: as_written,
    Takes.NUMBER: as_number,
    Takes.INTEGER: as_integer,
    Takes.JSON: as_json,
    Takes.DATE: as_date,
    Takes.ANY: any_kind,
    Takes.JSON_VALUE: as_json_value,
}
