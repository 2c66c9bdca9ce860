"""The second factor: enrolled, confirmed, asked for on every way in, given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from pocketapi.credentials import one_time, second_factors, totp
from pocketapi.models import OF_USERS, Counter, OneTimeToken, RecoveryCode, SecondFactor, Session
from pocketapi.tables.table import current
from tests.api.answers import PASSWORD, Api, run_sql
from tests.auth.mailbox import Mailbox

NEW = "n3w-staple-x"
WRONG_CODE = {"code": 400, "message": "Invalid code", "data": {}}
WRONG_TOKEN = {"code": 400, "message": "Invalid token", "data": {}}


class Clock:
    """The time that authenticators go by; each code is of a later step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.time()
        monkeypatch.setattr("pocketapi.credentials.totp.time.time", lambda: self.now)

    def code(self, secret: str) -> str:
        """The next code of an authenticator."""
        self.now += totp.PERIOD
        return totp.code_at(secret, int(self.now) // totp.PERIOD)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def enroll(desk: Api, clock: Clock, name: str = "ann") -> tuple[str, list[str]]:
    """A second factor for a user: the secret and the recovery codes."""
    found = desk("POST users/auth/enroll-mfa", {"password": PASSWORD}, by=name).expect(200)
    assert found.keys() == {"secret", "uri"}
    code = clock.code(found["secret"])
    told = desk("POST users/auth/confirm-mfa", {"code": code}, by=name).expect(200, {"success": True})
    return found["secret"], told["recoveryCodes"]


def challenged(desk: Api, name: str = "ann") -> str:
    """The id of a login that waits for its second factor."""
    before = Session.objects.count()
    answer = desk("POST users/auth/login-password", {"identity": name, "password": PASSWORD})
    found = answer.expect(401, {"code": 401, "message": "Second factor required"})
    assert found["data"].keys() == {"mfaId"}
    assert Session.objects.count() == before
    return str(found["data"]["mfaId"])


def log_in(desk: Api, mfa_id: Any, code: Any, table: str = "users") -> Any:
    return desk(f"POST {table}/auth/login-mfa", {"mfaId": mfa_id, "code": code})


def test_from_enrolment_to_login(desk: Api, clock: Clock) -> None:
    desk.sign_in("second", "users", "ann")
    secret, codes = enroll(desk, clock)
    assert len(set(codes)) == 10
    assert all(len(code) == 19 for code in codes)
    stored = str([*SecondFactor.objects.values(), *RecoveryCode.objects.values()])
    assert secret not in stored
    assert not any(code in stored for code in codes)
    desk("GET users/select", by="ann").expect(200)
    desk("GET users/select", by="second").expect(401)  # it never passed the second factor
    mfa_id = challenged(desk)
    found = log_in(desk, mfa_id, clock.code(secret)).expect(200, {"record": {"id": "ann"}, "verified": False})
    desk("GET users/select", by=found["token"]).expect(200, [{"id": "ann"}])
    desk("POST users/auth/login-password", {"identity": "bob", "password": PASSWORD}).expect(200)


def test_the_address_for_a_qr_code_names_the_app_and_the_account(desk: Api) -> None:
    found = desk("POST users/auth/enroll-mfa", {"password": PASSWORD}, by="ann").expect(200)
    assert found["uri"].startswith("otpauth://totp/Desk%20%26%20Co:ann@example.com?")
    assert f"secret={found['secret']}" in found["uri"]


def test_a_code_is_good_once_and_its_neighbours_are_taken(desk: Api, clock: Clock) -> None:
    secret, _ = enroll(desk, clock)
    code = clock.code(secret)
    log_in(desk, challenged(desk), code).expect(200)
    log_in(desk, challenged(desk), code).expect(400, WRONG_CODE)
    ahead = totp.code_at(secret, int(clock.now) // 30 + 1)
    log_in(desk, challenged(desk), f"{ahead[:3]} {ahead[3:]}").expect(200)
    log_in(desk, challenged(desk), clock.code(secret)).expect(400, WRONG_CODE)  # that very one, a step later


def test_a_recovery_code_is_good_once(desk: Api, clock: Clock) -> None:
    _, codes = enroll(desk, clock)
    log_in(desk, challenged(desk), codes[0]).expect(200)
    log_in(desk, challenged(desk), codes[0]).expect(400, WRONG_CODE)
    log_in(desk, challenged(desk), codes[1].upper().replace("-", " ")).expect(200)


def test_the_id_of_a_login_is_good_once_and_for_five_tries(desk: Api, clock: Clock) -> None:
    secret, _ = enroll(desk, clock)
    mfa_id = challenged(desk)
    log_in(desk, mfa_id, clock.code(secret)).expect(200)
    log_in(desk, mfa_id, clock.code(secret)).expect(400, WRONG_TOKEN)
    mfa_id = challenged(desk)
    for _ in range(5):
        log_in(desk, mfa_id, "x").expect(400, WRONG_CODE)
    log_in(desk, mfa_id, clock.code(secret)).expect(400, WRONG_TOKEN)
    log_in(desk, challenged(desk), clock.code(secret)).expect(200)


def test_ten_wrong_codes_of_an_account_end_all_tries_for_a_while(desk: Api, clock: Clock) -> None:
    secret, codes = enroll(desk, clock)
    for _ in range(2):
        mfa_id = challenged(desk)
        for _ in range(5):
            log_in(desk, mfa_id, "000000" if totp.step_of(secret, "000000", 0) is None else "000001").expect(400, WRONG_CODE)
    found = log_in(desk, challenged(desk), clock.code(secret))
    found.expect(429)
    assert 800 < int(found.headers["Retry-After"]) <= 900
    log_in(desk, challenged(desk), codes[0]).expect(429)
    desk("POST users/auth/disable-mfa", {"code": codes[0]}, by="ann").expect(429)
    Counter.objects.update(expires=timezone.now())
    log_in(desk, challenged(desk), clock.code(secret)).expect(200)


def by_otp(desk: Api, mailbox: Mailbox) -> Any:
    otp_id = desk("POST users/auth/request-otp", {"email": "ann@example.com"}).expect(200)["otpId"]
    return desk("POST users/auth/login-otp", {"otpId": otp_id, "code": mailbox.code})


def by_reset(desk: Api, mailbox: Mailbox) -> Any:
    run_sql("UPDATE users SET email_verified = %s", True)
    desk("POST users/auth/request-password-reset", {"email": "ann@example.com"}).expect(200)
    return desk("POST users/auth/confirm-password-reset", {"token": mailbox.token, "password": NEW})


def by_verification(desk: Api, mailbox: Mailbox) -> Any:
    desk("POST users/auth/request-verification", {"email": "ann@example.com"}).expect(200)
    return desk("POST users/auth/confirm-verification", {"token": mailbox.token})


@pytest.mark.parametrize("way", [by_otp, by_reset, by_verification], ids=lambda way: way.__name__)
def test_every_way_in_passes_it(desk: Api, mailbox: Mailbox, clock: Clock, way: Callable[[Api, Mailbox], Any]) -> None:
    secret, _ = enroll(desk, clock)
    before = Session.objects.filter(user="ann").count()
    found = way(desk, mailbox).expect(401, {"message": "Second factor required"})
    assert Session.objects.filter(user="ann").count() == (0 if way is by_reset else before)
    log_in(desk, found["data"]["mfaId"], clock.code(secret)).expect(200, {"record": {"id": "ann"}})


def test_a_reset_of_an_account_that_was_never_verified_takes_its_second_factor_away(
    desk: Api, mailbox: Mailbox, clock: Clock
) -> None:
    enroll(desk, clock)
    desk("POST users/auth/request-password-reset", {"email": "ann@example.com"}).expect(200)
    desk("POST users/auth/confirm-password-reset", {"token": mailbox.token, "password": NEW}).expect(200)
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_it_is_given_up_by_a_code(desk: Api, clock: Clock) -> None:
    secret, codes = enroll(desk, clock)
    for body in (
        {},
        {"code": ""},
        {"code": "x"},
        {"code": "x" * 100_000},
        {"code": 5},
        {"code": "\N{ARABIC-INDIC DIGIT ONE}" * 6},
    ):
        desk("POST users/auth/disable-mfa", body, by="ann").expect(400)
    desk("POST users/auth/disable-mfa", {"code": codes[3]}, by="ann").expect(200, {"success": True})
    desk("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)
    desk("POST users/auth/disable-mfa", {"code": clock.code(secret)}, by="ann").expect(400)
    assert not RecoveryCode.objects.exists()
    enroll(desk, clock)


def test_enrolment_needs_the_password_and_a_first_code(desk: Api, clock: Clock) -> None:
    for password, code in ((None, "required"), ("wrong-horse", "invalid"), (5, "invalid")):
        desk("POST users/auth/enroll-mfa", {"password": password}, by="ann").expect(400, {"data": {"password": {"code": code}}})
    desk("POST users/auth/confirm-mfa", {"code": "123456"}, by="ann").expect(
        400, {"message": "There is no second factor to confirm: enroll first."}
    )
    first = desk("POST users/auth/enroll-mfa", {"password": PASSWORD}, by="ann").expect(200)["secret"]
    second = desk("POST users/auth/enroll-mfa", {"password": PASSWORD}, by="ann").expect(200)["secret"]
    desk("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)  # not asked for yet
    desk("POST users/auth/disable-mfa", {"code": clock.code(second)}, by="ann").expect(400)
    desk("POST users/auth/confirm-mfa", {"code": clock.code(first)}, by="ann").expect(400, WRONG_CODE)
    code = clock.code(second)
    desk("POST users/auth/confirm-mfa", {"code": code}, by="ann").expect(200)
    for path, body in (("enroll-mfa", {"password": PASSWORD}), ("confirm-mfa", {"code": clock.code(second)})):
        desk(f"POST users/auth/{path}", body, by="ann").expect(
            400, {"message": "There is a second factor already: disable it first."}
        )
    log_in(desk, challenged(desk), code).expect(400, WRONG_CODE)  # the one that confirmed it


def test_an_account_without_a_password_proves_none(desk: Api, clock: Clock) -> None:
    run_sql("UPDATE users SET password = '' WHERE id = 'ann'")
    desk("POST users/auth/enroll-mfa", {"password": "x"}, by="ann").expect(400)
    desk("POST users/auth/enroll-mfa", {}, by="ann").expect(200)


def test_only_for_who_is_signed_in_where_it_is_offered(desk: Api) -> None:
    for verb in ("enroll-mfa", "confirm-mfa", "disable-mfa"):
        for by in (None, "admin", "eve"):
            desk(f"POST users/auth/{verb}", {}, by=by).expect(401)
        desk(f"POST names/auth/{verb}", {}, by="ann").expect(404)
    log_in(desk, "x", "x", "names").expect(404)


def void_by_time(_: Api) -> None:
    OneTimeToken.objects.update(expires=timezone.now())


def void_by_purpose(_: Api) -> None:
    OneTimeToken.objects.update(purpose=one_time.OTP)


def void_by_table(_: Api) -> None:
    OneTimeToken.objects.update(table="staff")


def void_by_user(_: Api) -> None:
    OneTimeToken.objects.update(user="bob")


def void_by_deletion(_: Api) -> None:
    run_sql("DELETE FROM users WHERE id = 'ann'")


def void_by_password(desk: Api) -> None:
    body = {"password": NEW, "passwordCurrent": PASSWORD}
    desk("POST users/auth/change-password", body, by="ann").expect(200)


def void_by_giving_up(_: Api) -> None:
    second_factors.remove(current().tables["users"], "ann")


VOIDED = [void_by_time, void_by_purpose, void_by_table, void_by_user, void_by_deletion, void_by_password, void_by_giving_up]


@pytest.mark.parametrize("event", VOIDED, ids=lambda event: event.__name__)
def test_a_login_that_came_half_way_is_void(desk: Api, clock: Clock, event: Callable[[Api], None]) -> None:
    secret, _ = enroll(desk, clock)
    mfa_id = challenged(desk)
    event(desk)
    log_in(desk, mfa_id, clock.code(secret)).expect(400, WRONG_TOKEN)


def test_of_two_right_codes_for_one_login_one_opens_a_session(desk: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, codes = enroll(desk, clock)
    mfa_id, spend = challenged(desk), one_time.spend

    def overtaken(row: OneTimeToken) -> bool:
        monkeypatch.setattr(one_time, "spend", spend)
        log_in(desk, mfa_id, codes[0]).expect(200)
        return spend(row)

    monkeypatch.setattr(one_time, "spend", overtaken)
    log_in(desk, mfa_id, clock.code(secret)).expect(400, WRONG_TOKEN)


def test_another_key_of_the_table_leaves_the_recovery_codes(desk: Api, clock: Clock) -> None:
    secret, codes = enroll(desk, clock)
    SecondFactor.objects.update(secret="of another key")
    log_in(desk, challenged(desk), clock.code(secret)).expect(400, WRONG_CODE)
    log_in(desk, challenged(desk), codes[0]).expect(200)


def test_a_config_that_offers_none_asks_for_none(desk_with: Callable[..., Api]) -> None:
    desk = desk_with({"otp: true, mfa: totp}": "mfa: none}"})
    now = timezone.now()
    SecondFactor.objects.create(table="users", user="ann", secret="x", created=now, confirmed=now)
    desk("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)


def test_nothing_of_a_user_who_is_gone_is_left_to_who_takes_the_id(desk: Api, clock: Clock) -> None:
    enroll(desk, clock)
    desk("POST users/delete", {"where": "true"}, by="ann").expect(200)
    row = {"id": "ann", "username": "ann2", "email": "ann2@example.com", "password": PASSWORD, "name": "x"}
    desk("POST users/insert", {"values": row}, by="admin").expect(200)
    assert not any(kind._default_manager.filter(user="ann").exists() for kind in OF_USERS)
    desk("POST users/auth/login-password", {"identity": "ann2", "password": PASSWORD}).expect(200)
