"""`cleanup`: removes what is over, all at once."""

from __future__ import annotations

import argparse
from typing import TextIO

from django.db import DatabaseError

from pocketapi.credentials.expiry import remove_all_expired

HELP = "Removes sessions, one-time tokens and counters that are over."


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """None: there is nothing to choose."""


def run(_options: argparse.Namespace, out: TextIO) -> int:
    """Removes it and says how much it was; 1 where the database does not let it."""
    try:
        removed = remove_all_expired()
    except DatabaseError as error:
        print(f"The database refused: {error}. Is it migrated? `manage.py pocketapi migrate` does it.", file=out)
        return 1
    print(f"Removed {', '.join(f'{number} {name}' for name, number in removed.items())}.", file=out)
    return 0
