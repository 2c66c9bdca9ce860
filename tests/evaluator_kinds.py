"""What the reference evaluator refuses: names, kinds and literals of a tree, before any row is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pocketapi.expressions.nodes import Binary, Call, ListOf, Literal, Name, Node, Unary, walk
from tests.evaluator_functions import SIGNATURES, Signature, check_static
from tests.evaluator_values import Form, K, Refused, Static, Unspecified, literal_as, parse_path, text_number

PREFIXES = frozenset({"auth", "params", "request"})
AUTH = frozenset({"uid", "email", "role", "verified", "admin", "superadmin", "meta", "jwt", "sid", "cid"})
NESTED = frozenset({"meta", "jwt"})
EQUALITIES = frozenset({"==", "!=", "="})
ORDERINGS = frozenset({"<", "<=", ">", ">="})
BOOL = Static(K.BOOL)


@dataclass(frozen=True)
class ColumnSpec:
    """A column as the config has it: kind (text, integer, number, bool, timestamp, day, time, json), sqlType and collation."""

    kind: str
    storage: str = ""
    collation: str = "BINARY"
    searched: bool = False


def is_null(node: Node) -> bool:
    """Whether the node is the literal null."""
    return isinstance(node, Literal) and node.value is None


def has_variable(node: Node) -> bool:
    """Whether a side contains auth, params or request."""
    return any(isinstance(below, Name) and len(below.parts) > 1 and below.parts[0] in PREFIXES for below in walk(node))


class Checker:
    """The static kinds of a tree's nodes; raises Refused."""

    def __init__(self, columns: Mapping[str, ColumnSpec], table: str, spaces: Iterable[str]) -> None:
        self.columns, self.table, self.spaces = columns, table, frozenset(spaces)
        self.known: dict[int, tuple[Node, Static]] = {}

    def static(self, node: Node) -> Static:
        """The node's kind; what is below is checked with it."""
        if id(node) not in self.known:
            self.known[id(node)] = node, self._static(node)
        return self.known[id(node)][1]

    def _static(self, node: Node) -> Static:
        match node:
            case Literal(value=None):
                return Static(K.NULL, Form.NULL)
            case Literal(value=value):
                return Static(literal_kind(value), Form.LITERAL, value)
            case Name():
                return self._name(node)
            case Unary(operator="!"):
                self.static(node.operand)
                return BOOL
            case Unary():
                return self._signed(node)
            case Binary():
                return self._binary(node)
            case Call():
                return self._call(node)
            case _:
                raise Refused("this stands here in no condition and no value")

    # Names

    def column(self, name: str) -> Static:
        if name not in self.columns:
            raise Refused(f"no column {name}")
        found = self.columns[name]
        kind = K(found.kind)
        return Static(kind, collation=found.collation if kind is K.TEXT else None)

    def _name(self, node: Name) -> Static:
        first, *rest = node.parts
        if not rest:
            return self.column(first)
        if first == self.table or (first == "new" and "new" in self.spaces):
            if len(rest) > 1:
                raise Refused(f"{node} leads nowhere")
            return self.column(rest[0])
        if first == "outer":
            raise Unspecified("other rows come later")
        if first not in PREFIXES or first not in self.spaces or not variable_known(first, rest):
            raise Refused(f"no name {node}")
        return Static(K.DYNAMIC, Form.VARIABLE)

    # Operators

    def _binary(self, node: Binary) -> Static:
        operator = node.operator
        if operator in ("in", "!in"):
            self._membership(node)
            return BOOL
        if operator in ("->", "->>"):
            return self._extract(node)
        if operator == "@@":
            self.searched(node)
            return BOOL
        left, right = self.static(node.left), self.static(node.right)
        if operator in ("&", "|"):
            return BOOL
        if operator in EQUALITIES or operator in ORDERINGS:
            check_meeting(left, right, ordered=operator in ORDERINGS)
            return BOOL
        if operator in ("~", "!~"):
            self.takes(left, "text")
            self.takes(right, "text")
            return BOOL
        if operator == "||":
            self.takes(left, "concat")
            self.takes(right, "concat")
            return Static(K.TEXT)
        if operator in "+-*/":
            return Static(combined(self.operand(left), self.operand(right)))
        raise Refused(f"no operator {operator}")

    def searched(self, node: Binary) -> list[str]:
        """The columns that a search looks at."""
        if not isinstance(node.left, Name):
            raise Refused("the left of @@ is the table or a column")
        static = self.static(node.right)
        if static.form is Form.LITERAL:
            literal_as(static.value, K.TEXT)
        elif static.form not in (Form.VARIABLE, Form.NULL) or not isinstance(node.right, Name | Literal):
            raise Refused("the right of @@ is a text or a variable")
        every = [name for name, column in self.columns.items() if column.searched]
        if node.left.parts == (self.table,):
            return every
        self._name(node.left)
        if node.left.parts[-1] not in every or node.left.parts[0] not in (self.table, node.left.parts[-1]):
            raise Refused(f"{node.left} is not searched")
        return [node.left.parts[-1]]

    def _signed(self, node: Unary) -> Static:
        below = self.static(node.operand)
        if below.form is Form.LITERAL and below.kind in (K.INTEGER, K.NUMBER):
            return Static(below.kind, Form.LITERAL, -below.value if node.operator == "-" else below.value)
        return Static(self.operand(below))

    def operand(self, static: Static) -> K:
        """The number kind of an operand of arithmetic: booleans are integers."""
        if static.form is Form.NULL or static.kind is K.BOOL:
            return K.INTEGER
        self.takes(static, "number")
        if static.form in (Form.VARIABLE, Form.LOOSE):
            return K.NUMERIC
        if static.kind is K.TEXT:
            return K.INTEGER if isinstance(text_number(static.value), int) else K.NUMBER
        return static.kind

    def _extract(self, node: Binary) -> Static:
        left = self.static(node.left)
        if left.form is Form.LITERAL or (left.form in (Form.FIXED, Form.NULL) and left.kind is not K.JSON):
            raise Refused(f"{node.operator} takes json, not {left.kind.value}")
        if not isinstance(node.right, Literal) or not isinstance(node.right.value, str):
            raise Refused(f"{node.operator} takes a literal path")
        parse_path(node.right.value)
        return Static(K.DYNAMIC, Form.LOOSE) if node.operator == "->>" else Static(K.JSON, Form.PART)

    def _membership(self, node: Binary) -> None:
        left = self.static(node.left)
        if isinstance(node.right, ListOf):
            for item in node.right.items:
                check_meeting(left, self.static(item), ordered=False)
            return
        right = self.static(node.right)
        if right.form is Form.FIXED and right.kind is not K.JSON:
            raise Refused(f"in takes a list or json, not {right.kind.value}")
        if left.kind.family == "date":
            raise Unspecified("a date in a JSON array")

    # Calls

    def _call(self, node: Call) -> Static:
        if node.name == "exists" or len(node.parts) > 1:
            raise Unspecified("other rows come later")
        signature = SIGNATURES.get(node.name)
        if signature is None:
            raise Refused(f"no function {node.name}")
        if not signature.least <= len(node.args) <= signature.most:
            raise Refused(f"{node.name} does not take {len(node.args)} arguments")
        statics = []
        for index, argument in enumerate(node.args):
            takes = signature.argument(index)
            statics.append(self.static(argument))
            if takes in ("modifier", "format", "path"):
                check_static(takes, argument)
            else:
                self.takes(statics[-1], takes)
        if signature.aggregate or (node.name in ("min", "max") and len(node.args) == 1):
            raise Refused(f"{node.name} is an aggregate")
        return self._result(signature, statics)

    def _result(self, signature: Signature, statics: Sequence[Static]) -> Static:
        if signature.gives == "same":
            return same(statics, ordered=signature.ordered)
        if signature.gives == "operand":
            return Static(self.operand(statics[0]))
        return Static(signature.gives)

    def takes(self, static: Static, wanted: str) -> None:
        """Refuse an argument or operand of a kind that is not wanted."""
        if static.form in (Form.NULL, Form.VARIABLE, Form.LOOSE) or wanted == "same":
            return
        if static.form is Form.PART and wanted not in ("json", "value"):
            raise Unspecified("-> where no json is taken")
        if static.form is Form.LITERAL:
            self._literal_taken(static, wanted)
            return
        family = static.kind.family
        allowed = {
            "text": {"text"},
            "concat": {"text", "number"},
            "number": {"number"},
            "integer": {"number"},
            "json": {"json"},
            "value": {"text", "number", "bool", "json"},
            "date": {"date", "text", "number"},
        }[wanted]
        if family not in allowed:
            if wanted == "value" or (wanted in ("number", "integer") and family == "bool"):
                raise Unspecified(f"{family} where {wanted} is taken")
            raise Refused(f"{family} where {wanted} is taken")
        if wanted == "integer" and static.kind is K.NUMBER:
            raise Unspecified("a fraction where an integer is taken")

    def _literal_taken(self, static: Static, wanted: str) -> None:
        value = static.value
        match wanted:
            case "concat" if isinstance(value, bool):
                raise Unspecified("a bool as text")
            case "text" | "json":
                literal_as(value, K.TEXT if wanted == "text" else K.JSON)
            case "number":
                literal_as(value, K.NUMBER)
            case "integer" if not isinstance(literal_as(value, K.INTEGER), int):
                raise Unspecified("a fraction where an integer is taken")
            case "date" if isinstance(value, bool):
                raise Refused("a bool where a date is taken")


