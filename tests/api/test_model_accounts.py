"""Accounts in an existing model: its rows sign up, sign in, and stay what Django knows."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from pocketapi.config import link
from tests.api.answers import SERVICE, Api
from tests.conftest import UseConfig
from tests.shop.models import Member

CONFIG = """
tables:
  - name: members
    model: shop.Member
    fields:
      - {name: nick, usage: auth_username}
      - {name: mail, usage: auth_email}
      - {name: checked, usage: auth_email_verified}
      - {name: word, usage: auth_password}
      - {name: role, usage: auth_audience}
    extensions:
      - {name: auth, jwtSecret: secret-of-members-secret-of-members, jwtTokenDuration: 3600, maxTokenRefresh: 3}
      - name: rules
        listRule: auth.uid == id
        viewRule: auth.uid == id
        createRule: role == null
        updateRule: auth.uid == id & role == new.role
        deleteRule: auth.uid == id
  - name: letters
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: member, type: relation, notNull: true, foreignKey: {table: members, column: id, onDelete: CASCADE}}
    extensions: [{name: rules, listRule: member == auth.uid & member.nick != 'x', createRule: member == auth.uid}]
"""
ANN = {"nick": "ann", "mail": "Ann@Example.com", "word": "corr3ct-horse"}


@pytest.fixture
def members(use_config: UseConfig, settings: Any) -> Api:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(CONFIG)
    return Api()


def test_an_account_from_sign_up_to_its_end(members: Api) -> None:
    signed = members("POST members/auth/sign-up", ANN).expect(200)
    row = Member.objects.get()
    assert signed["record"] == {"id": str(row.pk), "nick": "ann", "mail": "ann@example.com", "checked": False, "role": None}
    assert Argon2PasswordHasher().verify("corr3ct-horse", row.word)
    members.tokens["ann"] = signed["token"]
    members("POST members/auth/login-password", {"identity": "ann@example.com", "password": "corr3ct-horse"}).expect(200)
    members("POST members/auth/login-password", {"identity": "ann", "password": "wrong"}).expect(400)
    members("GET members/list", by="ann").expect(200, {"total": 1, "items": [{"nick": "ann"}]})
    members("POST members/edit/" + str(row.pk), {"mail": "b@example.com"}, "ann").expect(200, {"id": str(row.pk)})
    members("POST members/edit/" + str(row.pk), {"role": "admin"}, "ann").expect(404)
    members("POST letters/insert", {"values": {"member": str(row.pk)}, "returning": "member.nick => nick"}, "ann").expect(
        200, [{"nick": "ann"}]
    )
    members("GET letters/list", by="ann").expect(200, {"total": 1})
    members("POST members/auth/change-password", {"word": "another-Word-1", "wordCurrent": "wrong"}, "ann").expect(400)
    members("POST members/auth/change-password", {"word": "another-Word-1", "wordCurrent": "corr3ct-horse"}, "ann").expect(200)
    members("POST members/auth/login-password", {"identity": "ann", "password": "another-Word-1"}).expect(200)
    members("POST members/delete", {"where": "true", "returning": "nick"}, "ann").expect(200, [{"nick": "ann"}])
    members("GET letters/list", by="ann").expect(401)
    members("GET letters/list", by="admin").expect(200, {"total": 0})


@pytest.mark.parametrize(("values", "status", "data"), [
    ({**ANN, "mail": "x"}, 400, {"mail": {"code": "invalid"}}),
    ({**ANN, "nick": "no name"}, 400, {"nick": {"code": "invalid"}}),
    ({**ANN, "word": "short"}, 400, {"word": {"code": "invalid"}}),
    ({"nick": "ann", "mail": "a@b.example"}, 400, {"word": {"code": "required"}}),
    ({**ANN, "role": "admin"}, 403, {}),
    ({**ANN, "checked": True}, 403, {}),
    ({**ANN, "id": "0b6e7f1c-54a4-4f0e-9a55-0d2f1c3b4a59"}, 403, {}),
])  # fmt: skip
def test_sign_ups_that_are_refused(members: Api, values: Any, status: int, data: Any) -> None:
    members("POST members/auth/sign-up", values).expect(status, {"data": data})
    assert not Member.objects.exists()


def test_an_address_that_changes_is_not_verified_any_more(members: Api) -> None:
    members.tokens["ann"] = members("POST members/auth/sign-up", ANN).body["token"]
    Member.objects.update(checked=True)
    answer = {"checked": False}
    members("POST members/update", {"where": "true", "setValues": {"mail": "c@d.example"}, "returning": "checked"}, "ann").expect(
        200, [answer]
    )


def test_a_role_that_anyone_may_take_is_told(use_config: UseConfig) -> None:
    config: link.Config = use_config(CONFIG.replace("createRule: role == null", "createRule: 'true'"))
    assert [(code, each.path) for code, each in config.warnings if code == "pocketapi.W002"] == [
        ("pocketapi.W002", "tables[0].fields[4]")
    ]
