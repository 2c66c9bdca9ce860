"""The table layer as functions of the project use it: the contract's verbs, for the caller of the action.

Their words are those of the API. Expressions may name every column, `params` and `auth`, as in steps of the config: what a
caller sends belongs into `params`, never into the text of an expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from pocketapi.config import link
from pocketapi.records import read, render, requests, write
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tables:
    """The tables of the config, as one caller may read and write them."""

    caller: Caller

    def select(self, table: str, **words: Any) -> Rows:
        """The rows of `where`, `select`, `order`, `group`, `limit`, `offset` and `distinct`."""
        page = read.select(_named(table), lambda: requests.read(words), self.caller)
        return list(orjson.loads(read.answer(page, listed=False)))

    def insert(self, table: str, **words: Any) -> Rows:
        """Insert `values`, one mapping or several; answer `returning`."""
        most = max(len(values), 1) if isinstance(values := words.get("values"), list) else 1
        return _plain(write.insert(_named(table), lambda: requests.insert(words, most), self.caller))

    def update(self, table: str, **words: Any) -> Rows:
        """Change the rows of `where` by `setValues` and `set`; answer `returning`."""
        return _plain(write.update(_named(table), lambda: requests.update(words), self.caller))

    def delete(self, table: str, **words: Any) -> Rows:
        """Delete the rows of `where`; answer `returning`, as they were."""
        return _plain(write.delete(_named(table), lambda: requests.delete(words), self.caller))


def _named(table: str) -> link.Table:
    """A table by name; KeyError where there is none, since the project's own code names it."""
    return current().tables[table]


def _plain(records: Rows) -> Rows:
    """Records whose JSON is parsed, not only written."""
    return list(orjson.loads(render.dumps(records)))
