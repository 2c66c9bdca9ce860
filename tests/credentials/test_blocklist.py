"""Which domains may not sign up."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.config import schema
from pocketapi.credentials import blocklist, identities
from tests.conftest import UseConfig

AUTH = schema.Auth(name="auth", jwt_secret="x", jwt_token_duration=1, max_token_refresh=1)
AS_TYPED = AUTH.model_copy(update={"normalize_email": False})
CONFIG = """
email: {from: a@b.example, mailgun: {MAILGUN_API_KEY: x, EMAIL_BLOCKLIST: 'third.example, Fourth.example'}}
tables: []
"""

# (address, whether it is taken)
ADDRESSES = [
    ("a@mailinator.com", False),
    ("a@MAILINATOR.com", False),
    ("a@x.y.mailinator.com", False),
    ("a@notmailinator.com", True),
    ("a@mailinator.com.example", True),
    ("a@first.example", False),
    ("a@sub.first.example", False),
    ("a@second.example", False),
    ("a@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example", False),
    ("a@xn--bcher-kva.example", False),
    ("a@third.example", False),
    ("a@fourth.example", False),
    ("a@fifth.example", True),
    ("a@example", None),
]


@pytest.mark.parametrize(("address", "taken"), ADDRESSES)
@pytest.mark.parametrize("auth", [AUTH, AS_TYPED], ids=["normalized", "as typed"])
def test_addresses(use_config: UseConfig, settings: Any, address: str, taken: bool | None, auth: schema.Auth) -> None:
    blocked = ["first.example", " @Second.example", "*.xn--bcher-kva.example"]
    settings.POCKETAPI = {**settings.POCKETAPI, "EMAIL_BLOCKLIST": blocked}
    use_config(CONFIG)
    if taken:
        assert identities.normal_email(address, auth)
    else:
        with pytest.raises(ValueError, match="email address" if taken is None else "of this domain are not taken"):
            identities.normal_email(address, auth)


def test_the_built_in_domains_are_in_the_form_that_is_looked_for() -> None:
    assert all(domain == domain.lower().strip(".") and "." in domain for domain in blocklist.THROWAWAY)
