"""`search`: the tables that are searched, and their indexes made anew of the rows that are there."""

from __future__ import annotations

import argparse
from typing import TextIO

from django.db import DatabaseError, connections

from pocketapi.tables import databases
from pocketapi.tables.search import rebuild
from pocketapi.tables.table import current, model_of

HELP = "Lists the tables with a full-text search; with --rebuild their indexes are made anew of the rows that are there."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which tables, and whether anything is done."""
    parser.add_argument("tables", nargs="*", metavar="TABLE", help="only these tables (default: all that are searched)")
    parser.add_argument("--rebuild", action="store_true", help="make the indexes anew")
    parser.add_argument("--database", default="default", choices=list(connections), help="the database's alias")


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints each table and what is searched in it; 1 where a table is not searched, or the database refuses."""
    searched = {name: table.searched for name, table in current().tables.items() if table.searched}
    if unknown := [name for name in options.tables if name not in searched]:
        print(f"There is no fullTextSearch of {', '.join(unknown)}. Searched are: {', '.join(searched) or 'none'}.", file=out)
        return 1
    connection = connections[options.database]
    for name in options.tables or searched:
        search = searched[name]
        print(f"{name}: {', '.join(column.name for column in search.columns)} ({search.tokenize})", file=out)
        if options.rebuild:
            try:
                with databases.locked(connection):
                    rebuild(connection, model_of(name))
            except DatabaseError as error:
                print(f"The database refused: {error}. Is it migrated? `manage.py pocketapi migrate` does it.", file=out)
                return 1
            print(f"{name}: rebuilt", file=out)
    return 0
