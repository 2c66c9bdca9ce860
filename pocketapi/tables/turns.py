"""Turns at writing to a SQLite database, which takes one writer at a time.

Writers that find it locked sleep and try again, longer each time: under load some wait for very long while the database is idle.
Here the writers of a process wake each other, and those of several processes look often. Turns only order: who is right, SQLite's
own lock decides, also for writers that ask for no turn and for those that waited too long for one.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper

SUFFIX = "-write-lock"
PATIENCE = 10  # seconds, after which a writer goes on without its turn
PAUSE = 0.0002  # seconds between two looks at the lock of another process
ONE = threading.Lock()
MINE = threading.local()  # `taken` while the thread has a turn, or goes on without
_files: dict[tuple[int, str], int | None] = {}  # by process and database; none where no file can be made


@contextmanager
def turn(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Waits for its turn and gives it back; who has one already goes on.

    Not to be asked for inside a transaction, which has its turn already.
    """
    if connection.vendor != "sqlite" or connection.is_in_memory_db() or getattr(MINE, "taken", False):  # type: ignore[attr-defined]
        yield
        return
    mine = ONE.acquire(timeout=PATIENCE)
    MINE.taken = True
    try:
        with _locked(_file(str(connection.settings_dict["NAME"])) if mine else None):
            yield
    finally:
        MINE.taken = False
        if mine:
            ONE.release()


def _file(database: str) -> int | None:
    """The lock's own file, opened once a process: to close the database's would drop SQLite's locks."""
    key = (os.getpid(), database)
    if key not in _files:
        try:
            _files[key] = os.open(database + SUFFIX, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            _files[key] = None
    return _files[key]


@contextmanager
def _locked(file: int | None) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    mine = False
    while file is not None and not mine and time.monotonic() < deadline:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except BlockingIOError:
            time.sleep(PAUSE)
    try:
        yield
    finally:
        if mine and file is not None:
            fcntl.flock(file, fcntl.LOCK_UN)
