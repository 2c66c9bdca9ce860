"""Trees as they are walked."""

from __future__ import annotations

from pocketapi.expressions import grammar
from pocketapi.expressions.nodes import Call, Literal, Name, children, walk


def test_walk_yields_each_part_before_what_is_below_it() -> None:
    found = list(walk(grammar.parse("f(a, -1) in (b, 'c')")))
    names = [str(node) if isinstance(node, Name) else type(node).__name__ for node in found]
    assert names == ["Binary", "Call", "a", "Unary", "Literal", "ListOf", "b", "Literal"]


def test_items_have_what_they_hold() -> None:
    (item,) = grammar.parse_items("a as b")
    (order,) = grammar.parse_order("-a")
    assert children(item) == children(order) == (Name(("a",)),)
    assert children(Literal(1)) == ()


def test_positions_take_no_part_in_equality() -> None:
    assert grammar.parse("a == 1") == grammar.parse("  a   ==  1")


def test_calls_have_dotted_names() -> None:
    tree = grammar.parse("a.b(c)")
    assert isinstance(tree, Call)
    assert tree.name == "a.b"


def test_a_long_chain_is_walked_without_a_deep_stack() -> None:
    assert len(list(walk(grammar.parse(" + ".join(["a"] * 128))))) == 255
