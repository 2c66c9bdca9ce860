"""From syntax to a checked tree: names resolved through a scope, kinds met, literals made slots.

Every refusal is an ExpressionError with the position in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, TypeVar

from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar, json_paths, literals, rows
from pocketapi.expressions.kinds import FUNCTIONS, UNORDERED, Kind, Signature, Takes
from pocketapi.expressions.meeting import (
    ARGUMENTS,
    as_condition,
    as_date,
    as_epoch,
    as_json,
    as_json_value,
    as_number,
    as_text,
    as_written,
    coerce,
    describe,
    is_loose,
    meet,
    refuse,
    same_kind,
    shared_kind,
)
from pocketapi.expressions.nodes import Binary, Call, Item, ListOf, Literal, Name, Node, Star, Unary
from pocketapi.expressions.scope import ColumnName, PathName, Scope, nearest
from pocketapi.expressions.typed import FALSE, OF_CALLER, ColumnRef, Const, Operation, Slot, Typed, Variable, has_variable

__all__ = ["Checker", "Scope", "coerce", "condition", "describe", "is_loose", "slots_of", "value", "within"]

T = TypeVar("T")
SAME_KIND = ("coalesce", "min", "max")
LOGICAL = {"|": "or", "&": "and"}
ORDERINGS = ("<", "<=", ">", ">=")
MODIFIER = re.compile(r"[+-]?\d+ (?:second|minute|hour|day|month|year)s?|start of (?:day|month|year)|unixepoch")
FORMATS = set("YmdHMSfjws%")


def condition(text: str, scope: Scope) -> Typed:
    """A condition of the config's own, its literals in place."""
    return within(text, lambda: Checker(scope).condition(grammar.parse(text)))


def value(text: str, scope: Scope) -> Typed:
    """A value of the config's own, its literals in place."""
    return within(text, lambda: Checker(scope).value(grammar.parse(text)))


