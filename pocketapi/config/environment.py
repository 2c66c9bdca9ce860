"""`$NAME` in a config: a variable of the process environment, or of a `.env` file beside the YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from pocketapi.config.report import Path, Report, written

REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
LITERAL: Path = ("jwtIssuer",)  # its default is the text `$db`
LINE = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*
        (?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\n]*?))[ \t]*(?:(?<=\s)\#[^\n]*|(?<==)\#[^\n]*)?$""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


def read_dotenv(text: str) -> dict[str, str]:
    """The variables of a `.env` file: `NAME=value`, `export`, quotes, comments; other lines are passed over."""
    found: dict[str, str] = {}
    for name, double, single, bare in LINE.findall(text.removeprefix("\ufeff").replace("\r\n", "\n")):
        found[name] = (
            re.sub(r"\\(.)", lambda match: ESCAPES.get(match[1], match[1]), double, flags=re.DOTALL) if double else single or bare
        )
    return found


def variables(folder: FilePath, environ: Mapping[str, str], report: Report) -> Mapping[str, str]:
    """What `$NAME` may name: the environment wins over the file."""
    path = folder / ".env"
    try:
        return {**read_dotenv(path.read_text("utf-8")), **environ} if path.is_file() else environ
    except (OSError, UnicodeDecodeError):
        report.at((0, 0), (), f"{path} cannot be read: it must be a UTF-8 text file that this user may read.")
        return environ


def resolve(document: Any, known: Mapping[str, str], report: Report) -> Any:
    """The document with variables in place; `report.references` has their names by path. A missing one stays as it is written."""
    return _resolved(document, (), known, report)


def _resolved(value: Any, path: Path, known: Mapping[str, str], report: Report) -> Any:
    if isinstance(value, dict):
        return {name: _resolved(part, (*path, name), known, report) for name, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, (*path, index), known, report) for index, part in enumerate(value)]
    if not isinstance(value, str) or path == LITERAL or not (found := REFERENCE.fullmatch(value)):
        return value
    report.references[written(path)] = value
    if found[1] not in known:
        report.error(
            "E002",
            path,
            f"The environment variable {found[1]} is not set: export it, or add `{found[1]}=...` to .env beside the file.",
        )
        return value
    return known[found[1]]
