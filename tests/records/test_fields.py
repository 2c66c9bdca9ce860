"""Which fields whom a write lets set, and the two words that only prove a password."""

from __future__ import annotations

import pytest

from pocketapi.errors import Forbidden, ValidationFailed
from pocketapi.records import fields
from pocketapi.rules.principal import SYSTEM, Caller
from tests.api.conftest import desk

USERS, STAFF, POSTS = (desk().tables[name] for name in ("users", "staff", "posts"))

# table, field, whether others may insert and update it, whether admins may
MAY = [
    ("posts", "title", (True, True), (True, True)),
    ("posts", "note", (True, True), (True, True)),
    ("posts", "clicks", (False, False), (True, True)),
    ("posts", "id", (True, False), (True, True)),
    ("users", "id", (False, False), (True, True)),
    ("users", "password", (True, True), (True, True)),
    ("users", "password_salt", (False, False), (False, False)),
    ("users", "email", (True, False), (True, True)),
    ("users", "email_verified", (False, False), (True, True)),
    ("staff", "id", (False, False), (True, True)),
    ("staff", "checked", (False, False), (True, True)),
]


@pytest.mark.parametrize(("name", "field", "others", "admins"), MAY)
def test_who_may_set_a_field(name: str, field: str, others: tuple[bool, bool], admins: tuple[bool, bool]) -> None:
    table = desk().tables[name]
    for caller, may in ((Caller(), others), (SYSTEM, admins)):
        assert tuple(fields.may_write(table, table.fields[field], caller, verb) for verb in ("insert", "update")) == may
    if not others[0]:
        with pytest.raises(Forbidden, match=f"Cannot insert {field} field"):
            fields.check_allowed(table, [field], Caller(), "insert")


def test_proofs_of_a_password_are_no_fields() -> None:
    assert fields.proofs(USERS) == (None, "passwordCurrent")
    assert fields.proofs(STAFF) == ("secretAgain", None)
    assert fields.proofs(POSTS) == (None, None)
    row = fields.posted(USERS, {"password": "new", "passwordCurrent": "old", "passwordConfirm": "new"})
    assert (row.values, row.current, row.confirm) == ({"password": "new", "passwordConfirm": "new"}, "old", None)
    row = fields.posted(STAFF, {"secret": "new", "secretAgain": "new", "secretCurrent": "x"})
    assert (row.values, row.current, row.confirm) == ({"secret": "new", "secretCurrent": "x"}, None, "new")


def test_unknown_fields_are_told_all_at_once_with_the_nearest() -> None:
    with pytest.raises(ValidationFailed) as caught:
        fields.check_known(POSTS, ["titel", "title", "vews"])
    assert caught.value.data.keys() == {"titel", "vews"}
    assert "title" in caught.value.message
    assert "views" in caught.value.message


def test_errors_of_rows_lie_under_their_number() -> None:
    error = {"title": {"code": "required"}}
    assert fields.in_rows({0: error}, single=True) == error
    assert fields.in_rows({2: error, 5: error}, single=False) == {"rows": {"2": error, "5": error}}
