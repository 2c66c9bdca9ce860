"""Resetting a password by mail, and everything that a token is not good for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pocketapi.auth import posting
from pocketapi.credentials import one_time, sessions
from pocketapi.models import OF_USERS, Counter, Identity, OneTimeToken, RecoveryCode, SecondFactor, Session
from tests.api.answers import PASSWORD, Api, run_sql
from tests.auth.mailbox import Mailbox, html_of, text_of

NEW = "n3w-staple-x"
INVALID = {"code": 400, "message": "Invalid token", "data": {}}
SUCCESS = {"success": True}


def ask(desk: Api, name: str = "ann", table: str = "users") -> None:
    desk(f"POST {table}/auth/request-password-reset", {"email": f"{name}@example.com"}).expect(200, SUCCESS)


def asked(desk: Api, mailbox: Mailbox, name: str = "ann", table: str = "users") -> str:
    """The token of a reset that was asked for."""
    ask(desk, name, table)
    return mailbox.token


def confirm(desk: Api, token: Any, table: str = "users", /, **more: Any) -> Any:
    fields = {"password": NEW} if table == "users" else {"secret": NEW, "secretAgain": NEW}
    return desk(f"POST {table}/auth/confirm-password-reset", {"token": token, **fields, **more})


def logs_in(desk: Api, password: str, name: str = "ann", table: str = "users") -> bool:
    return desk(f"POST {table}/auth/login-password", {"identity": name, "password": password}).status == 200


def test_a_reset_from_end_to_end(desk: Api, mailbox: Mailbox) -> None:
    desk.sign_in("second", "users", "ann")
    token = asked(desk, mailbox)
    (mail,) = mailbox.mails
    assert mailbox.recipients == [["ann@example.com"]]
    assert (mail["To"], mail["From"], mail["Subject"]) == (
        "ann@example.com", "Desk <noreply@desk.example>", "Reset your Desk & Co password"
    )  # fmt: skip
    assert f"https://desk.example/app/reset-password/{token}\n" in text_of(mail).replace("\r", "")
    assert f'href="https://desk.example/app/reset-password/{token}"' in html_of(mail)
    assert "1 hour" in text_of(mail)
    assert token not in str(list(OneTimeToken.objects.values()))
    found = confirm(desk, token).expect(200, {"record": {"id": "ann", "email_verified": True}})
    assert found.keys() == {"token", "refresh_token", "record"}
    desk("GET users/select", by=found["token"]).expect(200, [{"id": "ann"}])
    desk("GET users/select", by="ann").expect(401)
    desk("GET users/select", by="second").expect(401)
    desk("GET users/select", by="bob").expect(200)
    assert logs_in(desk, NEW)
    assert not logs_in(desk, PASSWORD)


def test_the_names_and_the_confirmation_are_those_of_the_config(desk: Api, mailbox: Mailbox) -> None:
    token = asked(desk, mailbox, "eve", "staff")
    required, other = {"data": {"secretAgain": {"code": "required"}}}, {"data": {"secretAgain": {"code": "mismatch"}}}
    confirm(desk, token, "staff", secretAgain=None).expect(400, required)
    confirm(desk, token, "staff", secretAgain="other").expect(400, other)
    confirm(desk, token, "staff").expect(200, {"record": {"login": "eve", "checked": True}})
    assert logs_in(desk, NEW, "eve", "staff")


@pytest.mark.parametrize("identity", ["ann", "ann@example.com", " ANN@Example.com "])
def test_an_account_is_found_by_identity(desk: Api, mailbox: Mailbox, identity: str) -> None:
    desk("POST users/auth/request-password-reset", {"identity": identity}).expect(200, SUCCESS)
    assert mailbox.recipients == [["ann@example.com"]]


# (body, status, answer); none of them sends anything
NOTHING_SENT: list[tuple[Any, int, Any]] = [
    ({"email": "nobody@example.com"}, 200, SUCCESS),
    ({"identity": "nobody"}, 200, SUCCESS),
    ({"email": "ann"}, 200, SUCCESS),
    ({"email": "x" * 5000 + "@example.com"}, 200, SUCCESS),
    ({"email": "ann@example.com, bob@example.com"}, 200, SUCCESS),
    ({"email": "ann@example.com\nBcc: bob@example.com"}, 200, SUCCESS),
    ({"email": "ann@example.com' OR '1'='1"}, 200, SUCCESS),
    ({}, 400, {"data": {"email": {"code": "required"}}}),
    ({"email": ""}, 400, {"data": {"email": {"code": "required"}}}),
    ({"email": ["ann@example.com"]}, 400, {"data": {"email": {"code": "invalid"}}}),
    ({"email": {"$ne": ""}}, 400, {"data": {"email": {"code": "invalid"}}}),
    ({"email": "ann@example.com", "url": "https://evil.example"}, 400, {"data": {"url": {"code": "unknown"}}}),
    ({"mail": "ann@example.com"}, 400, {"data": {"mail": {"code": "unknown"}, "email": {"code": "required"}}}),
]


@pytest.mark.parametrize(("body", "status", "answer"), NOTHING_SENT)
def test_what_sends_nothing(desk: Api, mailbox: Mailbox, body: Any, status: int, answer: Any) -> None:
    desk("POST users/auth/request-password-reset", body).expect(status, answer)
    assert mailbox.mails == []
    assert not OneTimeToken.objects.exists()


# addresses that look like mike@example.com, or are folded to it by careless code
LOOK_ALIKES = [
    "mi\N{KELVIN SIGN}e@example.com",
    "m\N{LATIN SMALL LETTER DOTLESS I}ke@example.com",
    "M\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}KE@example.com",
    "\N{FULLWIDTH LATIN SMALL LETTER M}ike@example.com",
    "mike@ex\N{CYRILLIC SMALL LETTER A}mple.com",
    "mike@\N{FULLWIDTH LATIN SMALL LETTER E}xample.com",
    "mike@example\N{IDEOGRAPHIC FULL STOP}com",
    "mike@example\N{FULLWIDTH FULL STOP}com",
    "mike@exampl\N{SCRIPT SMALL E}.com",
    "mike\N{FULLWIDTH COMMERCIAL AT}example.com",
    "mi\N{SOFT HYPHEN}ke@example.com",
    "mike@exam\N{ZERO WIDTH SPACE}ple.com",
    "mike@exam\N{SOFT HYPHEN}ple.com",
    "mik\N{COMBINING ACUTE ACCENT}e@example.com",
]


@pytest.mark.parametrize("address", LOOK_ALIKES, ids=ascii)
def test_an_address_that_looks_like_another_is_not_its(desk: Api, mailbox: Mailbox, address: str) -> None:
    desk.user("mike")
    for verb in ("request-password-reset", "request-verification", "request-otp"):
        desk(f"POST users/auth/{verb}", {"email": address}).expect(200)
    assert mailbox.mails == []
    desk("POST users/auth/login-password", {"identity": address, "password": PASSWORD}).expect(400)
    body = {"username": "other", "email": address, "password": PASSWORD, "name": "x"}
    found = desk("POST users/auth/sign-up", body)
    assert found.status in (200, 400)
    assert (found.status == 200) == ("xn--" in str(found.body))  # another domain, in punycode


def test_a_domain_of_another_that_idna_once_folded_into_it(desk: Api, mailbox: Mailbox) -> None:
    desk.user("bo", email="bo@strasse.example")
    for address in ("bo@stra\N{LATIN SMALL LETTER SHARP S}e.example", "bo@STRA\N{LATIN CAPITAL LETTER SHARP S}E.example"):
        desk("POST users/auth/request-password-reset", {"email": address}).expect(200, SUCCESS)
    assert mailbox.mails == []


def other_address(desk: Api, _token: str) -> None:
    desk("POST users/edit/ann", {"email": "new@example.com"}, by="admin").expect(200)


def other_address_and_back(desk: Api, token: str) -> None:
    other_address(desk, token)
    desk("POST users/edit/ann", {"email": "ann@example.com"}, by="admin").expect(200)


def other_address_by_sql(_desk: Api, _token: str) -> None:
    run_sql("UPDATE users SET email = 'new@example.com' WHERE id = 'ann'")


def deleted(desk: Api, _token: str) -> None:
    desk("POST users/delete", {"where": "id == 'ann'"}, by="ann").expect(200)


def deleted_and_made_anew(desk: Api, token: str) -> None:
    deleted(desk, token)
    row = {"id": "ann", "username": "ann", "email": "ann@example.com", "password": PASSWORD, "name": "x"}
    desk("POST users/insert", {"values": row}, by="admin").expect(200)


def expired(_desk: Api, _token: str) -> None:
    OneTimeToken.objects.update(expires=timezone.now())


def spent(desk: Api, token: str) -> None:
    confirm(desk, token).expect(200)


def another_was_spent(desk: Api, _token: str) -> None:
    Counter.objects.all().delete()
    issued = one_time.issue("users", "ann", one_time.PASSWORD_RESET, 60, email="ann@example.com")
    confirm(desk, issued).expect(200)


def password_changed(desk: Api, _token: str) -> None:
    body = {"password": "an0ther-staple", "passwordCurrent": PASSWORD}
    desk("POST users/auth/change-password", body, by="ann").expect(200)


def of_another_purpose(_desk: Api, _token: str) -> None:
    OneTimeToken.objects.update(purpose=one_time.VERIFICATION)


def of_another_table(_desk: Api, _token: str) -> None:
    OneTimeToken.objects.update(table="staff")


def of_another_user(_desk: Api, _token: str) -> None:
    OneTimeToken.objects.update(user="bob")


VOIDED: list[Callable[[Api, str], None]] = [
    other_address,
    other_address_and_back,
    other_address_by_sql,
    deleted,
    deleted_and_made_anew,
    expired,
    spent,
    another_was_spent,
    password_changed,
    of_another_purpose,
    of_another_table,
    of_another_user,
]


@pytest.mark.parametrize("event", VOIDED, ids=lambda event: event.__name__)
def test_a_token_that_is_void(desk: Api, mailbox: Mailbox, event: Callable[[Api, str], None]) -> None:
    token = asked(desk, mailbox)
    event(desk, token)
    before = run_sql("SELECT id, password, email_verified FROM users ORDER BY id")
    confirm(desk, token, password="y3t-another-one").expect(400, INVALID)
    assert run_sql("SELECT id, password, email_verified FROM users ORDER BY id") == before


@pytest.mark.parametrize("token", ["A" * 22, "x", "' OR '1'='1", "é" * 22, ["x"], {"a": 1}, 5, True])
def test_a_token_that_never_was(desk: Api, token: Any) -> None:
    confirm(desk, token).expect(400, INVALID)
    desk("POST users/auth/confirm-verification", {"token": token}).expect(400)


def test_a_token_of_one_table_in_another(desk: Api, mailbox: Mailbox) -> None:
    token = asked(desk, mailbox, "eve", "staff")
    confirm(desk, token).expect(400, INVALID)
    confirm(desk, token, "staff").expect(200)


# (body beside the token, answer); the token stays good
WRONG: list[tuple[dict[str, Any], Any]] = [
    ({"password": "short"}, {"data": {"password": {"code": "invalid"}}}),
    ({"password": "password1"}, {"data": {"password": {"code": "invalid"}}}),
    ({"password": "ann@example.com"}, {"data": {"password": {"code": "invalid"}}}),
    ({"password": 12345678}, {"data": {"password": {"code": "invalid"}}}),
    ({"password": ""}, {"data": {"password": {"code": "required"}}}),
    ({"password": None}, {"data": {"password": {"code": "required"}}}),
    ({"role": "admin"}, {"data": {"role": {"code": "unknown"}}}),
    ({"email_verified": True, "id": "bob"}, {"data": {"id": {"code": "unknown"}, "email_verified": {"code": "unknown"}}}),
    ({"token": None}, {"data": {"token": {"code": "required"}}}),
]


@pytest.mark.parametrize(("body", "answer"), WRONG)
def test_a_mistake_changes_nothing_and_spends_nothing(desk: Api, mailbox: Mailbox, body: dict[str, Any], answer: Any) -> None:
    token = asked(desk, mailbox)
    confirm(desk, token, **body).expect(400, answer)
    assert logs_in(desk, PASSWORD)
    desk("GET users/select", by="ann").expect(200)
    confirm(desk, token).expect(200)


def test_of_two_who_read_a_token_at_a_time_one_spends_it(desk: Api, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one finds the token good before the first one has spent it."""
    token = asked(desk, mailbox)
    owner_of = posting.owner_of

    def overtaken(*args: Any) -> Any:
        found = owner_of(*args)
        monkeypatch.setattr(posting, "owner_of", owner_of)
        confirm(desk, token, password="th3-first-one").expect(200)
        return found

    monkeypatch.setattr(posting, "owner_of", overtaken)
    confirm(desk, token).expect(400, INVALID)
    assert logs_in(desk, "th3-first-one")


