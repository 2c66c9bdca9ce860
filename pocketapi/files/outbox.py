"""Files that rows no longer name: triggers write their keys into RemovedFile, and after the commit they are deleted.

Deletes that cascade in the database and those of raw SQL are there as well. A file goes when no row names it any more. What
the store refuses to delete stays in the outbox for the next time.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass

from django.db import Error, transaction

from pocketapi.config import link
from pocketapi.errors import PocketError, StoreUnavailable
from pocketapi.files import names
from pocketapi.files.references import named
from pocketapi.files.store import store
from pocketapi.models import RemovedFile
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

AT_ONCE = 100
MOST = 1000  # of one request; the next one goes on
EVERYTHING = 2**63

logger = logging.getLogger("pocketapi")


@dataclass(frozen=True)
class Reach:
    """Which writes may leave files behind: deletes from tables, and with custom triggers any write."""

    deletes: frozenset[str]
    anything: bool


REACH: Cache[Reach] = Cache()


def settle(table: link.Table, written: Collection[str] | None = None) -> None:
    """Once the transaction is committed, delete the files that a write left behind: of columns, or of rows that are gone."""
    reach = REACH.get(current(), "reach", lambda: reach_of(current()))
    if written is None:
        concerned = table.name in reach.deletes
    else:
        concerned = has_outbox(table) and any(field.name in written for field in table.files)
    if concerned or reach.anything:
        transaction.on_commit(drain, robust=True)


def has_outbox(table: link.Table) -> bool:
    """Whether files of a table go with their rows."""
    return bool(table.files) and table.spec.auto_delete_r2_files


def reach_of(config: link.Config) -> Reach:
    """The tables whose rows take files along, their own or those of rows that refer to them."""
    reached = {table.name for table in config.tables.values() if has_outbox(table)}
    found = frozenset(reached)
    while reached:
        keys = [field.spec.foreign_key for name in reached for field in config.tables[name].fields.values()]
        reached = {key.table for key in keys if key and key.on_delete == "CASCADE"} - found
        found |= reached
    return Reach(found, bool(found) and any(table.triggers for table in config.tables.values()))


def drain(most: int = MOST) -> int:
    """Delete the files of the outbox; how many were looked at. What fails stays there and is told in the log."""
    seen, after = 0, 0
    try:
        while seen < most and (rows := list(RemovedFile.objects.filter(pk__gt=after).order_by("pk")[:AT_ONCE])):
            kept = named([row.key for row in rows])
            settled = [row.pk for row in rows if row.key in kept or _removed(row.key)]
            RemovedFile.objects.filter(pk__in=settled).delete()
            seen, after = seen + len(rows), rows[-1].pk
    except (Error, StoreUnavailable) as error:
        logger.warning("Removed files are still stored, and go with the next ones: %s", error)
    return seen


def _removed(key: str) -> bool:
    """Delete one file; a key that no table can have is none of ours, and is passed over."""
    if not any(names.owners(current(), key)):
        return True
    try:
        store().delete(key)
    except StoreUnavailable:
        raise
    except PocketError as error:
        logger.warning("%s is still stored: %s", key, error)
        return False
    return True
