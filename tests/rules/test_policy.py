"""Rules and columns by caller."""

from __future__ import annotations

import pytest

from pocketapi.errors import Forbidden
from pocketapi.expressions.fold import TRUE
from pocketapi.rules.policy import may_write, rule_of
from pocketapi.rules.principal import SYSTEM, Caller, Principal
from pocketapi.rules.scope import client_scope, rows_of, visible
from tests.api.conftest import desk
from tests.conftest import UseConfig

VERBS = ("list", "view", "create", "update", "delete")


@pytest.mark.parametrize("verb", VERBS)
def test_an_admin_passes_every_rule_and_others_none_that_is_null(verb: str) -> None:
    bare, posts = desk().tables["bare"], desk().tables["posts"]
    assert rule_of(bare, verb, SYSTEM) == TRUE
    with pytest.raises(Forbidden, match=f"may {verb} records of bare"):
        rule_of(bare, verb, Caller())
    rule = posts.rule(verb)
    assert rule is not None
    assert rule_of(posts, verb, Caller()) == rule.tree


@pytest.mark.parametrize(
    ("principal", "may"), [(Principal(admin=True, viewer=True), False), (Principal(admin=True), True), (Principal(), True)]
)
def test_a_viewer_writes_nothing(principal: Principal, may: bool) -> None:
    if may:
        may_write(Caller(principal))
    else:
        with pytest.raises(Forbidden):
            may_write(Caller(principal))


# (table, whether for an admin, what is not visible)
HIDDEN = [
    ("posts", False, {"note", "code"}),
    ("posts", True, set()),
    ("users", False, {"password", "password_salt"}),
    ("users", True, {"password", "password_salt"}),
    ("staff", True, {"secret"}),
]


@pytest.mark.parametrize(("name", "admin", "hidden"), HIDDEN)
def test_the_columns_that_are_visible(use_config: UseConfig, name: str, admin: bool, hidden: set[str]) -> None:
    table = use_config(desk()).tables[name]
    assert table.columns.keys() - visible(table, admin).keys() == hidden
    assert list(visible(table, admin)) == [column for column in table.columns if column not in hidden]
    rows = rows_of(name, admin)
    assert rows is not None
    assert table.columns.keys() - rows.columns.keys() == hidden


@pytest.mark.parametrize(("name", "admin", "shown"), [("bare", False, False), ("bare", True, True), ("items", False, True)])
def test_other_rows_are_shown_by_their_list_rule(use_config: UseConfig, name: str, admin: bool, shown: bool) -> None:
    use_config(desk())
    rows = rows_of(name, admin)
    assert rows is not None
    assert (rows.rule is not None) is shown
    assert rows_of("nothing", admin) is None


def test_new_is_a_name_of_updates_only() -> None:
    posts = desk().tables["posts"]
    assert client_scope(posts, admin=False).prefixes == {"auth"}
    assert client_scope(posts, admin=False, update=True).prefixes == {"auth", "new"}
