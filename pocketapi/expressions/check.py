"""From syntax to a checked tree: names resolved through a scope, kinds met, literals made slots.

Every refusal is an ExpressionError with the position in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar, json_paths, literals
from pocketapi.expressions.kinds import FUNCTIONS, Kind, Signature, Takes
from pocketapi.expressions.nodes import Binary, Call, Item, ListOf, Literal, Name, Node, Star, Unary
from pocketapi.expressions.scope import ColumnName, Scope, nearest
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Slot, Typed, Variable

LOOSE = ("->>",)
SAME_KIND = ("coalesce", "min", "max")
EQUALITY = ("==", "!=", "=")
ORDERINGS = ("<", "<=", ">", ">=")
MODIFIER = re.compile(r"[+-]?\d{1,12} (?:second|minute|hour|day|month|year)s?|start of (?:day|month|year)|unixepoch")
FORMATS = set("YmdHMSfjws%")


def condition(text: str, scope: Scope) -> Typed:
    """A condition of the config's own, its literals in place."""
    return within(text, lambda: Checker(scope).condition(grammar.parse(text)))


def value(text: str, scope: Scope) -> Typed:
    """A value of the config's own, its literals in place."""
    return within(text, lambda: Checker(scope).value(grammar.parse(text)))


def within(text: str, check: Callable[[], Any]) -> Any:
    """What `check` gives; its errors carry the text."""
    try:
        return check()
    except ExpressionError as error:
        raise error if error.text else error.within(text) from None


def slots_of(text: str, source: str) -> dict[int, Slot]:
    """The slot of each literal of a text, by its position."""
    return {position: Slot(source, index) for index, position in enumerate(grammar.literal_positions(text))}


