"""What the page of an account does beside writing it: end sessions, send the mails that its user may ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import HttpRequest

from pocketapi.admin import callers, layout
from pocketapi.auth import accounts, letters, posting
from pocketapi.auth.accounts import Account
from pocketapi.auth.letters import Letter
from pocketapi.auth.mail import Outbox
from pocketapi.config import link
from pocketapi.credentials import sessions
from pocketapi.errors import BadRequest, NotFound, Throttled
from pocketapi.models import Session
from pocketapi.rules.policy import may_write
from pocketapi.tables.table import current

MOST_SESSIONS = 50
SENT = {"verification": ("verification mail", letters.VERIFICATION), "reset": ("password reset mail", letters.PASSWORD_RESET)}


@dataclass(frozen=True)
class Page:
    """The part of an account's page below its form."""

    sessions: Sequence[Session]
    mails: Sequence[tuple[str, str]]  # what is posted, what it is called
    open: bool  # whether the user may do anything here


def page_of(request: HttpRequest, table: link.Table, row: models.Model) -> Page | None:
    """What the page of an account shows; nothing for other rows."""
    if table.auth is None:
        return None
    uid = layout.value_of(table, row, table.uid.name)
    account = accounts.account_of(table, uid)
    return Page(
        sessions=list(sessions.living(table.name, uid)[:MOST_SESSIONS]),
        mails=mails_of(account) if account else (),
        open=callers.may(request, type(row), "change"),
    )


def mails_of(account: Account) -> list[tuple[str, str]]:
    """The mails that may be sent to an account."""
    if current().spec.email is None or not account.email:
        return []
    names = ["reset"] if account.table.with_usage("auth_password") else []
    if account.table.with_usage("auth_email_verified") and not account.verified:
        names.insert(0, "verification")
    return [(name, SENT[name][0]) for name in names]


def act(request: HttpRequest, table: link.Table, row: models.Model) -> str:
    """Do what was posted from the page of an account; what was done, as the log and the page tell it."""
    may_write(callers.caller_of(request, type(row), "change"))
    uid = layout.value_of(table, row, table.uid.name)
    action = ACTIONS.get(request.POST.get("action", ""))
    account = accounts.account_of(table, uid) if table.auth else None
    if action is None or account is None:
        raise BadRequest("There is no such action for this record.")
    return action(account, request.POST)


def revoke(account: Account, posted: Any) -> str:
    """End one session of an account."""
    if not sessions.close(posted.get("session", ""), account.table.name, account.uid):
        raise NotFound("This session has ended already.")
    return "Ended a session."


def revoke_all(account: Account, _posted: Any) -> str:
    """End all sessions of an account."""
    sessions.end(account.table.name, account.uid)
    return "Ended all sessions."


def send(name: str) -> Callable[[Account, Any], str]:
    """Sends a mail of a kind, now."""
    told, letter = SENT[name]

    def sent(account: Account, _posted: Any) -> str:
        if name not in [each for each, _ in mails_of(account)]:
            raise BadRequest(f"No {told} can be sent to this account.")
        post(account, letter)
        return f"Sent a {told}."

    return sent


def post(account: Account, letter: Letter) -> None:
    """Send a mail; Throttled where one was sent a moment ago."""
    if wait := posting.post(account, letter, Outbox()):
        raise Throttled(wait, f"A mail was sent already: try again in {letters.duration(wait)}.")


ACTIONS: dict[str, Callable[[Account, Any], str]] = {
    "revoke": revoke,
    "revoke-all": revoke_all,
    "verification": send("verification"),
    "reset": send("reset"),
}