def rows_of(user: str) -> list[str]:
    return [kind.__name__ for kind in OF_USERS if kind._default_manager.filter(table="users", user=user).exists()]


def own_rows(user: str) -> None:
    """A row of each kind."""
    now = timezone.now()
    one_time.issue("users", user, one_time.VERIFICATION, 60, email=f"{user}@example.com")
    Identity.objects.create(table="users", user=user, provider="google", subject=user, created=now)
    SecondFactor.objects.create(table="users", user=user, secret="x", created=now)
    RecoveryCode.objects.create(table="users", user=user, hash=sessions.hash_of(user))


@pytest.mark.parametrize("was_verified", [False, True])
def test_who_made_an_account_with_somebody_elses_address_loses_every_way_in(
    desk: Api, mailbox: Mailbox, was_verified: bool
) -> None:
    run_sql("UPDATE users SET email_verified = %s", was_verified)
    own_rows("ann")
    own_rows("bob")
    everything = [kind.__name__ for kind in OF_USERS]
    assert rows_of("ann") == everything
    confirm(desk, asked(desk, mailbox)).expect(200)
    if was_verified:
        assert rows_of("ann") == everything
    else:
        assert rows_of("ann") == ["Session"]  # the new one
    assert Session.objects.filter(user="ann").count() == 1
    assert rows_of("bob") == everything
    assert not logs_in(desk, PASSWORD)
    assert logs_in(desk, NEW)


