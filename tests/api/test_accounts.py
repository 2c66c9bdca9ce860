"""Sign-up, login and passwords."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.credentials import passwords
from pocketapi.models import Session
from tests.api.answers import HASH, PASSWORD, Api, run_sql

NEW = "n3w-staple-x"
GOOD = {"username": "eve", "email": "eve@example.com", "password": PASSWORD, "name": "Eve"}
STAFF = {"login": "eve", "mail": "eve@example.com", "secret": PASSWORD, "secretAgain": PASSWORD}
LONG = "x" * 252 + "@y.zz"


def code(**codes: str) -> dict[str, Any]:
    return {"data": {name: {"code": code} for name, code in codes.items()}}


# table, body, caller, status, answer
SIGN_UPS: list[tuple[str, Any, str | None, int, Any]] = [
    ("users", GOOD, None, 200, {"verified": False, "record": {"username": "eve", "email": "eve@example.com", "role": None}}),
    ("users", {**GOOD, "role": "guest"}, None, 200, {"record": {"role": "guest"}}),
    ("users", {**GOOD, "role": "admin"}, None, 403, {"data": {}}),
    ("users", {**GOOD, "role": "admin"}, "admin", 200, {"record": {"role": "admin"}}),
    ("users", {**GOOD, "email": " Eve@Example.COM "}, None, 200, {"record": {"email": "eve@example.com"}}),
    ("users", {**GOOD, "email": "e.v.e+shop@GoogleMail.com"}, None, 200, {"record": {"email": "eve@gmail.com"}}),
    ("users", {**GOOD, "email": "eve@bücher.example"}, None, 200, {"record": {"email": "eve@xn--bcher-kva.example"}}),
    ("users", {**GOOD, "username": "E" * 32}, None, 200, {"record": {"username": "E" * 32}}),
    ("users", {**GOOD, "password": "ünï-" + "x" * 251}, None, 200, {}),
    ("users", {}, None, 400, code(username="required", email="required", password="required", name="required")),
    ("users", {"username": "1", "email": "x", "password": "short"}, None, 400, code(username="invalid", email="invalid", password="invalid", name="required")),
    *(("users", {**GOOD, "username": name}, None, 400, code(username="invalid")) for name in ("", "1eve", "_eve", "eve!", "ève", "e" * 33, "e e", "eve\n", 5)),
    *(("users", {**GOOD, "email": mail}, None, 400, code(email="invalid")) for mail in ("", "eve", "eve@", "@x.yy", "+x@gmail.com", "a@b..cc", LONG, "ü" * 5000 + "@" + "ü" * 5000, 5)),
    *(("users", {**GOOD, "password": secret}, None, 400, code(password="invalid")) for secret in ("", "1234567", "password", "x" * 256, "evee@example.com", 12345678)),
    ("users", {**GOOD, "nothing": 1}, None, 400, code(nothing="unknown")),
    ("users", {"values": GOOD}, None, 400, code(values="unknown")),
    ("users", {**GOOD, "email_verified": True}, None, 403, {"message": "Cannot insert email_verified field"}),
    ("users", {**GOOD, "email_verified": False}, None, 403, None),
    ("users", {**GOOD, "email_verified": True}, "admin", 200, {"verified": True}),
    ("users", {**GOOD, "password_salt": "x"}, None, 403, None),
    ("users", {**GOOD, "password_salt": "x"}, "admin", 403, None),
    ("users", {**GOOD, "id": "mine"}, None, 403, {"message": "Cannot insert id field"}),
    ("users", {**GOOD, "id": "mine"}, "admin", 200, {"record": {"id": "mine"}}),
    ("users", {**GOOD, "created": "2001-01-01"}, None, 403, None),
    ("users", {**GOOD, "username": "ann"}, None, 409, code(username="unique")),
    ("users", {**GOOD, "username": "ANN"}, None, 200, {}),
    ("users", {**GOOD, "email": "ANN@example.com"}, None, 409, code(email="unique")),
    ("users", {**GOOD, "role": "admin", "username": "ann"}, None, 403, {"data": {}}),
    ("staff", STAFF, None, 200, {"record": {"login": "eve", "checked": False}}),
    ("staff", {**STAFF, "secretAgain": "other"}, None, 400, code(secretAgain="mismatch")),
    ("staff", {**STAFF, "secretAgain": None}, None, 400, code(secretAgain="required")),
    ("staff", {**STAFF, "secretAgain": "short", "secret": "short"}, None, 400, code(secret="invalid")),
    ("staff", {**STAFF, "id": 5}, None, 403, None),
    ("staff", {**STAFF, "checked": True}, None, 403, None),
]  # fmt: skip


@pytest.mark.parametrize(("table", "body", "by", "status", "answer"), SIGN_UPS)
def test_sign_up(api: Api, table: str, body: Any, by: str | None, status: int, answer: Any) -> None:
    found = api(f"POST {table}/auth/sign-up", body, by).expect(status, answer)
    if status == 200:
        assert found.keys() == {"token", "refresh_token", "record", "verified"}
        assert not found["record"].keys() & {"password", "password_salt", "secret"}
        assert api(f"GET {table}/select?where=id == auth.uid", by=found["token"]).expect(200)[0]["id"] == found["record"]["id"]
    else:
        assert len(run_sql(f"SELECT 1 FROM {table}")) == (2 if table == "users" else 0)


def test_sign_up_by_form(api: Api) -> None:
    body = "username=eve&email=eve%40example.com&password=corr3ct-horse&name=Eve&meta=%7B%22a%22%3A1%7D"
    api("POST users/auth/sign-up", body, content_type="application/x-www-form-urlencoded").expect(
        200, {"record": {"meta": {"a": 1}}}
    )


@pytest.mark.parametrize("route", ["insert", "edit/new?or=INSERT"])
def test_an_insert_validates_and_hashes_as_sign_up_does_and_opens_no_session(api: Api, route: str) -> None:
    before = Session.objects.count()
    bare = {**GOOD, "email": "E.Ve@gmail.com"}
    wrap = (lambda values: values) if "edit" in route else (lambda values: {"values": values, "returning": "*"})
    api(f"POST users/{route}", wrap({**bare, "password": "short", "username": "!"}), by="admin").expect(
        400, code(username="invalid", password="invalid")
    )
    found = api(f"POST users/{route}", wrap(bare), by="admin").expect(200)
    assert "password" not in str(found)
    assert Session.objects.count() == before
    api("POST users/auth/login-password", {"identity": "eve@gmail.com", "password": PASSWORD}).expect(200)


def test_an_insert_by_whom_the_rule_admits(api: Api) -> None:
    api("POST users/insert", {"values": GOOD}).expect(200, [])
    api("POST users/insert", {"values": {**GOOD, "username": "x", "email": "x@y.zz", "role": "admin"}}).expect(403)
    api("POST users/auth/login-password", {"identity": "eve", "password": PASSWORD}).expect(200)


# body, status, answer
LOGINS: list[tuple[Any, int, Any]] = [
    ({"identity": "ann", "password": PASSWORD}, 200, {"verified": False, "record": {"id": "ann"}}),
    ({"identity": "ann@example.com", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"identity": " ANN@Example.com ", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"email": "ann@example.com", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"username": "ann", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"identity": None, "email": "", "username": "ann", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"email": None, "username": "ann", "password": PASSWORD}, 200, {"record": {"id": "ann"}}),
    ({"username": "ann@example.com", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"email": "ann", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ANN", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ann", "password": PASSWORD + " "}, 400, {"message": "Invalid username or password"}),
    ({"identity": "nobody", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": "oauth", "password": ""}, 400, {"data": {"password": {"code": "required"}}}),
    ({"identity": "oauth", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ann' OR '1'='1", "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": ["ann"], "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ann", "password": 5}, 400, {"message": "Invalid username or password"}),
    ({"identity": {"$gt": ""}, "password": {"$gt": ""}}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ann", "password": "x" * 100_000}, 400, {"message": "Invalid username or password"}),
    ({"identity": "ü" * 100_000 + "@" + "ü" * 100_000, "password": PASSWORD}, 400, {"message": "Invalid username or password"}),
    ({"password": PASSWORD}, 400, {"data": {"identity": {"code": "required"}}}),
    ({"identity": "ann"}, 400, {"data": {"password": {"code": "required"}}}),
    ({}, 400, {"data": {"identity": {"code": "required"}, "password": {"code": "required"}}}),
    ({"identity": "ann", "password": PASSWORD, "more": 1}, 400, {"data": {"more": {"code": "unknown"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "answer"), LOGINS)
def test_login(api: Api, body: Any, status: int, answer: Any) -> None:
    api.user("oauth", password="")
    found = api("POST users/auth/login-password", body).expect(status, answer)
    if status == 200:
        assert found.keys() == {"token", "refresh_token", "record", "verified"}
        api("GET users/select", by=found["token"]).expect(200, [{"id": "ann"}])


def test_a_verified_login_says_nothing_of_it(api: Api) -> None:
    run_sql("UPDATE users SET email_verified = %s", True)
    found = api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)
    assert found.keys() == {"token", "refresh_token", "record"}


def test_passwords_agree_in_nfc(api: Api) -> None:
    api("POST users/auth/sign-up", {**GOOD, "password": "cafe\u0301-horse"}).expect(200)
    api("POST users/auth/login-password", {"identity": "eve", "password": "caf\u00e9-horse"}).expect(200)


@pytest.mark.parametrize("stored", ["", "x", "sha256$x", "argon2$broken", "argon2$argon2id$v=19$m=1,t=1,p=1$x$y", None])
def test_a_stored_hash_that_is_none_of_ours_matches_nothing(stored: str | None) -> None:
    assert not passwords.verified(PASSWORD, stored)
    assert not passwords.verified("nobody", stored)


# (body, status, answer); the caller is ann
CHANGES: list[tuple[Any, int, Any]] = [
    ({"password": NEW, "passwordCurrent": PASSWORD}, 200, {"success": True}),
    ({"password": NEW}, 400, code(passwordCurrent="required")),
    ({"password": NEW, "passwordCurrent": ""}, 400, code(passwordCurrent="required")),
    ({"password": NEW, "passwordCurrent": "wrong-horse"}, 400, code(passwordCurrent="invalid")),
    ({"password": NEW, "passwordCurrent": 5}, 400, code(passwordCurrent="invalid")),
    ({"password": "short", "passwordCurrent": PASSWORD}, 400, code(password="invalid")),
    ({"password": "password", "passwordCurrent": PASSWORD}, 400, code(password="invalid")),
    ({"password": "ann@example.com", "passwordCurrent": PASSWORD}, 400, code(password="invalid")),
    ({"password": 12345678, "passwordCurrent": PASSWORD}, 400, code(password="invalid")),
    ({"passwordCurrent": PASSWORD}, 400, code(password="required")),
    ({"password": NEW, "passwordCurrent": PASSWORD, "role": "admin"}, 400, code(role="unknown")),
    ({}, 400, code(password="required")),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "answer"), CHANGES)
def test_change_password(api: Api, body: Any, status: int, answer: Any) -> None:
    api.sign_in("second", "users", "ann")
    api("POST users/auth/change-password", body, by="ann").expect(status, answer)
    changed = status == 200
    api("GET users/select", by="ann").expect(200, [{"id": "ann"}])
    api("GET users/select", by="second").expect(401 if changed else 200)
    api("POST users/auth/login-password", {"identity": "ann", "password": NEW}).expect(200 if changed else 400)
    api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(400 if changed else 200)


def test_change_password_needs_a_caller_of_the_table(api: Api) -> None:
    body = {"password": NEW, "passwordCurrent": PASSWORD}
    for by, table in ((None, "users"), ("admin", "users"), ("ann", "staff")):
        api(f"POST {table}/auth/change-password", body, by=by).expect(401, {"message": "Authentication required"})


@pytest.mark.parametrize(("body", "status", "answer"), [
    ({"secret": NEW, "secretAgain": NEW}, 200, {"success": True}),
    ({"secret": NEW}, 400, code(secretAgain="required")),
    ({"secret": NEW, "secretAgain": "x"}, 400, code(secretAgain="mismatch")),
    ({"secret": NEW, "secretAgain": NEW, "secretCurrent": "x"}, 400, code(secretCurrent="unknown")),
])  # fmt: skip
def test_change_password_by_the_names_of_the_config(api: Api, body: Any, status: int, answer: Any) -> None:
    api.user("eve", "staff")
    api("POST staff/auth/change-password", body, by="eve").expect(status, answer)
    api("POST staff/auth/login-password", {"identity": "eve", "password": NEW}).expect(200 if status == 200 else 400)


# (request, body, caller, status, answer, whether ann's second session goes on)
WRITES: list[tuple[str, Any, str, int, Any, bool]] = [
    ("POST users/edit/ann", {"password": NEW, "passwordCurrent": PASSWORD}, "ann", 200, {"id": "ann"}, False),
    ("POST users/edit/ann", {"password": NEW}, "ann", 400, code(passwordCurrent="required"), True),
    ("POST users/edit/ann", {"password": NEW, "passwordCurrent": "x"}, "ann", 400, code(passwordCurrent="invalid"), True),
    ("POST users/edit/ann", {"password": "short", "passwordCurrent": PASSWORD}, "ann", 400, code(password="invalid"), True),
    ("POST users/edit/ann", {"password": NEW, "passwordCurrent": PASSWORD}, "bob", 404, None, True),
    ("POST users/edit/ann", {"password": NEW}, "admin", 200, {"id": "ann"}, False),
    ("POST users/edit/ann?or=INSERT", {"password": NEW, "passwordCurrent": PASSWORD}, "ann", 200, {"id": "ann"}, False),
    ("POST users/edit/ann?or=INSERT", {"password": NEW}, "ann", 400, code(passwordCurrent="required"), True),
    ("POST users/edit/ann", {"passwordCurrent": PASSWORD, "name": "x"}, "ann", 200, {"id": "ann"}, True),
    ("POST users/edit/ann", {"password": None}, "admin", 400, code(password="null"), True),
    ("POST users/update", {"where": "id == 'ann'", "setValues": {"password": NEW, "passwordCurrent": PASSWORD}}, "ann", 200, [], False),
    ("POST users/update", {"where": "true", "setValues": {"password": NEW}}, "ann", 400, code(passwordCurrent="required"), True),
    ("POST users/update", {"where": "id == 'bob'", "setValues": {"password": NEW}}, "ann", 200, [], True),
    ("POST users/update", {"where": "true", "setValues": {"password": NEW}}, "admin", 200, [], False),
    ("POST users/update", {"where": "true", "set": {"password": "'x'"}}, "ann", 400, None, True),
    ("POST users/update", {"where": "true", "set": {"password": "username"}}, "admin", 400, None, True),
    ("POST users/update", {"where": "true", "set": {"password_salt": "'x'"}}, "admin", 400, None, True),
    ("POST users/edit/ann", {"password_salt": "x"}, "admin", 403, None, True),
    ("POST users/edit/ann", {"email_verified": True}, "ann", 403, None, True),
    ("POST users/edit/ann", {"email_verified": True}, "admin", 200, None, True),
    ("POST users/edit/ann", {"id": "other"}, "ann", 403, None, True),
    ("POST users/edit/ann", {"email": "x@y.zz"}, "ann", 403, None, True),
    ("POST users/edit/ann", {"role": "admin"}, "ann", 404, None, True),
    ("POST users/update", {"where": "true", "set": {"role": "'admin'"}, "returning": "id"}, "ann", 200, [], True),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "by", "status", "answer", "goes_on"), WRITES)
def test_an_account_is_written(api: Api, request_: str, body: Any, by: str, status: int, answer: Any, goes_on: bool) -> None:
    api.sign_in("second", "users", "ann")
    api(request_, body, by).expect(status, answer)
    api("GET items/select", by="second").expect(200 if goes_on else 401)
    api("GET items/select", by="ann").expect(200 if goes_on or by == "ann" else 401)
    ((stored,),) = run_sql("SELECT password FROM users WHERE id = 'ann'")
    assert passwords.verified(PASSWORD if goes_on else NEW, stored)


def test_a_new_password_without_a_rule_lends_nothing_to_one_under_a_rule(api: Api) -> None:
    """The two write the same columns; staff need no current password, so only the rule keeps others out."""
    eve, mal = api.user("eve", "staff"), api.user("mal", "staff")
    change = {"secret": NEW, "secretAgain": NEW}
    api("POST staff/auth/change-password", change, by="mal").expect(200)
    api(f"POST staff/edit/{eve}", change, by="mal").expect(404)
    api(f"POST staff/edit/{eve}?or=INSERT", change, by="mal").expect(403)
    assert dict(run_sql("SELECT id, secret FROM staff"))[eve] == HASH
    api(f"POST staff/edit/{mal}", change, by="mal").expect(200)


# (what changes the address, the address then, whether it is verified then, or the status)
ADDRESSES: list[tuple[dict[str, Any], Any, Any]] = [
    ({"setValues": {"mail": "New@Example.com"}}, "new@example.com", False),
    ({"setValues": {"mail": "eve@example.com"}}, "eve@example.com", True),
    ({"setValues": {"mail": "EVE@example.com"}}, "eve@example.com", True),
    ({"setValues": {"rank": "x"}}, "eve@example.com", True),
    ({"set": {"mail": "'new@example.com'"}}, "new@example.com", False),
    ({"set": {"mail": "mail"}}, "eve@example.com", True),
    ({"set": {"mail": "upper(mail)"}}, 400, {"mail": {"code": "invalid"}}),
    ({"set": {"mail": "'nothing'"}}, 400, {"mail": {"code": "invalid"}}),
    ({"set": {"login": "'1 x'"}}, 400, {"login": {"code": "invalid"}}),
    ({"set": {"login": "login || '2'"}}, "eve@example.com", True),
    ({"setValues": {"checked": True}}, 403, {}),
    ({"set": {"checked": "true"}}, 403, {}),
    ({"setValues": {"id": 99}}, 403, {}),
    ({"set": {"id": "99"}}, 403, {}),
]


@pytest.mark.parametrize(("change", "mail", "verified"), ADDRESSES)
def test_another_address_is_not_verified(api: Api, change: Any, mail: Any, verified: Any) -> None:
    uid = api.user("eve", "staff", checked=True)
    found = api("POST staff/update", {"where": "true", **change, "returning": "mail,checked"}, by="eve")
    if isinstance(mail, int):
        found.expect(mail, {"data": verified})
        assert [(row[0], bool(row[1])) for row in run_sql("SELECT mail, checked FROM staff")] == [("eve@example.com", True)]
    else:
        found.expect(200, [{"mail": mail, "checked": verified}])
    api(f"POST staff/edit/{uid}", {"mail": "a@b.cc", "checked": True}, by="admin").expect(200)
    api("GET staff/select", by="admin").expect(200, [{"mail": "a@b.cc", "checked": True}])
