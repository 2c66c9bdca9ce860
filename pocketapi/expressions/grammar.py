"""From text to the syntax tree.

Brackets are paired first: to the grammar each is one word, and what stands in it is parsed by itself. pyparsing reads operands
and operators as one flat chain, and PRECEDENCE folds the chain into a tree. So no depth of a text needs a deep stack, and the
time is linear in its length. Whatever is wrong raises ExpressionError with the position, the leftmost first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import pyparsing as pp

from pocketapi.errors import ExpressionError
from pocketapi.expressions import nodes, shape
from pocketapi.expressions.nodes import Binary, Call, Item, ListOf, Literal, Name, Node, OrderItem, Star, Unary
from pocketapi.expressions.shape import MAX_LENGTH, Token

MAX_DEPTH = 32
MAX_NODES = 256
MAX_LIST = 100
MAX_NAME = 63

LEVELS = (
    ("|",),
    ("&",),
    ("==", "!=", "=", "~", "!~", "@@"),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "/"),
    ("in", "!in"),
    ("->", "->>"),
    ("||",),
)
PRECEDENCE = {operator: level for level, operators in enumerate(LEVELS, 1) for operator in operators}
KEYWORDS = frozenset({"in", "as", "true", "false", "null", "asc", "desc"})
CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
CLOSERS = {"(": ")", "[": "]"}

ADVICE = {
    "&&": "use `&`",
    "===": "use `==`",
    "!==": "use `!=`",
    "<>": "use `!=`",
    "??": "use `coalesce(a, b)`",
    "%": "there is no remainder; `a - a / b * b` is one for integers",
    "^": "there are no bit operators; compare with `!=`",
    "<<": "there are no bit operators",
    ">>": "there are no bit operators",
    ";": "an expression is one condition or value",
    "?": "there is no `a ? b : c`; use `coalesce` or `&` and `|`",
    "~~": "use `~`",
}
WORDS = {"and": "&", "or": "|", "not": "!", "like": "~", "is": "==", "match": "@@"}
FOREIGN = sorted(ADVICE, key=len, reverse=True)


def parse(text: str) -> Node:
    """One condition or value: `published == true & views > 10`."""
    (node,) = _parse(text, "expression")
    return node  # type: ignore[no-any-return]


def parse_items(text: str) -> tuple[Item | Star, ...]:
    """Select, returning or group: `id, title, count() => n, author_id(name)`."""
    return _parse(text, "items")


def parse_order(text: str) -> tuple[OrderItem, ...]:
    """Order: `-created, title DESC, lower(name)`."""
    return _parse(text, "order")


def literal_positions(text: str) -> tuple[int, ...]:
    """Where the literals of a text start, in the order in which shape.cut numbers them."""
    return tuple(found.start() for found in shape.literals(text))


@lru_cache(maxsize=4096)
def _parse(text: str, rule: str) -> tuple[Any, ...]:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"An expression has at most {MAX_LENGTH} characters, this one has {len(text)}.")
    words = _checked_words(text)
    try:
        parsed = _Builder(_chains(text, words, rule)).result(rule)
    except ExpressionError as error:
        raise error.within(text) from None
    if (count := sum(map(_count, parsed))) > MAX_NODES:
        raise ExpressionError(
            f"An expression has at most {MAX_NODES} names, literals and operators, this one has {count}.", text, 0
        )
    return parsed


def _count(root: Node) -> int:
    """Nodes of a tree, without recursion: a long chain is deep."""
    waiting, count = [root], 0
    while waiting:
        count += 1
        waiting += nodes.children(waiting.pop())
    return count


# What is refused before parsing


def _checked_words(text: str) -> list[Token]:
    words = list(shape.tokens(text))
    if not words:
        raise ExpressionError("The expression is empty.", text, 0)
    for word in words:
        if wrong := _wrong(text, word):
            raise ExpressionError(wrong, text, word.position)
    _check_depth(text, words)
    return words


def _wrong(text: str, word: Token) -> str | None:
    """What a word alone has against it."""
    if word.kind in ("operator", "other"):
        for spelling in FOREIGN:
            if text.startswith(spelling, word.position):
                return f"`{spelling}` is not an operator here: {ADVICE[spelling]}."
    if word.kind == "other":
        return _strange(word.text)
    if word.kind in ("integer", "fraction") and shape.is_beyond(word.kind, word.text):
        return f"{word.text} is beyond {'64 bits' if word.kind == 'integer' else 'double precision'}."
    return None


def _strange(character: str) -> str:
    if character in "'\"":
        return "This string does not end: close it with the same quote."
    if character[0].isdigit():
        return "This is no number: write it as 1, 1.5 or 1e3."
    return f"{character!r} has no meaning in an expression."


def _check_depth(text: str, words: Sequence[Token]) -> None:
    """Count brackets, calls and unary operators that are open at once."""
    waiting: list[int] = []  # the unary operators before each open bracket
    unary, operand_ended = 0, False
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word.text in CLOSERS:
            waiting.append(unary)
            unary, operand_ended = 0, False
        elif word.text in (")", "]"):
            unary, operand_ended = 0, True
            if waiting:
                waiting.pop()
        elif word.kind == "operator" and word.text != ".":
            unary = 0 if operand_ended or word.text == "," else unary + 1
            operand_ended = False
        elif not (following and following.text in ("(", ".") and word.kind == "name"):
            unary = 0
            operand_ended = word.text.lower() != "in"
        if sum(waiting) + len(waiting) + unary > MAX_DEPTH:
            raise ExpressionError(f"An expression nests at most {MAX_DEPTH} deep.", text, word.position)


def _unexpected(text: str, words: Sequence[Token], position: int) -> ExpressionError:
    found = next((word for word in words if word.position >= position), None)
    if found is None:
        return ExpressionError("The expression ends too early.", text, len(text))
    if found.text.lower() in WORDS:
        return ExpressionError(
            f"`{found.text}` is not an operator here: use `{WORDS[found.text.lower()]}`.", text, found.position
        )
    return ExpressionError(f"`{found.text}` is not expected here.", text, found.position)


# Brackets


@dataclass(slots=True)
class _Bracket:
    """Where a bracket opens and closes, and the brackets directly in it."""

    opens: int
    closes: int
    inner: list[_Bracket] = field(default_factory=list)

    def content(self, text: str) -> str:
        """What stands in it, at its place in the text; the insides of inner brackets are blank."""
        parts, at = [" " * (self.opens + 1)], self.opens + 1
        for bracket in self.inner:
            parts += [text[at : bracket.opens + 1], " " * (bracket.closes - bracket.opens - 1), CLOSERS[text[bracket.opens]]]
            at = bracket.closes + 1
        return "".join([*parts, text[at : self.closes]])


def _brackets(text: str, words: Sequence[Token]) -> tuple[list[_Bracket], ExpressionError | None]:
    """The text as a bracket, then its brackets as they open; and what is wrong with their pairing."""
    whole = _Bracket(-1, len(text))
    found, still_open = [whole], [whole]
    for word in words:
        if word.text in CLOSERS:
            bracket = _Bracket(word.position, len(text))
            still_open[-1].inner.append(bracket)
            still_open.append(bracket)
            found.append(bracket)
        elif word.text in (")", "]"):
            if len(still_open) == 1 or CLOSERS[text[still_open[-1].opens]] != word.text:
                for bracket in still_open:
                    bracket.closes = word.position
                return found, _unexpected(text, words, word.position)
            still_open.pop().closes = word.position
    return found, _unexpected(text, words, len(text)) if len(still_open) > 1 else None


def _chains(text: str, words: Sequence[Token], rule: str) -> dict[int, list[Any]]:
    """What the grammar reads of the text (at -1) and of each bracket, by where it opens; the leftmost error is raised."""
    brackets, error = _brackets(text, words)
    errors = [error] if error else []
    chains: dict[int, list[Any]] = {}
    for bracket in brackets:
        try:
            read = RULES[rule if bracket.opens < 0 else "inside"].parse_string(bracket.content(text), parse_all=True)
            chains[bracket.opens] = list(read)
        except pp.ParseBaseException as failed:
            errors.append(_unexpected(text, words, failed.loc))
    if errors:
        raise min(errors, key=lambda error: error.position or 0)
    return chains


# The grammar, and what its parse actions make


class _Sign(NamedTuple):
    """An operator and where it stands."""

    position: int
    text: str


class _Inside(NamedTuple):
    """A bracket as one word."""

    opens: int
    square: bool


class _Reference(NamedTuple):
    """A name, or a call with the bracket of its arguments."""

    position: int
    parts: tuple[str, ...]
    called: _Inside | None


class _Operand(NamedTuple):
    """Unary operators and what they stand before."""

    signs: tuple[_Sign, ...]
    of: Literal | _Reference | _Inside


class _Item(NamedTuple):
    """A chain, with the alias of an item or the direction of an order."""

    position: int
    chain: tuple[Any, ...]
    alias: str | None = None
    signs: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()


def _literal(_text: str, position: int, found: pp.ParseResults) -> Literal:
    word: str = found[0]
    if word.lower() in CONSTANTS:
        return Literal(CONSTANTS[word.lower()], position=position)
    kind = "string" if word[0] in "'\"" else "integer" if word.isdigit() else "fraction"
    return Literal(shape.literal_value(kind, word), position=position)


def _not_keyword(_text: str, _position: int, found: pp.ParseResults) -> bool:
    return found[0].lower() not in KEYWORDS


def _inside(_text: str, position: int, found: pp.ParseResults) -> _Inside:
    return _Inside(position, found[0][0] == "[")


def _reference(_text: str, position: int, found: pp.ParseResults) -> _Reference:
    parts = tuple(word for word in found if isinstance(word, str))
    return _Reference(position, parts, None if len(parts) == len(found) else found[-1])


def _operand(_text: str, _position: int, found: pp.ParseResults) -> _Operand:
    *signs, of = found
    return _Operand(tuple(signs), of)


def _sign(_text: str, position: int, found: pp.ParseResults) -> _Sign:
    return _Sign(position, found[0].lower())


def _chain(_text: str, position: int, found: pp.ParseResults) -> _Item:
    return _Item(position, tuple(found))


def _item(_text: str, position: int, found: pp.ParseResults) -> _Item | Star:
    if isinstance(found[0], Star):
        return found[0]
    return found[0]._replace(position=position, alias=found[1] if len(found) > 1 else None)  # type: ignore[no-any-return]


def _order_item(_text: str, position: int, found: pp.ParseResults) -> _Item:
    (item,) = (part for part in found if isinstance(part, _Item))
    words = tuple(part.text for part in found if isinstance(part, _Sign))
    signs, ways = (tuple(word for word in words if (word in "-+") is sign) for sign in (True, False))
    return item._replace(position=position, signs=signs, ways=ways)


def _grammar() -> dict[str, pp.ParserElement]:
    def punctuation(text: str) -> pp.ParserElement:
        return pp.Suppress(pp.Literal(text))

    comma, dot = punctuation(","), punctuation(".")
    literal = pp.Regex(rf"{shape.STRING}|{shape.FRACTION}|{shape.INTEGER}|(?i:true|false|null)(?![A-Za-z0-9_])", re.DOTALL)
    literal.set_parse_action(_literal)
    word = pp.Regex(shape.NAME)
    free_word = word.copy().add_condition(_not_keyword)
    round_bracket = pp.Regex(r"\( *\)").set_parse_action(_inside)
    bracket = pp.Regex(r"\( *\)|\[ *\]").set_parse_action(_inside)

    reference = (free_word + pp.ZeroOrMore(dot - word) + pp.Optional(round_bracket)).set_parse_action(_reference)
    prefix = pp.Regex(r"!(?!=|~|(?i:in)(?![A-Za-z0-9_]))|-(?!>)|\+").set_parse_action(_sign)
    operand = (pp.ZeroOrMore(prefix) + (literal | reference | bracket)).set_parse_action(_operand)
    infix = pp.Regex(r"(?i:!?in)(?![A-Za-z0-9_])|->>|\|\||->|==|!=|!~|<=|>=|@@|=(?!>)|[|&~<>+\-*/]").set_parse_action(_sign)
    chain = (operand + pp.ZeroOrMore(infix - operand)).set_parse_action(_chain)

    alias = (punctuation("=>") | pp.Suppress(pp.CaselessKeyword("as"))) - word
    star = pp.Literal("*").set_parse_action(lambda _text, position, _found: Star(position=position))
    item = (star | chain + pp.Optional(alias)).set_parse_action(_item)
    direction = pp.Regex(r"[-+](?!>)").set_parse_action(_sign)
    way = (pp.CaselessKeyword("asc") | pp.CaselessKeyword("desc")).set_parse_action(_sign)
    order_item = (pp.Optional(direction) + chain + pp.Optional(way)).set_parse_action(_order_item)

    def several(element: pp.ParserElement) -> pp.ParserElement:
        return element + pp.ZeroOrMore(comma - element)

    rules = {
        "expression": pp.And([chain]),
        "items": several(item),
        "order": several(order_item),
        "inside": pp.Optional(several(item)),
    }
    for rule in rules.values():
        rule.parse_with_tabs()
    return rules


RULES = _grammar()


# The tree


NO_LIST = "A list stands only at the right of `in`."


class _Builder:
    """Makes nodes of what the grammar read of a text and of its brackets."""

    def __init__(self, chains: dict[int, list[Any]]) -> None:
        self._chains = chains

    def result(self, rule: str) -> tuple[Node, ...]:
        """The nodes of the text itself."""
        make = {"expression": self._plain, "items": self._item, "order": self._order_item}[rule]
        return tuple(map(make, self._chains[-1]))

    def _plain(self, item: _Item) -> Node:
        return _no_list(self._fold(item.chain))

    def _item(self, item: _Item | Star) -> Item | Star:
        if isinstance(item, Star):
            return item
        if item.alias and len(item.alias) > MAX_NAME:
            raise ExpressionError(f"An alias has at most {MAX_NAME} characters.", position=item.position)
        return Item(self._plain(item), item.alias, position=item.position)

    def _order_item(self, item: _Item) -> OrderItem:
        if item.signs and item.ways:
            both = f"`{item.signs[0]}` and {item.ways[0].upper()} both give a direction: leave one out."
            raise ExpressionError(both, position=item.position)
        return OrderItem(self._plain(item), "-" in item.signs or "desc" in item.ways, position=item.position)

    def _argument(self, item: _Item | Star) -> Node:
        found = self._item(item)
        return found.expression if isinstance(found, Item) and found.alias is None else found

    def _operand(self, operand: _Operand) -> Node:
        node: Node = operand.of if isinstance(operand.of, Literal) else self._named(operand.of)
        for position, sign in reversed(operand.signs):
            node = Unary(sign, _no_list(node), position=position)
        return node

    def _named(self, word: _Reference | _Inside) -> Node:
        if isinstance(word, _Inside):
            return self._bracket(word)
        if word.called is None:
            return Name(word.parts, position=word.position)
        return Call(word.parts, tuple(map(self._argument, self._chains[word.called.opens])), position=word.position)

    def _bracket(self, inside: _Inside) -> Node:
        """An expression in brackets; with commas or square, a list. At the right of `in` one literal is a list too: see _fold."""
        items = self._chains[inside.opens]
        for item in items:
            if isinstance(item, Star) or item.alias is not None:
                raise ExpressionError("`*` and aliases stand only in select and returning.", position=item.position)
        if not items and not inside.square:
            raise ExpressionError("There is nothing between these brackets.", position=inside.opens)
        if len(items) > MAX_LIST:
            raise ExpressionError(f"A list has at most {MAX_LIST} items, this one has {len(items)}.", position=inside.opens)
        if len(items) == 1 and not inside.square:
            return self._fold(items[0].chain)
        return ListOf(tuple(map(self._plain, items)), position=inside.opens)

    def _fold(self, chain: Sequence[Any]) -> Node:
        """Operands and operators in turn, to a tree: the shunting-yard algorithm, left-associative."""
        operands = [self._operand(chain[0])]
        operators: list[_Sign] = []
        for sign, operand in zip(chain[1::2], chain[2::2], strict=True):
            while operators and PRECEDENCE[operators[-1].text] >= PRECEDENCE[sign.text]:
                _reduce(operands, operators)
            operators.append(sign)
            operands.append(self._operand(operand))
        while operators:
            _reduce(operands, operators)
        return operands[0]


def _reduce(operands: list[Node], operators: list[_Sign]) -> None:
    position, operator = operators.pop()
    right, left = operands.pop(), _no_list(operands.pop())
    if operator not in ("in", "!in"):
        _no_list(right)
    elif isinstance(right, Literal):
        right = ListOf((right,), position=right.position)
    operands.append(Binary(operator, left, right, position=position))


def _no_list(node: Node) -> Node:
    if isinstance(node, ListOf):
        raise ExpressionError(NO_LIST, position=node.position)
    return node