@dataclass(frozen=True)
class Checker:
    """Checks the expressions of one text. Without `slots` literals keep their values."""

    scope: Scope
    slots: Mapping[int, Slot] = field(default_factory=dict)
    aggregates: bool = False
    statics: set[Slot] = field(default_factory=set)  # the literals that were read: they belong to a plan's key

    def condition(self, node: Node) -> Typed:
        """A node as a condition: a bare value is true unless it is null, false, 0 or empty."""
        return as_condition(self.value(node))

    def value(self, node: Node) -> Typed:
        """A node as a value of some kind."""
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._name(node)
            case Unary():
                return self._unary(node)
            case Binary(operator="in" | "!in"):
                return self._membership(node)
            case Binary(operator="->" | "->>"):
                return self._json_step(node)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)
            case ListOf():
                raise ExpressionError("A list stands only at the right of `in`.", position=node.position)
            case Star():
                raise ExpressionError(
                    "`*` stands only alone in select and returning; to count rows write `count()`.", position=node.position
                )
            case Item():
                raise ExpressionError("An alias stands only in select and returning.", position=node.position)
            case _:
                raise ExpressionError("This is no value.", position=node.position)

    # Leaves

    def _literal(self, node: Literal) -> Const:
        kind = literals.kind_of_value(node.value)
        slot = self.slots.get(node.position) if kind not in (Kind.BOOL, Kind.NULL) else None
        return Const(kind, None if slot else node.value, slot, position=node.position)

    def _name(self, node: Name) -> Typed:
        if len(node.parts) == 1 and (alias := self.scope.aliases.get(node.parts[0])) is not None and isinstance(alias, Typed):
            return alias
        found = self.scope.resolve(node)
        if isinstance(found, ColumnName):
            return ColumnRef(found.column.kind, found.column, found.row, position=node.position)
        return Variable(Kind.ANY, found.path, position=node.position)

    # Operators

    def _unary(self, node: Unary) -> Typed:
        operand = self.value(node.operand)
        if node.operator == "!":
            return Operation(Kind.BOOL, "not", (as_condition(operand),), position=node.position)
        number = as_number(operand, node.operator)
        return Operation(number.kind, "negative", (number,), position=node.position) if node.operator == "-" else number

    def _binary(self, node: Binary) -> Typed:
        operator, at = node.operator, node.position
        if operator in ("|", "&"):
            return self._logical(node)
        left, right = self.value(node.left), self.value(node.right)
        if operator in EQUALITY or operator in ORDERINGS:
            left, right = meet(left, right, operator)
            if operator in ORDERINGS:
                _check_ordered(left, right, operator)
            return Operation(Kind.BOOL, operator, (left, right), position=at)
        if operator in ("~", "!~"):
            args = (as_text(left, operator), as_text(right, operator))
            return Operation(Kind.BOOL, operator, args, position=at)
        if operator == "||":
            return Operation(Kind.TEXT, "||", (as_written(left, operator), as_written(right, operator)), position=at)
        if operator == "@@":
            raise ExpressionError(f"`@@`: {self.scope.table} has no fullTextSearch.", position=at)
        first, second = as_number(left, operator), as_number(right, operator)
        kind = Kind.NUMBER if Kind.NUMBER in (first.kind, second.kind) else Kind.INTEGER
        return Operation(kind, operator, (first, second), position=at)

    def _logical(self, node: Binary) -> Operation:
        """A chain of one operator becomes one flat operation, however long."""
        name = {"|": "or", "&": "and"}[node.operator]
        parts: list[Node] = []
        rest: Node = node
        while isinstance(rest, Binary) and rest.operator == node.operator:
            parts.append(rest.right)
            rest = rest.left
        parts.append(rest)
        return Operation(Kind.BOOL, name, tuple(self.condition(part) for part in reversed(parts)), position=node.position)

    def _membership(self, node: Binary) -> Typed:
        left, negated = self.value(node.left), node.operator == "!in"
        if isinstance(node.right, ListOf):
            items = [self.value(item) for item in node.right.items]
        else:
            right = self.value(node.right)
            if right.kind is Kind.JSON:
                return Operation(
                    Kind.BOOL, "!holds" if negated else "holds", (right, as_json_value(left)), position=node.position
                )
            items = [right]
        for item in items:
            left, _ = meet(left, item, node.operator)
        met = tuple(meet(left, item, node.operator)[1] for item in items)
        return Operation(Kind.BOOL, node.operator, (left, *met), position=node.position)

    def _json_step(self, node: Binary) -> Typed:
        left = as_json(self.value(node.left), node.operator)
        if not isinstance(node.right, Literal) or isinstance(node.right.value, bool | float | None):
            raise ExpressionError(
                f"The right of `{node.operator}` is a literal path, as in meta->>'$.a.b[0]'.", position=node.right.position
            )
        path = self._static(node.right, json_paths.parse)
        if isinstance(left, Operation) and left.name in ("->", "->>"):
            left, path = left.args[0], left.detail + path
        return Operation(Kind.JSON, node.operator, (left,), path, position=node.position)

    def _read(self, node: Literal) -> Any:
        """A literal's value, which then belongs to the key of what is compiled from it."""
        if node.position in self.slots:
            self.statics.add(self.slots[node.position])
        return node.value

    def _static(self, node: Literal, parse: Callable[[Any], Any]) -> Any:
        try:
            return parse(self._read(node))
        except ValueError as error:
            raise ExpressionError(f"{error}.", position=node.position) from None

    # Functions

    def _call(self, node: Call) -> Typed:
        signature = FUNCTIONS.get(node.name)
        if signature is None:
            raise ExpressionError(f"There is no function `{node.name}`{nearest(node.name, FUNCTIONS)}", position=node.position)
        if not signature.least <= len(node.args) <= signature.most:
            raise ExpressionError(f"`{node.name}` takes {_count_of(signature)}, not {len(node.args)}.", position=node.position)
        if signature.aggregate or (node.name in ("min", "max") and len(node.args) == 1):
            return self._aggregate(node, signature)
        if Takes.DATE in signature.takes:
            return self._date_function(node)
        args = tuple(
            self._argument(node, signature, index)
            for index in range(len(node.args))
            if signature.argument(index) is not Takes.STATIC_TEXT
        )
        statics = [arg for index, arg in enumerate(node.args) if signature.argument(index) is Takes.STATIC_TEXT]
        detail = tuple(self._json_path_of(node, static) for static in statics)
        args = same_kind(args, node.name) if node.name in SAME_KIND else args
        return Operation(signature.gives or shared_kind(args), node.name, args, detail, position=node.position)

    def _argument(self, node: Call, signature: Signature, index: int) -> Typed:
        argument = self.value(node.args[index])
        return ARGUMENTS[signature.argument(index)](argument, node.name)

    def _aggregate(self, node: Call, signature: Signature) -> Operation:
        if not self.aggregates:
            raise ExpressionError(
                f"`{node.name}` is an aggregate: it stands only in select, and not inside another.", position=node.position
            )
        inner = replace(self, aggregates=False)
        args = tuple(inner._argument(node, signature, index) for index in range(len(node.args)))
        kind = signature.gives or (args[0].kind if args else Kind.INTEGER)
        return Operation(kind, f"agg:{node.name}", args, position=node.position)

    def _json_path_of(self, node: Call, static: Node) -> json_paths.Path:
        if not isinstance(static, Literal) or not isinstance(static.value, str):
            raise ExpressionError(f"`{node.name}` takes a literal path, as '$.a.b[0]'.", position=static.position)
        path: json_paths.Path = self._static(static, json_paths.parse)
        return path

    def _date_function(self, node: Call) -> Operation:
        """date, time, datetime, unixepoch and strftime: the value, then modifiers; strftime has its format first."""
        args = list(node.args)
        detail: list[Any] = []
        if node.name == "strftime":
            detail.append(self._format(args.pop(0)))
        modifiers = [self._modifier(node, argument) for argument in args[1:]]
        moment = args[0]
        if isinstance(moment, Literal) and self._read(moment) == "now":
            return Operation(_gives(node), node.name, (), (*detail, *modifiers), position=node.position)
        of_epoch = bool(modifiers) and modifiers[0] == "unixepoch"
        operand = as_epoch(self.value(moment), node.name) if of_epoch else as_date(self.value(moment), node.name)
        return Operation(_gives(node), node.name, (operand,), (*detail, *modifiers), position=node.position)

    def _modifier(self, node: Call, argument: Node) -> str:
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            raise ExpressionError(f"A modifier of `{node.name}` is literal text, as '+1 days'.", position=argument.position)
        text = " ".join(str(self._read(argument)).lower().split())
        if not MODIFIER.fullmatch(text):
            advice = "'+N seconds' (minutes, hours, days, months, years), 'start of day' (month, year) or 'unixepoch'"
            raise ExpressionError(f"{argument.value!r} is no modifier: use {advice}.", position=argument.position)
        if text == "unixepoch" and argument is not node.args[2 if node.name == "strftime" else 1]:
            raise ExpressionError("'unixepoch' stands first among the modifiers.", position=argument.position)
        return text

    def _format(self, argument: Node) -> str:
        if not isinstance(argument, Literal) or not isinstance(argument.value, str):
            raise ExpressionError("The format of `strftime` is literal text, as '%Y-%m-%d'.", position=argument.position)
        for unknown in re.findall(r"%(.|$)", argument.value, re.DOTALL):
            if unknown not in FORMATS:
                raise ExpressionError(
                    f"`%{unknown}` is no part of a format: use %Y %m %d %H %M %S %f %j %w %s %%.", position=argument.position
                )
        return str(self._read(argument))


