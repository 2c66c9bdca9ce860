"""Too many requests: by address, by whom they are about, and the lock on an account that is guessed at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pocketapi.auth import throttle
from pocketapi.models import Counter
from pocketapi.tables.table import current
from tests.api.answers import PASSWORD, Answer, Api
from tests.api.test_cookies import GOOD, guard

__all__ = ["guard"]

WRONG = {"identity": "ann", "password": "wrong-horse"}
RIGHT = {"identity": "ann", "password": PASSWORD}
LOCKED = {"code": 429, "message": "Too many wrong passwords: try again later, or reset the password.", "data": {}}
TOO_MANY = {"code": 429, "message": "Too many requests", "data": {}}


@pytest.fixture(params=["table", "cache"])
def counted(request: pytest.FixtureRequest, guard: Api, settings: Any) -> Api:
    """The API, counting in each place in turn."""
    if request.param == "cache":
        settings.CACHES = {"shared": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.name}}
        settings.POCKETAPI = {**settings.POCKETAPI, "THROTTLE_CACHE": "shared"}
    return guard


@pytest.fixture
def unthrottled(counted: Api, settings: Any) -> Api:
    """The rates are off, the lock is not."""
    settings.POCKETAPI = {**settings.POCKETAPI, "THROTTLE": False}
    return counted


def log_in(api: Api, body: Any = RIGHT, address: str = "192.0.2.1", **headers: str) -> Answer:
    return api("POST users/auth/login-password", body, headers=headers, REMOTE_ADDR=address)


def statuses(api: Api, times: int, body: Any, address: str = "192.0.2.1") -> list[int]:
    return [log_in(api, body, address).status for _ in range(times)]


# Rates


# request, body by number: ten about one pass, thirty from one address pass
COUNTED: list[tuple[str, Any, list[int], list[int]]] = [
    (
        "login-password",
        lambda n: {"identity": f"n{n}", "password": "wrong-horse"},
        [400] * 30 + [429] * 2,
        [400] * 10 + [429] * 2,
    ),
    ("sign-up", lambda n: {"email": f"n{n}@example.com"}, [400] * 30 + [429] * 2, [400] * 10 + [429] * 2),
    ("sign-up", lambda n: {"username": f"n{n}"}, [400] * 30 + [429] * 2, [400] * 10 + [429] * 2),
    ("refresh-token", lambda n: {"refresh_token": f"n{n}"}, [401] * 30 + [429] * 2, [401] * 12),
    ("change-password", lambda n: {"password": f"n{n}"}, [401] * 30 + [429] * 2, [401] * 12),
    ("logout", lambda n: {}, [401] * 32, [401] * 12),
]


@pytest.mark.parametrize(("path", "body", "by_address", "by_identity"), COUNTED)
def test_requests_are_counted(counted: Api, path: str, body: Any, by_address: list[int], by_identity: list[int]) -> None:
    request = f"POST users/auth/{path}"
    assert [counted(request, body(n), REMOTE_ADDR="192.0.2.1").status for n in range(32)] == by_address
    assert [counted(request, body("x"), REMOTE_ADDR=f"198.51.100.{n}").status for n in range(12)] == by_identity


def test_an_answer_to_too_many_says_when_to_come_again(counted: Api) -> None:
    statuses(counted, 10, {**WRONG, "password": 5})
    found = log_in(counted)
    found.expect(429, TOO_MANY)
    assert 1 <= int(found.headers["Retry-After"]) <= 60
    assert found.headers["Cache-Control"] == "no-store"


def test_each_endpoint_each_table_and_each_address_counts_its_own(counted: Api) -> None:
    assert statuses(counted, 11, RIGHT) == [200] * 10 + [429]
    log_in(counted, {"identity": "bob", "password": PASSWORD}).expect(200)
    counted.client.cookies.clear()
    counted("POST users/auth/sign-up", GOOD, REMOTE_ADDR="192.0.2.1").expect(200)
    counted("POST staff/auth/login-password", RIGHT, REMOTE_ADDR="192.0.2.1").expect(400)
    log_in(counted, RIGHT, "192.0.2.2").expect(429)
    for n in range(30):
        log_in(counted, {"identity": f"n{n}", "password": 5}, "192.0.2.3")
    log_in(counted, {"identity": "bob", "password": PASSWORD}, "192.0.2.3").expect(429)
    log_in(counted, {"identity": "bob", "password": PASSWORD}, "192.0.2.4").expect(200)


def test_a_refresh_counts_for_the_user_whose_token_it_is(counted: Api) -> None:
    found = {"token": counted.tokens["ann"], "refresh_token": counted.refresh["ann"]}
    for _ in range(10):
        body = {"refresh_token": found["refresh_token"]}
        found = counted("POST users/auth/refresh-token", body, by=found["token"]).expect(200)
    counted("POST users/auth/refresh-token", {"refresh_token": found["refresh_token"]}, by=found["token"]).expect(429)
    counted("POST users/auth/refresh-token", {"refresh_token": counted.refresh["bob"]}, by="bob").expect(200)


def test_a_change_of_the_password_counts_for_the_caller(counted: Api) -> None:
    for _ in range(10):
        counted("POST users/auth/change-password", {}, by="ann").expect(400)
    counted("POST users/auth/change-password", {}, by="ann").expect(429)
    counted("POST users/auth/change-password", {}, by="bob").expect(400)


# bodies that mean the same one
SAME: list[list[dict[str, Any]]] = [
    [{"identity": "eve@gmail.com"}, {"identity": "E.v.e@GMail.com"}, {"identity": " eve+shop@googlemail.com "}, {"email": "EVE@gmail.com"}],
    [{"identity": "eve"}, {"username": "eve"}, {"identity": "eve", "email": "x@y.zz"}, {"identity": "eve", "junk": 1}, {"identity": "eve", "username": "other"}],
    [{"identity": "eve@bücher.example"}, {"identity": "eve@xn--bcher-kva.example"}],
]  # fmt: skip


@pytest.mark.parametrize("bodies", SAME)
def test_one_identity_is_counted_once_however_it_is_written(counted: Api, bodies: list[dict[str, Any]]) -> None:
    for n in range(10):
        log_in(counted, {**bodies[n % len(bodies)], "password": "wrong-horse", f"junk{n}": n})
    for body in bodies:
        log_in(counted, {**body, "password": "wrong-horse"}).expect(429, TOO_MANY)


def test_what_cannot_be_read_is_counted_by_address_only(counted: Api) -> None:
    bodies = ["{broken", "[]", {"identity": ["ann"], "password": 5}, {"identity": {"a": 1}}, {}]
    assert [log_in(counted, bodies[n % len(bodies)]).status for n in range(31)] == [400] * 30 + [429]
    multipart = {"data": "--x\r\nbroken", "content_type": "multipart/form-data; boundary="}
    found = counted("POST users/auth/login-password", **multipart, REMOTE_ADDR="192.0.2.9").expect(400)
    assert "form" in found["message"]


def test_what_is_refused_before_is_not_counted(counted: Api) -> None:
    for _ in range(40):
        counted("GET users/auth/login-password").expect(405)
        counted("POST users/auth/login-password", "x", content_type="text/x").expect(415)
        counted("POST users/auth/login-password", RIGHT, headers={"Origin": "https://evil.example.com"}).expect(403)
        counted("POST users/auth/change-password", {}, by="forged").expect(401)
    counted("POST users/auth/login-password", RIGHT).expect(200)
    counted("POST users/auth/change-password", {}, by="ann").expect(400)


# THROTTLE_RATES, how many logins of one identity and how many from one address pass
RATES: list[tuple[dict[str, str], int, int]] = [
    ({}, 10, 30),
    ({"login-password": "2/min"}, 2, 2),
    ({"login-password:ip": "2/hour"}, 2, 2),
    ({"login-password:identity": "3/s"}, 3, 30),
    ({"login-password:identity": "off"}, 30, 30),
    ({"ip": "4/min", "identity": "off"}, 4, 4),
    ({"ip": "4/min", "login-password:ip": "5/min", "login-password": "6/min"}, 5, 5),
    ({"sign-up": "1/min"}, 10, 30),
]


@pytest.mark.parametrize(("rates", "of_one", "from_one"), RATES)
def test_rates_are_settings(
    guard: Api, settings: Any, monkeypatch: pytest.MonkeyPatch, rates: Any, of_one: int, from_one: int
) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "THROTTLE_RATES": rates}
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)  # a second may pass
    assert statuses(guard, 32, {**WRONG, "password": 5}) == [400] * of_one + [429] * (32 - of_one)
    found = [log_in(guard, {"identity": f"n{n}", "password": 5}, "192.0.2.2").status for n in range(32)]
    assert found == [400] * from_one + [429] * (32 - from_one)


@pytest.mark.parametrize(
    "rate", ["", "10", "10/", "0/min", "-1/min", "1.5/min", "10/fortnight", "ten/min", "10/min/ip", 10, None]
)
def test_what_is_no_rate(rate: Any) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        throttle.limit_of(rate)


def test_a_window_ends(guard: Api) -> None:
    assert statuses(guard, 11, {**WRONG, "password": 5})[-1] == 429
    Counter.objects.update(expires=timezone.now())
    assert statuses(guard, 11, {**WRONG, "password": 5}) == [400] * 10 + [429]


def test_what_is_stored_tells_nothing(guard: Api) -> None:
    log_in(guard)
    log_in(guard, {**RIGHT, "identity": "ann@example.com"})
    log_in(guard, WRONG)
    rows = list(Counter.objects.values_list("key", "count"))
    assert len(rows) == 4
    assert all(len(key) == 64 and int(key, 16) for key, _ in rows)


# The lock


def test_ten_wrong_passwords_lock_an_account(unthrottled: Api) -> None:
    """Whatever it is called by, even to who knows the password; others it does not."""
    names = ["ann", "ann@example.com", " ANN@Example.com"]
    assert [log_in(unthrottled, {**WRONG, "identity": names[n % 3]}, f"192.0.2.{n}").status for n in range(10)] == [400] * 10
    for name in names:
        for password in (PASSWORD, "wrong-horse"):
            found = log_in(unthrottled, {"identity": name, "password": password}, "198.51.100.1")
            found.expect(429, LOCKED)
            assert 800 <= int(found.headers["Retry-After"]) <= 900
    log_in(unthrottled, {"identity": "bob", "password": PASSWORD}).expect(200)
    unthrottled("GET users/select", by="ann").expect(200, [{"id": "ann"}])


def test_names_that_nobody_has_are_locked_alike(unthrottled: Api) -> None:
    for name in ("nobody", "nobody@example.com"):
        assert statuses(unthrottled, 10, {"identity": name, "password": "wrong-horse"}) == [400] * 10
        key = "email" if "@" in name else "username"
        for body in ({"identity": name}, {key: name}):
            log_in(unthrottled, {**body, "password": PASSWORD}).expect(429, LOCKED)


def test_nine_wrong_passwords_lock_nobody(unthrottled: Api) -> None:
    assert statuses(unthrottled, 9, WRONG) == [400] * 9
    log_in(unthrottled).expect(200)
    log_in(unthrottled, WRONG).expect(400)
    log_in(unthrottled).expect(429, LOCKED)


def test_right_passwords_and_what_is_no_try_count_nothing(unthrottled: Api) -> None:
    assert statuses(unthrottled, 12, RIGHT) == [200] * 12
    for body in ({"identity": "ann"}, {**WRONG, "junk": 1}, {"identity": "ann", "password": 5}):
        assert statuses(unthrottled, 6, body) == [400] * 6
    log_in(unthrottled).expect(200)


def test_a_wrong_current_password_counts_as_well(unthrottled: Api) -> None:
    change = {"password": "n3w-staple-x", "passwordConfirm": "n3w-staple-x", "passwordCurrent": "wrong-horse"}
    for n in range(10):
        path = ["auth/change-password", "edit/ann"][n % 2]
        unthrottled(f"POST users/{path}", change, by="ann").expect(400, {"data": {"passwordCurrent": {"code": "invalid"}}})
    unthrottled("POST users/edit/ann", {**change, "passwordCurrent": PASSWORD}, by="ann").expect(429, LOCKED)
    log_in(unthrottled).expect(429, LOCKED)


def test_a_lock_opens_after_its_time(guard: Api, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "THROTTLE": False}
    statuses(guard, 9, WRONG)
    Counter.objects.update(expires=timezone.now() + timedelta(seconds=60))
    log_in(guard, WRONG).expect(400)  # the tenth shuts it for its whole time
    assert int(log_in(guard).headers["Retry-After"]) > 800
    Counter.objects.update(expires=timezone.now())
    log_in(guard).expect(200)
    log_in(guard, WRONG).expect(400)
    log_in(guard).expect(200)


def test_a_reset_opens_it_and_lets_the_account_log_in_at_once(counted: Api) -> None:
    assert statuses(counted, 11, WRONG) == [400] * 10 + [429]
    throttle.unlock(current().tables["users"], "ann", "ann", "ann@example.com", None)
    log_in(counted).expect(200)


def test_a_new_account_does_not_inherit_the_lock_of_its_name(unthrottled: Api) -> None:
    assert statuses(unthrottled, 11, {"identity": "eve", "password": "wrong-horse"})[-1] == 429
    unthrottled("POST users/auth/sign-up", GOOD).expect(200)
    log_in(unthrottled, {"identity": "eve", "password": PASSWORD}).expect(200)
