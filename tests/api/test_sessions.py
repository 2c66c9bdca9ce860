"""Sessions: opened, refreshed by tokens that rotate, ended at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.utils import timezone

from pocketapi.credentials import sessions
from pocketapi.models import RefreshToken, Session
from tests.api.answers import PASSWORD, Answer, Api, matches, run_sql
from tests.api.test_callers import NOW, STAFF, USERS, signed

INVALID = {"code": 401, "message": "Invalid session", "data": {}}


def refresh(api: Api, name: str, token: Any = None, table: str = "users", by: str | None = None) -> Answer:
    """A refresh by a user's tokens, which are replaced where it succeeds."""
    found = api(f"POST {table}/auth/refresh-token", {"refresh_token": token or api.refresh[name]}, by=by or name)
    if found.status == 200:
        api.tokens[name], api.refresh[name] = found.body["token"], found.body["refresh_token"]
    return found


def is_alive(api: Api, name: str) -> bool:
    return api("GET items/select", by=name).status == 200


def test_a_refresh_answers_a_new_pair_and_the_record(api: Api) -> None:
    old, spent = api.tokens["ann"], api.refresh["ann"]
    found = refresh(api, "ann").expect(200, {"record": {"id": "ann", "username": "ann"}})
    assert found.keys() == {"token", "refresh_token", "record"}
    assert "password" not in found["record"]
    assert found["refresh_token"] != spent
    assert len(found["refresh_token"]) == 22
    assert is_alive(api, "ann")
    assert is_alive(api, old)  # the old access token lives until its exp


def test_the_new_token_is_as_the_row_is_now(api: Api) -> None:
    run_sql("UPDATE users SET role = 'guest', meta = %s WHERE id = 'ann'", '{"a": 1}')
    claims = jwt.decode(refresh(api, "ann").body["token"], options={"verify_signature": False})
    assert (claims["aud"], claims["meta"]) == (["guest"], {"a": 1})


def test_a_spent_token_that_comes_again_ends_the_session(api: Api) -> None:
    first = api.refresh["ann"]
    refresh(api, "ann").expect(200)
    refresh(api, "ann").expect(200)
    refresh(api, "ann", first).expect(401, INVALID)
    assert not is_alive(api, "ann")
    refresh(api, "ann").expect(401, INVALID)
    assert is_alive(api, "bob")


def test_maxtokenrefresh_refreshes_work_and_the_next_ends_the_session(api: Api) -> None:
    for _ in range(3):
        refresh(api, "ann").expect(200)
        assert is_alive(api, "ann")
    refresh(api, "ann").expect(401, INVALID)
    assert not is_alive(api, "ann")


def test_none_is_the_most_where_maxtokenrefresh_is_0(api: Api) -> None:
    api.user("eve", "staff")
    for _ in range(5):
        refresh(api, "eve", table="staff").expect(200)


# what a refresh is refused for, and changes nothing
REFUSED: list[Callable[[Api], Answer]] = [
    lambda api: refresh(api, "ann", "A" * 22),
    lambda api: refresh(api, "ann", api.refresh["bob"]),
    lambda api: refresh(api, "ann", by="bob"),
    lambda api: refresh(api, "ann", by="nonsense"),
    lambda api: refresh(api, "ann", by="admin"),
    lambda api: refresh(api, "ann", table="staff"),
    lambda api: refresh(api, "ann", 5),
    lambda api: refresh(api, "ann", ["x"]),
    lambda api: refresh(api, "ann", "\u00fc"),
    lambda api: api("POST users/auth/refresh-token", {"refresh_token": api.refresh["ann"]}),
    lambda api: api("POST users/auth/refresh-token", {}, by="ann"),
    lambda api: api("POST users/auth/refresh-token", {"refresh_token": None}, by="ann"),
    lambda api: refresh(api, "ann", by=signed(jwt.decode(api.tokens["ann"], options={"verify_signature": False}), STAFF)),
]


@pytest.mark.parametrize("attempt", REFUSED, ids=range(len(REFUSED)))
def test_a_refresh_without_the_right_tokens_changes_nothing(api: Api, attempt: Callable[[Api], Answer]) -> None:
    attempt(api).expect(401, INVALID)
    assert is_alive(api, "ann")
    assert is_alive(api, "bob")
    refresh(api, "ann").expect(200)
    refresh(api, "bob").expect(200)


