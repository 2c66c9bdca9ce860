"""Passwords: what is taken, hashed with Argon2id, verified in the same time whether or not there is an account.

Parameters are OWASP's (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. Few hashes run at a time in a process,
since each takes memory and a core.
"""

from __future__ import annotations

import threading
import unicodedata

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import FieldDoesNotExist, ValidationError

SHORTEST, LONGEST = 8, 255
AT_ONCE = threading.BoundedSemaphore(2)
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


def hashed(password: str) -> str:
    """The hash to store."""
    if isinstance(password, Unusable):
        return str(password)
    with AT_ONCE:
        return HASHER.encode(normal(password), HASHER.salt())


def verified(password: str, stored: str | None) -> bool:
    """Whether a password is the one of a stored hash; without a hash as much work is done, and the answer is no."""
    with AT_ONCE:
        try:
            return HASHER.verify(normal(password), stored or NOBODY) and bool(stored)
        except (ValueError, AssertionError):
            HASHER.verify(normal(password), NOBODY)
            return False


def normal(password: str) -> str:
    """A password in NFC, so that keyboards which compose characters differently agree."""
    return unicodedata.normalize("NFC", password)


NOBODY = HASHER.encode("nobody", HASHER.salt())
