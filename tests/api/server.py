"""A server of its own: a fresh folder and database, `manage.py pocketapi migrate`, then gunicorn with several workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import httpx

PROJECT = Path(__file__).resolve().parents[2]
SERVICE = "service-token-of-the-tests-0123456789"
PATIENCE = 120  # seconds until it answers; far less on a machine that has nothing else to do


# One for all that ask at a time: each client makes a context for TLS, which takes longer than most requests. No connection is kept.
CLIENT = httpx.Client(verify=False, timeout=60, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0))


class Server:
    """The demo project with a config, on a free port of loopback."""

    def __init__(self, folder: Path, config: Path, database: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/api/v1"
        self.bind = f"127.0.0.1:{port}"
        self.log = folder / "server.log"
        self.env = {
            **{name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS")},
            "POCKETAPI_CONFIG": str(config),
            "POCKETAPI_MIGRATIONS_DIR": str(folder / "migrations"),
            "POCKETAPI_MEDIA_ROOT": str(folder / "media"),
            "POCKETAPI_THROTTLE": "off",
            "DATABASE_URL": database,
            "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
            "ADMIN_SERVICE_TOKEN": SERVICE,
            "DEBUG": "false",
        }

    def __enter__(self) -> Server:
        subprocess.run(
            [sys.executable, "manage.py", "pocketapi", "migrate"], cwd=PROJECT, env=self.env, check=True, capture_output=True
        )
        command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", self.bind, "--workers", "2", "--threads", "4"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=self.env, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == 200:
                    return self
            except httpx.HTTPError:
                time.sleep(0.1)
        self._stop()
        raise RuntimeError(self.log.read_text())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    @property
    def errors(self) -> list[str]:
        """What the server logged of failures."""
        return [line for line in self.log.read_text().splitlines() if " ERROR " in line or "Traceback" in line]
