"""Indexes: their columns, and names that stay the same at every start."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from pocketapi.config import schema
from pocketapi.config.constraint_names import LONGEST
from pocketapi.config.link import Index, IndexColumn, Rule
from pocketapi.config.references import named
from pocketapi.config.report import Path, Report

COLUMN = re.compile(r"(?P<name>\w+)(?:\s+COLLATE\s+(?P<collate>BINARY|NOCASE|RTRIM))?(?:\s+(?P<way>ASC|DESC))?", re.IGNORECASE)


def columns_of(spec: schema.Index, path: Path, known: Mapping[str, schema.Field], report: Report) -> tuple[IndexColumn, ...]:
    """The columns of an index, as far as they can be read."""
    found: list[IndexColumn] = []
    for number, text in enumerate(spec.fields):
        at = _item(path, number, report)
        match = COLUMN.fullmatch(text.strip())
        if not match:
            report.error("E005", at, f"`{text}` is no column of an index: write `title`, `title DESC` or `title COLLATE NOCASE`.")
        elif match["name"] not in known:
            report.error("E005", at, named(match["name"], known, "field"))
        elif match["name"] in (column.name for column in found):
            report.error("E005", at, f"`{match['name']}` is in this index twice.")
        elif match["collate"] and known[match["name"]].storage != "text":
            report.error("E005", at, f"`{match['name']}` is no text: only text is collated.")
        else:
            found.append(
                IndexColumn(match["name"], match["collate"] and match["collate"].upper(), (match["way"] or "").upper() == "DESC")
            )
    return tuple(found)


def _item(path: Path, number: int, report: Report) -> Path:
    """The place of one column: an item of the list, or the whole text."""
    item = (*path, "fields", number)
    return item if item in report.places.keys else item[:-1]


def index_name(table: str, columns: tuple[IndexColumn, ...], spec: schema.Index, where: Rule | None) -> str:
    """The name written, or one made of what the index is; a long or special one ends in a hash."""
    if spec.name:
        return spec.name
    plain = "_".join([table, *(column.name for column in columns), "uniq" if spec.unique else "idx"])
    special = [f"{column.collate} {column.descending}" for column in columns if column.collate or column.descending]
    condition = [str(where.text if where else spec.where)] if spec.where is not None else []
    if len(plain) <= LONGEST and not special and not condition:
        return plain
    told = "\n".join([plain, *(f"{column.name} {column.collate} {column.descending}" for column in columns), *condition])
    return f"{plain[: LONGEST - 9]}_{hashlib.sha256(told.encode()).hexdigest()[:8]}"


def check_index_names(indexes: list[tuple[Path, schema.Index, Index]], taken: Mapping[str, str], report: Report) -> None:
    """Index names are unique in the whole database; `taken` tells what has a name already, by its lower case."""
    seen = dict(taken)
    for path, spec, index in indexes:
        if len(index.columns) < len(spec.fields):
            continue  # its columns are at fault already
        at = (*path, "name") if spec.name else path
        if index.name.startswith("_") or index.name.endswith("_"):
            report.error("E004", at, f"`{index.name}`: the name of an index has no underscore at its start or end.")
        if other := seen.get(index.name.lower()):
            told = f"`{index.name}` is the name of {other} already: leave this index out, or give it another `name`."
            report.error("E004", at, told)
        seen.setdefault(index.name.lower(), "an index")
