"""A bounded cache for what follows from the config and the settings: empty again when another config is the process's own."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from pocketapi.conf import settings

T = TypeVar("T")
SIZE = 4096


class Cache(Generic[T]):
    """A bounded mapping, least recently used first out, safe under threads. Values belong to an owner, such as a config."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._owner: object = None
        self._reloads = 0
        self._entries: OrderedDict[Hashable, T] = OrderedDict()
        self.misses = 0

    def get(self, owner: object, key: Hashable, make: Callable[[], T]) -> T:
        """The entry of a key, made where it is missing. Another owner, or changed settings, empty the cache."""
        reloads = settings.reloads
        with self._lock:
            if owner is not self._owner or reloads != self._reloads:
                self._entries.clear()
                self._owner, self._reloads = owner, reloads
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found
            self.misses += 1
        made = make()
        with self._lock:
            if owner is self._owner and reloads == self._reloads:
                self._entries[key] = made
                if len(self._entries) > self._size:
                    self._entries.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._entries)
