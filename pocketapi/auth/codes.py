"""Signing in by a code that comes by mail. The code is short, so it has few tries and little time, and is worth nothing alone."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from pocketapi.auth import accounts, background, bodies, letters, mail, posting
from pocketapi.auth.accounts import Account, Answer
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import one_time, sessions, tokens
from pocketapi.credentials.sessions import Device
from pocketapi.errors import BadRequest, NotFound

INVALID = "Invalid code"


def request(table: link.Table, data: Mapping[str, Any], outbox: Outbox) -> Answer:
    """Send a code to an address, in the background, if it is an account's: `{otpId}`, which goes with the code, in any case."""
    _check_offered(table)
    mail.configured()
    posting.address_of(table)
    (email,) = bodies.texts(data, "email")
    otp_id = sessions.random_token()
    background.run(partial(_send, table, email, otp_id, outbox), at_once=outbox.shown)
    return {"otpId": otp_id}


def _check_offered(table: link.Table) -> None:
    if table.auth is None or not table.auth.otp:
        raise NotFound(f"{table.name} has no one-time codes.")


def _send(table: link.Table, email: str, otp_id: str, outbox: Outbox) -> None:
    """Send a code; an id without one is stored too, so that a login tries it in the same statements."""
    account, _ = accounts.found_by(table, "email", email)
    if account is None or not account.email or posting.post(account, letters.OTP, outbox, otp_id):
        nobody = secrets.token_hex()
        one_time.issue(table.name, "", one_time.OTP, letters.OTP_SECONDS, token=otp_id, code=nobody)


def log_in(table: link.Table, data: Mapping[str, Any], device: Device) -> Answer:
    """Open a session by a code; one answer for whatever is wrong."""
    _check_offered(table)
    otp_id, code = bodies.texts(data, "otpId", "code")
    account = _account_of(table, otp_id, code.replace(" ", ""))
    if account is None:
        raise BadRequest(INVALID)
    return accounts.opened(account, device) | ({} if account.verified else {"verified": False})


def _account_of(table: link.Table, otp_id: str, code: str) -> Account | None:
    """The account that a code, which is spent by it, was sent to."""
    row = one_time.tried(otp_id, one_time.OTP, table.name)
    hashed = one_time.code_hash(tokens.secret_of(table), otp_id, code)
    if row is None or not hmac.compare_digest(hashed, row.code):
        return None
    account = accounts.account_of(table, row.user)
    return account if account and account.email == row.email and one_time.spend(row) else None
