"""Prepared statements: what a request's shape decides is compiled once, what its values decide is bound.

A request's filter is cut into shape and literals. The shape, with the other texts and the verb, finds the checked trees
(`Prepared`); their outline and the literals that a compiler reads complete the key of the finished SQL (`Statement`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pocketapi.expressions.compile import Parameter
from pocketapi.expressions.fold import Environment

T = TypeVar("T")
SIZE = 4096


class Cache(Generic[T]):
    """A bounded mapping, least recently used first out, safe under threads. Values belong to an owner, such as a config."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._owner: object = None
        self._entries: OrderedDict[Hashable, T] = OrderedDict()
        self.misses = 0

    def get(self, owner: object, key: Hashable, make: Callable[[], T]) -> T:
        """The entry of a key, made where it is missing. Another owner empties the cache."""
        with self._lock:
            if owner is not self._owner:
                self._entries.clear()
                self._owner = owner
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
                return found
            self.misses += 1
        made = make()
        with self._lock:
            if owner is self._owner:
                self._entries[key] = made
                if len(self._entries) > self._size:
                    self._entries.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(frozen=True, slots=True)
class Statement:
    """Finished SQL and its parameters; those that are Parameters take a value from each request."""

    sql: str
    params: tuple[Any, ...] = ()

    def bind(self, env: Environment, *more: Any) -> list[Any]:
        """The parameters' values, with more at the end."""
        values = [param.value(env) if isinstance(param, Parameter) else param for param in self.params]
        values.extend(more)
        return values
