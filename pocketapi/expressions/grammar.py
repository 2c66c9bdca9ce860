"""From text to the syntax tree.

pyparsing reads operands and operators as one flat chain, and PRECEDENCE folds the chain into a tree: no recursion through
operator levels, so the time is linear in the text. Whatever is wrong raises ExpressionError with the position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import pyparsing as pp

from pocketapi.errors import ExpressionError
from pocketapi.expressions import nodes, shape
from pocketapi.expressions.nodes import Binary, Call, Item, ListOf, Literal, Name, Node, OrderItem, Star, Unary

MAX_LENGTH = 4000
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
}
WORDS = {"and": "&", "or": "|", "not": "!", "like": "~", "is": "==", "match": "@@"}
FOREIGN = sorted((*ADVICE, "~~"), key=len, reverse=True)


def parse(text: str) -> Node:
    """One condition or value: `published == true & views > 10`."""
    return _parse(text, "expression")[0]


def parse_items(text: str) -> tuple[Item | Star, ...]:
    """Select, returning or group: `id, title, count() => n, author_id(name)`."""
    return _parse(text, "items")


def parse_order(text: str) -> tuple[OrderItem, ...]:
    """Order: `-created, title DESC, lower(name)`."""
    return _parse(text, "order")


def literal_positions(text: str) -> tuple[int, ...]:
    """Where the literals of a text start, in the order in which shape.cut numbers them."""
    return tuple(found.start() for found in shape.LITERAL.finditer(text))


@lru_cache(maxsize=4096)
def _parse(text: str, rule: str) -> tuple[Any, ...]:
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"An expression has at most {MAX_LENGTH} characters, this one has {len(text)}.")
    words = _checked_words(text)
    try:
        parsed = tuple(RULES[rule].parse_string(text, parse_all=True))
    except pp.ParseBaseException as error:
        raise _unexpected(text, words, error.loc) from None
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


def _checked_words(text: str) -> list[shape.Token]:
    words = list(shape.tokens(text))
    if not words:
        raise ExpressionError("The expression is empty.", text, 0)
    for word in words:
        for spelling in FOREIGN:
            if text.startswith(spelling, word.position) and word.kind in ("operator", "other"):
                advice = ADVICE.get(spelling, "use `~`")
                raise ExpressionError(f"`{spelling}` is not an operator here: {advice}.", text, word.position)
        if word.kind == "other":
            raise ExpressionError(_strange(word.text), text, word.position)
        if word.kind == "integer" and int(word.text) >= 2**63:
            raise ExpressionError(f"{word.text} is beyond 64 bits.", text, word.position)
        if word.kind == "fraction" and float(word.text) == float("inf"):
            raise ExpressionError(f"{word.text} is beyond double precision.", text, word.position)
    _check_depth(text, words)
    return words


def _strange(character: str) -> str:
    if character in "'\"":
        return "This string does not end: close it with the same quote."
    if character.isdigit():
        return "This is no number: write it as 1, 1.5 or 1e3."
    return f"{character!r} has no meaning in an expression."


def _check_depth(text: str, words: Sequence[shape.Token]) -> None:
    """Count brackets, calls and unary operators that are open at once."""
    waiting: list[int] = []  # the unary operators before each open bracket
    unary, operand_ended = 0, False
    for word, following in zip(words, [*words[1:], None], strict=True):
        if word.text in ("(", "["):
            waiting.append(unary)
            unary, operand_ended = 0, False
        elif word.text in (")", "]"):
            unary = 0
            if waiting:
                waiting.pop()
            operand_ended = True
        elif word.kind == "operator" and word.text != ".":
            unary = 0 if operand_ended or word.text == "," else unary + 1
            operand_ended = False
        elif not (following and following.text in ("(", ".") and word.kind == "name"):
            unary = 0
            operand_ended = word.text.lower() != "in"
        if sum(waiting) + len(waiting) + unary > MAX_DEPTH:
            raise ExpressionError(f"An expression nests at most {MAX_DEPTH} deep.", text, word.position)


def _unexpected(text: str, words: Sequence[shape.Token], position: int) -> ExpressionError:
    found = next((word for word in words if word.position >= position), None)
    if found is None:
        return ExpressionError("The expression ends too early.", text, len(text))
    if found.text.lower() in WORDS:
        return ExpressionError(
            f"`{found.text}` is not an operator here: use `{WORDS[found.text.lower()]}`.", text, found.position
        )
    return ExpressionError(f"`{found.text}` is not expected here.", text, found.position)


# The grammar


def _literal(_text: str, position: int, found: pp.ParseResults) -> Literal:
    word: str = found[0]
    if word.lower() in CONSTANTS:
        return Literal(CONSTANTS[word.lower()], position=position)
    kind = "string" if word[0] in "'\"" else "integer" if word.isdigit() else "fraction"
    return Literal(shape.literal_value(kind, word), position=position)


def _not_keyword(_text: str, _position: int, found: pp.ParseResults) -> bool:
    return found[0].lower() not in KEYWORDS


def _reference(_text: str, position: int, found: pp.ParseResults) -> Node:
    parts = tuple(word for word in found if isinstance(word, str))
    called = [word for word in found if not isinstance(word, str)]
    return Call(parts, tuple(called[0]), position=position) if called else Name(parts, position=position)


def _operand(_text: str, position: int, found: pp.ParseResults) -> Node:
    """Unary operators and what they stand before."""
    *operators, operand = found
    for at, operator in reversed(operators):
        operand = Unary(operator, operand, position=at)
    return operand if operators else _at(operand, position)


def _at(operand: Node, position: int) -> Node:
    return operand if operand.position or not position else operand


def _located(_text: str, position: int, found: pp.ParseResults) -> tuple[int, str]:
    return position, found[0].lower()


def _listed(_text: str, position: int, found: pp.ParseResults) -> ListOf:
    if len(found) > MAX_LIST:
        raise ExpressionError(f"A list has at most {MAX_LIST} items, this one has {len(found)}.", position=position)
    return ListOf(tuple(found), position=position)


def _bracket(text: str, position: int, found: pp.ParseResults) -> Node:
    """A bracketed expression; with commas, a list. A single literal at the right of `in` is a list as well: see _fold."""
    return found[0] if len(found) == 1 else _listed(text, position, found)


def _chain(_text: str, _position: int, found: pp.ParseResults) -> Node:
    return _fold(list(found))


def _fold(chain: list[Any]) -> Node:
    """Operands and (position, operator) pairs in turn, to a tree: the shunting-yard algorithm, left-associative."""
    operands: list[Node] = [chain[0]]
    operators: list[tuple[int, str]] = []

    def reduce() -> None:
        position, operator = operators.pop()
        right, left = operands.pop(), operands.pop()
        if operator in ("in", "!in") and isinstance(right, Literal):
            right = ListOf((right,), position=right.position)
        elif isinstance(right, ListOf) and operator not in ("in", "!in"):
            raise ExpressionError("A list stands only at the right of `in`.", position=right.position)
        if isinstance(left, ListOf):
            raise ExpressionError("A list stands only at the right of `in`.", position=left.position)
        operands.append(Binary(operator, left, right, position=position))

    for (position, operator), operand in zip(chain[1::2], chain[2::2], strict=True):
        while operators and PRECEDENCE[operators[-1][1]] >= PRECEDENCE[operator]:
            reduce()
        operators.append((position, operator))
        operands.append(operand)
    while operators:
        reduce()
    return operands[0]


def _item(_text: str, position: int, found: pp.ParseResults) -> Item | Star:
    if isinstance(found[0], Star):
        return found[0]
    alias = found[1] if len(found) > 1 else None
    if alias and len(alias) > MAX_NAME:
        raise ExpressionError(f"An alias has at most {MAX_NAME} characters.", position=position)
    return Item(found[0], alias, position=position)


def _argument(_text: str, _position: int, found: pp.ParseResults) -> Node:
    item: Item | Star = found[0]
    return item.expression if isinstance(item, Item) and item.alias is None else item


def _order_item(_text: str, position: int, found: pp.ParseResults) -> OrderItem:
    words = [part[1] if isinstance(part, tuple) else part for part in found]
    signs = [word for word in words if word in ("-", "+")]
    ways = [word for word in words if word in ("asc", "desc")]
    if signs and ways:
        raise ExpressionError(f"`{signs[0]}` and {ways[0].upper()} both give a direction: leave one out.", position=position)
    (expression,) = (word for word in words if isinstance(word, Node))
    return OrderItem(expression, signs == ["-"] or ways == ["desc"], position=position)


def _no_list(found: Sequence[Any]) -> Iterator[Any]:
    for node in found:
        expression = node.expression if isinstance(node, Item | OrderItem) else node
        if isinstance(expression, ListOf):
            raise ExpressionError("A list stands only at the right of `in`.", position=expression.position)
        yield node


def _grammar() -> dict[str, pp.ParserElement]:
    def punctuation(text: str) -> pp.ParserElement:
        return pp.Suppress(pp.Literal(text))

    comma, dot = punctuation(","), punctuation(".")
    literal = pp.Regex(rf"{shape.STRING}|{shape.FRACTION}|{shape.INTEGER}|(?i:true|false|null)(?![A-Za-z0-9_])", pp.re.DOTALL)
    literal.set_parse_action(_literal)
    word = pp.Regex(shape.NAME)
    free_word = word.copy().add_condition(_not_keyword)
    chain, item = pp.Forward(), pp.Forward()

    argument = pp.And([item]).add_parse_action(_argument)
    arguments = pp.Group(punctuation("(") - pp.Optional(argument - pp.ZeroOrMore(comma - argument)) - punctuation(")"))
    reference = (free_word + pp.ZeroOrMore(dot - word) + pp.Optional(arguments)).set_parse_action(_reference)
    bracket = (punctuation("(") - chain - pp.ZeroOrMore(comma - chain) - punctuation(")")).set_parse_action(_bracket)
    listed = (punctuation("[") - pp.Optional(chain - pp.ZeroOrMore(comma - chain)) - punctuation("]")).set_parse_action(_listed)
    prefix = pp.Regex(r"!(?!=|~|(?i:in)(?![A-Za-z0-9_]))|-(?!>)|\+").set_parse_action(_located)
    operand = (pp.ZeroOrMore(prefix) + (literal | reference | bracket | listed)).set_parse_action(_operand)
    infix = pp.Regex(r"(?i:!?in)(?![A-Za-z0-9_])|->>|\|\||->|==|!=|!~|<=|>=|@@|=(?!>)|[|&~<>+\-*/]").set_parse_action(_located)
    chain <<= (operand + pp.ZeroOrMore(infix - operand)).set_parse_action(_chain)

    alias = (punctuation("=>") | pp.Suppress(pp.CaselessKeyword("as"))) - word
    star = pp.Literal("*").set_parse_action(lambda _text, position, _found: Star(position=position))
    item <<= (star | chain + pp.Optional(alias)).set_parse_action(_item)
    sign = pp.Regex(r"[-+](?!>)").set_parse_action(_located)
    way = (pp.CaselessKeyword("asc") | pp.CaselessKeyword("desc")).set_parse_action(_located)
    order_item = (pp.Optional(sign) + chain + pp.Optional(way)).set_parse_action(_order_item)

    def several(element: pp.ParserElement) -> pp.ParserElement:
        return element + pp.ZeroOrMore(comma - element)

    rules = {"expression": pp.And([chain]), "items": several(item), "order": several(order_item)}
    for rule in rules.values():
        rule.add_parse_action(lambda found: list(_no_list(found)))
        rule.parse_with_tabs()
    return rules


RULES = _grammar()
