"""Tokens without HTTP: what is refused before there is a caller at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest

from pocketapi.credentials import tokens
from pocketapi.errors import InvalidToken
from tests.api.answers import Api
from tests.api.conftest import desk
from tests.conftest import UseConfig

# what raises InvalidToken
REFUSED: list[Callable[[], Any]] = [
    lambda: tokens.secret_of(desk().tables["posts"]),
    lambda: tokens.issue(desk().tables["posts"], {}, "sid"),
    lambda: tokens.auth_table("posts"),
    lambda: tokens.auth_table("nothing"),
    lambda: tokens.auth_table(None),
    lambda: tokens.auth_table(5),
    lambda: tokens.issue_admin("editor"),
    lambda: tokens.expired_claims("x"),
    lambda: tokens.expired_claims(""),
    lambda: tokens.principal_of(""),
    lambda: tokens.principal_of("x.y.z"),
]


@pytest.mark.parametrize("attempt", REFUSED, ids=range(len(REFUSED)))
def test_nothing_is_proved_or_signed_where_there_is_no_key(use_config: UseConfig, attempt: Callable[[], Any]) -> None:
    use_config(desk())
    with pytest.raises(InvalidToken):
        attempt()


def test_a_token_of_ours_is_read_when_it_has_expired(api: Api) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    assert tokens.expired_claims(api.tokens["ann"]) == claims
    assert tokens.principal_of(api.tokens["ann"]).uid == "ann"


def test_roles_are_each_told_once() -> None:
    staff = desk().tables["staff"]
    assert tokens.roles_of(staff, {"rank": "a", "team": "a"}) == ("a",)
    assert tokens.roles_of(staff, {"rank": "", "team": None}) == ()
    assert tokens.roles_of(staff, {"rank": "b", "team": "a"}) == ("b", "a")
