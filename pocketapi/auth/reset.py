"""A new password for who lost the old one: a token by mail, brought back with the new password."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from pocketapi.auth import accounts, background, bodies, letters, mail, posting, throttle
from pocketapi.auth.accounts import Account, Answer
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import one_time, ownership, sessions
from pocketapi.credentials.sessions import Device
from pocketapi.errors import REQUIRED, BadRequest, Data, ValidationFailed
from pocketapi.expressions.fold import TRUE
from pocketapi.records import drafts, fields, write
from pocketapi.records.fields import Posted
from pocketapi.records.updates import Target, Update
from pocketapi.rules.principal import SYSTEM


def request(table: link.Table, data: Mapping[str, Any], outbox: Outbox) -> Answer:
    """Send a token to an account's address, in the background: the answer is one, in one time, for every identity."""
    mail.configured()
    posting.address_of(table)
    name = "identity" if data.get("email") in (None, "") and data.get("identity") not in (None, "") else "email"
    given = {key: value for key, value in data.items() if key == name or key not in ("email", "identity")}
    (identity,) = bodies.texts(given, name)
    background.run(partial(_send, table, name, identity, outbox), at_once=outbox.shown)
    return {"success": True}


def _send(table: link.Table, name: str, identity: str, outbox: Outbox) -> None:
    account, _ = accounts.found_by(table, name, identity)
    if account and account.email:
        posting.post(account, letters.PASSWORD_RESET, outbox)


def confirm(table: link.Table, data: Mapping[str, Any], device: Device) -> Answer:
    """Set a new password by a token and open a session."""
    return accounts.opened(changed(table, data), device)


def changed(table: link.Table, data: Mapping[str, Any]) -> Account:
    """The account whose password a token, which is spent by it, has changed.

    All its sessions end and its address is verified. Where it never was before, somebody else may have made the account with
    it, and loses every way in.
    """
    token, posted = _posted(table, data)
    row, account = posting.owner_of(table, token, one_time.PASSWORD_RESET)
    verified = table.with_usage("auth_email_verified")
    values = {**drafts.cleaned(table, posted), **({verified.name: True} if verified else {}), **drafts.stamps(table, ())}
    update = Update(table, SYSTEM, TRUE, Target(uid=str(account.uid)), values, {}, write.uid_outputs(table)).with_values(values)
    with transaction.atomic():
        sessions.end(table.name, account.uid)  # first, as a change of password does, so that two at a time wait for each other
        if not one_time.spend(row):
            raise BadRequest(posting.INVALID)
        if not account.verified:
            ownership.forget(table.name, account.uid)
        update.run(None, posted)
    throttle.unlock(table, account.uid, account.email, account.username)
    return accounts.account_of(table, account.uid) or account


def _posted(table: link.Table, data: Mapping[str, Any]) -> tuple[Any, Posted]:
    """The token and the new password; ValidationFailed with all that is missing or unknown."""
    password = table.with_usage("auth_password")
    if password is None:
        raise BadRequest(f"{table.name} has no password.")
    posted = fields.posted(table, {name: value for name, value in data.items() if name != "token"})
    given = {"token": data.get("token"), password.name: posted.values.get(password.name)}
    errors: Data = bodies.unknown(posted.values, (password.name,))
    errors |= {name: REQUIRED for name, value in given.items() if value in (None, "")}
    if errors:
        raise ValidationFailed(errors)
    return given["token"], posted
