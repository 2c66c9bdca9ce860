"""Accounts of tables that have less, or other columns, than the scaffold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.answers import PASSWORD, Api, run_sql
from tests.conftest import UseConfig

SECRET = "a-secret-of-the-table-for-tests-only"
AUTH = f"{{name: auth, jwtSecret: {SECRET}, jwtTokenDuration: 60, maxTokenRefresh: 0, normalizeEmail: NORMAL}}"
CONFIG = f"""
tables:
  - name: people
    fields:
      - {{name: id, type: integer, primary: true, autoIncrement: true}}
      - {{name: mail, type: text, notNull: true, unique: true, usage: auth_email}}
      - {{name: word, type: text, usage: auth_password}}
      - {{name: info, type: json, sqlType: STORED, usage: auth_metadata}}
    extensions:
      - {AUTH}
      - {{name: rules, createRule: 'true', updateRule: 'auth.uid == id', viewRule: 'true'}}
"""
EVE = {"mail": "E.ve@Gmail.com", "word": PASSWORD, "info": {"a": [1]}}


@pytest.fixture(params=["json", "text"])
def people(use_config: UseConfig, request: pytest.FixtureRequest) -> Api:
    use_config(CONFIG.replace("STORED", request.param).replace("NORMAL", "false"))
    return Api()


def test_an_account_without_username_and_verification(people: Api) -> None:
    found = people("POST people/auth/sign-up", EVE).expect(200, {"verified": True})
    assert found["record"] == {"id": 1, "mail": "E.ve@Gmail.com", "info": {"a": [1]}}
    people("GET people/view/1", query={"where": "auth.meta.a != null"}, by=found["token"]).expect(200)
    people("POST people/auth/login-password", {"identity": " E.ve@Gmail.com ", "password": PASSWORD}).expect(
        200, {"record": {"id": 1}}
    )
    people("POST people/auth/login-password", {"identity": "eve@gmail.com", "password": PASSWORD}).expect(400)
    people("POST people/auth/login-password", {"identity": "eve", "password": PASSWORD}).expect(400)
    again = people("POST people/auth/refresh-token", {"refresh_token": found["refresh_token"]}, by=found["token"]).expect(200)
    assert again["record"] == found["record"]


@pytest.mark.parametrize("word", [{}, {"word": None}])
def test_a_sign_up_needs_a_password_where_the_column_does_not(people: Api, word: dict[str, Any]) -> None:
    people("POST people/auth/sign-up", {"mail": "a@b.cc", **word}).expect(400, {"data": {"word": {"code": "required"}}})
    people("POST people/insert", {"values": {"mail": "a@b.cc", **word}}).expect(200)
    people("POST people/auth/login-password", {"identity": "a@b.cc", "password": PASSWORD}).expect(400)


def test_a_password_cannot_be_taken_away(people: Api) -> None:
    found = people("POST people/auth/sign-up", EVE).expect(200)
    for body in ({"word": None}, {"word": None, "wordCurrent": PASSWORD}):
        people("POST people/edit/1", body, by=found["token"]).expect(400, {"data": {"word": {"code": "null"}}})


def test_an_account_without_a_password_proves_none(people: Api) -> None:
    """It was made by others: nothing that is sent as the current password is right."""
    found = people("POST people/auth/sign-up", EVE).expect(200)
    run_sql("UPDATE people SET word = NULL")
    for current in ({}, {"wordCurrent": ""}, {"wordCurrent": PASSWORD}):
        people("POST people/auth/change-password", {"word": "n3w-staple-x", **current}, by=found["token"]).expect(400)
        people("POST people/edit/1", {"word": "n3w-staple-x", **current}, by=found["token"]).expect(400)


def test_a_session_whose_user_has_gone_meanwhile(people: Api) -> None:
    found = people("POST people/auth/sign-up", EVE).expect(200)
    run_sql("DELETE FROM people")
    body = {"refresh_token": found["refresh_token"]}
    people("POST people/auth/refresh-token", body, by=found["token"]).expect(401, {"message": "Invalid session"})
    people("POST people/auth/change-password", {"word": "x"}, by=found["token"]).expect(401)


def test_nothing_of_a_password_is_in_an_answer_or_a_log(people: Api, caplog: Any) -> None:
    """Not even where it is sent under another name."""
    caplog.set_level(0)
    answers = [
        people("POST people/auth/sign-up", {**EVE, "wrod": PASSWORD}),
        people("POST people/auth/sign-up", {**EVE, "word": [PASSWORD]}),
        people("POST people/auth/sign-up", EVE),
        people("POST people/auth/sign-up", EVE),
        people("POST people/auth/login-password", {"identity": EVE["mail"], "password": PASSWORD}),
        people("POST people/auth/login-password", {"identity": EVE["mail"], "password": PASSWORD + "x"}),
        people("POST people/edit/1", {"word": PASSWORD, "wordCurrent": PASSWORD}),
    ]
    told = json.dumps([answer.body for answer in answers]) + caplog.text
    assert PASSWORD not in told
    assert "argon2" not in told
