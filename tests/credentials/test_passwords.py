"""Passwords: what is taken, hashed and recognised."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pocketapi.credentials import passwords
from pocketapi.errors import Throttled

WORDS = {"username": "annabella", "email": "annabella@example.com"}

# (password, what is said of it)
PROBLEMS = [
    ("corr3ct-horse", None),
    ("x" * 255 + "1", "8 to 255"),
    ("1234567", "8 to 255"),
    ("ünïcödé!", None),
    ("password", "too common"),
    ("annabella", "too similar to the username"),
    ("annabella@example.com", "too similar to the"),
    ("Annabella1", "too similar to the username"),
]


@pytest.mark.parametrize(("password", "said"), PROBLEMS)
def test_what_is_wrong_with_a_password(password: str, said: str | None) -> None:
    found = passwords.problem(password, WORDS)
    assert found is None if said is None else said in str(found)


def test_a_hash_is_argon2id_by_owasp_s_figures_and_never_the_same() -> None:
    first, second = passwords.hashed("corr3ct-horse"), passwords.hashed("corr3ct-horse")
    assert first.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.verified("corr3ct-horse", first)
    assert not passwords.verified("Corr3ct-horse", first)


@pytest.mark.parametrize("stored", [None, "", "garbage", "argon2$garbage", "md5$a$b", passwords.NOBODY])
def test_without_a_hash_as_much_work_is_done(stored: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    verify = passwords.HASHER.verify

    def counted(password: str, encoded: str) -> bool:
        calls.append(encoded)
        return verify(password, encoded)

    monkeypatch.setattr(passwords.HASHER, "verify", counted)
    assert not passwords.verified("corr3ct-horse", stored)
    assert calls[-1] == passwords.NOBODY


def in_line(monkeypatch: pytest.MonkeyPatch, count: int) -> list[str]:
    """What comes of as many hashes that are asked for while others take long."""
    release, started = threading.Event(), threading.Barrier(2 + 1)

    def slow(*_: Any) -> str:
        started.wait(10)
        release.wait(10)
        return "hash"

    def ask() -> None:
        try:
            found.append(passwords.hashed("x"))
        except Throttled as error:
            found.append(f"{error.status} {error.wait}")

    found: list[str] = []
    monkeypatch.setattr(passwords.HASHER, "encode", slow)
    busy = [threading.Thread(target=passwords.hashed, args=("x",)) for _ in range(2)]
    for thread in busy:
        thread.start()
    started.wait(10)
    monkeypatch.setattr(passwords.HASHER, "encode", lambda *_: "hash")
    waiting = [threading.Thread(target=ask) for _ in range(count)]
    for thread in waiting:
        thread.start()
    while len(found) < count - 20:
        threading.Event().wait(0.01)
    release.set()
    for thread in (*busy, *waiting):
        thread.join()
    return found


def test_few_wait_for_a_turn_to_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    found = in_line(monkeypatch, 25)
    assert sorted(found) == ["429 1"] * 5 + ["hash"] * 20
    assert passwords.hashed("x") == "hash"


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    with passwords.turn(), passwords.turn():
        for attempt in (lambda: passwords.hashed("x"), lambda: passwords.verified("x", None)):
            with pytest.raises(Throttled):
                attempt()
    assert passwords.hashed("x").startswith("argon2$")


def test_few_hashes_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()
    release = threading.Event()

    def slow(*_: Any) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 2:
                release.set()
        release.wait(10)
        with lock:
            running -= 1
        return "hash"

    monkeypatch.setattr(passwords.HASHER, "encode", slow)
    threads = [threading.Thread(target=passwords.hashed, args=("x",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2
