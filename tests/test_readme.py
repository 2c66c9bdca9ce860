"""README's curl examples answer as they are printed; `...` stands for what differs from run to run."""

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
from pathlib import Path
from urllib.request import urlopen

import pytest

from pocketapi.commands.init import SECRETS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLE = re.compile(r"```sh\n((?:(?!```).)*?curl.*?)```\s+```json\n(.*?)```", re.DOTALL)
URL = "http://localhost:8000"
CUT = "--- the next example ---"
LINES = 'curl() { command curl "$@"; echo; }'  # answers end without a line break


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The demo, migrated and seeded, under gunicorn; gives its environment, with the port in PORT."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {
        **{name: secrets.token_urlsafe(32) for name in SECRETS},
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
        "POCKETAPI_MIGRATIONS_DIR": str(folder / "migrations"),
        "PORT": port,
    }
    for command in ("migrate", "seed"):
        run([sys.executable, "manage.py", "pocketapi", command], environment)
    with (folder / "log").open("w") as log:
        serve = [sys.executable, "-m", "gunicorn", "project.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "2"]
        server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait(server, port)
            yield environment
        finally:
            server.terminate()
            server.wait(10)


def run(command: list[str], environment: dict[str, str]) -> str:
    """What a command prints."""
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait(server: subprocess.Popen[bytes], port: str) -> None:
    """Until the server answers."""
    for _ in range(150):
        assert server.poll() is None
        try:
            urlopen(f"http://127.0.0.1:{port}/api/v1/health", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("The server did not start.")


@pytest.mark.skipif(not shutil.which("curl") or not shutil.which("bash"), reason="needs curl and bash")
def test_the_examples_answer_as_printed(demo: dict[str, str]) -> None:
    examples = EXAMPLE.findall(README)
    assert len(examples) >= 10
    script = "\n".join([LINES, *(f"{text}\necho {CUT!r}" for text, _ in examples)])
    script = script.replace(URL, f"http://127.0.0.1:{demo['PORT']}").replace(".venv/bin/python", sys.executable)
    answers = run(["bash", "-euc", script], demo).split(CUT)[:-1]
    for (text, printed), answer in zip(examples, answers, strict=True):
        pattern = re.escape(printed.strip()).replace(re.escape("..."), ".*?")
        assert re.fullmatch(pattern, answer.strip(), re.DOTALL), f"{text}\nprinted:  {printed}\nanswered: {answer}"
