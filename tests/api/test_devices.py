"""Users see where they are signed in and end it there; nobody sees or ends another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pocketapi.models import Session
from tests.api.answers import PASSWORD, Api
from tests.api.test_cookies import APP, asked, guard, morsel

__all__ = ["guard"]


def sid_of(api: Api, name: str) -> str:
    (sid,) = [each["sid"] for each in api("GET users/auth/sessions", by=name).expect(200) if each["current"]]
    return str(sid)


def is_alive(api: Api, name: str) -> bool:
    return api("GET users/select", by=name).status == 200


def test_a_user_s_sessions(api: Api) -> None:
    headers = {"User-Agent": "Browser/1.0"}
    body = {"identity": "ann", "password": PASSWORD}
    found = api("POST users/auth/login-password", body, headers=headers, REMOTE_ADDR="192.0.2.1").expect(200)
    Session.objects.filter(user="bob").update(expires=timezone.now())
    latest, first = api("GET users/auth/sessions", by=found["token"]).expect(200)
    session = Session.objects.get(sid=latest["sid"])
    assert latest == {
        "sid": session.sid,
        "created": latest["created"],
        "refreshed": latest["created"],
        "expires": latest["expires"],
        "user_agent": "Browser/1.0",
        "ip": "192.0.2.1",
        "current": True,
    }
    assert latest["created"].endswith("Z")
    assert (first["current"], first["ip"], first["user_agent"]) == (False, None, "")
    Session.objects.filter(sid=first["sid"]).update(expires=timezone.now() - timedelta(seconds=1))
    api("GET users/auth/sessions", by=found["token"]).expect(200, [{"sid": session.sid}])


# caller, table, status
NOBODY: list[tuple[str | None, str, int]] = [
    (None, "users", 401),
    ("forged", "users", 401),
    ("admin", "users", 401),
    ("ann", "staff", 401),
    ("ann", "posts", 404),
]


@pytest.mark.parametrize(("by", "table", "status"), NOBODY)
def test_who_is_no_user_of_the_table_has_none(api: Api, by: str | None, table: str, status: int) -> None:
    api(f"GET {table}/auth/sessions", by=by).expect(status)
    api(f"POST {table}/auth/sessions/revoke", {"others": True}, by=by).expect(status)
    assert is_alive(api, "ann")


# what ann revokes (of a sid the name), status, who is still signed in
REVOKED: list[tuple[Any, int, set[str]]] = [
    ({"sid": "second"}, 200, {"ann", "third", "bob", "eve"}),
    ({"sid": "second", "others": False}, 200, {"ann", "third", "bob", "eve"}),
    ({"sid": "ann"}, 200, {"second", "third", "bob", "eve"}),
    ({"others": True}, 200, {"ann", "bob", "eve"}),
    *((body, status, {"ann", "second", "third", "bob", "eve"}) for body, status in (
        ({"sid": "bob"}, 404), ({"sid": "eve"}, 404), ({"sid": "nothing"}, 404), ({"sid": "second", "others": True}, 400), ({}, 400),
        ({"others": False}, 400), ({"others": "all"}, 400), ({"sid": ""}, 400), ({"sid": None}, 400), ({"sid": ["second"]}, 400),
        ({"sid": "second", "junk": 1}, 400), ({"user": "bob"}, 400),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "alive"), REVOKED)
def test_revoking(api: Api, body: Any, status: int, alive: set[str]) -> None:
    sids = {name: api.sign_in(name, "users", "ann") for name in ("ann", "second", "third")}
    Session.objects.filter(user="ann").exclude(sid__in=sids.values()).delete()
    api.user("eve", "staff")
    sids |= {"bob": sid_of(api, "bob"), "eve": Session.objects.get(table="staff").sid}
    if isinstance(body.get("sid"), str):
        body = {**body, "sid": sids.get(body["sid"], body["sid"])}
    api("POST users/auth/sessions/revoke", body, by="ann").expect(
        status, {"success": True} if status == 200 else {"code": status}
    )
    assert {name for name in sids if api("GET items/select", by=name).status == 200} == alive


def test_revoking_the_current_session_clears_the_cookie(guard: Api) -> None:
    asked(guard, "POST users/auth/sessions/revoke", {"sid": sid_of(guard, "ann")}, cookie="ann", Origin=APP).expect(200)
    assert morsel(guard).value == ""
    assert not is_alive(guard, "ann")


def test_a_user_whose_key_another_table_has_sees_its_own(api: Api) -> None:
    uid = api.user("eve", "staff")
    api.user(str(uid))
    assert len(api("GET staff/auth/sessions", by="eve").expect(200)) == 1
    api("POST staff/auth/sessions/revoke", {"sid": sid_of(api, str(uid))}, by="eve").expect(404)
