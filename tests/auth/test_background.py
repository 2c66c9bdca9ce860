"""Work that no request waits for."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pocketapi.auth import background
from pocketapi.auth.background import BACKGROUND


@pytest.fixture(autouse=True)
def threads(settings: Any) -> Iterator[None]:
    settings.POCKETAPI = {**settings.POCKETAPI, "MAIL_THREADS": 1}
    BACKGROUND.reset()
    yield
    if BACKGROUND.executor:
        BACKGROUND.executor.shutdown()
    BACKGROUND.reset()


def done() -> None:
    """Wait for everything that was queued."""
    assert BACKGROUND.executor
    BACKGROUND.executor.shutdown()


def test_a_job_runs_in_another_thread_and_its_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    ran: list[str] = []
    background.run(lambda: ran.append(threading.current_thread().name))
    background.run(lambda: 1 / 0)
    background.run(lambda: ran.append("after it"))
    done()
    assert ran == ["pocketapi-mail_0", "after it"]
    assert "ZeroDivisionError in the background" in caplog.text


@pytest.mark.parametrize("threads_", [0, 1])
def test_a_job_that_is_done_at_once(settings: Any, threads_: int) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MAIL_THREADS": threads_}
    ran: list[threading.Thread] = []
    background.run(lambda: ran.append(threading.current_thread()), at_once=threads_ == 1)
    assert ran == [threading.current_thread()]
    background.run(lambda: 1 / 0, at_once=True)


def test_the_queue_has_an_end(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(background, "MOST_WAITING", 2)
    BACKGROUND.reset()
    go, ran = threading.Event(), list[int]()

    def job(number: int) -> None:
        go.wait(10)
        ran.append(number)

    for number in range(4):
        background.run(lambda number=number: job(number))  # type: ignore[misc]
    go.set()
    done()
    assert ran == [0, 1]
    assert caplog.text.count("A mail was dropped") == 2


def test_the_child_of_a_fork_starts_anew() -> None:
    background.run(lambda: None)
    done()
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"new" if BACKGROUND.executor is None else b"old")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 3) == b"new"
    os.close(read)
    os.close(write)