def test_an_expired_access_token_refreshes(api: Api) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    expired = signed({**claims, "iat": NOW - 9000, "exp": NOW - 5000}, USERS)
    api("GET items/select", by=expired).expect(401, {"message": "Token expired"})
    refresh(api, "ann", by=expired).expect(200)


def test_a_refresh_token_lives_seven_days_and_a_session_thirty(api: Api) -> None:
    token, session = RefreshToken.objects.get(session__user="ann"), Session.objects.get(user="ann")
    assert token.expires - session.created == pytest.approx(timedelta(days=7), abs=timedelta(seconds=5))
    assert session.expires - session.created == timedelta(days=30)
    RefreshToken.objects.filter(session__user="bob").update(expires=timezone.now())
    refresh(api, "bob").expect(401, INVALID)
    assert is_alive(api, "bob")
    Session.objects.filter(user="ann").update(expires=timezone.now() + timedelta(seconds=60))
    refresh(api, "ann").expect(200)
    session.refresh_from_db()
    assert session.expires - session.refreshed == timedelta(days=30)
    assert session.refreshes == 1
    Session.objects.filter(user="ann").update(expires=timezone.now())
    refresh(api, "ann").expect(401, INVALID)


def test_tokens_are_stored_hashed(api: Api) -> None:
    refresh(api, "ann").expect(200)
    stored = set(RefreshToken.objects.filter(session__user="ann").values_list("hash", "spent"))
    assert (sessions.hash_of(api.refresh["ann"]), False) in stored
    assert len(stored) == 2
    assert not any(token in str(stored) for token in api.refresh.values())


def test_logout_ends_the_session_at_once(api: Api) -> None:
    api.sign_in("second", "users", "ann")
    api("POST users/auth/logout", by="ann").expect(200, {"success": True})
    assert not is_alive(api, "ann")
    assert is_alive(api, "second")
    refresh(api, "ann").expect(401, INVALID)
    api("POST users/auth/logout", by="ann").expect(401, INVALID)


# (who logs out, from which table, status, message)
LOGOUTS = [
    (None, "users", 401, "Authentication required"),
    ("nonsense", "users", 401, "Invalid token"),
    ("admin", "users", 401, "Invalid token"),
    ("ann", "staff", 401, "Invalid session"),
]


@pytest.mark.parametrize(("by", "table", "status", "message"), LOGOUTS)
def test_a_logout_of_nobody(api: Api, by: str | None, table: str, status: int, message: str) -> None:
    api(f"POST {table}/auth/logout", by=by).expect(status, {"message": message})
    assert is_alive(api, "ann")


def test_an_expired_token_logs_out(api: Api) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    api("POST users/auth/logout", by=signed({**claims, "exp": NOW - 10}, USERS)).expect(200, {"success": True})
    assert not is_alive(api, "ann")


def test_a_deleted_user_is_out(api: Api) -> None:
    api("POST users/delete", {"where": "id == auth.uid", "returning": "id"}, by="ann").expect(200, [{"id": "ann"}])
    api("GET items/select", by="ann").expect(401, {"message": "Invalid token"})
    refresh(api, "ann").expect(401, INVALID)
    api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(400)


def test_who_comes_back_under_the_uid_of_a_deleted_user_has_none_of_its_sessions(api: Api) -> None:
    api("POST users/delete", {"where": "id == 'ann'"}, by="admin").expect(200)
    values = {"id": "ann", "username": "ann2", "email": "ann2@example.com", "name": "x", "password": PASSWORD}
    api("POST users/insert", {"values": values}, by="admin").expect(200)
    assert not is_alive(api, "ann")


@pytest.mark.parametrize(
    ("address", "stored"), [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("", None), ("fe80::1%eth0", "fe80::1"), ("unix", None)]
)
def test_a_session_knows_its_device(api: Api, address: str, stored: str | None) -> None:
    headers = {"User-Agent": "x" * 300}
    api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}, headers=headers, REMOTE_ADDR=address).expect(
        200
    )
    latest = Session.objects.filter(user="ann").latest("created")
    assert (latest.ip, latest.user_agent) == (stored, "x" * 255)


def test_answers_with_tokens_are_not_stored(api: Api) -> None:
    for found in (
        refresh(api, "ann"),
        refresh(api, "ann", "x"),
        api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}),
    ):
        assert matches({"Cache-Control": "no-store", "Vary": "Authorization, X-Authorization, Cookie"}, dict(found.headers))
