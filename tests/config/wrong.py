"""The frames that the snippets of wrong.yaml stand in."""

from __future__ import annotations

import tempfile
import textwrap
from pathlib import Path
from typing import Any

from pocketapi.config.link import Config
from pocketapi.config.loader import load
from pocketapi.errors import ConfigError

ADMIN_SECRET = "admin-admin-admin-admin-admin-admin"
HEAD = "appUrl: http://localhost\njwtSecret: global-global-global-global-global-global\n"
FIELDS = f"{HEAD}tables:\n  - name: notes\n    fields:\n      - {{name: id, type: text, primary: true}}\n"
COLUMNS = ("{name: title, type: text}", "{name: views, type: integer}", "{name: hidden, type: text, noSelect: true}")
TABLE = FIELDS + "".join(f"      - {column}\n" for column in COLUMNS)
FRAMES = {"raw": ("", 0), "config": (HEAD, 0), "fields": (FIELDS, 6), "table": (TABLE, 4)}


def text_of(case: dict[str, Any]) -> str:
    """The whole config of a case: its snippet indented below the frame."""
    (kind,) = FRAMES.keys() & case.keys()
    frame, depth = FRAMES[kind]
    return frame + textwrap.indent(case[kind], " " * depth)


def load_text(text: str | bytes, **options: Any) -> Config:
    """Loads a config from a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pocketapi.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load(path, **{"environ": {}, **options})


def problems_of(case: dict[str, Any]) -> list[str]:
    """A line for each problem: `3:9: tables[0].name: sentence (E004)`."""
    try:
        load_text(text_of(case), admin_jwt_secret=ADMIN_SECRET)
    except ConfigError as error:
        return [
            f"{each.line}:{each.column}: {each.path}{each.path and ': '}{each.message} ({each.id.removeprefix('pocketapi.')})"
            for each in error.problems
        ]
    return []
