"""Usernames and addresses: what is taken, and in which form."""

from __future__ import annotations

import pytest

from pocketapi.config import schema
from pocketapi.credentials import identities
from tests.api.conftest import desk

AUTH = desk().tables["users"].auth or schema.Auth(name="auth", jwt_secret="x", jwt_token_duration=1, max_token_refresh=1)
AS_TYPED = AUTH.model_copy(update={"normalize_email": False})

# (as typed, in the form that is stored)
ADDRESSES = [
    ("a@b.cc", "a@b.cc"),
    (" A@B.cc\t", "a@b.cc"),
    ("a.b+c@example.com", "a.b+c@example.com"),
    ("A.b+c+d@Gmail.com", "ab@gmail.com"),
    ("a.b@googlemail.com", "ab@gmail.com"),
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("ä@b.cc", None),
    ("a@gmail.com.evil.cc", "a@gmail.com.evil.cc"),
    ("a@b@gmail.com", None),
    ('"a.b"@b.cc', '"a.b"@b.cc'),
    ('"a b"@b.cc', None),
    ("a@b", None),
    ("a", None),
    ("", None),
    ("@gmail.com", None),
    ("+a@gmail.com", None),
    ("a@[127.0.0.1]", "a@[127.0.0.1]"),
    ("a@" + "ü" * 64 + ".cc", None),
    ("a\n@b.cc", None),
    ("x" * 250 + "@b.cc", "x" * 250 + "@b.cc"),
    ("x" * 251 + "@b.cc", None),
    ("a@" + "b" * 100_000 + ".cc", None),
    ("a@" + "ü." * 100_000 + "cc", None),
]


@pytest.mark.parametrize(("typed", "stored"), ADDRESSES, ids=range(len(ADDRESSES)))
def test_an_address_in_its_one_form(typed: str, stored: str | None) -> None:
    if stored is None:
        with pytest.raises(ValueError, match="email address"):
            identities.normal_email(typed, AUTH)
    else:
        assert identities.normal_email(typed, AUTH) == stored
        assert identities.normal_email(stored, AUTH) == stored
        assert identities.normalized(typed) == stored


def test_an_address_may_stay_as_it_is_typed() -> None:
    assert identities.normal_email(" A.b+c@Gmail.com ", AS_TYPED) == "A.b+c@Gmail.com"


def test_the_words_of_an_account() -> None:
    row = {"username": "ann", "email": "a@b.cc", "name": None, "role": "admin", "password": "x"}
    assert identities.words(desk().tables["users"], row) == {"username": "ann", "email": "a@b.cc"}
