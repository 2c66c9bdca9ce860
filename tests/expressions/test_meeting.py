"""What is loose, and what it becomes; test_check.py has what whole texts become."""

from __future__ import annotations

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.meeting import as_json_value, coerce, describe, is_loose
from pocketapi.expressions.scope import Column
from pocketapi.expressions.typed import ColumnRef, Const
from tests.expressions.test_check import written
from tests.expressions.things import typed

BLOB = ColumnRef(Kind.BLOB, Column("t", "file", Kind.BLOB))


@pytest.mark.parametrize(
    ("text", "loose"),
    [
        ("1", True),
        ("null", True),
        ("auth.uid", True),
        ("data->>'a'", True),
        ("coalesce(data->>'a', auth.uid)", True),
        ("coalesce(data->>'a', 'x')", False),
        ("data->'a'", False),
        ("data", False),
        ("-(auth.meta.n)", False),
    ],
)
def test_is_loose(text: str, loose: bool) -> None:
    assert is_loose(typed(text)) is loose


@pytest.mark.parametrize(
    ("text", "kind", "tree"),
    [
        ("'5'", Kind.INTEGER, "5"),
        ("1.5", Kind.INTEGER, "1.5"),
        ("null", Kind.TEXT, "None"),
        ("auth.uid", Kind.DAY, "auth.uid:day"),
        ("data->>'a'", Kind.INTEGER, "->>:number(data, 'a')"),
        ("coalesce(data->>'a', auth.uid)", Kind.TEXT, "coalesce(->>:text(data, 'a'), auth.uid:text)"),
        ("name", Kind.INTEGER, "name"),
    ],
)
def test_coerce(text: str, kind: Kind, tree: str) -> None:
    assert written(coerce(typed(text), kind)) == tree


def test_a_blob_is_nothing_that_json_holds() -> None:
    with pytest.raises(ExpressionError, match="`in` takes what JSON can hold, and file is blob"):
        as_json_value(BLOB)


def test_parts_have_names_in_messages() -> None:
    parts = [typed("name"), typed("auth.meta.n"), typed("lower(name)"), typed("sum(qty)", aggregates=True), Const(Kind.TEXT)]
    assert [describe(part) for part in parts] == ["name", "auth.meta.n", "`lower`", "`sum`", "a literal"]
