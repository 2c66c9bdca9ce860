"""The demo on a database of its own under gunicorn, and a client of it."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
API = "/api/v1"
DATABASE = "bench.sqlite3"
SERVICE = secrets.token_urlsafe(32)
SECRETS = ("SECRET_KEY", "JWT_SECRET", "JWT_SECRET_USERS", "ADMIN_JWT_SECRET")
Request = tuple[str, str, object]


class WrongAnswerError(Exception):
    """An answer that is no success: a figure for errors is worth nothing."""


class Client:
    """One connection that is kept open, with a token or without."""

    def __init__(self, port: int, token: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def ask(self, request: Request) -> bytes:
        """The answer to one request."""
        method, path, body = request
        self.connection.request(method, path, None if body is None else json.dumps(body), self.headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status != http.HTTPStatus.OK:
            raise WrongAnswerError(f"{method} {path}: {response.status} {content[:300]!r}")
        return content


@contextmanager
def served(workers: int, fill: Callable[[Path], None] | None = None) -> Iterator[int]:
    """The port where the demo answers, migrated, seeded and filled further, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="pocketapi-bench-") as folder:
        environment = environment_of(folder)
        for command in ("migrate", "seed"):
            manage = [sys.executable, "manage.py", "pocketapi", command]
            subprocess.run(manage, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        if fill:
            fill(Path(folder, DATABASE))
        port = free_port()
        gunicorn = [sys.executable, "-m", "gunicorn", "project.wsgi", "--log-level", "warning", "--threads", "4"]
        serve = [*gunicorn, "--workers", str(workers), "--bind", f"127.0.0.1:{port}"]
        server = subprocess.Popen(serve, cwd=ROOT, env=environment)
        try:
            wait(server, port)
            yield port
        finally:
            server.terminate()
            server.wait(10)


def environment_of(folder: str) -> dict[str, str]:
    """Fresh secrets and a database in a folder."""
    return {
        **os.environ,
        **{name: secrets.token_urlsafe(32) for name in SECRETS},
        "ADMIN_SERVICE_TOKEN": SERVICE,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{folder}/{DATABASE}",
        "DEBUG": "false",
        "POCKETAPI_MIGRATIONS_DIR": f"{folder}/migrations",
        "POCKETAPI_THROTTLE": "off",
    }


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def wait(server: subprocess.Popen[bytes], port: int) -> None:
    """Until the server answers; the process ends where it does not."""
    until = time.monotonic() + 30
    while server.poll() is None and time.monotonic() < until:
        try:
            Client(port).ask(("GET", f"{API}/health", None))
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("The server did not start.")
