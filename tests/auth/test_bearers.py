"""JWTs of providers as bearer tokens of any request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pocketapi.models import Session
from tests.api.answers import Api
from tests.auth.provider import Provider
from tests.auth.signing import ATTACKS, NOW, section, signed
from tests.conftest import UseConfig

DOOR = """
tables:
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields]
    extensions:
      - {name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0}
      - {name: rules, createRule: 'true', listRule: auth.uid == id, updateRule: auth.uid == id}
  - name: doors
    fields: [{name: id, type: integer, primary: true, autoIncrement: true}, {name: what, type: text}, {name: who, type: text}]
    extensions:
      - name: rules
        createRule: 'true'
        listRule: >
          what == 'all' | (what == 'uid' & auth.uid == who) | (what == 'email' & auth.email == who) | (what == 'verified' & auth.verified == true)
          | (what == 'role' & auth.role == who) | (what == 'sid' & auth.sid == who) | (what == 'cid' & auth.cid == who)
          | (what == 'meta' & auth.meta.plan == who) | (what == 'jwt' & auth.jwt.sub == who)
"""
FULL = {"sub": "u-1", "role": "chief", "sid": "s", "cid": "users", "meta": {"plan": "gold"}, "admin": True}
DOORS = [
    ("all", "x"),
    ("uid", "u-1"),
    ("email", "eve@example.com"),
    ("verified", "x"),
    ("role", "chief"),
    ("sid", "s"),
    ("cid", "users"),
    ("meta", "gold"),
    ("jwt", "u-1"),
    ("none", "x"),
]
EVERY = [what for what, _ in DOORS]

# bearerMode, more claims, the doors that open
MODES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("partial", FULL, ["all", "email", "verified"]),
    ("partial", {**FULL, "email_verified": False}, ["all"]),
    ("full", FULL, EVERY[:-1]),
    ("full", {**FULL, "email_verified": False}, [what for what in EVERY[:-1] if what not in ("email", "verified")]),
    (
        "full",
        {"sub": "x", "id": "u-1", "roles": ["chief"], "session_id": "s", "user_metadata": {"plan": "gold"}},
        ["all", "uid", "email", "verified", "role", "sid", "meta"],
    ),
    ("full", {"sub": "u-1", "role": 5, "sid": 5, "cid": [1], "meta": 5}, ["all", "uid", "email", "verified", "jwt"]),
    ("full", {"sub": "u-1", "id": {"a": 1}}, ["all", "email", "verified", "jwt"]),
    ("full", {"sub": "u-1", "id": True, "roles": {"chief": 1}}, ["all", "email", "verified", "jwt"]),
    ("admin", FULL, EVERY),
    ("admin", {**FULL, "admin": "true"}, EVERY[:-1]),
]


@pytest.mark.parametrize(("mode", "claims", "opens"), MODES, ids=range(len(MODES)))
def test_what_a_provider_s_bearer_token_counts_for(
    use_config: UseConfig, provider: Provider, mode: str, claims: Any, opens: list[str]
) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode=mode))}]\n")
    api = Api()
    api("POST doors/insert", {"values": [{"what": what, "who": who} for what, who in DOORS]}).expect(200)
    found = api("GET doors/select?order=id", by=signed(claims)).expect(200)
    assert [row["what"] for row in found] == opens
    assert not Session.objects.exists()


def test_roles_where_ours_are(use_config: UseConfig, provider: Provider) -> None:
    """Without a clientId `aud` may hold roles, as in tokens of another server of this kind."""
    told = {key: value for key, value in section(provider, bearerMode="full").items() if key != "clientId"}
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(told)}]\n")
    api = Api()
    api("POST doors/insert", {"values": {"what": "role", "who": "chief"}}).expect(200)
    assert len(api("GET doors/select", by=signed({"aud": ["chief"]})).expect(200)) == 1
    assert api("GET doors/select", by=signed({"aud": ["thief"]})).expect(200) == []


def test_admins_of_a_provider(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='admin'))}]\n")
    api = Api()

    def by(**claims: Any) -> str:
        return signed({"admin": True, **claims})

    api("GET /settings", by=by()).expect(200)
    api("GET /settings", by=by(admin=1)).expect(403)
    api("GET /settings", by=signed()).expect(403)
    api("POST doors/insert", {"values": {"what": "x"}}, by=by(role="viewer")).expect(403)
    api("POST doors/insert", {"values": {"what": "x"}}, by=by(role="editor")).expect(200)
    api("GET /migrations", by=by(role="editor")).expect(403)
    api("GET /migrations", by=by(role="superadmin")).expect(200)


@pytest.mark.parametrize(
    ("what", "make"),
    [case for case in ATTACKS if not case[0].startswith("a number")],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_proves_nothing_of_a_bearer_either(
    use_config: UseConfig, provider: Provider, what: str, make: Callable[[], str]
) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='admin'))}]\n")
    Api()("GET doors/select", by=make()).expect(401)


def test_a_bearer_of_a_server_that_fails(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    provider.broken = {"/jwks": "500 x"}
    Api()("GET doors/select", by=signed()).expect(502)
    Api()("GET doors/select", by=signed({"exp": NOW - 5})).expect(502)
    Api()("GET doors/select").expect(200)


def test_a_token_that_ends_ends_at_once(use_config: UseConfig, provider: Provider) -> None:
    """What was verified is not remembered: neither its end nor a key that is withdrawn would be seen."""
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    api = Api()
    api("GET doors/select", by=signed({"exp": NOW + 3600})).expect(200)
    api("GET doors/select", by=signed({"exp": NOW - 1})).expect(401, {"message": "Token expired"})


def test_our_own_tokens_ask_no_provider(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    api = Api()
    body = {"username": "eve", "email": "eve@example.com", "password": "corr3ct-horse", "name": "Eve"}
    token = api("POST users/auth/sign-up", body).expect(200)["token"]
    api("GET doors/select", by=token).expect(200)
    api("GET doors/select", by=token[:-3] + "xyz").expect(401)
    assert provider.times("/jwks") == 0
