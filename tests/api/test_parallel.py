"""Many requests at a time, against several workers with several threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.answers import PASSWORD
from tests.api.server import CLIENT, SERVICE, Server
from tests.conftest import HERE

AT_ONCE = 50
ADMIN = {"Authorization": f"Bearer {SERVICE}"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("server")
    database = f"sqlite:///{folder}/db.sqlite3"
    postgresql: Any = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    if postgresql:
        database = f"postgres://postgres@/parallel?host={postgresql.get_postmaster_info().socket_dir}"
    with Server(folder, HERE / "configs" / "desk.yaml", database) as found:
        yield found
    if postgresql:
        postgresql.psql("DROP DATABASE IF EXISTS parallel WITH (FORCE)")
    assert found.errors == []


def post(server: Server, path: str, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    return CLIENT.post(f"{server.url}/table/{path}", json=body, headers=headers)


def at_once(count: int, request: Any) -> list[int]:
    """The statuses of as many requests, started together."""
    barrier = threading.Barrier(count)

    def run(number: int) -> int:
        barrier.wait()
        return int(request(number).status_code)

    with ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(run, range(count)))


def account(server: Server, name: str) -> dict[str, Any]:
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "name": name}
    found: dict[str, Any] = post(server, "users/auth/sign-up", body).json()
    return found


def test_each_of_many_increments_counts(server: Server) -> None:
    (item,) = post(server, "items/insert", {"values": {"name": "counted", "qty": 0}, "returning": "id"}).json()
    change = {"where": f"id == {item['id']}", "set": {"qty": "qty + 1"}}
    assert at_once(AT_ONCE, lambda _: post(server, "items/update", change)) == [200] * AT_ONCE
    assert CLIENT.get(f"{server.url}/table/items/view/{item['id']}").json()["qty"] == AT_ONCE


def test_of_many_inserts_of_one_value_one_succeeds(server: Server) -> None:
    body = {"values": {"name": "first", "code": "parallel"}}
    assert at_once(20, lambda _: post(server, "items/insert", body)) == [200] + [409] * 19


def test_many_upserts_of_one_key_all_succeed(server: Server) -> None:
    token = {"Authorization": f"Bearer {account(server, 'upserter')['token']}"}
    assert at_once(20, lambda n: post(server, "kv/edit/parallel?or=INSERT", {"value": n}, token)) == [200] * 20


def test_many_replacements_of_one_value_leave_one(server: Server) -> None:
    body = {"values": {"name": "last", "code": "replaced"}, "or": "REPLACE"}
    assert set(at_once(20, lambda _: post(server, "items/insert", body))) <= {200, 409}
    assert CLIENT.get(f"{server.url}/table/items/list", params={"where": "code == 'replaced'"}).json()["total"] == 1


def test_many_batches_all_succeed(server: Server) -> None:
    rows = [{"name": "batch"}] * 100
    assert at_once(20, lambda _: post(server, "items/insert", {"values": rows})) == [200] * 20
    assert CLIENT.get(f"{server.url}/table/items/list", params={"where": "name == 'batch'", "limit": 1}).json()["total"] == 2000


@pytest.mark.parametrize("round_", range(3))
def test_of_many_refreshes_with_one_token_one_succeeds_and_the_session_is_over(server: Server, round_: int) -> None:
    ann = account(server, f"refresher{round_}")
    token, body = {"Authorization": f"Bearer {ann['token']}"}, {"refresh_token": ann["refresh_token"]}
    assert at_once(10, lambda _: post(server, "users/auth/refresh-token", body, token)) == [200] + [401] * 9
    assert CLIENT.get(f"{server.url}/table/users/select", headers=token).status_code == 401


def test_a_logout_beside_refreshes_fails_nobody(server: Server) -> None:
    ann = account(server, "leaver")
    token, body = {"Authorization": f"Bearer {ann['token']}"}, {"refresh_token": ann["refresh_token"]}
    paths = ["users/auth/logout", "users/auth/refresh-token"] * 5
    assert set(at_once(10, lambda n: post(server, paths[n], body, token))) <= {200, 401}
    assert CLIENT.get(f"{server.url}/table/users/select", headers=token).status_code == 401


def test_of_many_sign_ups_of_one_name_one_succeeds(server: Server) -> None:
    body = {"username": "racer", "email": "racer@example.com", "password": PASSWORD, "name": "r"}
    assert at_once(8, lambda _: post(server, "users/auth/sign-up", body)) == [200] + [409] * 7


def test_a_logout_counts_in_every_worker(server: Server) -> None:
    token = {"Authorization": f"Bearer {account(server, 'everywhere')['token']}"}
    assert at_once(10, lambda _: CLIENT.get(f"{server.url}/table/users/select", headers=token)) == [200] * 10
    assert post(server, "users/auth/logout", None, token).status_code == 200
    assert at_once(20, lambda _: CLIENT.get(f"{server.url}/table/users/select", headers=token)) == [401] * 20
