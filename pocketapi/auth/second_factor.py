"""The second factor: an authenticator is enrolled, confirmed, asked for at every login, and given up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from pocketapi.auth import accounts, bodies, posting
from pocketapi.auth.accounts import Account, Answer
from pocketapi.auth.codes import INVALID
from pocketapi.config import link
from pocketapi.credentials import lockout, one_time, second_factors, sessions, totp
from pocketapi.credentials.counters import Limit, counters, key_of
from pocketapi.credentials.sessions import Device
from pocketapi.errors import BadRequest, NotFound, Throttled, Unauthorized, ValidationFailed, field_error
from pocketapi.models import SecondFactor
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current

WRONG = Limit(most=10, seconds=15 * 60, held=True)  # codes of an account
ENROLLED = "There is a second factor already: disable it first."


def enroll(table: link.Table, data: Mapping[str, Any], caller: Caller) -> Answer:
    """A new authenticator's secret, and its address for a QR code. The password, where there is one, proves who asks."""
    account = _own(table, caller)
    _prove(account, data)
    try:
        with transaction.atomic():
            secret = second_factors.begin(table, account.uid)
    except IntegrityError:
        raise BadRequest(ENROLLED) from None
    name = account.email or account.name or str(account.uid)
    return {"secret": secret, "uri": totp.uri(secret, current().spec.app_name, name)}


def confirm(table: link.Table, data: Mapping[str, Any], caller: Caller) -> Answer:
    """Turn the second factor on by a first code. Ends the other sessions, which never passed it; answers recovery codes, once."""
    account = _own(table, caller)
    (code,) = bodies.texts(data, "code")
    factor = second_factors.factor_of(table, account.uid)
    if factor is None or factor.confirmed:
        raise BadRequest(ENROLLED if factor else "There is no second factor to confirm: enroll first.")
    _check(table, factor, code, recovery=False)
    codes = second_factors.confirm(table, factor)
    sessions.end(table.name, account.uid, but=caller.principal.sid)
    return {"success": True, "recoveryCodes": codes}


def disable(table: link.Table, data: Mapping[str, Any], caller: Caller) -> Answer:
    """Give up the second factor, by one of its codes."""
    account = _own(table, caller)
    (code,) = bodies.texts(data, "code")
    factor = second_factors.factor_of(table, account.uid)
    if factor is None or not factor.confirmed:
        raise BadRequest("There is no second factor.")
    _check(table, factor, code)
    second_factors.remove(table, account.uid)
    return {"success": True}


def log_in(table: link.Table, data: Mapping[str, Any], device: Device) -> Answer:
    """Open the session of a login that came as far as its second factor."""
    _check_offered(table)
    token, code = bodies.texts(data, "mfaId", "code")
    row = one_time.tried(token, one_time.MFA, table.name)
    account = accounts.account_of(table, row.user) if row else None
    factor = second_factors.factor_of(table, account.uid) if account else None
    if row is None or account is None or factor is None or not factor.confirmed:
        raise BadRequest(posting.INVALID)
    _check(table, factor, code)
    if not one_time.spend(row):
        raise BadRequest(posting.INVALID)
    return accounts.opened(account, device, passed=True) | ({} if account.verified else {"verified": False})


def _check(table: link.Table, factor: SecondFactor, code: str, *, recovery: bool = True) -> None:
    """Refuse a wrong code and, after too many of them, every code for a while. A try counts before it is judged."""
    key = key_of("second factor", table.name, factor.user)
    if not counters().count(key, WRONG):
        raise Throttled(max(1, counters().wait(key, WRONG)))
    if not second_factors.is_right(table, factor, code, recovery=recovery):
        raise BadRequest(INVALID)
    counters().forget(key, WRONG)


def _check_offered(table: link.Table) -> None:
    if table.auth is None or table.auth.mfa != "totp":
        raise NotFound(f"{table.name} has no second factor.")


def _own(table: link.Table, caller: Caller) -> Account:
    """The caller's own account, of a table that offers a second factor."""
    _check_offered(table)
    account = accounts.own(table, caller)
    if account is None:
        raise Unauthorized
    return account


def _prove(account: Account, data: Mapping[str, Any]) -> None:
    """Ask for the password of an account that has one."""
    password = account.table.with_usage("auth_password")
    stored = accounts.password_of(account)
    if password is None or not stored.hash:
        bodies.texts(data)
        return
    (given,) = bodies.texts(data, password.name)
    lock = lockout.lock_of(account.table, account.uid)
    lockout.check(lock)
    if not stored.verifies(given):
        lockout.failed(lock)
        raise ValidationFailed({password.name: field_error("invalid", "This is not the password.")})