def literal_kind(value: Any) -> K:
    if isinstance(value, str):
        return K.TEXT
    return K.BOOL if isinstance(value, bool) else K.INTEGER if isinstance(value, int) else K.NUMBER


def variable_known(first: str, rest: Sequence[str]) -> bool:
    match first:
        case "auth":
            return rest[0] in AUTH and (len(rest) == 1 or rest[0] in NESTED)
        case "request":
            return tuple(rest) in (("method",), ("ip",)) or (len(rest) == 2 and rest[0] in ("query", "headers"))
        case _:
            return len(rest) == 1


def combined(left: K, right: K) -> K:
    """The kind of a result of arithmetic."""
    return next((kind for kind in (K.NUMBER, K.NUMERIC) if kind in (left, right)), K.INTEGER)


def meeting(statics: Sequence[Static]) -> K:
    """The kind that values take where they meet; DYNAMIC where only the values tell."""
    firm = [static for static in statics if static.form in (Form.FIXED, Form.PART)]
    literals = [static for static in statics if static.form is Form.LITERAL]
    kinds = {static.kind for static in firm or literals}
    families = {kind.family for kind in kinds}
    if not kinds:
        return K.NULL if all(static.form is Form.NULL for static in statics) else K.DYNAMIC
    if len(families) > 1:
        if not firm or any(static.form is Form.PART for static in firm):
            raise Unspecified("literals of two kinds, or -> against another kind")
        raise Refused(f"{' and '.join(sorted(families))} do not meet")
    if K.TIME in kinds and len(kinds) > 1:
        raise Unspecified("a time against another date")
    return wider(kinds)


