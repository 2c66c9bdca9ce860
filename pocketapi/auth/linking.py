"""The account of a user whom an identity provider knows: found by the provider's id, by a verified address, or made.

An account whose own address was never verified may be anybody's who typed that address. When its owner comes by way of a
provider, nothing is left in it by which another could come in.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from pocketapi.auth import accounts
from pocketapi.auth.accounts import Account, Answer
from pocketapi.config import link
from pocketapi.config.accounts import is_url
from pocketapi.credentials import assertions, identities, ownership
from pocketapi.credentials.passwords import UNUSABLE
from pocketapi.credentials.profiles import Profile, profile_of
from pocketapi.credentials.sessions import Device
from pocketapi.errors import BadRequest, Conflict, InvalidToken, NotFound, Unauthorized
from pocketapi.expressions import literals
from pocketapi.expressions.fold import TRUE
from pocketapi.models import Identity
from pocketapi.records import drafts, queries, requests, values, write
from pocketapi.records.fields import Posted
from pocketapi.records.updates import Target, Update
from pocketapi.rules.principal import ANONYMOUS, SYSTEM, Caller
from pocketapi.tables.table import current

TRIES = 5  # names that are taken, and others who sign up meanwhile
LONGEST_NAME = 32
BETWEEN = re.compile(r"[ .-]+")
NO_LETTERS = re.compile(r"[^A-Za-z0-9_]")
UNVERIFIED = "The identity provider states no verified email address."


def log_in(table: link.Table, profile: Profile, caller: Caller, device: Device) -> Answer:
    """Open a session of the account of a profile."""
    return accounts.opened(account_of(table, profile, Caller(ANONYMOUS, caller.request)), device)


def log_in_with_token(table: link.Table, token: str | None, caller: Caller, device: Device) -> Answer:
    """Open a session for a provider's JWT."""
    if token is None:
        raise Unauthorized
    provider, claims = assertions.proved(token)
    return log_in(table, profile_of(provider, claims), caller, device)


def log_in_with_google(table: link.Table, credential: object, caller: Caller, device: Device) -> Answer:
    """Open a session for a credential of Google's button or One Tap."""
    provider = current().providers.get("google")
    if provider is None or not provider.signs:
        raise NotFound("There is no sign-in with google.")
    if not isinstance(credential, str):
        raise InvalidToken
    return log_in(table, profile_of(provider, assertions.verified(provider, credential)), caller, device)


def account_of(table: link.Table, profile: Profile, caller: Caller) -> Account:
    """The account of a profile, made where there is none and createRule admits the caller to make it."""
    for attempt in range(TRIES):
        if account := _linked(table, profile) or _addressed(table, profile):
            return account
        try:
            return _made(table, profile, caller, attempt)
        except Conflict:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("the last try returns or raises")


def _linked(table: link.Table, profile: Profile) -> Account | None:
    """The account that a provider's id belongs to. The link of one that is gone goes with it."""
    if not keeps_identities(table):
        return None
    found = Identity.objects.filter(table=table.name, provider=profile.provider, subject=profile.subject).first()
    if found is None:
        return None
    try:
        account = accounts.account_of(table, literals.convert(found.user, table.uid.column.kind))
    except (ValueError, TypeError):  # the key was of another type then
        account = None
    if account is None:
        found.delete()
    return account


def keeps_identities(table: link.Table) -> bool:
    """Whether the table's accounts are linked to the ids of providers."""
    return table.auth is not None and table.auth.save_identities


def _addressed(table: link.Table, profile: Profile) -> Account | None:
    """The account of a verified address; BadRequest where the provider states none."""
    email = table.with_usage("auth_email")
    if email is None:
        return None
    row = accounts.find(table, accounts.equals(email, address_of(table, profile)), accounts.outputs_of(table))
    if row is None:
        return None
    account = Account(table, row)
    with transaction.atomic(queries.DATABASE):
        if not _is_proved(account):
            _take_over(account)
        _link(table, profile, account.uid)
    return accounts.account_of(table, account.uid)