def _gives(node: Call) -> Kind:
    return FUNCTIONS[node.name].gives or Kind.TEXT


def _count_of(signature: Signature) -> str:
    if signature.least == signature.most:
        return f"{signature.least} argument{'s' if signature.least != 1 else ''}"
    return f"{signature.least} to {signature.most} arguments"


# Bringing a value to a kind


def describe(part: Typed) -> str:
    """What a part is called in messages."""
    match part:
        case ColumnRef(column=column):
            return column.name
        case Variable(path=path):
            return ".".join(path)
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
    if isinstance(part, Operation) and part.name in SAME_KIND and part.kind in (Kind.ANY, Kind.JSON, Kind.NULL):
        return all(map(is_loose, part.args))
    return isinstance(part, Operation) and part.name in LOOSE and part.kind is Kind.JSON


def coerce(part: Typed, kind: Kind, label: str = "") -> Typed:
    """A loose part as a kind; ExpressionError where a literal cannot be. Other parts stay as they are."""
    match part:
        case Const():
            met = Kind.NUMBER if kind is Kind.INTEGER and part.kind is Kind.NUMBER else kind
            value = None if part.slot or part.value is None else _converted(part, met, label)
            return replace(part, kind=met, value=value, label=label)
        case Variable():
            return replace(part, kind=kind)
        case Operation(name="coalesce" | "min" | "max") if is_loose(part):
            return replace(part, kind=kind, args=tuple(coerce(argument, kind, label) for argument in part.args))
        case Operation() if is_loose(part):
            return replace(part, kind=Kind.NUMBER if kind is Kind.INTEGER else kind)
        case _:
            return part


