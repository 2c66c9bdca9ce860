"""The curl examples of README and of docs/api.md answer as they are printed; `...` stands for what differs from run to run."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from pocketapi.commands.init import SECRETS
from pocketapi.config.environment import read_dotenv

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = re.compile(r"```sh\n((?:(?!```).)*?curl.*?)```\s+```(?:json|text)\n(.*?)```", re.DOTALL)
URL = "http://localhost:8000"
CUT = "--- the next example ---"
LINK = re.compile(rf"{URL}/(verify-email|reset-password)/\.\.\.")
# Answers end without a line break; who reads the page copies a mail's link from the server's terminal.
PRELUDE = r"""
curl() { command curl "$@"; echo; }
mailed() { until grep -oE "https?://[^ ]+/$1/[[:alnum:]]{22}" log | tail -n 1 | grep .; do sleep 0.05; done; }
"""

# (the page, at least how many examples it has)
PAGES = [("README.md", 10), ("docs/api.md", 20)]


@dataclass(frozen=True)
class Demo:
    """A demo that is served: its folder, with .env and the server's log, its environment and its address."""

    folder: Path
    environment: dict[str, str]
    url: str

    def example(self, text: str) -> str:
        """What a page prints, about this demo."""
        manage = f"{sys.executable} {ROOT / 'manage.py'}"
        return LINK.sub(r"$(mailed \1)", text).replace(URL, self.url).replace(".venv/bin/python manage.py", manage)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's database, migrated and seeded, and its secrets."""
    folder = tmp_path_factory.mktemp("seeded")
    (folder / ".env").write_text("".join(f"{name}={secrets.token_urlsafe(32)}\n" for name in SECRETS))
    for command in ("migrate", "seed"):
        run([sys.executable, "manage.py", "pocketapi", command], ROOT, environment_of(folder))
    return folder


def environment_of(folder: Path) -> dict[str, str]:
    """The environment of a demo that keeps everything in a folder."""
    return {
        **read_dotenv((folder / ".env").read_text()),
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
        "POCKETAPI_MIGRATIONS_DIR": str(folder / "migrations"),
        "POCKETAPI_MEDIA_ROOT": str(folder / "media"),
    }


@pytest.fixture
def demo(seeded: Path, tmp_path: Path) -> Iterator[Demo]:
    """The demo with a database of its own, under gunicorn."""
    folder = shutil.copytree(seeded, tmp_path / "demo")
    environment = environment_of(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    with (folder / "log").open("w") as log:
        serve = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", address, "--threads", "2"]
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait(server, address)
            yield Demo(folder, environment, f"http://{address}")
        finally:
            server.terminate()
            server.wait(10)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command prints."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait(server: subprocess.Popen[bytes], address: str) -> None:
    """Until the server answers."""
    for _ in range(150):
        assert server.poll() is None
        try:
            urlopen(f"http://{address}/api/v1/health", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The server did not start.")


def lines(text: str) -> str:
    """The lines that are not empty."""
    return "\n".join(line for line in text.splitlines() if line)


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
@pytest.mark.parametrize(("page", "least"), PAGES)
def test_the_examples_answer_as_printed(demo: Demo, page: str, least: int) -> None:
    examples = EXAMPLE.findall((ROOT / page).read_text("utf-8"))
    assert len(examples) >= least
    script = "\n".join([PRELUDE, *(f"{demo.example(text)}\necho {CUT!r}" for text, _ in examples)])
    answers = run(["bash", "-euc", script], demo.folder, demo.environment).split(CUT)[:-1]
    for (text, printed), answer in zip(examples, answers, strict=True):
        pattern = re.escape(lines(demo.example(printed))).replace(re.escape("..."), ".*?")
        assert re.fullmatch(pattern, lines(answer)), f"{text}\nprinted:  {printed}\nanswered: {answer}"
