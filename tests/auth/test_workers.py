"""Sign-ins by way of a provider, many at a time, against several workers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.api.server import SERVICE, Server
from tests.auth.conftest import redirecting
from tests.auth.provider import APP, Provider, served
from tests.conftest import HERE

AT_ONCE = 12
ADMIN = {"Authorization": f"Bearer {SERVICE}"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with served(Provider()) as found:
        yield found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("server")
    config = folder / "pocketapi.yaml"
    text = (HERE / "configs" / "desk.yaml").read_text("utf-8")
    config.write_text(f"{text}authProviders: {json.dumps([redirecting(provider, 'corp')])}\n", encoding="utf-8")
    database = f"sqlite:///{folder}/db.sqlite3"
    postgresql: Any = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    if postgresql:
        database = f"postgres://postgres@/workers?host={postgresql.get_postmaster_info().socket_dir}"
    with Server(folder, config, database) as found:
        yield found
    if postgresql:
        postgresql.psql("DROP DATABASE IF EXISTS workers WITH (FORCE)")
    assert found.errors == []


def begun(server: Server) -> tuple[str, dict[str, str]]:
    """A sign-in that is back from the provider: where it goes now, and the browser's cookies."""
    start = httpx.get(f"{server.url}/table/users/auth/oauth/corp")
    back = httpx.get(start.headers["Location"]).headers["Location"]
    return back.replace(f"{APP}/api/v1", server.url), dict(start.cookies)


def at_once(landings: list[tuple[str, dict[str, str]]]) -> list[httpx.Response]:
    """The answers to as many callbacks, started together."""
    barrier = threading.Barrier(len(landings))

    def run(landing: tuple[str, dict[str, str]]) -> httpx.Response:
        barrier.wait()
        return httpx.get(landing[0], cookies=landing[1], timeout=60)

    with ThreadPoolExecutor(len(landings)) as pool:
        return list(pool.map(run, landings))


def test_a_state_is_good_once_on_all_workers(server: Server, provider: Provider) -> None:
    provider.reset()
    found = at_once([begun(server)] * AT_ONCE)
    assert sorted(each.status_code for each in found) == [302] + [400] * (AT_ONCE - 1)
    assert provider.times("/token") == 1


def test_many_first_sign_ins_of_one_user_make_one_account(server: Server, provider: Provider) -> None:
    provider.reset()
    provider.profile |= {"sub": "many", "email": "many@example.com"}
    found = at_once([begun(server) for _ in range(AT_ONCE)])
    assert all("token" in parse_qs(urlsplit(each.headers["Location"]).fragment) for each in found), [each.text for each in found]
    query = {"where": "email == 'many@example.com'"}
    assert httpx.get(f"{server.url}/table/users/list", params=query, headers=ADMIN).json()["total"] == 1
