"""Rows and objects compared: files that rows name and the store has not, and objects that no row names.

Objects of a request that is under way are orphans for a moment, so what is young is left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from pocketapi.files import names
from pocketapi.files.references import all_named, named
from pocketapi.files.store import SPOOL, store
from pocketapi.files.uploads import SPOOLED
from pocketapi.tables.table import current

AT_ONCE = 500
LONGEST_UPLOAD = 24 * 3600  # seconds after which nobody writes an upload any more

Progress = Callable[[str, int], None]  # what is done, and how many


@dataclass
class Audit:
    """What was found: rows without their file as (table, uid, key), and keys of objects that no row names.

    `kept` are those of tables whose files stay when their last reference goes.
    """

    objects: int = 0
    missing: list[tuple[str, Any, str]] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def audit(progress: Progress) -> Audit:
    """Compare the store with every row. An object and a row that appear meanwhile count as neither."""
    there: set[str] = set()
    for base in bases():
        for key in store().listing(base):
            there.add(key)
            progress("objects", len(there))
    found = Audit(len(there))
    rest = set(there)
    for number, (table, uid, key) in enumerate(all_named(), start=1):
        progress("rows", number)
        rest.discard(key)
        if key not in there and not store().exists(key) and named([key]):
            found.missing.append((table.name, uid, key))
    for key in sorted(rest):
        if names.file_of(key) == key or names.file_of(key) not in there:  # other thumbs go with their file
            (found.kept if _stays(key) else found.orphans).append(key)
    return found


def bases() -> list[str]:
    """The folders of all tables with files, none within another."""
    every = sorted({table.base for table in current().tables.values() if table.files})
    return [base for base in every if not any(base.startswith(f"{other}/") for other in every)]


def _stays(key: str) -> bool:
    owners = [table for table, _, _ in names.owners(current(), names.file_of(key))]
    return any(not table.spec.auto_delete_r2_files for table in owners)


def sweep(orphans: list[str], older: timedelta, progress: Progress) -> Iterator[str]:
    """Delete the orphans that are older than this, and tell each; a row that names one by now keeps it."""
    before = timezone.now() - older
    for start in range(0, len(orphans), AT_ONCE):
        part = orphans[start : start + AT_ONCE]
        kept = named([names.file_of(key) for key in part])
        for number, key in enumerate(part, start=start + 1):
            progress("orphans", number)
            if names.file_of(key) not in kept and _is_old(key, before):
                store().delete(key)
                yield key


def _is_old(key: str, before: datetime) -> bool:
    try:
        return store().stat(key).modified < before
    except FileNotFoundError:  # somebody else was here
        return False


def leftovers() -> list[Path]:
    """Uploads that a process which ended left where they were received."""
    place = store().path(SPOOL)
    if place is None or not place.is_dir():
        return []
    return [path for path in place.glob(f"*{SPOOLED}") if path.stat().st_mtime < time.time() - LONGEST_UPLOAD]
