"""Verifying an address by mail, asked for by its owner, by its address, or at sign-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from pocketapi.auth import posting
from pocketapi.credentials import counters, one_time
from pocketapi.models import OneTimeToken
from tests.api.answers import PASSWORD, Api, run_sql
from tests.auth.mailbox import Mailbox, text_of

INVALID = {"code": 400, "message": "Invalid token", "data": {}}
SUCCESS = {"success": True}


def asked(desk: Api, mailbox: Mailbox, by: str = "ann", table: str = "users") -> str:
    """The token that an account was sent."""
    desk(f"POST {table}/auth/request-verification", {}, by=by).expect(200, SUCCESS)
    return mailbox.token


def confirm(desk: Api, token: Any, by: str | None = None, table: str = "users") -> Any:
    return desk(f"POST {table}/auth/confirm-verification", {"token": token}, by=by)


def is_verified(name: str = "ann") -> bool:
    return bool(run_sql("SELECT email_verified FROM users WHERE id = %s", name)[0][0])


def test_a_verification_from_end_to_end(desk: Api, mailbox: Mailbox) -> None:
    token = asked(desk, mailbox)
    assert mailbox.recipients == [["ann@example.com"]]
    assert f"https://desk.example/app/verify-email/{token}\n" in text_of(mailbox.mails[0]).replace("\r", "")
    found = confirm(desk, token).expect(200, {"record": {"id": "ann", "email_verified": True}})
    assert found.keys() == {"token", "refresh_token", "record"}
    desk("GET users/select", by=found["token"]).expect(200, [{"id": "ann"}])
    desk("GET users/select", by="ann").expect(200)  # sessions go on
    confirm(desk, token).expect(400, INVALID)


@pytest.mark.parametrize("by", ["ann", "bob"])
def test_who_is_signed_in_gets_no_session(desk: Api, mailbox: Mailbox, by: str) -> None:
    found = confirm(desk, asked(desk, mailbox), by=by).expect(200, {"record": {"id": "ann", "email_verified": True}})
    assert found.keys() == {"record"}


def test_a_bad_bearer_is_refused_by_the_request_and_counts_as_none_at_the_confirmation(desk: Api, mailbox: Mailbox) -> None:
    desk("POST users/auth/request-verification", {"email": "ann@example.com"}, by="nonsense").expect(401)
    assert mailbox.mails == []
    assert "token" in confirm(desk, asked(desk, mailbox), by="nonsense").expect(200)


def test_the_owner_waits_and_is_told_so(desk: Api, mailbox: Mailbox) -> None:
    asked(desk, mailbox)
    found = desk("POST users/auth/request-verification", {}, by="ann")
    found.expect(429, {"data": {}})
    assert 100 < int(found.headers["Retry-After"]) <= 120
    desk("POST users/auth/request-verification", {"email": "ANN@example.com"}).expect(200, SUCCESS)
    assert len(mailbox.mails) == 1


def test_no_interval_where_the_config_has_none(desk: Api, mailbox: Mailbox) -> None:
    first, second = (asked(desk, mailbox, "eve", "staff") for _ in range(2))
    assert first != second


def test_the_owner_is_told_of_a_failure_and_may_try_again_at_once(desk: Api, mailbox: Mailbox) -> None:
    mailbox.refusal = "451 later"
    desk("POST users/auth/request-verification", {}, by="ann").expect(
        502, {"code": 502, "message": "The mail could not be sent. Try again later.", "data": {}}
    )
    mailbox.refusal = None
    asked(desk, mailbox)


def test_the_owner_is_told_that_it_is_done_already(desk: Api, mailbox: Mailbox) -> None:
    run_sql("UPDATE users SET email_verified = %s", True)
    desk("POST users/auth/request-verification", {}, by="ann").expect(400, {"message": "The email address is verified already."})
    desk("POST users/auth/request-verification", {"email": "ann@example.com"}).expect(200, SUCCESS)
    assert mailbox.mails == []


# (body, caller, status, to whom)
REQUESTS: list[tuple[Any, str | None, int, list[str]]] = [
    ({"email": "ann@example.com"}, None, 200, ["ann@example.com"]),
    ({"email": " ANN@Example.com "}, None, 200, ["ann@example.com"]),
    ({"email": "nobody@example.com"}, None, 200, []),
    ({"email": "ann@example.com"}, "ann", 200, ["ann@example.com"]),
    ({"email": "bob@example.com"}, "ann", 200, ["bob@example.com"]),
    ({"email": "ann@example.com"}, "eve", 200, ["ann@example.com"]),
    ({"email": "ann@example.com"}, "admin", 200, ["ann@example.com"]),
    ({"email": None}, "ann", 200, ["ann@example.com"]),
    ({}, None, 400, []),
    ({}, "eve", 400, []),
    ({}, "admin", 400, []),
    ({"email": 5}, None, 400, []),
    ({"identity": "ann"}, None, 400, []),
    ({"identity": "ann"}, "ann", 400, []),
]


@pytest.mark.parametrize(("body", "by", "status", "to"), REQUESTS)
def test_who_is_sent_a_mail(desk: Api, mailbox: Mailbox, body: Any, by: str | None, status: int, to: list[str]) -> None:
    desk("POST users/auth/request-verification", body, by=by).expect(status)
    assert [each for (each,) in mailbox.recipients] == to


def other_address(desk: Api, _: str) -> None:
    desk("POST users/edit/ann", {"email": "new@example.com"}, by="admin").expect(200)


def expired(_desk: Api, _: str) -> None:
    OneTimeToken.objects.update(expires=timezone.now())


def of_another_purpose(_desk: Api, _: str) -> None:
    OneTimeToken.objects.update(purpose=one_time.PASSWORD_RESET)


def of_another_user(_desk: Api, _: str) -> None:
    OneTimeToken.objects.update(user="bob")


def of_another_table(_desk: Api, _: str) -> None:
    OneTimeToken.objects.update(table="staff")


def taken_over(desk: Api, _: str) -> None:
    """The address's owner resets the password."""
    token = one_time.issue("users", "ann", one_time.PASSWORD_RESET, 60, email="ann@example.com")
    desk("POST users/auth/confirm-password-reset", {"token": token, "password": "n3w-staple-x"}).expect(200)
    run_sql("UPDATE users SET email_verified = %s", False)


