"""From text to the tree, written here as `(operator operands)`; and what no text may be, in our words and at its place."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar
from pocketapi.expressions.nodes import Binary, Call, Item, ListOf, Literal, Name, Node, OrderItem, Star, Unary


def written(node: Node) -> str:
    match node:
        case Literal(value=value):
            return repr(value)
        case Name():
            return str(node)
        case Star():
            return "*"
        case Unary(operator=operator, operand=operand):
            return f"({operator} {written(operand)})"
        case Binary(operator=operator, left=left, right=right):
            return f"({operator} {written(left)} {written(right)})"
        case Call(args=args):
            return f"{node.name}({', '.join(map(written, args))})"
        case ListOf(items=items):
            return f"[{', '.join(map(written, items))}]"
        case Item(expression=expression, alias=alias):
            return f"{written(expression)} as {alias}" if alias else written(expression)
        case OrderItem(expression=expression, descending=descending):
            return written(expression) + (" desc" if descending else "")
        case _:
            raise TypeError(node)


EXPRESSIONS = [
    ("a", "a"),
    ("a.b.c", "a.b.c"),
    (" a\t==\n1 ", "(== a 1)"),
    ("TRUE", "True"),
    ("Null", "None"),
    ("nullable", "nullable"),
    ("1.5", "1.5"),
    ("1e3", "1000.0"),
    ("'a'", "'a'"),
    ('"a"', "'a'"),
    ("a | b & c", "(| a (& b c))"),
    ("a & b | c", "(| (& a b) c)"),
    ("a | b | c", "(| (| a b) c)"),
    ("a & b == c", "(& a (== b c))"),
    ("a == b < c", "(== a (< b c))"),
    ("a < b + c", "(< a (+ b c))"),
    ("a - b - c", "(- (- a b) c)"),
    ("a + b * c", "(+ a (* b c))"),
    ("a * b in (1, 2)", "(* a (in b [1, 2]))"),
    ("a IN ('x')", "(in a ['x'])"),
    ("a !In [1]", "(!in a [1])"),
    ("a in []", "(in a [])"),
    ("a in b", "(in a b)"),
    ("a in (b)", "(in a b)"),
    ("a in (b->'c')", "(in a (-> b 'c'))"),
    ("a in 1", "(in a [1])"),
    ("a in data->'x'", "(in a (-> data 'x'))"),
    ("a->'b'->>'c'", "(->> (-> a 'b') 'c')"),
    ("a->b || c", "(-> a (|| b c))"),
    ("!a == 1", "(== (! a) 1)"),
    ("!a in (1)", "(in (! a) [1])"),
    ("!!a", "(! (! a))"),
    ("-a * -1", "(* (- a) (- 1))"),
    ("- -a", "(- (- a))"),
    ("a - -b", "(- a (- b))"),
    ("+a", "(+ a)"),
    ("a=1", "(= a 1)"),
    ("a !~ 'x' ", "(!~ a 'x')"),
    ("a @@ 'x'", "(@@ a 'x')"),
    ("(a | b) & c", "(& (| a b) c)"),
    ("((a))", "a"),
    ("f()", "f()"),
    ("f(a, b + 1)", "f(a, (+ b 1))"),
    ("f (a)", "f(a)"),
    ("count(*)", "count(*)"),
    ("a.b(c)", "a.b(c)"),
    ("f(a => b)", "f(a as b)"),
    ("inner == 1", "(== inner 1)"),
    ("a.in == 1", "(== a.in 1)"),
]


@pytest.mark.parametrize(("text", "tree"), [pytest.param(*case, id=case[0]) for case in EXPRESSIONS])
def test_expression(text: str, tree: str) -> None:
    assert written(grammar.parse(text)) == tree


ITEMS = [
    ("*", "*"),
    ("a, b", "a; b"),
    ("a as b", "a as b"),
    ("a => b, *", "a as b; *"),
    ("a == b AS same", "(== a b) as same"),
    ("users(id, name => n) => u", "users(id, name as n) as u"),
    ("comments.post_id(id)", "comments.post_id(id)"),
    ("users()", "users()"),
    ("users(*)", "users(*)"),
    ("a -> 'b' => c", "(-> a 'b') as c"),
]


@pytest.mark.parametrize(("text", "trees"), ITEMS)
def test_items(text: str, trees: str) -> None:
    assert "; ".join(map(written, grammar.parse_items(text))) == trees


ORDERS = [
    ("a", "a"),
    ("-a", "a desc"),
    ("+a, b DESC", "a; b desc"),
    ("a asc", "a"),
    ("-a + b", "(+ a b) desc"),
    ("-(-a)", "(- a) desc"),
    ("lower(a) desc, - b", "lower(a) desc; b desc"),
]


@pytest.mark.parametrize(("text", "trees"), ORDERS)
def test_orders(text: str, trees: str) -> None:
    assert "; ".join(map(written, grammar.parse_order(text))) == trees


WRONG = [
    ("", "The expression is empty.", 0),
    ("  ", "The expression is empty.", 0),
    ("a && b", "`&&` is not an operator here: use `&`.", 2),
    ("a === b", "`===` is not an operator here: use `==`.", 2),
    ("a !== b", "`!==` is not an operator here: use `!=`.", 2),
    ("a <> b", "`<>` is not an operator here: use `!=`.", 2),
    ("a ?? b", "`??` is not an operator here: use `coalesce(a, b)`.", 2),
    ("a % 2", "`%` is not an operator here: there is no remainder; `a - a / b * b` is one for integers.", 2),
    ("a ^ b", "`^` is not an operator here: there are no bit operators; compare with `!=`.", 2),
    ("a << 1", "`<<` is not an operator here: there are no bit operators.", 2),
    ("a; b", "`;` is not an operator here: an expression is one condition or value.", 1),
    ("a ? b : c", "`?` is not an operator here: there is no `a ? b : c`; use `coalesce` or `&` and `|`.", 2),
    ("a ~~ 'b'", "`~~` is not an operator here: use `~`.", 2),
    ("a and b", "`and` is not an operator here: use `&`.", 2),
    ("a OR b", "`OR` is not an operator here: use `|`.", 2),
    ("a like 'b'", "`like` is not an operator here: use `~`.", 2),
    ("a is null", "`is` is not an operator here: use `==`.", 2),
    ("a == 'b", "This string does not end: close it with the same quote.", 5),
    ("a == 12ab", "This is no number: write it as 1, 1.5 or 1e3.", 5),
    ("a == 1.", "This is no number: write it as 1, 1.5 or 1e3.", 5),
    ("a == é", "'é' has no meaning in an expression.", 5),
    ("a == 9223372036854775808", "9223372036854775808 is beyond 64 bits.", 5),
    ("a == 1e999", "1e999 is beyond double precision.", 5),
    ("a ==", "The expression ends too early.", 4),
    ("(a == 1", "The expression ends too early.", 7),
    ("((a) == 1", "The expression ends too early.", 9),
    ("a == 1)", "`)` is not expected here.", 6),
    ("(a]", "`]` is not expected here.", 2),
    ("[a)", "`)` is not expected here.", 2),
    ("a b", "`b` is not expected here.", 2),
    ("(a b) c d", "`b` is not expected here.", 3),
    ("f(a,)", "`)` is not expected here.", 4),
    ("f(,a)", "`,` is not expected here.", 2),
    ("a == (b ==) c", "`)` is not expected here.", 10),
    ("a .. b", "`.` is not expected here.", 3),
    ("a == == b", "`==` is not expected here.", 5),
    ("in (1)", "`in` is not expected here.", 0),
    ("a == as", "`as` is not expected here.", 5),
    ("1(a)", "`(` is not expected here.", 1),
    ("a as b", "`as` is not expected here.", 2),
    ("()", "There is nothing between these brackets.", 0),
    ("a == ()", "There is nothing between these brackets.", 5),
    ("(a => b)", "`*` and aliases stand only in select and returning.", 1),
    ("(*)", "`*` and aliases stand only in select and returning.", 1),
    ("a == (1, 2)", "A list stands only at the right of `in`.", 5),
    ("(1, 2) == a", "A list stands only at the right of `in`.", 0),
    ("(1, 2)", "A list stands only at the right of `in`.", 0),
    ("[1]", "A list stands only at the right of `in`.", 0),
    ("f([1])", "A list stands only at the right of `in`.", 2),
    ("-[1]", "A list stands only at the right of `in`.", 1),
    ("a in ([1], 2)", "A list stands only at the right of `in`.", 6),
    ("a in [1] | [2]", "A list stands only at the right of `in`.", 11),
    ("a in (" + ", ".join("1" * 101) + ")", "A list has at most 100 items, this one has 101.", 5),
    ("(" * 33 + "a" + ")" * 33, "An expression nests at most 32 deep.", 32),
    ("!" * 33 + "a", "An expression nests at most 32 deep.", 32),
    ("f(" * 33 + "a" + ")" * 33, "An expression nests at most 32 deep.", 65),
    ("-(" * 17 + "a" + ")" * 17, "An expression nests at most 32 deep.", 32),
    ("+".join(["a"] * 129), "An expression has at most 256 names, literals and operators, this one has 257.", 0),
]


@pytest.mark.parametrize(("text", "message", "position"), [pytest.param(*case, id=case[0][:40]) for case in WRONG])
def test_wrong_expression(text: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        grammar.parse(text)
    line, marks = (*caught.value.data["caret"].split("\n"), "")[:2]
    assert (caught.value.message, caught.value.data["position"]) == (message, position)
    assert (line, marks) == (text.split("\n", maxsplit=1)[0], " " * position + "^")


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (grammar.parse, "a" * 4001, "An expression has at most 4000 characters, this one has 4001."),
        (grammar.parse_items, f"a as {'b' * 64}", "An alias has at most 63 characters."),
        (grammar.parse_items, "a as as b", "`b` is not expected here."),
        (grammar.parse_items, "a, (1, 2)", "A list stands only at the right of `in`."),
        (grammar.parse_order, "-a desc", "`-` and DESC both give a direction: leave one out."),
        (grammar.parse_order, "a desc asc", "`asc` is not expected here."),
        (grammar.parse_order, "*", "`*` is not expected here."),
    ],
)
def test_wrong_text(parse: object, text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)  # type: ignore[operator]
    assert caught.value.message == message


@pytest.mark.parametrize("text", ["(" * 32 + "a" + ")" * 32, "!" * 32 + "a", "f(" * 32 + "a" + ")" * 32, "+".join(["a"] * 128)])
def test_the_limits_themselves_are_within(text: str) -> None:
    assert grammar.parse(text)


def test_positions_are_those_of_operators_and_first_characters() -> None:
    tree = grammar.parse("  a == f(b, 'c')")
    assert isinstance(tree, Binary)
    assert isinstance(tree.right, Call)
    assert [tree.position, tree.left.position, tree.right.position, *(arg.position for arg in tree.right.args)] == [
        4,
        2,
        7,
        9,
        12,
    ]


def test_literals_are_numbered_as_they_are_cut() -> None:
    assert grammar.literal_positions("a == 1 & data->>'x' == 'y'") == (5, 23)


def test_a_text_of_brackets_is_parsed_in_time_and_needs_no_deep_stack() -> None:
    text = "coalesce(a, (b + " * 16 + "1" + "))" * 16
    grammar._parse.cache_clear()
    found: list[object] = []

    def parse() -> None:
        started = time.perf_counter()
        grammar.parse(text)
        found.append(time.perf_counter() - started)

    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(320)
    try:
        thread = threading.Thread(target=parse)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
    assert found
    assert found[0] < 1  # type: ignore[operator]


def test_threads_share_the_grammar() -> None:
    texts = [f"a{number} == {number} & lower(b) in ('x', 'y')" for number in range(50)]
    found: dict[str, str] = {}

    def parse(part: list[str]) -> None:
        found.update({text: written(grammar.parse(text)) for text in part})

    threads = [threading.Thread(target=parse, args=(texts[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {text: f"(& (== a{n} {n}) (in lower(b) ['x', 'y']))" for n, text in enumerate(texts)}