def test_one_mail_to_a_user_in_an_interval(desk: Api, mailbox: Mailbox) -> None:
    token = asked(desk, mailbox)
    ask(desk)
    confirm(desk, token).expect(200)
    ask(desk)
    desk("POST users/auth/request-password-reset", {"identity": "ann"}).expect(200, SUCCESS)
    assert len(mailbox.mails) == 1
    ask(desk, "bob")
    ask(desk, "eve", "staff")
    assert [each for (each,) in mailbox.recipients] == ["ann@example.com", "bob@example.com", "eve@example.com"]
    Counter.objects.update(expires=timezone.now() - timedelta(seconds=1))
    ask(desk)
    assert len(mailbox.mails) == 4


def test_two_mails_have_two_tokens_and_the_first_stays_good(desk: Api, mailbox: Mailbox) -> None:
    first = asked(desk, mailbox)
    Counter.objects.all().delete()
    second = asked(desk, mailbox)
    assert first != second
    confirm(desk, first).expect(200)
    confirm(desk, second).expect(400, INVALID)


def test_a_failure_is_only_logged_and_keeps_no_turn(desk: Api, mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    mailbox.refusal = "554 no"
    ask(desk)
    assert "554" in caplog.text
    assert mailbox.mails == []
    mailbox.refusal = None
    ask(desk)
    assert len(mailbox.mails) == 1


def test_what_a_client_says_of_the_host_is_not_in_a_link(desk: Api, mailbox: Mailbox, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.USE_X_FORWARDED_HOST = ["*"], True
    headers = {
        "Host": "evil.example:1",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "X-Forwarded-Proto": "http",
        "Origin": "https://evil.example",
        "Referer": "https://evil.example/",
    }
    for verb in ("request-password-reset", "request-verification", "request-otp"):
        desk(f"POST users/auth/{verb}", {"email": "ann@example.com"}, headers=headers).expect(200)
    assert len(mailbox.mails) == 3
    assert not any("evil" in part for mail in mailbox.mails for part in (mail.as_string(), text_of(mail), html_of(mail)))


def test_a_bad_bearer_counts_as_none(desk: Api, mailbox: Mailbox) -> None:
    desk("POST users/auth/request-password-reset", {"email": "ann@example.com"}, by="nonsense").expect(200)
    body = {"token": mailbox.token, "password": NEW}
    desk("POST users/auth/confirm-password-reset", body, by="nonsense").expect(200)


def test_without_a_mail_configuration(api: Api) -> None:
    for verb in ("request-password-reset", "request-verification"):
        for body in ({"email": "ann@example.com"}, {}):
            api(f"POST users/auth/{verb}", body).expect(500, {"message": "Email not configured", "data": {}})
    api("POST users/auth/request-verification", {}, by="ann").expect(500, {"message": "Email not configured"})
    api("POST users/auth/request-otp", {"email": "x"}).expect(404)
    api("POST posts/auth/request-password-reset", {"email": "x"}).expect(404)


def test_accounts_without_an_address(desk: Api, mailbox: Mailbox) -> None:
    for verb in ("request-password-reset", "request-verification"):
        desk(f"POST names/auth/{verb}", {"email": "x"}).expect(400, {"message": "The accounts of names have no email address."})


def test_a_request_makes_the_same_statements_for_known_and_unknown_addresses(
    desk: Api, mailbox: Mailbox, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None at all: what is asked by an address is looked up in the background."""
    settings.POCKETAPI = {**settings.POCKETAPI, "MAIL_THREADS": 1, "THROTTLE": False}
    jobs: list[Any] = []
    monkeypatch.setattr("pocketapi.auth.background.BACKGROUND.submit", jobs.append)
    for verb in ("request-password-reset", "request-verification", "request-otp"):
        for address in ("ann@example.com", "nobody@example.com", "x"):
            with CaptureQueriesContext(connections["default"]) as captured:
                desk(f"POST users/auth/{verb}", {"email": address}).expect(200)
            assert len(captured) == 0
    assert len(jobs) == 9
    assert mailbox.mails == []