VOIDED = [other_address, expired, of_another_purpose, of_another_user, of_another_table, taken_over]


@pytest.mark.parametrize("event", VOIDED, ids=lambda event: event.__name__)
def test_a_token_that_is_void(desk: Api, mailbox: Mailbox, event: Callable[[Api, str], None]) -> None:
    token = asked(desk, mailbox)
    event(desk, token)
    confirm(desk, token).expect(400, INVALID)
    assert not is_verified()


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": "A" * 22, "id": "ann"}, {"token": 5}])
def test_a_body_that_makes_no_sense(desk: Api, body: Any) -> None:
    assert confirm(desk, "x").status == 400
    assert desk("POST users/auth/confirm-verification", body).expect(400)["data"]


def test_of_two_who_read_a_token_at_a_time_one_spends_it(desk: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    token = asked(desk, mailbox)
    owner_of = posting.owner_of

    def overtaken(*args: Any) -> Any:
        found = owner_of(*args)
        monkeypatch.setattr(posting, "owner_of", owner_of)
        confirm(desk, token).expect(200)
        return found

    monkeypatch.setattr(posting, "owner_of", overtaken)
    confirm(desk, token).expect(400, INVALID)


def test_an_account_that_changes_its_address_is_unverified_and_its_open_tokens_are_void(desk: Api, mailbox: Mailbox) -> None:
    (uid,) = run_sql("SELECT id FROM staff")[0]
    reset = one_time.issue("staff", uid, one_time.PASSWORD_RESET, 60, email="eve@example.com")
    confirm(desk, asked(desk, mailbox, "eve", "staff"), table="staff").expect(200, {"record": {"checked": True}})
    desk(f"POST staff/edit/{uid}", {"login": "eva"}, by="eve").expect(200)
    assert OneTimeToken.objects.count() == 1
    change = {"where": "true", "set": {"mail": "'new@example.com'"}, "returning": "checked"}
    desk("POST staff/update", change, by="eve").expect(200, [{"checked": False}])
    assert not OneTimeToken.objects.exists()
    body = {"token": reset, "secret": PASSWORD, "secretAgain": PASSWORD}
    desk("POST staff/auth/confirm-password-reset", body).expect(400, INVALID)


EVA = {"login": "eva", "mail": "eva@example.com", "secret": PASSWORD, "secretAgain": PASSWORD}


def test_a_mail_at_sign_up(desk: Api, mailbox: Mailbox, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        desk("POST staff/auth/sign-up", EVA).expect(200, {"verified": False})
    assert mailbox.mails == []  # only once the row is there for good
    for callback in callbacks:
        callback()
    assert mailbox.recipients == [["eva@example.com"]]
    confirm(desk, mailbox.token, table="staff").expect(200, {"record": {"login": "eva", "checked": True}})


def test_a_sign_up_does_not_mind_a_mail_that_fails(
    desk: Api, mailbox: Mailbox, django_capture_on_commit_callbacks: Any, caplog: pytest.LogCaptureFixture
) -> None:
    mailbox.refusal = "554 no"
    with django_capture_on_commit_callbacks(execute=True):
        answer = desk("POST staff/auth/sign-up", EVA).expect(200)
    assert "554" in caplog.text
    uid = answer["record"]["id"]
    assert counters.claim(counters.key_of("mail", "verification", "staff", uid), 60) == 0


@pytest.mark.parametrize(("table", "body"), [
    ("users", {"username": "eva", "email": "eva@example.com", "password": PASSWORD, "name": "Eva"}),
    ("staff", {**EVA, "mail": "nothing"}),
    ("staff", {**EVA, "mail": "eve@example.com"}),
    ("staff", {**EVA, "mail": "eva@sub.mailinator.com"}),
])  # fmt: skip
def test_no_mail_at_sign_up(desk: Api, mailbox: Mailbox, django_capture_on_commit_callbacks: Any, table: str, body: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        desk(f"POST {table}/auth/sign-up", body).expect({"users": 200, "staff": 409 if "eve" in str(body) else 400}[table])
    assert mailbox.mails == []
