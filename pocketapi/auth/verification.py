"""The proof that an address is its account's own: a token by mail, brought back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from pocketapi.auth import accounts, background, bodies, letters, mail, posting
from pocketapi.auth.accounts import Account, Answer
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import one_time
from pocketapi.credentials.sessions import Device
from pocketapi.errors import BadRequest, Throttled, ValidationFailed
from pocketapi.expressions.fold import TRUE
from pocketapi.records import drafts, write
from pocketapi.records.updates import Target, Update
from pocketapi.rules.principal import SYSTEM, Caller

SENT = {"success": True}


def request(table: link.Table, data: Mapping[str, Any], caller: Caller, outbox: Outbox) -> Answer:
    """Send a token to the caller's own address, now; or to one that is posted, in the background, if it is an account's."""
    mail.configured()
    posting.address_of(table)
    account = accounts.own(table, caller)
    if account is None or data.get("email") not in (None, "", account.email):
        (email,) = bodies.texts(data, "email")
        background.run(partial(_send, table, email, outbox), at_once=outbox.shown)
        return SENT
    if unknown := bodies.unknown(data, ("email",)):
        raise ValidationFailed(unknown)
    if account.verified:
        raise BadRequest("The email address is verified already.")
    if wait := posting.post(account, letters.VERIFICATION, outbox):
        raise Throttled(wait, f"A mail was sent already: ask again in {letters.duration(wait)}.")
    return SENT


def _send(table: link.Table, email: str, outbox: Outbox) -> None:
    account, _ = accounts.found_by(table, "email", email)
    if account and not account.verified:
        posting.post(account, letters.VERIFICATION, outbox)


def confirm(table: link.Table, data: Mapping[str, Any], caller: Caller, device: Device) -> Answer:
    """Mark the address of a token verified; the account's record and, for who is not signed in, a session."""
    account = verified(table, *bodies.texts(data, "token"))
    return accounts.opened(account, device) if caller.principal.is_anonymous else {"record": account.record}


def verified(table: link.Table, token: str) -> Account:
    """The account whose address a token, which is spent by it, has shown to be its own."""
    row, account = posting.owner_of(table, token, one_time.VERIFICATION)
    field = table.with_usage("auth_email_verified")
    values = {**({field.name: True} if field else {}), **drafts.stamps(table, ())}
    update = Update(table, SYSTEM, TRUE, Target(uid=str(account.uid)), values, {}, write.uid_outputs(table)).with_values(values)
    with transaction.atomic():
        if not one_time.spend(row):
            raise BadRequest(posting.INVALID)
        update.run()
    return accounts.account_of(table, account.uid) or account
