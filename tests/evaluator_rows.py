"""A tree, a row and a caller: the conditions and values of the reference evaluator. See evaluator.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pocketapi.expressions.nodes import Binary, Call, ListOf, Literal, Name, Node, Unary
from tests.evaluator_dates import call_date
from tests.evaluator_functions import SIGNATURES, arithmetic, call, integral, negated
from tests.evaluator_kinds import EQUALITIES, ORDERINGS, PREFIXES, Checker, ColumnSpec, has_variable, is_null, meeting
from tests.evaluator_search import Query
from tests.evaluator_values import (
    Form,
    K,
    Unspecified,
    compare,
    follow,
    is_number,
    json_equal,
    like,
    literal_as,
    loose_as,
    number_text,
    parse_path,
    truthy,
    variable_as,
)

Row = Mapping[str, Any]
Columns = Mapping[str, ColumnSpec]
SIGNS: Mapping[str, Callable[[int], bool]] = {
    "==": lambda sign: sign == 0,
    "=": lambda sign: sign == 0,
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
}
NEGATED = {"!=": "==", "!~": "~", "!in": "in"}


class Evaluator:
    """One row, one caller."""

    def __init__(
        self,
        row: Row,
        columns: Columns,
        *,
        caller: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        request: Mapping[str, Any] | None = None,
        new: Row | None = None,
        table: str = "things",
        now: datetime | None = None,
        sql_unknown: bool = False,
    ) -> None:
        self.row, self.new, self.columns, self.table = row, new, columns, table
        self.variables = {"auth": caller or {}, "params": params, "request": request}
        spaces = {name for name, values in self.variables.items() if values is not None}
        self.checker = Checker(columns, table, spaces | ({"new"} if new is not None else set()))
        self.now = now or datetime.now(UTC)
        self.sql_unknown = sql_unknown

    def known(self, found: bool | None) -> bool | None:
        """Unknown is false where it arises."""
        return found if found is not None or self.sql_unknown else False

    # Conditions

    def truth(self, node: Node) -> bool | None:
        """The node as a condition."""
        match node:
            case Binary(operator="&" | "|" as operator):
                return self.joined(operator, self.truth(node.left), self.truth(node.right))
            case Unary(operator="!"):
                found = self.truth(node.operand)
                return None if found is None else not found
            case Binary(operator="!=" | "!~" | "!in" as operator):
                found = self.known(self.compared(NEGATED[operator], node))
                return None if found is None else not found
            case Binary(operator="@@"):
                return self.known(self.searched(node))
            case Binary(operator=operator) if operator in EQUALITIES | ORDERINGS | {"~", "in"}:
                return self.known(self.compared(operator, node))
        value = self.value(node)
        return self.known(None if value is None else truthy(value))

    def joined(self, operator: str, left: bool | None, right: bool | None) -> bool | None:
        decisive = operator == "|"
        if decisive in (left, right):
            return decisive
        return None if None in (left, right) else not decisive

    def compared(self, operator: str, node: Binary) -> bool | None:
        if operator == "in":
            return self.membership(node.left, node.right)
        if operator == "~":
            return self.matches(node.left, node.right)
        if operator in EQUALITIES and (is_null(node.left) or is_null(node.right)):
            return self.value(node.right if is_null(node.left) else node.left) is None
        return self.pair(operator, node.left, node.right)

    def pair(self, operator: str, left: Node, right: Node) -> bool | None:
        """A comparison of two sides, none of them the literal null under an equality."""
        target = meeting((self.checker.static(left), self.checker.static(right)))
        for side, other in ((left, right), (right, left)):
            members = self.members(side)
            if members is not None:
                return self.among(operator, members, other, target)
        one, two = self.value_as(left, target), self.value_as(right, target)
        if one is None or two is None:
            if operator != "==":
                return None
            alone = (one is None and has_variable(left)) or (two is None and has_variable(right))
            return one is None and two is None and not alone
        if target is K.DYNAMIC or target is K.JSON:
            return self.pair_of_json(operator, one, two)
        return SIGNS[operator](compare(one, two, target, self.collations(left, right)))

    def pair_of_json(self, operator: str, one: Any, two: Any) -> bool:
        if operator in EQUALITIES:
            return json_equal(one, two)
        if is_number(one) and is_number(two):
            return SIGNS[operator](compare(one, two, K.NUMBER, ()))
        if isinstance(one, str) and isinstance(two, str):
            return SIGNS[operator](compare(one, two, K.TEXT, ()))
        raise Unspecified("an order of JSON values")

    def members(self, node: Node) -> list[Any] | None:
        """The items of a variable that is a list, `auth.role` above all."""
        if self.checker.static(node).form is Form.VARIABLE:
            value = self.value(node)
            return value if isinstance(value, list) else None
        return None

    def among(self, operator: str, members: Sequence[Any], other: Node, target: K) -> bool | None:
        if operator not in EQUALITIES:
            return None
        value = self.value_as(other, target)
        if target is K.JSON or isinstance(value, list | dict):
            raise Unspecified("a list against json")
        if value is None:
            return None if operator == "=" else False
        found = [variable_as(member, target) if target is not K.DYNAMIC else member for member in members]
        if target is K.DYNAMIC:
            return any(json_equal(member, value) for member in found)
        return any(member is not None and compare(member, value, target, self.collations(other)) == 0 for member in found)

    def collations(self, *sides: Node) -> list[str]:
        return [found for side in sides if (found := self.checker.static(side).collation)]

    def matches(self, left: Node, right: Node) -> bool | None:
        """`~`; a list matches where any of it does."""
        texts, patterns = self.texts(left), self.texts(right)
        if texts is None or patterns is None:
            return None
        return any(like(text, pattern) for text in texts for pattern in patterns)

    def searched(self, node: Binary) -> bool | None:
        """`@@`; of a list any query will do."""
        queries = self.texts(node.right)
        if queries is None:
            return None
        texts = [self.row[name] for name in self.checker.searched(node)]
        found = [Query(query).finds(texts) for query in queries]
        return any(found)

    def texts(self, node: Node) -> list[str] | None:
        members = self.members(node)
        if members is None:
            value = self.value_as(node, K.TEXT)
            return None if value is None else [value]
        return [text for member in members if (text := variable_as(member, K.TEXT)) is not None]

    def membership(self, left: Node, right: Node) -> bool | None:
        if isinstance(right, ListOf):
            found = [self.equal_item(left, item) for item in right.items]
            return True if True in found else None if None in found else False
        lefts, array = self.members(left), self.value(right)
        values = [self.value(left)] if lefts is None else lefts
        if array is None or values == [None]:
            return None
        if not isinstance(array, list):
            if has_variable(right):
                raise Unspecified("a variable at the right of in that is no list")
            return False
        return any(self.element(value, item, left, right) for value in values for item in array)

    def equal_item(self, left: Node, item: Node) -> bool | None:
        return None if is_null(left) or is_null(item) else self.pair("=", left, item)

    def element(self, value: Any, item: Any, left: Node, right: Node) -> bool:
        if value is None or item is None:
            return False
        if json_equal(value, item):
            return True
        if isinstance(value, str) and isinstance(item, str):
            if any(compare(value, item, K.TEXT, [name]) == 0 for name in self.collations(left)):
                raise Unspecified("a collation in a JSON array")
        elif has_variable(left) or has_variable(right):
            self.same_if_converted(value, item)
        return False

    def same_if_converted(self, value: Any, item: Any) -> None:
        if any(isinstance(side, list | dict) for side in (value, item)) or loosely(value) == loosely(item):
            raise Unspecified("a variable's list of another kind")

    # Values

    def value(self, node: Node) -> Any:
        """The node's own value."""
        static = self.checker.static(node)
        if static.form is Form.LITERAL:
            return static.value
        match node:
            case Literal():
                return None
            case Name():
                return self.named(node)
            case Unary(operator="-" | "+" as sign):
                found = self.operand(node.operand)
                return negated(found) if sign == "-" else found
            case Binary(operator="->" | "->>"):
                return self.extracted(node)
            case Binary(operator="+" | "-" | "*" | "/" as operator):
                return arithmetic(operator, self.operand(node.left), self.operand(node.right), kind=static.kind)
            case Binary(operator="||"):
                sides = self.concatenable(node.left), self.concatenable(node.right)
                return None if None in sides else "".join(map(str_of, sides))
            case Call():
                return self.called(node, static.kind)
        return self.truth(node)

    def named(self, node: Name) -> Any:
        first, *rest = node.parts
        if not rest or first == self.table:
            return self.cell(self.row, node.parts[-1])
        if first not in PREFIXES:
            return self.cell(self.new or {}, rest[0])
        return follow(self.variables[first], tuple(rest))

    def cell(self, row: Row, name: str) -> Any:
        value = row[name]
        return float(value) if value is not None and self.columns[name].kind == "number" else value

    def extracted(self, node: Binary) -> Any:
        assert isinstance(node.right, Literal)
        value = self.value(node.left)
        if self.checker.static(node.left).form is Form.VARIABLE and isinstance(value, str):
            raise Unspecified("a path into a text variable")
        return follow(value, parse_path(str(node.right.value)))

    def operand(self, node: Node) -> Any:
        """The node as a number, a bool as 1 or 0."""
        if self.checker.static(node).kind is K.BOOL:
            value = self.value(node)
            return None if value is None else int(value)
        value = self.value(node)
        if isinstance(value, bool) and self.checker.static(node).form is Form.VARIABLE:
            return int(value)
        return self.value_as(node, K.NUMBER)

    def value_as(self, node: Node, target: K) -> Any:
        """The node's value as the kind that it meets; None where it has none."""
        static, value = self.checker.static(node), self.value(node)
        if value is None or target is K.DYNAMIC or target is K.NULL:
            return value
        convert = {Form.LITERAL: literal_as, Form.VARIABLE: variable_as, Form.LOOSE: loose_as}.get(static.form)
        return convert(value, target) if convert else value

    def concatenable(self, node: Node) -> Any:
        """The node as a text or number."""
        value, form = self.value(node), self.checker.static(node).form
        if form in (Form.LOOSE, Form.VARIABLE):
            if isinstance(value, bool) or (form is Form.LOOSE and is_number(value)):
                raise Unspecified("what ->> or a bool is in a concatenation")
            return value if isinstance(value, str) or is_number(value) else None
        return value

    def called(self, node: Call, kind: K) -> Any:
        signature = SIGNATURES[node.name]
        values = [self.argument(argument, signature.argument(index), kind) for index, argument in enumerate(node.args)]
        if "date" in signature.takes:
            return call_date(node.name, values, self.now)
        return call(node.name, values, kind)

    def argument(self, node: Node, takes: str, kind: K) -> Any:
        match takes:
            case "text":
                return self.value_as(node, K.TEXT)
            case "concat":
                return self.concatenable(node)
            case "number":
                return self.value_as(node, K.NUMBER)
            case "integer":
                return integral(self.value_as(node, K.INTEGER))
            case "same":
                return self.value_as(node, kind)
            case "json":
                return self.value_as(node, K.JSON)
            case "date":
                return self.dated(node)
            case _:
                return self.value(node)

    def dated(self, node: Node) -> Any:
        """The node as the functions of dates take it: only a literal 'now' is the present."""
        value, form = self.value(node), self.checker.static(node).form
        if form is Form.LOOSE and value is not None:
            raise Unspecified("->> as a date")
        if value == "now" and form is not Form.LITERAL:
            raise Unspecified("the text now of a row or variable")
        return value


def str_of(value: Any) -> str:
    return value if isinstance(value, str) else number_text(value)


def loosely(value: Any) -> str:
    """One text for values that convert to each other."""
    if isinstance(value, bool):
        return str(int(value))
    return str(float(value)) if is_number(value) else value
