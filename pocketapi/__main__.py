"""`python -m pocketapi check|init|schema`: what needs no Django and no project."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TextIO

from pocketapi.commands import check, init, schema

COMMANDS = {"init": init, "check": check, "schema": schema}


def main(arguments: Sequence[str], out: TextIO) -> int:
    """Runs one command; gives its exit code."""
    parser = argparse.ArgumentParser("python -m pocketapi", description="One YAML file becomes a backend.")
    names = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add_arguments(names.add_parser(name, help=command.HELP, description=command.HELP))
    options = parser.parse_args(arguments)
    code: int = COMMANDS[options.command].run(options, out)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdout))
