"""`manage.py pocketapi NAME ...` hands over to the module of that name in pocketapi.commands."""

from __future__ import annotations

import argparse
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from pocketapi.commands import admin_token, check, cleanup, files, init, inspect, migrate, schema, search, seed
from pocketapi.conf import settings as pocket
from pocketapi.tables.existing import Existing

COMMANDS: dict[str, ModuleType] = {
    "init": init,
    "check": check,
    "inspect": inspect,
    "schema": schema,
    "migrate": migrate,
    "seed": seed,
    "search": search,
    "files": files,
    "admin-token": admin_token,
    "cleanup": cleanup,
}


class Command(BaseCommand):
    """Everything that the package does from the command line."""

    help = "Everything that the package does from the command line."
    requires_system_checks = ()  # a broken config must not keep `check` and `init` from running

    def add_arguments(self, parser: CommandParser) -> None:
        names = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        for name, command in COMMANDS.items():
            command.add_arguments(names.add_parser(name, help=command.HELP, description=command.HELP))

    def handle(self, *_: Any, command: str, **options: Any) -> None:
        self.stdout.ending = ""  # the commands print whole lines themselves
        if command == "check":
            options = _with_settings(options)
        if code := COMMANDS[command].run(argparse.Namespace(**options), self.stdout):
            raise SystemExit(code)


def _with_settings(options: dict[str, Any]) -> dict[str, Any]:
    """What the project's settings say of the config file, where the command line says nothing."""
    defaults = {"file": options["file"] or pocket.CONFIG, "debug": options["debug"] or settings.DEBUG}
    return {**options, **defaults, "admin_jwt_secret": pocket.ADMIN_JWT_SECRET, "models": Existing()}
