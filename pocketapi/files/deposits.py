"""Files stored for rows that are about to be written: what no row names in the end is taken out again, however the write ends."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import Error

from pocketapi.errors import PocketError
from pocketapi.files.references import named
from pocketapi.files.store import store
from pocketapi.files.uploads import Upload

logger = logging.getLogger("pocketapi")


@contextmanager
def deposited(files: Sequence[tuple[str, Upload]]) -> Iterator[None]:
    """Store files under their keys; the rows that name them are written within, and committed unless a transaction is open."""
    keys: list[str] = []
    try:
        for key, upload in files:
            keys.append(key)
            store().save(key, upload.open())
        yield
    finally:
        withdraw(keys)


def withdraw(keys: Collection[str]) -> None:
    """Delete those files that no row names; where that cannot be told, all stay, and the sweep finds the orphans."""
    try:
        for key in set(keys) - named(keys):
            store().delete(key)
    except (Error, PocketError) as error:
        logger.warning("Files that nothing may name are left to `pocketapi files --sweep`: %s (%s)", ", ".join(keys), error)
