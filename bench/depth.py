"""What a page costs deep in a long table: the first page, one far behind by cursor, and a view, beside those of a short table.

python bench/depth.py [--rows 1000000] [--short 10000] [--at 900000] [--rounds 7] [--requests 50]
"""

import argparse
import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from run import say, signed_in
from server import API, SERVICE, Client, served

PAGE = {"select": "id,title,created", "limit": 30}


@dataclass(frozen=True)
class Table:
    """A server whose links are so many, all there for everybody."""

    client: Client
    rows: int

    def view(self, random: Random) -> None:
        """One link."""
        self.client.ask(("GET", f"{API}/table/links/view/{name(random.randrange(self.rows))}", None))

    def page(self, **query: object) -> bytes:
        """Links in the order of their keys."""
        return self.client.ask(("GET", f"{API}/table/links/list?{urlencode({**PAGE, 'total': 'none', **query})}", None))

    def counted(self) -> None:
        """The first links and the number of all that the rule gives."""
        self.client.ask(("GET", f"{API}/table/links/list?{urlencode(PAGE)}", None))

    def cursor_at(self, row: int) -> str:
        """The cursor behind so many rows: pages of a superadmin may be that long."""
        found: str = json.loads(Client(self.client.connection.port, SERVICE).ask(page_request(row)))["next"]
        return found


def page_request(rows: int) -> tuple[str, str, object]:
    """A first page by cursor, that long."""
    return "GET", f"{API}/table/links/list?{urlencode({**PAGE, 'total': 'none', 'cursor': '*', 'limit': rows})}", None


def name(number: int) -> str:
    """A key that sorts as its number does."""
    return f"bench-{number:08}"


def main() -> None:
    """Fills both tables, measures by turns, prints a line a scenario: its median, and its ratio to the first one of its kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for option, default in (("rows", 1_000_000), ("short", 10_000), ("at", 900_000), ("rounds", 7), ("requests", 50)):
        parser.add_argument(f"--{option}", type=int, default=default)
    options = parser.parse_args()
    with served(1, partial(filled, options.short)) as short_port, served(1, partial(filled, options.rows)) as long_port:
        short, long = table(short_port, options.short), table(long_port, options.rows)
        cursor = long.cursor_at(options.at)
        random = Random(1)
        scenarios: list[tuple[str, Callable[[], object], str]] = [
            ("page 1 of the short table", lambda: short.page(cursor="*"), ""),
            ("page 1 of the long table", lambda: long.page(cursor="*"), "page 1 of the short table"),
            ("page behind row --at, by cursor", lambda: long.page(cursor=cursor), "page 1 of the short table"),
            ("view of the short table", lambda: short.view(random), ""),
            ("view of the long table", lambda: long.view(random), "view of the short table"),
        ]
        measured: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            for told, ask, _base in scenarios:
                measured.setdefault(told, []).append(median(ask, options.requests))
        for told, _, base in scenarios:
            report(told, measured[told], measured.get(base))
        report("list with total of the long table", [median(long.counted, 3) for _ in range(options.rounds)])
        for each in (short, long):
            each.client.connection.close()


def filled(rows: int, database: Path) -> None:
    """So many links more, all there for everybody: past the API, which would take its time over a million."""
    with closing(sqlite3.connect(database)) as connection:
        stamp = "2026-01-01T00:00:00.000Z"
        numbers = (
            (name(number), stamp, stamp, "mira", f"https://bench.example.org/{number}", str(number)) for number in range(rows)
        )
        columns = "id, created, updated, owner_id, url, title, kind, tags, shared, opened"
        connection.executemany(f"INSERT INTO links ({columns}) VALUES (?, ?, ?, ?, ?, ?, 'article', '[]', 1, 0)", numbers)
        connection.commit()
        connection.execute("ANALYZE")


def table(port: int, rows: int) -> Table:
    """A server's links as one of the demo's users sees them."""
    return Table(Client(port, signed_in(Client(port))), rows)


def median(ask: Callable[[], object], requests: int) -> float:
    """The middle time of so many requests, in milliseconds."""
    found = []
    for _ in range(requests):
        started = time.perf_counter()
        ask()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


def report(told: str, times: list[float], base: list[float] | None = None) -> None:
    """A line: the median of the rounds and, beside a base, the median of the rounds' ratios with the least and the greatest."""
    ratios = [mine / other for mine, other in zip(times, base or times, strict=True)]
    compared = f"  x {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if base else ""
    say(f"{told:36}{statistics.median(times):10.2f} ms{compared}")


if __name__ == "__main__":
    main()
