"""How often one may ask: rates by address and by identity, which the setting THROTTLE_RATES replaces."""

from __future__ import annotations

import re
from typing import Any

from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.credentials import identities, lockout
from pocketapi.credentials.counters import Limit, counters, key_of
from pocketapi.errors import Throttled

LOGIN = "login-password"
DEFAULTS = {"ip": "30/min", "identity": "10/min"}
NO_LIMIT = "off"
RATE = re.compile(r"([1-9]\d{0,8})\s*/\s*(s|sec|second|min|minute|h|hour|d|day)")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def limit_of(rate: str) -> Limit | None:
    """The limit of a rate such as `30/min`, none for `off`; ValueError where it cannot be read."""
    if rate == NO_LIMIT:
        return None
    found = RATE.fullmatch(rate) if isinstance(rate, str) else None
    if found is None:
        raise ValueError(f"{rate!r} is no rate: write one such as '30/min', or 'off'.")
    return Limit(int(found[1]), SECONDS[found[2][0]])


def rate(scope: str, kind: str) -> str:
    """The rate of a scope by `ip` or `identity`: the setting of both, of the scope, of the kind, or the default."""
    given = settings.THROTTLE_RATES
    return next((given[name] for name in (f"{scope}:{kind}", scope, kind) if name in given), DEFAULTS[kind])


def admit_address(scope: str, address: str | None) -> None:
    """Count a request by where it comes from; Throttled where there were too many."""
    _admit(scope, "ip", key_of(scope, "ip", address))


def admit_identity(scope: str, table: link.Table, identity: str) -> None:
    """Count a request by whom it is about; Throttled where there were too many."""
    _admit(scope, "identity", _identity_key(scope, table, identity))


def _admit(scope: str, kind: str, key: str) -> None:
    limit = limit_of(rate(scope, kind)) if settings.THROTTLE else None
    if limit and not counters().count(key, limit):
        raise Throttled(max(1, counters().wait(key, limit)))


def _identity_key(scope: str, table: link.Table, identity: str) -> str:
    return key_of(scope, "identity", table.name, identities.sought(table, identity))


def unlock(table: link.Table, uid: Any, *names: str | None) -> None:
    """Open an account's lock, as a reset of its password does. `names` are its email and username: they may log in at once."""
    lockout.unlock(lockout.lock_of(table, uid))
    limit = limit_of(rate(LOGIN, "identity"))
    for name in names:
        if name and limit:
            counters().forget(_identity_key(LOGIN, table, name), limit)