def address_of(table: link.Table, profile: Profile) -> str:
    """The address of a profile as the table stores addresses; BadRequest without a verified one."""
    if table.auth is None or not profile.verified or not profile.email:
        raise BadRequest(UNVERIFIED)
    try:
        return identities.normal_email(profile.email, table.auth)
    except ValueError:
        raise BadRequest(UNVERIFIED) from None


def _is_proved(account: Account) -> bool:
    """Whether an account's address is known to be its user's: where no column tells, it is not."""
    return account.table.with_usage("auth_email_verified") is not None and account.verified


def _take_over(account: Account) -> None:
    """Hand an account to the owner of its address: whoever made it keeps nothing."""
    table = account.table
    ownership.forget(table.name, account.uid)
    written: dict[str, Any] = {}
    for usage, value in (("auth_password", UNUSABLE), ("auth_email_verified", True)):
        if field := table.with_usage(usage):  # type: ignore[arg-type]
            written[field.name] = value
    posted = Posted(written)
    row = {**drafts.cleaned(table, posted), **drafts.stamps(table, written)}
    target = Target(uid=str(account.uid))
    Update(table, SYSTEM, TRUE, target, row, {}, write.uid_outputs(table)).with_values(row).run(None, posted)


def _link(table: link.Table, profile: Profile, uid: Any) -> None:
    if keeps_identities(table):
        Identity.objects.update_or_create(
            table=table.name,
            provider=profile.provider,
            subject=profile.subject,
            defaults={"user": str(uid), "created": timezone.now()},
        )


# New accounts


def _made(table: link.Table, profile: Profile, caller: Caller, attempt: int) -> Account:
    """A new account. createRule judges the caller; the fields are filled in on the provider's word."""
    uid = table.uid.name
    row = new_row(table, profile, attempt)
    with transaction.atomic(queries.DATABASE):
        (inserted,) = write.insert(table, lambda: requests.Insert((row,), single=True, returning=uid), caller, filled_by=SYSTEM)
        _link(table, profile, inserted[uid])
    account = accounts.account_of(table, inserted[uid])
    if account is None:
        raise NotFound("The account was deleted as soon as it was made.")
    return account


def new_row(table: link.Table, profile: Profile, attempt: int = 0) -> Mapping[str, Any]:
    """The fields of a new account, as far as the table has them and takes them."""
    name = username(profile, attempt)
    wanted: dict[str, Any] = {
        "auth_username": name,
        "auth_email": address_of(table, profile) if table.with_usage("auth_email") else None,
        "auth_email_verified": True if profile.verified else None,
        "auth_password": UNUSABLE,
        "auth_name": profile.name or profile.username or name,
        "auth_avatar": profile.avatar if profile.avatar and is_url(profile.avatar) else None,
    }
    found = {field.name: value for usage, value in wanted.items() if value is not None and (field := table.with_usage(usage))}  # type: ignore[arg-type]
    if (named := table.with_usage("auth_name")) and named.name in found:
        found[named.name] = found[named.name][: named.spec.max_length]
    if (avatar := table.with_usage("auth_avatar")) and not takes(avatar, found.get(avatar.name)):
        found.pop(avatar.name, None)
    return found


def takes(field: link.Field, value: Any) -> bool:
    """Whether a field takes a value: a file field takes no URL."""
    try:
        values.clean(field, value)
    except values.Invalid:
        return False
    return True


def username(profile: Profile, attempt: int = 0) -> str:
    """A name after a profile's: ASCII letters, digits and `_`, a letter first; with a number once it is taken."""
    words = (profile.username, (profile.email or "").partition("@")[0], profile.name)
    name = next((found for word in words if (found := _plain(word or ""))), "user")
    if not name[0].isalpha():
        name = f"u{name}"
    return name[:LONGEST_NAME] if attempt == 0 else f"{name[: LONGEST_NAME - 6]}{secrets.randbelow(900_000) + 100_000}"


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode()
    return NO_LETTERS.sub("", BETWEEN.sub("_", letters)).strip("_")
