"""What a selection is keyed by, and how a caller's variables make it."""

from __future__ import annotations

import pytest

from pocketapi.errors import BadRequest
from pocketapi.expressions import selection
from pocketapi.expressions.fold import FALSE, Environment
from pocketapi.rules.principal import Caller, Principal
from pocketapi.rules.scope import client_scope
from tests.api.conftest import desk

ITEMS = client_scope(desk().tables["items"], admin=False)

# (select, the keys of the answer)
KEYS = [
    (None, ["id", "name", "code", "price", "qty", "data"]),
    ("*", ["id", "name", "code", "price", "qty", "data"]),
    ("name, *", ["name", "id", "code", "price", "qty", "data"]),
    ("*, qty + 1 => qty", ["id", "name", "code", "price", "qty", "data"]),
    ("qty => name", ["name"]),
    ("items.qty", ["qty"]),
    ("lower(name), abs(qty) as a", ["lower", "a"]),
    ("auth.uid => uid, 1 => one", ["uid", "one"]),
]


@pytest.mark.parametrize(("text", "keys"), KEYS)
def test_the_keys_of_an_answer(text: str | None, keys: list[str]) -> None:
    assert [output.key for output in selection.outputs_of(text, ITEMS)] == keys


@pytest.mark.parametrize(
    "text", ["", ",", "name,", "*, *, name, name", "name => a, qty => a", "qty + 1", "auth.uid", "-qty", "'x'", "count()"]
)
def test_what_is_no_selection(text: str) -> None:
    with pytest.raises(BadRequest):
        selection.outputs_of(text, ITEMS)


@pytest.mark.parametrize("roles", [(), ("a",), ("a", "b")])
def test_variables_fold_alike_in_outputs_groups_and_orders(roles: tuple[str, ...]) -> None:
    made = selection.select("auth.role == name => mine, count() => n", "auth.role == name", "mine", False, ITEMS)
    folded = made.folded(Environment({}, Caller(Principal(roles=roles, sid="s")).variables))
    assert folded.group is not None
    assert folded.outputs[0].value == folded.group[0] == folded.order[0].value
    assert (folded.outputs[0].value == made.outputs[0].value) is (len(roles) == 1)
    assert (folded.outputs[0].value == FALSE) is (not roles)
