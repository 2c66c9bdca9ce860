"""Usernames and email addresses: what is taken, and the one form in which they are stored and looked up."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from pocketapi.config import link, schema
from pocketapi.credentials import blocklist

USERNAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,31}")
GMAIL = ("gmail.com", "googlemail.com")
LONGEST_EMAIL = 255
LONGEST_TYPED = 1000  # longer ones are not looked at: punycode takes its time
WORDS = ("auth_username", "auth_email", "auth_name")


def check_username(name: str, _auth: schema.Auth) -> str:
    """A username; ValueError where it is none."""
    if not USERNAME.fullmatch(name):
        raise ValueError("A username has 1 to 32 letters, digits and `_`, and starts with a letter.")
    return name


def normal_email(address: str, auth: schema.Auth) -> str:
    """An address in the form that is stored; ValueError where it is none, or one of a domain that may not sign up."""
    normal = normalized(address) if auth.normalize_email else address.strip()
    local, _, domain = normal.rpartition("@")
    try:
        validate_email(normal)
        domain = punycode(domain)
    except (ValidationError, UnicodeError):
        raise ValueError("This is no email address.") from None
    if not local.isascii():  # Django's pattern takes the few letters whose other case is ASCII
        raise ValueError("This is no email address.")
    if len(normal) > LONGEST_EMAIL:
        raise ValueError(f"An email address has at most {LONGEST_EMAIL} characters.")
    if blocklist.is_blocked(domain):
        raise ValueError("Addresses of this domain are not taken: use another email address.")
    return normal


def normalized(address: str) -> str:
    """Trimmed, in lower case, the domain in punycode; of Gmail's addresses without dots and what follows a plus.

    What only looks like an address of another form, or like another address, stays as it is, and is nobody's.
    """
    if len(address) > LONGEST_TYPED:
        return address
    local, at, domain = address.strip().rpartition("@")
    try:
        local, domain = local.lower() if local.isascii() else local, punycode(domain)
    except UnicodeError:
        return address
    if domain in GMAIL:
        local, domain = local.split("+", 1)[0].replace(".", ""), "gmail.com"
    return f"{local}{at}{domain}"


def sought(table: link.Table, identity: str) -> str:
    """An email or a username in the form that is looked up; what has an `@` is no username."""
    if "@" not in identity or table.auth is None:
        return identity
    return normalized(identity) if table.auth.normalize_email else identity.strip()


def punycode(domain: str) -> str:
    """A domain in lower case and ASCII; UnicodeError where IDNA would make another one of it, as of fullwidth letters."""
    if domain.isascii():
        return domain.lower()
    if len(domain) > LONGEST_TYPED or any(
        not letter.isascii() and unicodedata.normalize("NFKC", letter).isascii() for letter in domain
    ):
        raise UnicodeError
    plain = unicodedata.normalize("NFC", domain).lower()
    encoded = plain.encode("idna").decode()
    if encoded.encode().decode("idna") != plain:
        raise UnicodeError
    return encoded


def words(table: link.Table, row: Mapping[str, Any]) -> dict[str, str]:
    """The words of an account that a password may not resemble, by column."""
    names = [name for name, field in table.fields.items() if field.spec.usage in WORDS]
    return {name: row[name] for name in names if isinstance(row.get(name), str)}
