"""The uids that `autoSetUid` fills in: UUIDv7 in base 62, 22 characters that sort by creation.

RFC 9562, section 5.7: 48 bits of milliseconds, then 12 bits that count within a millisecond of this process, then 62 random
bits. The alphabet ascends in ASCII, so that text sorts as the number does.
"""

from __future__ import annotations

import secrets
import string
import threading
import time

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
LENGTH = 22
COUNTS = 1 << 12
VERSION = 7 << 76
VARIANT = 2 << 62


class Clock:
    """Milliseconds and a count, never the same twice and never going back, whatever the system's clock does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._count = 0

    def tick(self) -> tuple[int, int]:
        """The next moment of this process."""
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._millisecond:
                self._millisecond, self._count = now, 0
            else:
                self._count += 1
                if self._count == COUNTS:
                    self._millisecond, self._count = self._millisecond + 1, 0
            return self._millisecond, self._count


CLOCK = Clock()


def new_uid() -> str:
    """A uid greater than every one that this process made before."""
    millisecond, count = CLOCK.tick()
    return encode(millisecond << 80 | VERSION | count << 64 | VARIANT | secrets.randbits(62))


def encode(number: int) -> str:
    """A number of 128 bits as 22 characters of base 62."""
    parts = []
    for _ in range(LENGTH // 2):
        number, rest = divmod(number, 3844)
        parts.append(PAIRS[rest])
    return "".join(reversed(parts))


def decode(uid: str) -> int:
    """The number behind a uid; ValueError for other text."""
    number = 0
    for character in uid:
        number = number * 62 + ALPHABET.index(character)
    return number
