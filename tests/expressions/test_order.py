"""Orders; test_properties.py compares them with the evaluator."""

from __future__ import annotations

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions.compile import Compiler, Fragment
from pocketapi.expressions.order import ordering
from pocketapi.expressions.selection import check_ordered
from pocketapi.expressions.typed import Ordering
from tests.expressions.things import typed


@pytest.mark.parametrize("text", ["data", "data->'a'", "data->>'a'", "auth.uid", "json_set(data, '$.a', 1)"])
def test_json_has_no_order(text: str) -> None:
    with pytest.raises(ExpressionError, match="json values have no order") as caught:
        check_ordered(typed(text), 4)
    assert caught.value.position == 4


@pytest.mark.parametrize(
    ("text", "descending", "nulls_last"), [("qty", False, True), ("id", True, None), ("lower(id)", True, True)]
)
def test_nulls_come_last_where_there_are_any(text: str, descending: bool, nulls_last: bool | None) -> None:
    check_ordered(typed(text), 0)
    found = ordering(Ordering(typed(text), descending), Compiler())
    assert (found.descending, found.nulls_last) == (descending, nulls_last)


def test_texts_are_ordered_by_their_columns_collation() -> None:
    found = ordering(Ordering(typed("code")), Compiler()).expression
    assert isinstance(found, Fragment)
    assert "NOCASE" in found.template.sqlite
