"""JSON paths: `$.a.b[0]`, `$."a b"`, or a bare key."""

from __future__ import annotations

import re

STEP = re.compile(r"\.(?P<key>[^.\[\]\"]+)|\.\"(?P<quoted>[^\"]*)\"|\[(?P<index>\d{1,9})\]", re.ASCII)
MOST_STEPS = 32
MOST_INDEX = 999_999_999


Path = tuple[str | int, ...]


def parse(text: str | int) -> Path:
    """The steps of a path; ValueError where it is none."""
    if isinstance(text, int) or not text.startswith("$"):
        return (_key(text),)
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        found = STEP.match(text, at)
        if not found:
            raise ValueError(f"{text!r} is not a JSON path: write it as '$.a.b[0]'")
        steps.append(int(found["index"]) if found["index"] else _key(found["key"] or found["quoted"]))
        at = found.end()
    if len(steps) > MOST_STEPS:
        raise ValueError(f"a JSON path has at most {MOST_STEPS} steps, this one has {len(steps)}")
    return tuple(steps)


def _key(key: str | int) -> str | int:
    """SQLite's paths have no escapes, so some keys cannot be named on every database."""
    if isinstance(key, int):
        if key > MOST_INDEX:
            raise ValueError(f"an index in a JSON path is at most {MOST_INDEX}")
    elif re.search(r"[\"\\\x00-\x1f\ud800-\udfff]", key):
        raise ValueError("a key in a JSON path has no double quote, backslash or control character")
    return key


def sqlite(path: Path) -> str:
    """The path as SQLite's JSON functions take it."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{step}"' for step in path)


def postgresql(path: Path) -> str:
    """The path in SQL/JSON's strict mode, where a key is looked up in objects only and an index in arrays only."""
    return "strict " + sqlite(path)


def postgresql_array(path: Path) -> str:
    """The path as the text of an array, as jsonb_set takes it."""
    return "{" + ",".join(f'"{step}"' for step in path) + "}"


def lookup(value: object, path: Path) -> object:
    """What lies at a path of a parsed JSON value, None where nothing does."""
    for step in path:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
