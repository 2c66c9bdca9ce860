"""Measures the demo under gunicorn: answers a second and their times, scenario by scenario. README.md here says how to read it.

python bench/run.py [--rows 10000] [--seconds 3] [--connections 8] [--rounds 3] [--workers 2]
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from random import Random
from urllib.parse import urlencode

from server import API, SERVICE, Client, Request, served

BATCH = 500


@dataclass(frozen=True)
class Scenario:
    """A name and the requests that a connection sends, one after the other."""

    name: str
    request: Callable[[Random, int], Request]


def page(verb: str, **query: object) -> Request:
    """A GET of links."""
    return "GET", f"{API}/table/links/{verb}?{urlencode(query)}", None


def note(random: Random, _rows: int) -> Request:
    """An insert of one note that answers its row."""
    values = {"owner_id": "mira", "body": f"Note {random.random()}"}
    return "POST", f"{API}/table/notes/insert", {"values": values, "returning": "*"}


def longer(random: Random) -> str:
    """A filter with a literal that changes."""
    return f"minutes > {random.randrange(60)}"


SCENARIOS = [
    Scenario("view", lambda random, rows: page(f"view/bench-{random.randrange(1, rows, 2)}")),
    Scenario("select 30, sorted", lambda random, _: page("select", where=longer(random), order="-created", limit=30)),
    Scenario("list 30, counted", lambda random, _: page("list", where=longer(random), limit=30)),
    Scenario("insert", note),
]


def main() -> None:
    """Sets up, measures, prints a line a scenario."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rows", 10_000), ("seconds", 3), ("connections", 8), ("rounds", 3), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with served(options.workers) as port:
        fill(Client(port, SERVICE), options.rows)
        token = signed_in(Client(port))
        say(f"{'':20}{'a second':>10}{'median ms':>12}{'99% ms':>10}")
        for scenario in SCENARIOS:
            rounds = [measured(scenario, options, port, token) for _ in range(options.rounds)]
            rate = statistics.median(len(found) / options.seconds for found in rounds)
            times = sorted(chain.from_iterable(rounds))
            middle, late = statistics.median(times), times[int(len(times) * 0.99)]
            say(f"{scenario.name:20}{rate:10.0f}{middle * 1000:12.2f}{late * 1000:10.2f}")


def say(line: str) -> None:
    """Prints at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def fill(client: Client, rows: int) -> None:
    """More links, in batches."""
    random = Random(1)
    for start in range(0, rows, BATCH):
        values = [link(random, number) for number in range(start, min(start + BATCH, rows))]
        client.ask(("POST", f"{API}/table/links/insert", {"values": values}))


def link(random: Random, number: int) -> dict[str, object]:
    """A link like those of the seed; odd ones are there for everybody."""
    return {
        "id": f"bench-{number}",
        "owner_id": random.choice(["mira", "jonas", "lin", "kofi"]),
        "url": f"https://bench.example.org/{number}",
        "title": f"Link number {number}",
        "shared": number % 2 == 1,
        "minutes": random.randrange(1, 90),
        "tags": random.sample(["python", "maps", "bread", "history"], 2),
    }


def signed_in(client: Client) -> str:
    """A user's token: for an admin no rule would be judged."""
    credentials = {"identity": "mira", "password": "a-quiet-corner"}
    found: str = json.loads(client.ask(("POST", f"{API}/table/users/auth/login-password", credentials)))["token"]
    return found


def measured(scenario: Scenario, options: argparse.Namespace, port: int, token: str) -> list[float]:
    """The times of all answers of one round, in seconds."""
    until = time.perf_counter() + options.seconds

    def send(number: int) -> list[float]:
        random, client, found = Random(number), Client(port, token), []
        while (started := time.perf_counter()) < until:
            client.ask(scenario.request(random, options.rows))
            found.append(time.perf_counter() - started)
        return found

    with ThreadPoolExecutor(options.connections) as pool:
        return list(chain.from_iterable(pool.map(send, range(options.connections))))


if __name__ == "__main__":
    main()
