"""`init`: a config to start from, and fresh secrets. No Django here."""

from __future__ import annotations

import argparse
import os
import secrets
from importlib import resources
from pathlib import Path
from typing import TextIO

from pocketapi.config.environment import read_dotenv

HELP = "Writes a pocketapi.yaml to start from, and a .env with fresh secrets."
STARTER = "templates/pocketapi/starter.yaml"
SECRETS = ("SECRET_KEY", "JWT_SECRET", "JWT_SECRET_USERS", "ADMIN_JWT_SECRET", "ADMIN_SERVICE_TOKEN")
OWNER_ONLY = 0o600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where to write (default: here)")
    parser.add_argument("--force", action="store_true", help="write the config even where there is one; it is kept as .bak")


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Writes what is missing and says so; nothing that exists is lost."""
    folder: Path = options.folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_config(folder / "pocketapi.yaml", out, force=options.force)
        _write_secrets(folder / ".env", out)
    except (OSError, UnicodeDecodeError) as error:
        print(f"Nothing more was written: {error}.", file=out)
        return 1
    print("Next: `manage.py pocketapi migrate` makes its tables.", file=out)
    return 0


def _write_config(path: Path, out: TextIO, *, force: bool) -> None:
    text = (resources.files("pocketapi") / STARTER).read_text("utf-8")
    if path.exists() and (not force or path.read_bytes() == text.encode()):
        print(f"{path} is there already, and was left as it is.", file=out)
        return
    if path.exists():
        kept = _free(path)
        path.rename(kept)
        print(f"{path} was kept as {kept.name}.", file=out)
    path.write_text(text, "utf-8")
    print(f"{path} was written: a table of accounts and one of posts.", file=out)


def _free(path: Path) -> Path:
    """A name beside the path that nothing has."""
    names = (path.with_name(f"{path.name}.bak{number or ''}") for number in range(1000))
    return next(name for name in names if not name.exists())


def _write_secrets(path: Path, out: TextIO) -> None:
    """Adds the secrets that a .env lacks; only its owner may read it."""
    before = path.read_text("utf-8") if path.exists() else ""
    missing = [name for name in SECRETS if name not in read_dotenv(before)]
    if not missing:
        print(f"{path} has every secret already.", file=out)
        return
    line_end = "\n" if before and not before.endswith("\n") else ""
    added = "".join(f"{name}={secrets.token_urlsafe(48)}\n" for name in missing)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        path.chmod(OWNER_ONLY)
        file.write(line_end + added)
    print(f"{path} was given {', '.join(missing)}. Keep it out of version control.", file=out)
