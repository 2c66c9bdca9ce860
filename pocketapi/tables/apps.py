"""The app of the user's tables."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from django.apps import AppConfig

WITHOUT_CONFIG = ("init", "check", "schema")  # of `manage.py pocketapi`: they run on a broken config, too
COMMAND_LINES = ("manage.py", "django-admin", "django-admin.exe", "__main__.py")


class TablesConfig(AppConfig):
    """`pocket_tables`: the models that the config describes."""

    name = "pocketapi.tables"
    label = "pocket_tables"
    verbose_name = "Tables"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pocketapi.tables import connection, models  # noqa: PLC0415 - they need the apps to be there

        connection.register()
        if models.REPORT and not tolerates_broken_config(sys.argv):
            sys.stderr.write(f"{models.REPORT}\n")
            # gunicorn takes 3 for a boot that failed and ends; after 1 it would start its workers again for ever.
            sys.exit(1 if is_command_line(sys.argv) else 3)


def is_command_line(argv: Sequence[str]) -> bool:
    """Whether Django's command line runs, and no server or script of its own."""
    return bool(argv) and Path(argv[0]).name in COMMAND_LINES


def tolerates_broken_config(argv: Sequence[str]) -> bool:
    """Whether the command is one that reports or mends a broken config."""
    if not is_command_line(argv):
        return False
    command, *rest = [*argv[1:3], "", ""][:2]
    return command == "check" or (command == "pocketapi" and rest[0] in WITHOUT_CONFIG)
