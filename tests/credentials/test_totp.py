"""Codes of authenticators, by the test vectors of RFC 6238."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from pocketapi.credentials import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()

# (seconds, the last six digits of appendix B)
VECTORS = [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")]  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_vectors(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, seconds // 30) == code


# (step of the code beside this one, the last step that was used, whether it is good)
STEPS = [(0, -9, True), (-1, -9, True), (1, -9, True), (-2, -9, False), (2, -9, False), (0, 0, False), (1, 0, True), (-1, 0, False), (0, 1, False)]  # fmt: skip


@pytest.mark.parametrize(("offset", "used", "good"), STEPS)
def test_a_code_is_good_for_a_step_around_now_and_once(
    monkeypatch: pytest.MonkeyPatch, offset: int, used: int, good: bool
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.5)
    now = 1_800_000_000 // 30
    assert totp.step_of(SECRET, totp.code_at(SECRET, now + offset), now + used) == (now + offset if good else None)


def test_a_secret_is_160_bits_and_new_each_time() -> None:
    assert len(base64.b32decode(totp.new_secret())) == 20
    assert totp.new_secret() != totp.new_secret()


def test_the_address_for_a_qr_code() -> None:
    parts = urlsplit(totp.uri(SECRET, "Desk & Co", "ann+x@example.com"))
    assert (parts.scheme, parts.netloc, unquote(parts.path)) == ("otpauth", "totp", "/Desk & Co:ann+x@example.com")
    query = {name: value for name, (value,) in parse_qs(parts.query).items()}
    assert query == {"secret": SECRET, "issuer": "Desk & Co", "algorithm": "SHA1", "digits": "6", "period": "30"}
    assert "+" not in parts.query
