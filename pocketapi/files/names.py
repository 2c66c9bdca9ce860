"""Names of stored files, and the keys under which a store has them.

A key is `base/name`, or `base/id/name` where the table says idInR2. Thumbs of a file lie below its key.
"""

from __future__ import annotations

import re
import secrets
import string
import unicodedata
from collections.abc import Iterator
from typing import Any

from pocketapi.config import link

ALPHABET = string.ascii_letters + string.digits
RANDOM = 10  # characters of 62
LONGEST = 100
LONGEST_EXTENSION = 16
UNTAKEN = re.compile(r"[^A-Za-z0-9_-]+")
NAME = re.compile(r"(?!\.\.?\Z)[^/\\\x00-\x1f\x7f]{1,255}")  # those that came another way than by an upload included
ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
THUMBS = ".thumbs"


def stored_name(name: str) -> str:
    """A new name for a file that its sender calls `name`: `{stem}_{10 random letters and digits}{ext}`, at most 100 long."""
    name = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    extension = _clean(extension)[:LONGEST_EXTENSION]
    end = f"_{''.join(secrets.choice(ALPHABET) for _ in range(RANDOM))}{dot if extension else ''}{extension}"
    return f"{(_clean(stem) or 'file')[: LONGEST - len(end)]}{end}"


def _clean(text: str) -> str:
    """Letters, digits, `-` and `_`; accents go, other characters become one `_`."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return UNTAKEN.sub("_", bare).strip("_")


def is_name(name: str) -> bool:
    """Whether a name can be that of an object below a table's base: it climbs nowhere."""
    return NAME.fullmatch(name) is not None


def key_of(table: link.Table, name: str, uid: Any) -> str:
    """The key of a record's file; ValueError where the name or the id cannot be part of one."""
    if not is_name(name):
        raise ValueError(f"{name} is no name of a file")
    if not table.spec.id_in_r2:
        return f"{table.base}/{name}"
    if uid is None or not ID.fullmatch(str(uid)):
        raise ValueError(f"{uid} is no id that files can lie below")
    return f"{table.base}/{uid}/{name}"


def owners(config: link.Config, key: str) -> Iterator[tuple[link.Table, str, str]]:
    """The tables below whose base a key lies, with the id (empty without idInR2) and the name that it stands for there."""
    for table in config.tables.values():
        if not table.files or not key.startswith(f"{table.base}/"):
            continue
        uid, slash, name = key[len(table.base) + 1 :].rpartition("/")
        is_whole = bool(ID.fullmatch(uid)) if table.spec.id_in_r2 else not slash
        if is_whole and is_name(name):
            yield table, uid, name


def thumbs_of(key: str) -> str:
    """Where the thumbs of a file lie."""
    return f"{key}{THUMBS}"


def file_of(key: str) -> str:
    """The key of the file that a key belongs to: its own, or that of the file whose thumb it is."""
    folder, _, _ = key.rpartition("/")
    return folder.removesuffix(THUMBS) if folder.endswith(THUMBS) else key