def within(text: str, check: Callable[[], T]) -> T:
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
    numbers: Iterator[int] = field(default_factory=lambda: count(1))  # of the aliases of other rows

    def condition(self, node: Node) -> Typed:
        """A node as a condition: a bare value is true unless it is null, false, 0 or empty."""
        return as_condition(self.value(node))

    def value(self, node: Node) -> Typed:
        """A node as a value. What is loose may still take the kind of what it meets: see meeting.py."""
        for kind, check in CHECKS:
            if isinstance(node, kind):
                return check(self, node)
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
            return rows.reference(found, node.position)
        if isinstance(found, PathName):
            return rows.path(found, node.position, self.fresh)
        return Variable(Kind.JSON, found.path, position=node.position)

    def _star(self, node: Star) -> Typed:
        text = "`*` stands only alone in select and returning; to count rows write `count()`."
        raise ExpressionError(text, position=node.position)

    def _alias(self, node: Item) -> Typed:
        raise ExpressionError("An alias stands only in select and returning.", position=node.position)

    # Operators

    def _unary(self, node: Unary) -> Typed:
        operand = self.value(node.operand)
        if node.operator == "!":
            return Operation(Kind.BOOL, "not", (as_condition(operand),), position=node.position)
        if isinstance(operand, Const) and operand.kind.is_number:
            return replace(operand, negative=operand.negative is not (node.operator == "-"), position=node.position)
        number = as_number(operand, node.operator)
        return Operation(number.kind, "negative", (number,), position=node.position) if node.operator == "-" else number

    def _binary(self, node: Binary) -> Typed:
        """A chain is long to the left: it is followed down in a loop, since recursion has an end."""
        chain: list[Binary] = []
        first: Node = node
        while isinstance(first, Binary) and first.operator not in LOGICAL:
            chain.append(first)
            first = first.left
        if chain and chain[-1].operator == "@@":
            left = self._match(chain.pop())
        else:
            left = self._logical(first) if isinstance(first, Binary) else self.value(first)
        for each in reversed(chain):
            left = BINARIES[each.operator](self, each, left)
        return left

    def _equality(self, node: Binary, left: Typed) -> Typed:
        args = meet(left, self.value(node.right), node.operator)
        detail = (OF_CALLER,) if any(map(has_variable, args)) else ()
        return Operation(Kind.BOOL, node.operator, args, detail, position=node.position)

    def _like(self, node: Binary, left: Typed) -> Typed:
        args = (as_text(left, node.operator), as_text(self.value(node.right), node.operator))
        return Operation(Kind.BOOL, node.operator, args, position=node.position)

    def _concatenation(self, node: Binary, left: Typed) -> Typed:
        args = (as_written(left, node.operator), as_written(self.value(node.right), node.operator))
        return Operation(Kind.TEXT, node.operator, args, position=node.position)

    def _arithmetic(self, node: Binary, left: Typed) -> Typed:
        args = (as_number(left, node.operator), as_number(self.value(node.right), node.operator))
        kind = Kind.NUMBER if Kind.NUMBER in (args[0].kind, args[1].kind) else Kind.INTEGER
        return Operation(kind, node.operator, args, position=node.position)

    def _match(self, node: Binary) -> Typed:
        """A search of the table around, or of one of its columns."""
        search, (names, columns) = self.scope.search, self._searched(node)
        query = self.value(node.right)
        if search is None or not isinstance(query, Const | Variable):
            raise ExpressionError("The right of `@@` is a text or a variable.", position=node.right.position)
        if isinstance(query, Const) and query.is_null:
            return FALSE
        key = ColumnRef(search.key.kind, search.key, self.scope.row)
        args = (key, *columns, coerce(query, Kind.TEXT, "`@@`"))
        return Operation(Kind.BOOL, "@@", args, (search, names), position=node.position)

    def _searched(self, node: Binary) -> tuple[tuple[int, ...], list[ColumnRef]]:
        """The places of the columns that the left of a search names, and the columns."""
        scope, left = self.scope, node.left
        if not isinstance(left, Name):
            raise self._no_match(node, left)
        if scope.search is None:
            raise ExpressionError(f"`@@`: {scope.table} has no fullTextSearch, or none that is enabled.", position=node.position)
        if not scope.stored:
            raise ExpressionError("`@@` searches stored rows: a createRule is about a new one.", position=node.position)
        every = scope.search.columns
        if left.parts == (scope.table,):
            return tuple(range(len(every))), [ColumnRef(each.kind, each, scope.row) for each in every]
        found = scope.resolve(left)
        if not isinstance(found, ColumnName) or found.row != scope.row or found.outer:
            raise self._no_match(node, left)
        if found.column not in every:
            known = ", ".join(each.name for each in every)
            raise ExpressionError(
                f"`{found.column.name}` is not in the fullTextSearch of {scope.table}: {known} are.", position=left.position
            )
        return (every.index(found.column),), [rows.reference(found, left.position)]

    def _no_match(self, _node: Binary, left: Node | Typed) -> ExpressionError:
        text = f"The left of `@@` is {self.scope.table}, or one of its columns."
        return ExpressionError(text, position=left.position)

    def _late_match(self, node: Binary, left: Typed) -> Typed:
        """A search of something that is computed: `a == b @@ 'x'`."""
        raise self._no_match(node, left)

    def _ordering(self, node: Binary, left: Typed) -> Operation:
        """JSON has no order; two values of `->>` have one as numbers or as texts."""
        left, right = meet(left, self.value(node.right), node.operator)
        for part in (left, right):
            if part.kind is Kind.JSON and not is_loose(part):
                raise refuse(part, node.operator, "text, numbers and dates")
        if left.kind is right.kind is Kind.JSON and not has_variable(left) and not has_variable(right):
            kinds = (Kind.NUMBER, Kind.TEXT)
            either = tuple(Operation(Kind.BOOL, node.operator, (coerce(left, kind), coerce(right, kind))) for kind in kinds)
            return Operation(Kind.BOOL, "or", either, position=node.position)
        return Operation(Kind.BOOL, node.operator, (left, right), position=node.position)

    def _logical(self, node: Binary) -> Operation:
        """A chain of one operator becomes one flat operation, however long."""
        parts: list[Node] = []
        rest: Node = node
        while isinstance(rest, Binary) and rest.operator == node.operator:
            parts.append(rest.right)
            rest = rest.left
        parts.append(rest)
        return Operation(Kind.BOOL, LOGICAL[node.operator], tuple(map(self.condition, reversed(parts))), position=node.position)

    def _membership(self, node: Binary, left: Typed) -> Typed:
        negated = node.operator == "!in"
        if isinstance(node.right, ListOf):
            items = [self.value(item) for item in node.right.items]
        else:
            right = self.value(node.right)
            if right.kind is Kind.JSON and not isinstance(right, Variable):
                return Operation(
                    Kind.BOOL, "!holds" if negated else "holds", (right, as_json_value(left)), position=node.position
                )
            if not is_loose(right):
                hint = f"`{node.operator}` takes a list or JSON, and {describe(right)} is {right.kind.family}: write `==`."
                raise ExpressionError(hint, position=right.position)
            items = [right]
        for item in items:
            left, _ = meet(left, item, node.operator)
        met = tuple(meet(left, item, node.operator)[1] for item in items)
        return Operation(Kind.BOOL, node.operator, (left, *met), position=node.position)

    def _json_step(self, node: Binary, left: Typed) -> Typed:
        left = as_json(left, node.operator)
        if not isinstance(node.right, Literal) or isinstance(node.right.value, bool | float | None):
            raise ExpressionError(
                f"The right of `{node.operator}` is a literal path, as in meta->>'$.a.b[0]'.", position=node.right.position
            )
        path = self._static(node.right, json_paths.parse)
        if isinstance(left, Operation) and left.name in ("->", "->>"):
            return replace(left, name=node.operator, detail=left.detail + path, position=node.position)
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

    def _exists(self, node: Call) -> Typed:
        if len(node.args) != 2 or not isinstance(node.args[0], Name) or len(node.args[0].parts) != 1:
            raise ExpressionError(
                "`exists` takes a table and a condition, as in exists(members, team_id == outer.id).", position=node.position
            )
        (table,) = node.args[0].parts
        alias = self.fresh()
        scope, other = rows.inner_scope(self.scope, table, node.args[0].position, alias)
        condition = replace(self, scope=scope, aggregates=False).condition(node.args[1])
        every = Operation(Kind.BOOL, "and", (rows.visible(other, alias, self.fresh), condition))
        return Operation(Kind.BOOL, "exists", (every,), (rows.Source(other.relation, alias),), position=node.position)

    def fresh(self) -> str:
        """An alias for another row, the first of its name in the text."""
        return rows.alias_of(next(self.numbers))

    def _call(self, node: Call) -> Typed:
        if node.name == "exists":
            return self._exists(node)
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
        if node.name == "json_contains":
            return Operation(Kind.BOOL, "holds", args, position=node.position)
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
        if not signature.aggregate and args[0].kind in (*UNORDERED, Kind.NULL):
            raise refuse(args[0], node.name, "text, numbers, booleans and dates")
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


CHECKS: tuple[tuple[type[Node], Callable[[Checker, Any], Typed]], ...] = (
    (Literal, Checker._literal),
    (Name, Checker._name),
    (Unary, Checker._unary),
    (Binary, Checker._binary),
    (Call, Checker._call),
    (Star, Checker._star),
    (Item, Checker._alias),
)
BINARIES: dict[str, Callable[[Checker, Binary, Typed], Typed]] = {
    **dict.fromkeys(("==", "!=", "="), Checker._equality),
    **dict.fromkeys(("~", "!~"), Checker._like),
    "@@": Checker._late_match,
    **dict.fromkeys(ORDERINGS, Checker._ordering),
    **dict.fromkeys("+-*/", Checker._arithmetic),
    **dict.fromkeys(("in", "!in"), Checker._membership),
    **dict.fromkeys(("->", "->>"), Checker._json_step),
    "||": Checker._concatenation,
}


def _gives(node: Call) -> Kind:
    return FUNCTIONS[node.name].gives or Kind.TEXT


def _count_of(signature: Signature) -> str:
    if signature.least == signature.most:
        return f"{signature.least} argument{'s' if signature.least != 1 else ''}"
    return f"{signature.least} to {signature.most} arguments"