def wider(kinds: set[K]) -> K:
    """The one kind for several of one family."""
    return next(kind for kind in (K.NUMBER, K.NUMERIC, K.INTEGER, K.TIMESTAMP, *kinds) if kind in kinds)


def check_literals(statics: Sequence[Static], target: K) -> None:
    for static in statics:
        if static.form is not Form.LITERAL:
            continue
        try:
            literal_as(static.value, target)
        except Refused:
            if any(other.form is Form.PART for other in statics):
                raise Unspecified("-> against a text that is no JSON") from None
            raise


def check_meeting(left: Static, right: Static, *, ordered: bool) -> None:
    target = meeting((left, right))
    check_literals((left, right), target)
    if ordered and target is K.JSON:
        if Form.PART in (left.form, right.form):
            raise Unspecified("-> in an order")
        raise Refused("json has no order")


def same(statics: Sequence[Static], *, ordered: bool) -> Static:
    """The kind of a function whose arguments share one."""
    target = meeting(statics)
    check_literals(statics, target)
    if ordered and target in (K.JSON, K.BOOL):
        raise Unspecified(f"the least of {target.value}")
    if target in (K.DYNAMIC, K.NULL):
        if ordered and target is K.DYNAMIC:
            raise Unspecified("the least of values without a kind")
        loose = any(static.form is Form.LOOSE for static in statics)
        form = Form.NULL if target is K.NULL else Form.LOOSE if loose else Form.VARIABLE
        return Static(target, form)
    if target is K.INTEGER:
        if any(static.form is Form.LITERAL and isinstance(literal_as(static.value, target), float) for static in statics):
            return Static(K.NUMBER)
        if any(static.form in (Form.VARIABLE, Form.LOOSE) for static in statics):
            return Static(K.NUMERIC)
    return Static(target)
