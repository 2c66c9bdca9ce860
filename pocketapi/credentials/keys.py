"""The public keys of identity providers, fetched from where they say, kept for ten minutes, and not asked for at every wish.

A token that names a key we do not know may make us look again, once a minute; what could not be fetched is not tried again at
once, or every forged token would have a worker wait for a server that is down.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pocketapi.config.keys import HMAC, Key, keys_of_set
from pocketapi.config.providers import Provider, is_loopback
from pocketapi.credentials import remote
from pocketapi.errors import BadGateway
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

KEPT = 600.0  # seconds
AGAIN = 60.0  # seconds between two looks for a key that is not there
AFTER_FAILURE = 10.0  # seconds without a try


class KeySet:
    """The keys of one provider in this process. One thread fetches, others wait for it."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._lock = threading.Lock()
        self._keys: tuple[Key, ...] = provider.keys
        self._fetched: float | None = None
        self._tried = 0.0
        self._failed = False

    def candidates(self, header: Mapping[str, Any]) -> tuple[Key, ...]:
        """The keys that may have signed a token with a header; BadGateway where the provider does not tell them."""
        if self._provider.keys:
            return _matching(self._provider.keys, header)
        with self._lock:
            now = time.monotonic()
            if self._fetched is None or now - self._fetched >= KEPT:
                self._renew(now)
            elif not _matching(self._keys, header) and now - self._tried >= AGAIN:
                with suppress(BadGateway):  # what is known stays good until it is too old
                    self._fetch(now)
            return _matching(self._keys, header)

    def _renew(self, now: float) -> None:
        if self._failed and now - self._tried < AFTER_FAILURE:
            raise BadGateway("The identity provider does not tell its keys. Try again.")
        self._fetch(now)

    def _fetch(self, now: float) -> None:
        self._tried, self._failed = now, True
        url = self._url()
        try:
            keys = keys_of_set(remote.get_json(url))
        except ValueError:
            raise remote.failed(url, "answered no set of keys") from None
        # A symmetric key that everybody may read proves nothing.
        self._keys = tuple(key for key in keys if not set(key.algorithms) & set(HMAC))
        self._fetched, self._failed = now, False

    def _url(self) -> str:
        if self._provider.jwks_url:
            return self._provider.jwks_url
        where = str(self._provider.discovery_url)
        told = remote.get_json(where)
        url = told.get("jwks_uri") if isinstance(told, Mapping) else None
        if not isinstance(url, str) or not (url.startswith("https://") or (is_loopback(url) and is_loopback(where))):
            raise remote.failed(where, "does not tell where its keys are")
        return url


def _matching(keys: tuple[Key, ...], header: Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys of the header's algorithm and, where both have one, of its id."""
    kid = header.get("kid")
    fitting = tuple(key for key in keys if header.get("alg") in key.algorithms)
    if kid is None:
        return fitting if len(fitting) == 1 else ()
    return tuple(key for key in fitting if key.kid in (kid, None))


SETS: Cache[KeySet] = Cache()


def keys_for(provider: Provider, header: Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys of a provider that may have signed a token with a header."""
    return SETS.get(current(), provider.name, lambda: KeySet(provider)).candidates(header)
