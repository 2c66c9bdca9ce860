"""`admin-token`: a token that acts as an admin."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TextIO

from pocketapi.credentials import tokens
from pocketapi.errors import InvalidToken

HELP = "Prints a token that acts as an admin: send it as `Authorization: Bearer ...`."
MOST_DAYS = 366


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the admin may do, and for how long."""
    parser.add_argument("--role", choices=tokens.ADMIN_ROLES, required=True, help="a viewer reads, an editor writes rows, too")
    parser.add_argument("--days", type=days, default=1, help="how long the token is good (default: 1)")


def days(text: str) -> int:
    """A number of days; ValueError where it is none or too large."""
    number = int(text)
    if not 0 < number <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_DAYS}, not {number}")
    return number


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints the token and nothing else; 1 where ADMIN_JWT_SECRET is not set."""
    try:
        print(tokens.issue_admin(options.role, timedelta(days=options.days)), file=out)
    except InvalidToken:
        print("ADMIN_JWT_SECRET is not set: `manage.py pocketapi init` adds one to .env.", file=out)
        return 1
    return 0
