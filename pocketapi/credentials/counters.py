"""How often something was tried in a window of time, counted over all processes: in our own table, or in a cache that they share.

A window opens with the first try. What is counted goes by a keyed hash, so that neither place tells an address or a name.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.core.cache import BaseCache, caches
from django.db import connections
from django.utils import timezone
from django.utils.crypto import salted_hmac

from pocketapi.conf import settings
from pocketapi.credentials.expiry import remove_expired
from pocketapi.models import Counter

DATABASE = "default"
PURPOSE = "pocketapi.counters"
SECOND = timedelta(seconds=1)
CLEANED_ONE_IN = 200  # tries: one of so many removes counters that are over


@dataclass(frozen=True)
class Limit:
    """The most tries in a window of seconds. Where it is `held`, the last one opens the window anew: from then on it is shut."""

    most: int
    seconds: int
    held: bool = False


class Counters(Protocol):
    """Where is counted."""

    def count(self, key: str, limit: Limit) -> bool:
        """Count one more try; False where there were as many as there may be."""

    def wait(self, key: str, limit: Limit) -> int:
        """Seconds until another try may come; 0 where one may come now."""

    def forget(self, key: str, limit: Limit) -> None:
        """Count from zero."""


def key_of(*words: object) -> str:
    """The key of what is counted, such as an endpoint and an address."""
    return salted_hmac(PURPOSE, repr(words), algorithm="sha256").hexdigest()


def counters() -> Counters:
    """The cache that THROTTLE_CACHE names, else our table."""
    return CacheCounters(caches[settings.THROTTLE_CACHE]) if settings.THROTTLE_CACHE else TableCounters()


def claim(key: str, seconds: int) -> int:
    """Take the turn that comes once in so many seconds: 0 where it is had, else the seconds until the next."""
    limit = _once_in(seconds)
    if seconds == 0:
        return 0
    if wait := counters().wait(key, limit):
        return wait
    return 0 if counters().count(key, limit) else max(1, counters().wait(key, limit))


def release(key: str, seconds: int) -> None:
    """Give a turn back."""
    counters().forget(key, _once_in(seconds))


def _once_in(seconds: int) -> Limit:
    return Limit(1, seconds, held=True)


class TableCounters:
    """Rows of Counter, one statement a try. A try beyond the limit writes nothing, so a flood costs no disk."""

    def count(self, key: str, limit: Limit) -> bool:
        connection = connections[DATABASE]
        now = timezone.now()
        moment, later = (connection.ops.adapt_datetimefield_value(at) for at in (now, now + limit.seconds * SECOND))
        last = limit.most if limit.held else 0
        with connection.cursor() as cursor:
            cursor.execute(_upsert(connection.ops.quote_name), [key, later, moment, moment, last, moment, limit.most])
            counted = cursor.fetchone() is not None
        if secrets.randbelow(CLEANED_ONE_IN) == 0:
            remove_expired(Counter, now)
        return counted

    def wait(self, key: str, limit: Limit) -> int:
        now = timezone.now()
        full = Counter.objects.filter(key=key, count__gte=limit.most, expires__gt=now)
        expires = full.values_list("expires", flat=True).first()
        return -((now - expires) // SECOND) if expires else 0

    def forget(self, key: str, limit: Limit) -> None:  # noqa: ARG002 - a row has its window's end with it
        Counter.objects.filter(key=key).delete()


def _upsert(quote: Callable[[str], str]) -> str:
    table, key, count, expires = map(quote, (Counter._meta.db_table, "key", "count", "expires"))
    is_over = f"{table}.{expires} <= %s"
    return (
        f"INSERT INTO {table} ({key}, {count}, {expires}) VALUES (%s, 1, %s) ON CONFLICT ({key}) DO UPDATE"
        f" SET {count} = CASE WHEN {is_over} THEN 1 ELSE {table}.{count} + 1 END,"
        f" {expires} = CASE WHEN {is_over} OR {table}.{count} + 1 = %s THEN excluded.{expires} ELSE {table}.{expires} END"
        f" WHERE {is_over} OR {table}.{count} < %s RETURNING 1"
    )


class CacheCounters:
    """Entries of a cache with an atomic `incr`, such as Redis or Memcached.

    A cache does not tell how long an entry will last. So a window is a stretch of the clock, and its number part of the name.
    """

    def __init__(self, cache: BaseCache) -> None:
        self._cache = cache

    def count(self, key: str, limit: Limit) -> bool:
        name = _name(key, limit)
        self._cache.add(name, 0, timeout=2 * limit.seconds)
        counted = self._cache.incr(name)
        if limit.held and counted == limit.most:
            self._cache.set(_held(key), time.time() + limit.seconds, timeout=limit.seconds)
        return counted <= limit.most

    def wait(self, key: str, limit: Limit) -> int:
        now = time.time()
        until: float = self._cache.get(_held(key), 0.0)
        if until <= now and self._cache.get(_name(key, limit), 0) >= limit.most:
            until = (now // limit.seconds + 1) * limit.seconds
        return max(0, math.ceil(until - now))

    def forget(self, key: str, limit: Limit) -> None:
        self._cache.delete_many([_held(key), _name(key, limit)])


def _name(key: str, limit: Limit) -> str:
    return f"{PURPOSE}.{key}.{int(time.time() // limit.seconds)}"


def _held(key: str) -> str:
    return f"{PURPOSE}.{key}.held"
