"""Writes requirements.txt and requirements-test.txt: the newest versions that pyproject.toml allows, in a fresh environment."""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEMO = "what the demo runs on: every extra, gunicorn and granian"
TEST = "what tests, lint and types need beside the demo"
NOT_LOCKED = ("pip", "setuptools", "wheel")


def install(pip: list[str], wanted: list[str]) -> list[str]:
    """Installs requirements; gives everything that is there then, with versions."""
    subprocess.run([*pip, "install", "--quiet", *wanted], check=True)
    found = subprocess.run([*pip, "freeze", "--all"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line for line in found if re.split("[=@ ]", line)[0] not in NOT_LOCKED]


def write(name: str, told: str, lines: list[str]) -> None:
    """Writes one file, its origin in the first line."""
    Path(ROOT, name).write_text("\n".join([f"# Locked by `make lock` from pyproject.toml: {told}.", *lines, ""]), "utf-8")


def main(folder: str) -> None:
    """Makes the environment anew and writes both files."""
    venv.create(folder, clear=True, with_pip=True)
    pip = [str(Path(folder, "bin", "python")), "-m", "pip", "--disable-pip-version-check"]
    project = tomllib.loads(Path(ROOT, "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    extras = project["project"]["optional-dependencies"]
    optional = [line for name, lines in extras.items() if name != "all" for line in lines]
    base = [*project["project"]["dependencies"], *optional, *groups["demo"]]
    demo = install(pip, base)
    test = install(pip, [line for line in groups["test"] if isinstance(line, str)])
    write("requirements.txt", DEMO, demo)
    write("requirements-test.txt", TEST, ["-r requirements.txt", *(line for line in test if line not in demo)])


if __name__ == "__main__":
    main(sys.argv[1])
