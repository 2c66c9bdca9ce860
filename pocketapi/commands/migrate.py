"""`migrate`: brings a database to the config, every app's migrations included."""

from __future__ import annotations

import argparse
from typing import TextIO

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.errors import MigrationRefused
from pocketapi.tables import databases, migrate
from pocketapi.tables.plan import Plan, make_plan
from pocketapi.tables.table import current

HELP = "Brings the database to the config: plans, writes migrations where they are needed, and applies them."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="show the SQL, write nothing and change nothing")
    parser.add_argument("--allow-destructive", action="store_true", help="drop and narrow what the config no longer has")
    parser.add_argument("--database", default="default", choices=list(connections), help="the database's alias")


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints what is done; 1 where the plan was refused, and then nothing was written."""
    connection = connections[options.database]
    try:
        there = databases.exists(connection)
        if options.dry_run:
            show(make_plan(connection if there else None, current()), connection if there else None, out)
            return 0
        if not there:
            databases.create(connection)
            print(f"Made the database {connection.settings_dict['NAME']}.", file=out)
        bring(connection, out, allow_destructive=options.allow_destructive)
    except MigrationRefused as error:
        print(error, file=out)
        return 1
    return 0


def bring(connection: BaseDatabaseWrapper, out: TextIO, *, allow_destructive: bool) -> None:
    """Plans under the lock, says what is lost, and does it."""
    with databases.locked(connection):
        plan = make_plan(connection, current())
        migrate.refuse_losses(plan, allow_destructive=allow_destructive)
        _tell_losses(plan, out)
        for name in migrate.carry_out(plan, connection):
            print(f"Applied {name}.", file=out)
    if not plan.names:
        print("The database is up to date.", file=out)


def show(plan: Plan, connection: BaseDatabaseWrapper | None, out: TextIO) -> None:
    """The plan: losses first, then the SQL, or what each step does where there is no database to ask."""
    _tell_losses(plan, out)
    if connection:
        for name, sql in migrate.planned_sql(plan, connection):
            print(f"-- {name}\n{sql}\n", file=out)
    else:
        print("The database is missing and would be made. Then would be applied:", file=out)
        for name in plan.names:
            print(f"  {name}", file=out)
    if not plan.names:
        print("The database is up to date.", file=out)


def _tell_losses(plan: Plan, out: TextIO) -> None:
    for loss in plan.losses:
        print(f"Destroys data: {loss}", file=out)
