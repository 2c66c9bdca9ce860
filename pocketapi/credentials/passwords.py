"""Passwords: what is taken, hashed with Argon2id, verified in the same time whether or not there is an account.

Parameters are OWASP's (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Few hashes run at a time in a process, since
each takes memory and a core; few callers wait for their turn, and not for long, so that others find a thread that is free.

SHA-256 over password and salt, as other products stored it, is verified where a table says so, and good until the next login.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import FieldDoesNotExist, ValidationError

from pocketapi.errors import Throttled

SHORTEST, LONGEST = 8, 255
AT_ONCE = threading.BoundedSemaphore(2)
IN_LINE = threading.BoundedSemaphore(2 + 20)  # those whose turn it is, and those who wait
PATIENCE = 5  # seconds
SHA256 = re.compile(r"[0-9a-fA-F]{64}")
COMMON = CommonPasswordValidator()


class Hasher(Argon2PasswordHasher):
    """Argon2id with OWASP's parameters."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


HASHER = Hasher()


class Unusable(str):
    """What stands in the place of a password's hash where there is none: no password is its password."""

    __slots__ = ()


UNUSABLE = Unusable("!")


class Account:
    """The words that a password may not resemble, as Django's validator reads them: attributes, whose names it tells."""

    def __init__(self, words: dict[str, str]) -> None:
        self.__dict__.update(words)
        self._meta = self

    def get_field(self, _name: str) -> None:
        raise FieldDoesNotExist


def problem(password: str, words: dict[str, str]) -> str | None:
    """Why a password is not taken, if so; `words` are the account's own, which it may not resemble."""
    if isinstance(password, Unusable):
        return None
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters."
    similarity = UserAttributeSimilarityValidator(user_attributes=tuple(words))
    try:
        COMMON.validate(password)
        similarity.validate(password, Account(words))  # type: ignore[arg-type]
    except ValidationError as error:
        return " ".join(error.messages)
    return None


@contextmanager
def turn() -> Iterator[None]:
    """One of the few turns to hash; Throttled where too many wait for one, or one waits for too long."""
    if not IN_LINE.acquire(blocking=False):
        raise Throttled(1)
    try:
        if not AT_ONCE.acquire(timeout=PATIENCE):
            raise Throttled(1)
        try:
            yield
        finally:
            AT_ONCE.release()
    finally:
        IN_LINE.release()


def hashed(password: str) -> str:
    """The hash to store."""
    if isinstance(password, Unusable):
        return str(password)
    with turn():
        return HASHER.encode(normal(password), HASHER.salt())


def verified(password: str, stored: str | None, salt: str | None = None) -> bool:
    """Whether a password is the one of a stored hash; without a hash as much work is done, and the answer is no.

    `salt` is that of an imported SHA-256, which none is taken for without it.
    """
    with turn():
        if salt is not None and stored and SHA256.fullmatch(stored):
            HASHER.verify(normal(password), NOBODY)
            return hmac.compare_digest(sha256(password, salt), stored.lower())
        try:
            return HASHER.verify(normal(password), _ours(stored or NOBODY)) and bool(stored)
        except (ValueError, AssertionError):
            HASHER.verify(normal(password), NOBODY)
            return False


def sha256(password: str, salt: str) -> str:
    """The weak hash of other products: hex of SHA-256 over password and salt."""
    return hashlib.sha256((normal(password) + salt).encode()).hexdigest()


def is_stale(stored: str) -> bool:
    """Whether a stored hash, once verified, should be made anew: one of SHA-256, or of other parameters than today's."""
    return bool(SHA256.fullmatch(stored)) or HASHER.must_update(_ours(stored))


def _ours(stored: str) -> str:
    """A hash as Django writes it; other products leave its name out, as in `$argon2id$v=19$...`."""
    return f"{HASHER.algorithm}{stored}" if stored.startswith("$argon2") else stored


def normal(password: str) -> str:
    """A password in NFC, so that keyboards which compose characters differently agree."""
    return unicodedata.normalize("NFC", password)


NOBODY = HASHER.encode("nobody", HASHER.salt())
