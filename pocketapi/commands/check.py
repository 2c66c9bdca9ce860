"""`check`: everything that is wrong or doubtful in the config file. No Django here."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TextIO

from pocketapi.config import environment
from pocketapi.config.loader import load
from pocketapi.config.report import Report
from pocketapi.errors import ConfigError, ConfigProblem

HELP = "Says everything that is wrong or doubtful in the config file."
DEFAULT = Path("pocketapi.yaml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and the strictness; under manage.py both have the project's own defaults."""
    parser.add_argument("file", nargs="?", type=Path, help="the config file (default: the project's, or pocketapi.yaml)")
    parser.add_argument("--debug", action="store_true", help="take short secrets, as DEBUG does")
    parser.set_defaults(admin_jwt_secret=None, models=None)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints a line for each problem and warning and a closing sentence; 1 where there are problems."""
    path: Path = options.file or DEFAULT
    try:
        secret = options.admin_jwt_secret or _variable("ADMIN_JWT_SECRET", path)
        config = load(path, debug=options.debug, admin_jwt_secret=secret, models=options.models)
    except ConfigError as error:
        _print("error", error.problems, out)
        _print("warning", error.warnings, out)
        print(f"{path}: {_count(len(error.problems), 'problem')}, {_count(len(error.warnings), 'warning')}.", file=out)
        return 1
    warnings = [warning for _, warning in config.warnings]
    _print("warning", warnings, out)
    print(f"{path}: no problems, {_count(len(warnings), 'warning')}, {_count(len(config.tables), 'table')}.", file=out)
    return 0


def _variable(name: str, path: Path) -> str | None:
    """A variable as the config would see it; a broken .env is reported by the loader."""
    return environment.variables(path.parent, os.environ, Report(str(path))).get(name)


def _print(noun: str, problems: tuple[ConfigProblem, ...] | list[ConfigProblem], out: TextIO) -> None:
    for problem in problems:
        print(f"{problem} ({noun} {problem.id})", file=out)


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
