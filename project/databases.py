"""A database URL as an entry of DATABASES."""

from pathlib import Path
from typing import Any

import environ  # type: ignore[import-untyped]

SQLITE_AGE = 60  # seconds: a connection learns of new statistics when it is opened
SQLITE_OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": 20}
POOL = {"min_size": 1, "max_size": 8, "timeout": 10}


def database(url: str, base: Path) -> dict[str, Any]:
    """The entry for `sqlite:///path` (relative to base), `postgres://...` or a socket, `postgres://user@/name?host=/dir`."""
    entry: dict[str, Any] = environ.Env.db_url_config(url)
    options = entry.pop("OPTIONS", {})
    if entry["ENGINE"].endswith("sqlite3"):
        name = entry["NAME"] if entry["NAME"] == ":memory:" else str(base / entry["NAME"])
        return {"ENGINE": entry["ENGINE"], "NAME": name, "CONN_MAX_AGE": SQLITE_AGE, "OPTIONS": {**SQLITE_OPTIONS, **options}}
    host = options.pop("host", None) or entry["HOST"]
    return {**entry, "HOST": host, "CONN_MAX_AGE": 0, "OPTIONS": {"pool": dict(POOL), **options}}
