"""Passwords that were hashed elsewhere sign in, and are hashed anew by it; and the repeated password wherever one is set."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from argon2 import PasswordHasher

from pocketapi.credentials import passwords
from tests.api.answers import HASH, PASSWORD, Api, run_sql
from tests.api.test_cookies import GOOD, guard

__all__ = ["guard"]

NEW = "n3w-staple-x"
WEAK = hashlib.sha256((PASSWORD + "salt").encode()).hexdigest()
UNSALTED = hashlib.sha256(PASSWORD.encode()).hexdigest()
COMPOSED = hashlib.sha256("caf\u00e9-horsesalt".encode()).hexdigest()
CHEAP = "argon2" + PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
BARE = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1).hash(PASSWORD)

# what is stored, its salt, what is typed, whether it signs in, whether it is hashed anew
STORED: list[tuple[str, Any, str, bool, bool]] = [
    (WEAK, "salt", PASSWORD, True, True),
    (WEAK.upper(), "salt", PASSWORD, True, True),
    (UNSALTED, None, PASSWORD, True, True),
    (UNSALTED, "", PASSWORD, True, True),
    (COMPOSED, "salt", "cafe\u0301-horse", True, True),
    (CHEAP, None, PASSWORD, True, True),
    (BARE, None, PASSWORD, True, True),
    (HASH, None, PASSWORD, True, False),
    (HASH, "salt", PASSWORD, True, False),
    (WEAK, "salt", "wrong-horse", False, False),
    (WEAK, "other", PASSWORD, False, False),
    (WEAK, None, PASSWORD, False, False),
    (WEAK, "salt", WEAK, False, False),
    (WEAK[:-1], "salt", PASSWORD, False, False),
    (CHEAP, None, "wrong-horse", False, False),
    (CHEAP[6:], "salt", PASSWORD, True, True),
]


@pytest.mark.parametrize(("stored", "salt", "typed", "right", "anew"), STORED, ids=range(len(STORED)))
def test_an_imported_hash(guard: Api, stored: str, salt: Any, typed: str, right: bool, anew: bool) -> None:
    run_sql("UPDATE users SET password = %s, password_salt = %s WHERE id = 'ann'", stored, salt)
    for _ in range(2):
        guard("POST users/auth/login-password", {"identity": "ann", "password": typed}).expect(200 if right else 400)
        ((now,),) = run_sql("SELECT password FROM users WHERE id = 'ann'")
        assert (now != stored) == anew
        assert not anew or now.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert run_sql("SELECT password FROM users WHERE id = 'bob'") == [(HASH,)]


def test_a_weak_hash_is_none_where_the_table_does_not_take_it(api: Api) -> None:
    run_sql("UPDATE users SET password = %s, password_salt = 'salt' WHERE id = 'ann'", WEAK)
    api("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(400)
    api("POST users/edit/ann", {"password": NEW, "passwordCurrent": PASSWORD}, by="ann").expect(400)


def test_it_takes_as_long_to_refuse_one(guard: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    verify = passwords.HASHER.verify
    monkeypatch.setattr(passwords.HASHER, "verify", lambda password, stored: verified.append(stored) or verify(password, stored))
    run_sql("UPDATE users SET password = %s, password_salt = 'salt' WHERE id = 'ann'", WEAK)
    for name in ("ann", "bob", "nobody"):
        guard("POST users/auth/login-password", {"identity": name, "password": "wrong-horse"}).expect(400)
    assert verified == [passwords.NOBODY, HASH, passwords.NOBODY]


def test_a_password_that_changed_meanwhile_is_kept(guard: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    run_sql("UPDATE users SET password = %s, password_salt = 'salt' WHERE id = 'ann'", WEAK)
    hashed, other = passwords.hashed, passwords.hashed(NEW)

    def slow(password: str) -> str:
        run_sql("UPDATE users SET password = %s WHERE id = 'ann'", other)
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", slow)
    guard("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)
    assert run_sql("SELECT password FROM users WHERE id = 'ann'") == [(other,)]


def test_a_proof_that_is_out_of_date_changes_nothing(guard: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changes at a time: the second one proved a password that is no more."""
    hashed, other = passwords.hashed, passwords.hashed("an0ther-one")

    def slow(password: str) -> str:
        run_sql("UPDATE users SET password = %s WHERE id = 'ann'", other)
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", slow)
    body = {"password": NEW, "passwordConfirm": NEW, "passwordCurrent": PASSWORD}
    guard("POST users/auth/change-password", body, by="ann").expect(400, {"data": {"passwordCurrent": {"code": "invalid"}}})
    assert run_sql("SELECT password FROM users WHERE id = 'ann'") == [(other,)]


def test_a_weak_hash_proves_the_current_password(guard: Api) -> None:
    run_sql("UPDATE users SET password = %s, password_salt = 'salt' WHERE id = 'ann'", WEAK)
    body = {"password": NEW, "passwordConfirm": NEW, "passwordCurrent": "wrong-horse"}
    guard("POST users/auth/change-password", body, by="ann").expect(400)
    guard("POST users/auth/change-password", {**body, "passwordCurrent": PASSWORD}, by="ann").expect(200)
    guard("POST users/auth/login-password", {"identity": "ann", "password": NEW}).expect(200)


# what sets a password: request, body, caller
SETTING: list[tuple[str, Any, str | None]] = [
    ("POST users/auth/sign-up", GOOD, None),
    ("POST users/insert", {"values": GOOD}, None),
    ("POST users/insert", {"values": [GOOD]}, "admin"),
    ("POST users/edit/eve?or=INSERT", GOOD, "admin"),
    ("POST users/edit/ann", {"password": NEW, "passwordConfirm": NEW}, "admin"),
    ("POST users/edit/ann", {"password": NEW, "passwordConfirm": NEW, "passwordCurrent": PASSWORD}, "ann"),
    ("POST users/update", {"where": "id == 'ann'", "setValues": {"password": NEW, "passwordConfirm": NEW}}, "admin"),
    ("POST users/auth/change-password", {"password": NEW, "passwordConfirm": NEW, "passwordCurrent": PASSWORD}, "ann"),
]


@pytest.mark.parametrize("wrong", ["other", None, ""])
@pytest.mark.parametrize(("request_", "body", "by"), SETTING)
def test_a_password_is_repeated_wherever_it_is_set(guard: Api, request_: str, body: Any, by: str | None, wrong: Any) -> None:
    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {name: wrong if name == "passwordConfirm" else changed(each) for name, each in value.items()}

    found = guard(request_, changed(body), by=by).expect(400)
    errors = found["data"].get("rows", {"0": found["data"]})["0"]
    assert errors == {
        "passwordConfirm": {"code": "mismatch" if wrong else "required", "message": errors["passwordConfirm"]["message"]}
    }
    guard(request_, body, by=by).expect(200)
