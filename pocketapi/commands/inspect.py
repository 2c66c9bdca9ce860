"""`inspect`: the process's config with its defaults filled in and without its secrets."""

from __future__ import annotations

import argparse
import json
from typing import TextIO

import yaml

from pocketapi.config.redact import redacted
from pocketapi.tables import table

HELP = "Prints the config with its defaults filled in and without its secrets."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The form to print."""
    parser.add_argument("--format", choices=("yaml", "json"), default="yaml", help="what to print (default: yaml)")


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints the config."""
    shown = redacted(table.current())
    if options.format == "json":
        print(json.dumps(shown, indent=2, ensure_ascii=False), file=out)
    else:
        print(yaml.safe_dump(shown, sort_keys=False, allow_unicode=True, width=120), file=out, end="")
    return 0
