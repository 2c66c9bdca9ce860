"""Who is asking, as expressions read it."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.rules.principal import ANONYMOUS, SYSTEM, Caller, Principal

# (roles, auth.role)
ROLES: list[tuple[tuple[str, ...], Any]] = [((), None), (("a",), "a"), (("a", "b"), ["a", "b"])]


@pytest.mark.parametrize(("roles", "role"), ROLES)
def test_a_role_is_text_and_several_are_a_list(roles: tuple[str, ...], role: Any) -> None:
    assert Principal(roles=roles).variables["role"] == role


@pytest.mark.parametrize(("principal", "anonymous"), [
    (ANONYMOUS, True), (Principal(uid="x"), True), (Principal(sid="s"), False),
    (Principal(admin=True), False), (Principal(provider="corp"), False),
])  # fmt: skip
def test_who_is_anonymous(principal: Principal, anonymous: bool) -> None:
    assert principal.is_anonymous is anonymous


def test_the_names_that_expressions_know() -> None:
    names = {"uid", "email", "role", "verified", "admin", "superadmin", "meta", "jwt", "sid", "cid"}
    assert ANONYMOUS.variables.keys() == names
    assert Caller(ANONYMOUS, {"ip": "x"}).variables == {"auth": ANONYMOUS.variables, "request": {"ip": "x"}}
    assert SYSTEM.is_admin
    assert not Caller().is_admin
