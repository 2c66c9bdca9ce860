"""The lock on an account whose password is guessed at: ten wrong ones within 15 minutes shut it for 15 minutes.

An account goes by its key, so that its email and its username share one lock; a name that nobody has goes by itself. A try counts
when it is judged: of many at a time a right one is let in only before the tenth that is wrong.
"""

from __future__ import annotations

from typing import Any

from pocketapi.config import link
from pocketapi.credentials.counters import Limit, counters, key_of
from pocketapi.errors import Throttled

FAILURES = Limit(most=10, seconds=15 * 60, held=True)
LOCKED = "Too many wrong passwords: try again later, or reset the password."


def lock_of(table: link.Table, uid: Any, *name: str | None) -> str:
    """The lock of an account; without an account, that of the name which was tried."""
    return key_of("lock", table.name, *name) if uid is None else key_of("lock", table.name, "uid", str(uid))


def check(lock: str) -> None:
    """Throttled while a lock is shut."""
    if wait := counters().wait(lock, FAILURES):
        raise Throttled(wait, LOCKED)


def failed(lock: str) -> None:
    """Count a wrong password; Throttled where others have shut the lock meanwhile."""
    if not counters().count(lock, FAILURES):
        raise Throttled(max(1, counters().wait(lock, FAILURES)), LOCKED)


def unlock(lock: str) -> None:
    """Open a lock."""
    counters().forget(lock, FAILURES)
