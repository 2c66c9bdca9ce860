"""The checked tree as it is walked and rewritten."""

from __future__ import annotations

from dataclasses import replace

from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Slot, columns_of, has_variable, rewrite, variables_of, walk
from tests.expressions.test_check import written
from tests.expressions.things import typed

TREE = typed("name == auth.uid & (qty + 1 > views | auth.meta.n == qty)")


def test_walk_yields_each_part_before_its_arguments() -> None:
    names = [part.name if isinstance(part, Operation) else written(part) for part in walk(TREE)]
    assert names[:5] == ["and", "==", "name", "auth.uid:text", "or"]
    assert names[5:] == [">", "+", "qty", "1", "views", "==", "auth.meta.n:integer", "qty"]


def test_what_a_tree_reads() -> None:
    assert columns_of(TREE) == {"name", "qty", "views"}
    assert variables_of(TREE) == {("auth", "uid"), ("auth", "meta", "n")}
    assert has_variable(TREE)
    assert not has_variable(typed("qty + 1"))


def test_rewrite_changes_leaves_and_keeps_what_it_does_not_change() -> None:
    def new(part: object) -> object:
        return replace(part, row="new") if isinstance(part, ColumnRef) and part.column.name == "qty" else part

    changed = rewrite(TREE, new)  # type: ignore[arg-type]
    assert isinstance(TREE, Operation)
    assert isinstance(changed, Operation)
    assert written(changed.args[1]) == "or(>(+(new.qty, 1), views), ==(auth.meta.n:integer, new.qty, 'caller'))"
    assert changed.args[0] is TREE.args[0]


def test_a_literal_is_null_only_without_a_slot() -> None:
    assert Const(Kind.NULL).is_null
    assert not Const(Kind.INTEGER, slot=Slot("where", 0)).is_null
    assert Const(Kind.INTEGER, value=5, negative=True).written == -5
