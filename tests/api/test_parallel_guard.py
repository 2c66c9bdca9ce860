"""Limits hold over many requests at a time, against several workers with several threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.answers import PASSWORD
from tests.api.server import CLIENT, Server
from tests.conftest import HERE

AT_ONCE = 100
RIGHT = {"identity": "ann", "password": PASSWORD}
WRONG = {"identity": "ann", "password": "wrong-horse"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL of a database that is not there yet."""
    folder: Path = tmp_path_factory.mktemp("guard")
    if request.param == "sqlite":
        yield folder, f"sqlite:///{folder}/db.sqlite3"
        return
    postgresql: Any = request.getfixturevalue("postgresql_server")
    yield folder, f"postgres://postgres@/guard?host={postgresql.get_postmaster_info().socket_dir}"
    postgresql.psql("DROP DATABASE IF EXISTS guard WITH (FORCE)")


def started(database: tuple[Path, str], name: str, **env: str) -> Server:
    """A server of the config; more than one may have the database in turn."""
    folder, url = database
    server = Server(folder, HERE / "configs" / "guard.yaml", url)
    server.log = folder / f"{name}.log"
    server.env.update(env)
    return server


@pytest.fixture(scope="module")
def unthrottled(database: tuple[Path, str]) -> Iterator[Server]:
    with started(database, "unthrottled") as found:
        yield found
    assert found.errors == []


@pytest.fixture(scope="module")
def throttled(database: tuple[Path, str]) -> Iterator[Server]:
    with started(database, "throttled", POCKETAPI_THROTTLE="on", POCKETAPI_TRUSTED_PROXIES="127.0.0.1") as found:
        yield found
    assert found.errors == []


def post(server: Server, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return CLIENT.post(f"{server.url}/table/users/auth/{path}", json=body, headers=headers)


def at_once(count: int, request: Any) -> Counter[int]:
    """How many answers had which status, of as many requests, started together."""
    barrier = threading.Barrier(count)

    def run(number: int) -> int:
        barrier.wait()
        return int(request(number).status_code)

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(run, range(count)))


def account(server: Server, name: str, **headers: str) -> dict[str, Any]:
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": name}
    found: dict[str, Any] = post(server, "sign-up", body, headers).raise_for_status().json()
    return found


def test_many_wrong_passwords_at_once_never_pass_the_limit(unthrottled: Server) -> None:
    account(unthrottled, "ann")
    names = ["ann", "ann@example.com"]
    found = at_once(AT_ONCE, lambda n: post(unthrottled, "login-password", {**WRONG, "identity": names[n % 2]}))
    assert found == {400: 10, 429: AT_ONCE - 10}
    assert post(unthrottled, "login-password", RIGHT).status_code == 429
    assert at_once(30, lambda _: post(unthrottled, "login-password", {**WRONG, "identity": "nobody"})) == {400: 10, 429: 20}


def test_many_right_passwords_at_once_all_sign_in(unthrottled: Server) -> None:
    account(unthrottled, "many")
    assert at_once(30, lambda _: post(unthrottled, "login-password", {**RIGHT, "identity": "many"})) == {200: 30}


def test_a_right_password_among_many_wrong_ones_is_let_in_before_the_tenth_or_not_at_all(unthrottled: Server) -> None:
    account(unthrottled, "guessed")
    bodies = [{"identity": "guessed", "password": PASSWORD if n == 20 else f"wrong-horse-{n}"} for n in range(40)]
    found = at_once(40, lambda n: post(unthrottled, "login-password", bodies[n]))
    assert (found[400], found[200] + found[429]) == (10, 30)
    assert found[200] <= 1


def test_of_twenty_refreshes_one_answers_and_the_session_is_over(unthrottled: Server) -> None:
    found = account(unthrottled, "refresher")
    token = {"Authorization": f"Bearer {found['token']}"}
    body = {"refresh_token": found["refresh_token"]}
    assert at_once(20, lambda _: post(unthrottled, "refresh-token", body, token)) == {200: 1, 401: 19}
    assert CLIENT.get(f"{unthrottled.url}/table/users/select", headers=token).status_code == 401


def test_others_are_served_beside_many_logins(unthrottled: Server) -> None:
    account(unthrottled, "busy")

    def ask(number: int) -> httpx.Response:
        if number % 2:
            return CLIENT.get(f"{unthrottled.url}/table/items/select")
        return post(unthrottled, "login-password", {**RIGHT, "identity": "busy"})

    assert at_once(40, ask) == {200: 40}


def test_rates_hold_over_all_workers(throttled: Server) -> None:
    def sign_up(number: int) -> httpx.Response:
        return post(throttled, "sign-up", {"email": f"n{number}@example.com"}, {"X-Forwarded-For": f"{number}.1.1.1, 192.0.2.1"})

    assert at_once(AT_ONCE, sign_up) == {400: 30, 429: AT_ONCE - 30}

    def log_in(number: int) -> httpx.Response:
        body = {
            "identity": "e.v.e@gmail.com" if number % 2 else "EVE@gmail.com",
            "password": "wrong-horse",
            f"junk{number}": number,
        }
        return post(throttled, "login-password", body, {"X-Forwarded-For": f"198.51.100.{number}"})

    assert at_once(40, log_in) == {400: 10, 429: 30}
