"""Many at a time, against several workers, with mails that no request waits for."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from pocketapi.credentials import totp
from tests.api.answers import PASSWORD
from tests.api.server import CLIENT, SERVICE, Server
from tests.auth.conftest import MAILS
from tests.auth.mailbox import Mailbox

AT_ONCE = 12
NEW = "n3w-staple-x"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, mail_server: Mailbox) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("server")
    config = folder / "pocketapi.yaml"
    config.write_text(MAILS.replace("PORT", str(mail_server.port)))
    database = f"sqlite:///{folder}/db.sqlite3"
    postgresql: Any = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else None
    if postgresql:
        database = f"postgres://postgres@/parallel_mails?host={postgresql.get_postmaster_info().socket_dir}"
    with Server(folder, config, database) as found:
        yield found
    if postgresql:
        postgresql.psql("DROP DATABASE IF EXISTS parallel_mails WITH (FORCE)")
    assert found.errors == []


def post(server: Server, verb: str, body: Any, token: str = SERVICE, table: str = "users") -> httpx.Response:
    headers = {} if token == SERVICE else {"Authorization": f"Bearer {token}"}
    return CLIENT.post(f"{server.url}/table/{table}/auth/{verb}", json=body, headers=headers)


def sign_up(server: Server, name: str) -> str:
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD, "name": name}
    return str(post(server, "sign-up", body).json()["token"])


def statuses(request: Callable[[int], httpx.Response]) -> list[int]:
    """The statuses of many requests, started together."""
    barrier = threading.Barrier(AT_ONCE)

    def run(number: int) -> int:
        barrier.wait()
        return request(number).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def at_once(request: Callable[[int], httpx.Response]) -> Counter[int]:
    """How many of many requests, started together, had each status."""
    return Counter(statuses(request))


def arrived(mailbox: Mailbox, count: int) -> None:
    """Wait until so many mails are there, and a little for one that should not be."""
    deadline = time.monotonic() + 30
    while len(mailbox.mails) < count and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.3)
    assert len(mailbox.mails) == count


def test_one_of_many_spends_a_token_and_one_mail_is_sent(server: Server, mailbox: Mailbox) -> None:
    sign_up(server, "rita")
    assert at_once(lambda _: post(server, "request-password-reset", {"identity": "rita"})) == {200: AT_ONCE}
    arrived(mailbox, 1)
    token = mailbox.token
    found = statuses(lambda number: post(server, "confirm-password-reset", {"token": token, "password": f"{NEW}-{number}"}))
    assert found.count(200) == 1
    assert set(found) <= {200, 400, 429}  # a loser may find the queue of those who hash full
    winner = found.index(200)
    for number, status in ((winner, 200), ((winner + 1) % AT_ONCE, 400)):
        answer = post(server, "login-password", {"identity": "rita", "password": f"{NEW}-{number}"})
        assert answer.status_code == status


def test_one_of_many_signs_in_by_a_code(server: Server, mailbox: Mailbox) -> None:
    sign_up(server, "otto")
    otp_id = post(server, "request-otp", {"email": "otto@example.com"}).json()["otpId"]
    arrived(mailbox, 1)
    found = at_once(lambda _: post(server, "login-otp", {"otpId": otp_id, "code": mailbox.code}))
    assert found == {200: 1, 400: AT_ONCE - 1}


def test_one_of_many_passes_the_second_factor_by_a_code(server: Server, mailbox: Mailbox) -> None:
    token = sign_up(server, "tom")
    secret = post(server, "enroll-mfa", {"password": PASSWORD}, token).json()["secret"]
    step = int(time.time()) // totp.PERIOD
    codes = post(server, "confirm-mfa", {"code": totp.code_at(secret, step)}, token).json()["recoveryCodes"]
    few = range(4)  # ten wrong codes in all shut the account
    for code in (totp.code_at(secret, step + 1), codes[0]):
        logins = [post(server, "login-password", {"identity": "tom", "password": PASSWORD}) for _ in few]
        assert {login.status_code for login in logins} == {401}
        ids = [login.json()["data"]["mfaId"] for login in logins]
        with ThreadPoolExecutor(len(few)) as pool:
            answers = pool.map(lambda mfa_id, code=code: post(server, "login-mfa", {"mfaId": mfa_id, "code": code}), ids)
            assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


def test_wrong_codes_at_a_time_are_all_counted(server: Server, mailbox: Mailbox) -> None:
    sign_up(server, "otis")
    otp_id = post(server, "request-otp", {"email": "otis@example.com"}).json()["otpId"]
    arrived(mailbox, 1)
    assert at_once(lambda number: post(server, "login-otp", {"otpId": otp_id, "code": f"x{number}"})) == {400: AT_ONCE}
    assert post(server, "login-otp", {"otpId": otp_id, "code": mailbox.code}).status_code == 400


def test_a_link_leads_to_a_page_that_works(server: Server, mailbox: Mailbox) -> None:
    token = sign_up(server, "vera")
    assert post(server, "request-verification", {}, token).status_code == 200
    base = server.url.removesuffix("/api/v1")
    with httpx.Client(base_url=base) as browser:
        path = f"/verify-email/{mailbox.token}"
        page = browser.get(path)
        hidden = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert hidden
        assert browser.post(path).status_code == 403
        assert "is verified" in browser.post(path, data={"csrfmiddlewaretoken": hidden[1]}).text
