"""`seed`: the rows of a file into empty tables, through the one write path."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.db import DatabaseError, connections, transaction

from pocketapi.conf import settings
from pocketapi.config import link, source
from pocketapi.config.report import Report
from pocketapi.errors import ConfigError, PocketError
from pocketapi.expressions.scope import nearest
from pocketapi.records import queries, requests, write
from pocketapi.rules.principal import SYSTEM
from pocketapi.tables.databases import refresh_statistics
from pocketapi.tables.table import current, model_of

HELP = "Fills empty tables with the rows of a YAML or JSON file, such as those of a demo."
DEFAULT = "seed.yaml"
BATCH = 500
Rows = dict[str, list[dict[str, Any]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and whether rows that are there are in the way."""
    parser.add_argument("file", nargs="?", type=Path, help=f"rows by table (default: {DEFAULT} beside the config)")
    parser.add_argument("--force", action="store_true", help="insert even where tables have rows")


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Inserts all rows or none, and says so; 1 where one is refused. Where a table has rows nothing is done."""
    path: Path = options.file or settings.CONFIG.with_name(DEFAULT)
    report = Report(str(path))
    try:
        rows = read(path, report)
        if not options.force and (filled := [name for name in rows if model_of(name)._default_manager.exists()]):
            print(f"Nothing to do: there are rows in {', '.join(filled)}.", file=out)
            return 0
        store(rows, report)
    except ConfigError as error:
        print(f"{error}\nNothing was inserted.", file=out)
        return 1
    except DatabaseError as error:
        print(f"The database refused: {error}. Is it migrated? `manage.py pocketapi migrate` does it.", file=out)
        return 1
    for name, inserted in rows.items():
        print(f"{name}: {len(inserted)} rows", file=out)
    for told in sign_ins(rows):
        print(told, file=out)
    return 0


def read(path: Path, report: Report) -> Rows:
    """The file's rows by table, tables that are referred to first; ConfigError with everything that is wrong."""
    try:
        found = source.read(path.read_bytes() or b"{}", report)
    except OSError as error:
        report.at((0, 0), (), f"The file cannot be read: {error.strerror}.")
    except source.NotReadError:
        pass  # it is in the report
    else:
        if not isinstance(found, dict):
            report.error("E003", (), "The file has a mapping: rows by table, as in `posts: [{title: Hello}]`.")
        for name, rows in found.items() if isinstance(found, dict) else ():
            _check(name, rows, report)
    report.conclude()
    return {name: found[name] for name in in_key_order(current()) if name in found}


def _check(name: str, rows: object, report: Report) -> None:
    tables = current().tables
    if name not in tables:
        report.error("E005", (name,), f"There is no table `{name}`{nearest(name, tables)}")
    elif not isinstance(rows, list):
        report.error("E003", (name,), "The rows of a table are a list.")
    else:
        for index, row in enumerate(rows):
            if not isinstance(row, dict):
                report.error("E003", (name, index), "A row is a mapping of fields and values.")


def in_key_order(config: link.Config) -> list[str]:
    """Every table after those that its keys refer to; of tables that refer to each other, the first in the config first."""
    ordered: dict[str, None] = {}
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name not in seen:
            seen.add(name)
            for column in config.tables[name].columns.values():
                if column.key:
                    visit(column.key[0])
            ordered[name] = None

    for name in config.tables:
        visit(name)
    return list(ordered)


def store(rows: Rows, report: Report) -> None:
    """Inserts rows as an admin, all or none; ConfigError with the place of what is refused."""
    with transaction.atomic(queries.DATABASE):
        for name, wanted in rows.items():
            for start in range(0, len(wanted), BATCH):
                _insert(name, start, wanted[start : start + BATCH], report)
    refresh_statistics(connections[queries.DATABASE])


def _insert(name: str, start: int, rows: list[dict[str, Any]], report: Report) -> None:
    # ABORT has a savepoint of its own, within which a refusal is explained.
    request = requests.Insert(tuple(rows), single=False, mode="ABORT")
    try:
        write.insert(current().tables[name], lambda: request, SYSTEM)
    except PocketError as error:
        refused = error.data.get("rows") or {"": {"": {"message": error.message}}}
        for index, fields in refused.items():
            place = (name, start + int(index)) if index else (name,)
            for field, found in fields.items():
                report.error("E003", (*place, field) if field else place, found["message"])
        report.conclude()


def sign_ins(rows: Rows) -> Iterator[str]:
    """How to sign in as the new accounts: a sentence for each password."""
    for name in rows:
        table = current().tables[name]
        password, identity = (
            table.with_usage("auth_password"),
            table.with_usage("auth_username") or table.with_usage("auth_email"),
        )
        if table.auth and password and identity:
            by_password: dict[str, list[str]] = {}
            for row in rows[name]:
                by_password.setdefault(str(row.get(password.name)), []).append(str(row.get(identity.name)))
            for word, identities in by_password.items():
                yield f"Sign in to {name} as {', '.join(identities)}. Password: {word}"