def _converted(part: Const, kind: Kind, label: str) -> Any:
    try:
        return literals.convert(part.value, kind)
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
    kinds = {part.kind for part in (left, right)} - {Kind.ANY}
    if isinstance(left, Const) and isinstance(right, Const):
        kind = right.kind if left.kind is Kind.TEXT else left.kind
        kind = Kind.NUMBER if {left.kind, right.kind} == {Kind.INTEGER, Kind.NUMBER} else kind
        return coerce(left, kind, "the literal"), coerce(right, kind, "the literal")
    if isinstance(left, Const):
        return left, coerce(right, left.kind, operator)
    if isinstance(right, Const):
        return coerce(left, right.kind, operator), right
    kind = kinds.pop() if len(kinds) == 1 else Kind.ANY
    return coerce(left, kind, operator), coerce(right, kind, operator)


def _meet_fixed(left: Typed, right: Typed, operator: str) -> tuple[Typed, Typed]:
    if left.kind is right.kind or (left.kind.is_number and right.kind.is_number):
        return left, right
    if {left.kind, right.kind} == {Kind.DAY, Kind.TIMESTAMP}:
        return _midnight(left), _midnight(right)
    both = f"{describe(left)} is {left.kind.family} and {describe(right)} is {right.kind.family}"
    raise ExpressionError(f"`{operator}` compares values of one kind: {both}.", position=right.position)


def _check_ordered(left: Typed, right: Typed, operator: str) -> None:
    """JSON has no order. A `->>` that met a variable takes the variable's kind when that is known."""
    for part in (left, right):
        if part.kind is Kind.JSON and not (isinstance(left, Variable) or isinstance(right, Variable)):
            raise refuse(part, operator, "text, numbers and dates")


def _midnight(part: Typed) -> Typed:
    return Operation(Kind.TIMESTAMP, "midnight", (part,), position=part.position) if part.kind is Kind.DAY else part


def shared_kind(args: tuple[Typed, ...]) -> Kind:
    """The kind of arguments that have met: fractions win over integers, anything over null."""
    kinds = {arg.kind for arg in args} - {Kind.NULL}
    return Kind.NUMBER if kinds == {Kind.INTEGER, Kind.NUMBER} else next(iter(kinds), Kind.NULL)


def same_kind(args: tuple[Typed, ...], by: str) -> tuple[Typed, ...]:
    """Arguments that share one kind."""
    first = next((arg for arg in args if not is_loose(arg)), None) or next((arg for arg in args if not _is_null(arg)), args[0])
    if by != "coalesce" and first.kind in (Kind.JSON, Kind.BLOB) and not is_loose(first):
        raise refuse(first, by, "text, numbers, booleans and dates")
    met = tuple(meet(first, arg, by)[1] for arg in args)
    return tuple(coerce(arg, Kind.NUMBER) if isinstance(arg, Const) and shared_kind(met) is Kind.NUMBER else arg for arg in met)


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
    Takes.SAME: any_kind,
    Takes.JSON_VALUE: as_json_value,
}
