"""Tokens and codes that go to an account by mail, and the tokens that come back."""

from __future__ import annotations

import secrets

from pocketapi.auth import accounts, letters
from pocketapi.auth.accounts import Account
from pocketapi.auth.letters import Letter
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import counters, one_time, sessions, tokens
from pocketapi.errors import BadRequest
from pocketapi.models import OneTimeToken
from pocketapi.tables.table import current

INVALID = "Invalid token"
CODE_DIGITS = 8


def address_of(table: link.Table) -> link.Field:
    """The field that mails go to; BadRequest where a table of accounts has none."""
    field = table.with_usage("auth_email")
    if field is None:
        raise BadRequest(f"The accounts of {table.name} have no email address.")
    return field


def post(account: Account, letter: Letter, outbox: Outbox, token: str | None = None) -> int:
    """Send a mail with a new token: 0 where it is sent, else the seconds until the account may be sent another."""
    table, auth = account.table, account.auth
    turn = counters.key_of("mail", letter.purpose, table.name, account.uid)
    if wait := counters.claim(turn, interval := letter.interval(auth)):
        return wait
    try:
        token, seconds = token or sessions.random_token(), letter.seconds(auth)
        code = str(secrets.randbelow(10**CODE_DIGITS)).zfill(CODE_DIGITS) if letter is letters.OTP else ""
        hashed = one_time.code_hash(tokens.secret_of(table), token, code) if code else ""
        message = letters.compose(account, letter, seconds, token="" if code else token, code=code)
        one_time.issue(table.name, account.uid, letter.purpose, seconds, email=account.email or "", token=token, code=hashed)
        outbox.send(message)
    except Exception:
        counters.release(turn, interval)
        raise
    return 0


def owner_of(table: link.Table, token: object, purpose: str) -> tuple[OneTimeToken, Account]:
    """A token of a table that is good for a purpose, and its account, whose address is still the one that it went to."""
    row = one_time.find(token, purpose) if isinstance(token, str) else None
    account = accounts.account_of(table, row.user) if row and row.table == table.name else None
    if row is None or account is None or account.email != row.email:
        raise BadRequest(INVALID)
    return row, account


def table_of(token: str, purpose: str) -> link.Table | None:
    """The table of a token that is still good, for pages whose address names the token only."""
    row = one_time.find(token, purpose)
    return current().tables.get(row.table) if row else None
