"""Who a request comes from: the service token, admin tokens, users' tokens, and everything that is none of them."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings as django_settings

from pocketapi.credentials import tokens
from pocketapi.models import Session
from tests.api.answers import SERVICE, Api, run_sql
from tests.api.conftest import ADMIN_SECRET

GLOBAL = "only-for-tests-only-for-tests-only-for-tests"
USERS = GLOBAL + "secret-of-users-secret-of-users-secret"
STAFF = GLOBAL + "secret-of-staff-secret-of-staff-secret"
ADMINS = GLOBAL + ADMIN_SECRET
NOW = int(time.time())
ADMIN = {"admin": True, "aud": "superadmin", "iss": "$db", "iat": NOW, "exp": NOW + 3600}
GONE = object()


def signed(claims: dict[str, Any], key: str = USERS, algorithm: str = "HS256") -> str:
    return jwt.encode({name: value for name, value in claims.items() if value is not GONE}, key, algorithm)


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


# (what is changed in ann's claims, the key, the algorithm)
FORGED: list[tuple[dict[str, Any], str, str]] = [
    *(({name: GONE}, USERS, "HS256") for name in ("id", "cid", "sid", "iat", "exp", "iss")),
    ({}, STAFF, "HS256"),
    ({}, ADMINS, "HS256"),
    ({}, GLOBAL, "HS256"),
    ({}, USERS, "HS384"),
    ({}, USERS, "HS512"),
    ({"cid": "staff"}, USERS, "HS256"),
    ({"cid": "staff"}, STAFF, "HS256"),
    ({"cid": "posts"}, USERS, "HS256"),
    ({"cid": "nothing"}, USERS, "HS256"),
    ({"cid": None}, USERS, "HS256"),
    ({"cid": ["users"]}, USERS, "HS256"),
    ({"sid": "x"}, USERS, "HS256"),
    ({"sid": 5}, USERS, "HS256"),
    ({"id": "bob"}, USERS, "HS256"),
    ({"id": "nobody"}, USERS, "HS256"),
    ({"iss": "other"}, USERS, "HS256"),
    ({"iat": "soon"}, USERS, "HS256"),
    ({"exp": "soon"}, USERS, "HS256"),
    ({"nbf": NOW + 3600}, USERS, "HS256"),
    # admins' tokens
    ({**ADMIN, "sid": GONE}, ADMINS, "HS256"),
    ({**ADMIN, "cid": GONE}, ADMINS, "HS256"),
    ({**ADMIN, "cid": GONE, "sid": GONE}, USERS, "HS256"),
    ({**ADMIN, "cid": GONE, "sid": GONE}, GLOBAL, "HS256"),
    ({**ADMIN, "cid": GONE, "sid": GONE}, ADMINS, "HS512"),
    *(({**ADMIN, "cid": GONE, "sid": GONE, **wrong}, ADMINS, "HS256") for wrong in (
        {"admin": 1}, {"admin": "true"}, {"admin": GONE}, {"aud": "owner"}, {"aud": ["superadmin"]}, {"aud": GONE}, {"aud": None},
        {"iss": GONE}, {"iat": GONE}, {"exp": GONE}, {"iss": "other"},
    )),
]  # fmt: skip


@pytest.mark.parametrize(("change", "key", "algorithm"), FORGED, ids=range(len(FORGED)))
def test_a_token_that_we_did_not_issue_proves_nothing(api: Api, change: dict[str, Any], key: str, algorithm: str) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    forged = signed({**claims, **change}, key, algorithm)
    api("GET items/select", by=forged).expect(401, {"code": 401, "message": "Invalid token", "data": {}})


# tokens that are no JWT, or that nobody signed
BROKEN: list[Callable[[str], str]] = [
    lambda token: f"{token}x",
    lambda token: token[:-2],
    lambda token: token.rpartition(".")[0],
    lambda token: token.rpartition(".")[0] + ".",
    lambda token: unsigned(jwt.decode(token, options={"verify_signature": False})),
    lambda _: unsigned(ADMIN),
    lambda _: "nonsense",
    lambda _: "a.b.c",
    lambda _: "....",
    lambda _: "ü" * 10,
    lambda _: SERVICE[:-1],
    lambda _: "x" * 5000,
    lambda _: ".".join(["e30", "W10", "AA"]),  # the claims are a list
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_token_is_no_anonymous_caller(api: Api, broken: Callable[[str], str]) -> None:
    api("GET items/select", by=broken(api.tokens["ann"])).expect(401, {"message": "Invalid token"})


# headers of a token that name another key or way to verify it
HEADERS_OF_TOKENS: list[dict[str, Any]] = [
    {"kid": "users"},
    {"kid": "../../dev/null"},
    {"kid": "x' UNION SELECT 'secret"},
    {"jku": "http://127.0.0.1:9/keys.json"},
    {"x5u": "http://127.0.0.1:9/cert.pem"},
    {"jwk": {"kty": "oct", "k": base64.urlsafe_b64encode(b"x" * 40).decode()}},
    {"x5c": ["MIIB"]},
    {"typ": "at+jwt"},
]


@pytest.mark.parametrize("headers", HEADERS_OF_TOKENS)
def test_a_token_does_not_say_how_it_is_verified(api: Api, headers: dict[str, Any]) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    for key in ("x" * 40, str(headers.get("kid", "")).ljust(40), STAFF):
        forged = jwt.encode(claims, key, "HS256", headers=headers)
        api("GET users/select", by=forged).expect(401, {"message": "Invalid token"})
    api("GET users/select", by=jwt.encode(claims, USERS, "HS256", headers=headers)).expect(200, [{"id": "ann"}])


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", "", "RS256", "ES256", "HS256 ", "hs256"])
def test_a_token_does_not_choose_its_algorithm(api: Api, name: str) -> None:
    _, payload, signature = api.tokens["ann"].split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": name, "typ": "JWT"}).encode()).decode().rstrip("=")
    for forged in (f"{header}.{payload}.", f"{header}.{payload}.{signature}"):
        api("GET users/select", by=forged).expect(401, {"message": "Invalid token"})


def test_an_expired_token_says_so(api: Api) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    api("GET items/select", by=signed({**claims, "exp": NOW - 1})).expect(401, {"message": "Token expired"})
    api("GET items/select", by=signed({**claims, "exp": NOW - 1}, STAFF)).expect(401, {"message": "Invalid token"})
    api("GET items/select", by=tokens.issue_admin("editor", timedelta(seconds=-1))).expect(401, {"message": "Token expired"})


def test_a_token_that_was_good_expires(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api("GET users/select", by="ann").expect(200, [{"id": "ann"}])
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 4000)
    api("GET users/select", by="ann").expect(401, {"message": "Token expired"})


# (headers, who is found)
HEADERS: list[tuple[dict[str, str], Any]] = [
    ({}, None),
    ({"Authorization": "Bearer {ann}"}, "ann"),
    ({"Authorization": "bearer {ann}"}, "ann"),
    ({"Authorization": "Bearer   {ann} "}, "ann"),
    ({"X-Authorization": "Bearer {ann}"}, "ann"),
    ({"Authorization": "Bearer {ann}", "X-Authorization": "Bearer {bob}"}, "ann"),
    ({"Authorization": "Basic eDp5", "X-Authorization": "Bearer {bob}"}, "bob"),
    ({"Authorization": "", "X-Authorization": "Bearer {bob}"}, "bob"),
    ({"Authorization": "Bearer nonsense", "X-Authorization": "Bearer {bob}"}, 401),
    ({"Authorization": "Bearer {ann}", "X-Authorization": "Bearer nonsense"}, "ann"),
    ({"Authorization": ""}, None),
    ({"Authorization": "Basic eDp5"}, None),
    ({"Authorization": "{ann}"}, None),
    ({"Authorization": "Token {ann}"}, None),
]


@pytest.mark.parametrize(("headers", "found"), HEADERS)
def test_where_a_token_is_looked_for(api: Api, headers: dict[str, str], found: Any) -> None:
    sent = {name: value.format(**api.tokens) for name, value in headers.items()}
    answer = api("GET users/select", headers=sent)
    if found == 401:
        answer.expect(401)
    else:
        answer.expect(200, [{"id": found}] if found else [])


LENIENT = ("login-password", "refresh-token", "logout")


@pytest.mark.parametrize("endpoint", ["sign-up", "change-password", *LENIENT])
def test_where_a_bad_token_counts_as_none(api: Api, endpoint: str) -> None:
    body = {"identity": "ann", "password": "wrong-horse"}
    found = api(f"POST users/auth/{endpoint}", body, by="nonsense")
    if endpoint == "login-password":
        found.expect(400, {"message": "Invalid username or password"})
    elif endpoint == "refresh-token":
        found.expect(401, {"message": "Invalid session"})
    else:
        found.expect(401, {"message": "Invalid token"})


# (caller, request, body, status)
ADMIN_CASES: list[tuple[str, str, Any, int]] = [
    *((role, "GET bare/select", None, 200) for role in ("viewer", "editor", "superadmin", "service")),
    *((role, "GET posts/select?select=note", None, 200) for role in ("viewer", "editor")),
    *((role, "GET /settings", None, 200) for role in ("viewer", "editor", "superadmin")),
    *((role, "POST bare/insert", {"values": {"text": "x"}}, 200) for role in ("editor", "superadmin", "service")),
    *((role, "GET users/select?select=password", None, 400) for role in ("viewer", "editor", "superadmin", "service")),
    *((role, "GET users/select?where=password_salt == null", None, 400) for role in ("editor", "superadmin", "service")),
    ("viewer", "POST bare/select", {}, 200),
    ("viewer", "POST bare/insert", {"values": {"text": "x"}}, 403),
    ("viewer", "POST bare/update", {"where": "true", "setValues": {"text": "x"}}, 403),
    ("viewer", "POST bare/edit/x", {"text": "x"}, 403),
    ("viewer", "POST bare/delete", {"where": "true"}, 403),
    ("viewer", "POST users/auth/sign-up", {}, 403),
    ("viewer", "GET /migrations", None, 403),
    ("editor", "GET /migrations", None, 403),
    ("editor", "POST /migrations", None, 403),
    ("editor", "POST /setup-db", None, 403),
    ("ann", "GET /migrations", None, 403),
    ("ann", "GET /settings", None, 403),
    ("ann", "POST /setup-db", None, 403),
    ("editor", "POST users/auth/change-password", {"password": "corr3ct-horse-2"}, 401),
]


@pytest.mark.parametrize(("role", "request_", "body", "status"), ADMIN_CASES)
def test_what_admins_may(api: Api, role: str, request_: str, body: Any, status: int) -> None:
    by = SERVICE if role == "service" else api.tokens[role] if role in api.tokens else tokens.issue_admin(role)
    api(request_, body, by=by).expect(status)


def test_an_admin_has_no_uid_and_its_role(api: Api) -> None:
    for role in ("viewer", "editor", "superadmin"):
        by = tokens.issue_admin(role)
        api("POST items/select", {"select": "auth.uid => uid, auth.role => role, auth.admin => admin"}, by=by).expect(200, [])
        where = f"auth.uid == null & auth.role == '{role}' & auth.admin & auth.sid == null & auth.cid == null"
        api("POST items/select", {"select": "count() => n", "where": where}, by=by).expect(200, [{"n": 0}])
    api("POST items/insert", {"values": {"name": "x"}}).expect(200)
    api("POST items/select", {"select": "id", "where": "auth.superadmin"}, by="admin").expect(200, [{"id": 1}])
    api("POST items/select", {"select": "id", "where": "auth.superadmin"}, by=tokens.issue_admin("editor")).expect(200, [])


@pytest.mark.parametrize(("service", "secret", "debug", "works"), [
    (SERVICE, ADMIN_SECRET, False, True),
    (None, None, False, False),
    ("", "", False, False),
    ("short", "short", False, False),
    ("short", "short", True, True),
    ("x" * 31, "x" * 31, False, False),
    ("x" * 32, "x" * 32, False, True),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:The HMAC key is")
def test_admins_are_off_unless_their_secrets_are_long(
    api: Api, settings: Any, service: str | None, secret: str | None, debug: bool, works: bool
) -> None:
    settings.POCKETAPI = {**django_settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": service, "ADMIN_JWT_SECRET": secret}
    settings.DEBUG = debug
    admin = signed(ADMIN, GLOBAL + (secret or ""))
    for token in (service or "nothing", admin):
        api("GET bare/select", by=token).expect(200 if works else 401)


def test_an_admin_token_ends_with_the_secret(api: Api, settings: Any) -> None:
    token = tokens.issue_admin("editor")
    api("GET bare/select", by=token).expect(200)
    settings.POCKETAPI = {**django_settings.POCKETAPI, "ADMIN_JWT_SECRET": None}
    api("GET bare/select", by=token).expect(401)


def test_the_claims_of_a_token(api: Api) -> None:
    uid = api.user("eve", "staff", rank="boss", team="red", info={"base": 1}, checked=True)
    claims = jwt.decode(api.tokens["eve"], STAFF, ["HS256"], issuer="$db", options={"verify_aud": False})
    sid = Session.objects.get(table="staff", user=str(uid)).sid
    known = {"id": uid, "sub": "eve@example.com", "user": "eve", "aud": ["boss", "red"], "verified": True, "meta": {"base": 1}}
    assert claims == {**known, "cid": "staff", "sid": sid, "iat": claims["iat"], "exp": claims["iat"] + 3600, "iss": "$db"}
    ann = jwt.decode(api.tokens["ann"], USERS, ["HS256"], issuer="$db")
    assert ann.keys() == {"id", "sub", "user", "verified", "cid", "sid", "iat", "exp", "iss"}


def test_roles_email_and_verified_are_read_from_the_row_at_each_request(api: Api) -> None:
    uid = api.user("eve", "staff", rank="boss", team="red", checked=True, info={"base": "x"})
    seen = "auth.role == 'boss' => boss, auth.role == 'red' => red, auth.email => email, auth.verified => verified, auth.meta.base => base"

    def now() -> Any:
        return api("POST staff/select", {"where": "id == auth.uid", "select": seen}, by="eve").expect(200)[0]

    assert now() == {"boss": True, "red": True, "email": "eve@example.com", "verified": True, "base": "x"}
    run_sql("UPDATE staff SET rank = NULL, checked = %s, mail = 'new@example.com' WHERE id = %s", False, uid)
    assert now() == {"boss": False, "red": True, "email": None, "verified": False, "base": "x"}
    run_sql("UPDATE staff SET team = '' WHERE id = %s", uid)
    assert now()["red"] is False
    run_sql("DELETE FROM staff WHERE id = %s", uid)
    api("GET staff/select", by="eve").expect(401, {"message": "Invalid token"})


def test_uids_of_two_tables_are_told_apart(api: Api) -> None:
    """A user of one table is no caller of the other, be the key the same."""
    uid = api.user("eve", "staff")
    api.user(str(uid))
    api("POST staff/update", {"where": f"id == {uid}", "setValues": {"rank": "boss"}, "returning": "id"}, by=str(uid)).expect(
        200, []
    )
    api("POST users/auth/change-password", {"password": "n3w-staple-x"}, by="eve").expect(401)


def test_the_session_of_another_user_or_table_does_not_fit(api: Api) -> None:
    claims = jwt.decode(api.tokens["ann"], options={"verify_signature": False})
    sid = Session.objects.get(user="bob").sid
    api("GET items/select", by=signed({**claims, "sid": sid})).expect(401)
    Session.objects.filter(user="ann").update(table="staff")
    api("GET items/select", by="ann").expect(401)


def test_a_session_ends_when_it_is_not_used(api: Api) -> None:
    run_sql("UPDATE pocketapi_session SET expires = created")
    api("GET items/select", by="ann").expect(401, {"message": "Invalid token"})
