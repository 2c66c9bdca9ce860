"""One-time codes by mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pocketapi.credentials import one_time
from pocketapi.models import Counter, OneTimeToken
from tests.api.answers import PASSWORD, Api, run_sql
from tests.auth.mailbox import Mailbox, html_of, text_of

INVALID = {"code": 400, "message": "Invalid code", "data": {}}


def ask(desk: Api, email: str = "ann@example.com", table: str = "users") -> str:
    """The id of a code that was asked for."""
    found = desk(f"POST {table}/auth/request-otp", {"email": email}).expect(200)
    assert found.keys() == {"otpId"}
    assert len(found["otpId"]) == 22
    return str(found["otpId"])


def log_in(desk: Api, otp_id: Any, code: Any, table: str = "users") -> Any:
    return desk(f"POST {table}/auth/login-otp", {"otpId": otp_id, "code": code})


def test_a_login_from_end_to_end(desk: Api, mailbox: Mailbox) -> None:
    otp_id = ask(desk)
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Your Desk & Co sign-in code"
    assert "3 minutes" in text_of(mail)
    assert mailbox.code in html_of(mail)
    assert mailbox.code not in str(list(OneTimeToken.objects.values()))
    found = log_in(desk, otp_id, mailbox.code).expect(200, {"record": {"id": "ann"}, "verified": False})
    desk("GET users/select", by=found["token"]).expect(200, [{"id": "ann"}])
    log_in(desk, otp_id, mailbox.code).expect(400, INVALID)


def test_a_verified_login_says_nothing_of_it_and_blanks_do_not_count(desk: Api, mailbox: Mailbox) -> None:
    run_sql("UPDATE users SET email_verified = %s", True)
    otp_id = ask(desk)
    code = mailbox.code
    assert log_in(desk, otp_id, f" {code[:4]} {code[4:]} ").expect(200).keys() == {"token", "refresh_token", "record"}


def test_five_tries(desk: Api, mailbox: Mailbox) -> None:
    otp_id = ask(desk)
    wrong = str((int(mailbox.code) + 1) % 10**8).zfill(8)
    for _ in range(4):
        log_in(desk, otp_id, wrong).expect(400, INVALID)
    log_in(desk, otp_id, mailbox.code).expect(200)
    Counter.objects.all().delete()
    otp_id = ask(desk)
    for _ in range(5):
        log_in(desk, otp_id, "x").expect(400, INVALID)
    log_in(desk, otp_id, mailbox.code).expect(400, INVALID)


def test_an_unknown_address_looks_the_same_down_to_the_statements(desk: Api, mailbox: Mailbox, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "THROTTLE": False}
    known, unknown = ask(desk), ask(desk, "nobody@example.com")
    assert len(mailbox.mails) == 1
    seen = []
    for otp_id in (known, unknown):
        with CaptureQueriesContext(connections["default"]) as captured:
            log_in(desk, otp_id, "00000000").expect(400, INVALID)
        seen.append([query["sql"].split("WHERE")[0] for query in captured])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 2


def test_within_the_interval_the_first_code_is_the_one(desk: Api, mailbox: Mailbox) -> None:
    first, second = ask(desk), ask(desk)
    assert len(mailbox.mails) == 1
    log_in(desk, second, mailbox.code).expect(400, INVALID)
    log_in(desk, first, mailbox.code).expect(200)


def expired(_desk: Api) -> None:
    OneTimeToken.objects.update(expires=timezone.now())


def other_address(desk: Api) -> None:
    desk("POST users/edit/ann", {"email": "new@example.com"}, by="admin").expect(200)


def other_address_by_sql(_desk: Api) -> None:
    run_sql("UPDATE users SET email = 'new@example.com' WHERE id = 'ann'")


def other_password(desk: Api) -> None:
    body = {"password": "n3w-staple-x", "passwordCurrent": PASSWORD}
    desk("POST users/auth/change-password", body, by="ann").expect(200)


def deleted(desk: Api) -> None:
    desk("POST users/delete", {"where": "true"}, by="ann").expect(200)


def of_another_table(_desk: Api) -> None:
    OneTimeToken.objects.update(table="staff")


def of_another_purpose(_desk: Api) -> None:
    OneTimeToken.objects.update(purpose=one_time.MFA)


VOIDED = [expired, other_address, other_address_by_sql, other_password, deleted, of_another_table, of_another_purpose]


@pytest.mark.parametrize("event", VOIDED, ids=lambda event: event.__name__)
def test_a_code_that_is_void(desk: Api, mailbox: Mailbox, event: Callable[[Api], None]) -> None:
    otp_id = ask(desk)
    event(desk)
    log_in(desk, otp_id, mailbox.code).expect(400, INVALID)


def test_of_two_right_codes_at_a_time_one_opens_a_session(desk: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    otp_id = ask(desk)
    spend = one_time.spend

    def overtaken(row: OneTimeToken) -> bool:
        monkeypatch.setattr(one_time, "spend", spend)
        log_in(desk, otp_id, mailbox.code).expect(200)
        return spend(row)

    monkeypatch.setattr(one_time, "spend", overtaken)
    log_in(desk, otp_id, mailbox.code).expect(400, INVALID)


# (path, body, status)
WRONG: list[tuple[str, Any, int]] = [
    ("users/auth/login-otp", {"otpId": "A" * 22, "code": "12345678"}, 400),
    ("users/auth/login-otp", {"otpId": "A" * 22}, 400),
    ("users/auth/login-otp", {"code": "12345678"}, 400),
    ("users/auth/login-otp", {"otpId": ["x"], "code": 12345678}, 400),
    ("users/auth/login-otp", {"otpId": "x", "code": "x", "more": 1}, 400),
    ("users/auth/request-otp", {}, 400),
    ("users/auth/request-otp", {"email": 5}, 400),
    ("users/auth/request-otp", {"identity": "ann"}, 400),
    ("names/auth/request-otp", {"email": "x"}, 404),
    ("names/auth/login-otp", {"otpId": "x", "code": "x"}, 404),
]


@pytest.mark.parametrize(("path", "body", "status"), WRONG)
def test_what_makes_no_sense(desk: Api, mailbox: Mailbox, path: str, body: Any, status: int) -> None:
    desk(f"POST {path}", body).expect(status)
    assert mailbox.mails == []


def test_a_table_with_integer_keys(desk: Api, mailbox: Mailbox) -> None:
    otp_id = ask(desk, "EVE@example.com", "staff")
    log_in(desk, otp_id, mailbox.code, "staff").expect(200, {"record": {"login": "eve"}})
