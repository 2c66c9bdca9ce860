"""The bounded cache: what leaves first, whose entries they are, and many threads."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from pocketapi.tables.cache import Cache

OWNER, OTHER = object(), object()


def test_an_entry_is_made_once() -> None:
    cache: Cache[int] = Cache()
    assert [cache.get(OWNER, "a", lambda n=n: n) for n in (1, 2)] == [1, 1]  # type: ignore[misc]
    assert (cache.misses, len(cache)) == (1, 1)


def test_the_least_recently_used_leaves_first() -> None:
    cache: Cache[str] = Cache(size=2)
    for key in ("a", "b", "a", "c"):
        cache.get(OWNER, key, lambda key=key: key)  # type: ignore[misc]
    assert len(cache) == 2
    assert cache.get(OWNER, "a", lambda: "again") == "a"
    assert cache.get(OWNER, "b", lambda: "again") == "again"
    assert len(cache) == 2


def test_another_owner_empties_it() -> None:
    cache: Cache[int] = Cache()
    cache.get(OWNER, "a", lambda: 1)
    assert cache.get(OTHER, "a", lambda: 2) == 2
    assert cache.get(OWNER, "a", lambda: 3) == 3


def test_what_was_made_for_an_owner_who_has_gone_is_not_kept() -> None:
    cache: Cache[int] = Cache()

    def make() -> int:
        cache.get(OTHER, "b", lambda: 2)
        return 1

    assert cache.get(OWNER, "a", make) == 1
    assert cache.get(OTHER, "a", lambda: 5) == 5


def test_a_failure_is_not_kept() -> None:
    cache: Cache[int] = Cache()
    for _ in range(2):
        try:
            cache.get(OWNER, "a", lambda: 1 // 0)
        except ZeroDivisionError:
            assert len(cache) == 0
    assert cache.get(OWNER, "a", lambda: 1) == 1


def test_many_threads_agree_and_the_bound_holds() -> None:
    cache: Cache[int] = Cache(size=10)
    barrier = threading.Barrier(8)

    def work(seed: int) -> bool:
        barrier.wait()
        return all(cache.get(OWNER, key % 25, lambda key=key: key % 25) == key % 25 for key in range(seed, seed + 2000))  # type: ignore[misc]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert len(cache) == 10
