"""Codes of authenticators: RFC 6238 with what every app takes: SHA-1, 6 digits, 30 seconds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote, urlencode

DIGITS, PERIOD = 6, 30
DRIFT = 1  # steps that a clock may be ahead or behind
SECRET_BYTES = 20  # RFC 4226: the length of the hash


def new_secret() -> str:
    """A secret in base32, as authenticators take it."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def uri(secret: str, issuer: str, account: str) -> str:
    """The `otpauth://` address that authenticators read from a QR code."""
    label = quote(f"{issuer}:{account}", safe="@:")
    query = {"secret": secret, "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": PERIOD}
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote)}"


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: str, code: str, after: int) -> int | None:
    """The time step, later than `after`, whose code this is; none where it is wrong, old, or was used."""
    now = int(time.time()) // PERIOD
    steps = range(now - DRIFT, now + DRIFT + 1)
    matching = [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]
    return next((step for step in matching if step > after), None)
