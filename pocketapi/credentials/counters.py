"""What may happen once, or so many times, in a while: rows of Counter, one statement each, true for every process."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from math import ceil

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from pocketapi.models import Counter


def key_of(*words: object) -> str:
    """The key of a counter: a hash of who and what."""
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()


def claim(key: str, seconds: int) -> int:
    """Take the turn that comes once in so many seconds: 0 where it is had, else the seconds until the next."""
    return 0 if seconds == 0 or count(key, seconds) == 1 else wait(key)


def release(key: str) -> None:
    """Give a turn back, or forget what was counted."""
    Counter.objects.filter(key=key).delete()


def count(key: str, seconds: int) -> int:
    """Count one more; how many there are since a moment that lies `seconds` back at most."""
    now = timezone.now()
    mine, end = Counter.objects.filter(key=key), now + timedelta(seconds=seconds)
    if mine.filter(expires__lte=now).update(count=1, expires=end):
        return 1
    with transaction.atomic():
        if not mine.update(count=F("count") + 1):
            Counter.objects.bulk_create([Counter(key=key, count=0, expires=end)], ignore_conflicts=True)
            mine.update(count=F("count") + 1)
        return mine.values_list("count", flat=True).get()


def wait(key: str) -> int:
    """The seconds until a counter starts anew, at least 1."""
    row = Counter.objects.filter(key=key).first()
    return max(1, ceil((row.expires - timezone.now()).total_seconds())) if row else 1
