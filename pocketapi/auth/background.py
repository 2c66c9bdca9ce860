"""Work that no request waits for: a few threads in each process and a queue that has an end.

Threads start with the first piece of work, so in the worker that serves; work that is queued is done before a process ends.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from pocketapi.conf import settings

MOST_WAITING = 500

logger = logging.getLogger("pocketapi")


class Background:
    """The threads of a process and the room that is left in their queue."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Start anew, as in the child of a fork, which has none of its parent's threads."""
        self.executor: ThreadPoolExecutor | None = None
        self.room = threading.BoundedSemaphore(MOST_WAITING)

    def submit(self, job: Callable[[], object]) -> None:
        """Queue a job; where there is no room, it is dropped, which is logged."""
        if not self.room.acquire(blocking=False):
            logger.error("A mail was dropped: %s are waiting already.", MOST_WAITING)
            return
        with self.lock:
            if self.executor is None:
                self.executor = ThreadPoolExecutor(settings.MAIL_THREADS, thread_name_prefix="pocketapi-mail")
        self.executor.submit(self._run, job)

    def _run(self, job: Callable[[], object]) -> None:
        try:
            attempt(job)
        finally:
            connections.close_all()
            self.room.release()


BACKGROUND = Background()
os.register_at_fork(after_in_child=BACKGROUND.reset)


def run(job: Callable[[], object], *, at_once: bool = False) -> None:
    """Do a job in the background, or `at_once` within the request; a failure is only logged."""
    if at_once or settings.MAIL_THREADS == 0:
        attempt(job)
    else:
        BACKGROUND.submit(job)


def attempt(job: Callable[[], object]) -> None:
    """Do a job; log what goes wrong."""
    try:
        job()
    except Exception as error:
        logger.error("%s in the background: %s", type(error).__name__, error, exc_info=error)
