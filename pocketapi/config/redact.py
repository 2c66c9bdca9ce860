"""A config as it may be shown: defaults filled in, secrets as their `$NAME`, or as `***` where they stand in the file."""

from __future__ import annotations

import re
from typing import Any

from pocketapi.config.link import Config
from pocketapi.config.report import Path, written

HIDDEN = "***"
SECRET = re.compile(r"secret|password$|token$|api_?key|private_?key|_key$|^key$|authorization", re.IGNORECASE)
MAILERS = ("smtp", "mailgun", "resend")
ONLY = re.compile(r"^(actions\[\d+\]\.(?:sql|steps))\[0\]")  # a single statement may stand without a list
HARMLESS = re.compile(r"server|domain|region|host|port|from|secure|tls|timeout|api_url|blocklist", re.IGNORECASE)
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def redacted(config: Config) -> dict[str, Any]:
    """The whole config in the file's own names, without a secret in it."""
    shown: dict[str, Any] = _shown(config.spec.model_dump(by_alias=True), (), config)
    return shown


def _shown(value: Any, path: Path, config: Config) -> Any:
    if reference := config.references.get(written(path)) or config.references.get(ONLY.sub(r"\1", written(path))):
        return reference
    if isinstance(value, dict):
        return {name: _shown(part, (*path, name), config) for name, part in value.items()}
    if isinstance(value, list):
        return [_shown(part, (*path, index), config) for index, part in enumerate(value)]
    if value is not None and is_secret(path):
        return HIDDEN
    return CREDENTIALS.sub(f"{HIDDEN}@", value) if isinstance(value, str) else value


def is_secret(path: Path) -> bool:
    """Whether what stands at a path is nobody's business: secrets of tables and providers, keys of mailers."""
    names = [step for step in path if isinstance(step, str)]
    if names[:1] == ["email"] and len(names) > 2 and names[1] in MAILERS:
        return bool(SECRET.search(names[-1])) or not HARMLESS.search(names[-1])
    if names[:1] == ["authProviders"]:
        return any(name in ("clientSecret", "secret", "userinfoHeaders") or SECRET.search(name) for name in names[1:])
    return names[-1:] == ["jwtSecret"]
