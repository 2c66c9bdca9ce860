"""Sign-up: a new account, its first session and, where the config wants that, a mail that asks whose address it is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from pocketapi.auth import accounts, background, letters, posting
from pocketapi.auth.accounts import Account, Answer
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials.sessions import Device
from pocketapi.records.requests import Ask
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current


def sign_up(table: link.Table, ask: Ask[Mapping[str, Any]], caller: Caller, device: Device, outbox: Outbox) -> Answer:
    """Insert a user under the createRule and open a session."""
    account = accounts.created(table, ask, caller)
    if account.auth.auto_send_verification_email and current().spec.email and account.email and not account.verified:
        send = partial(_ask_whose, account, outbox)
        transaction.on_commit(partial(background.run, send, at_once=outbox.shown))
    return accounts.opened(account, device) | {"verified": account.verified}


def _ask_whose(account: Account, outbox: Outbox) -> None:
    posting.post(account, letters.VERIFICATION, outbox)
