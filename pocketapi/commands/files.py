"""`files`: compares the store with the rows, and removes what no row names."""

from __future__ import annotations

import argparse
from datetime import timedelta
from typing import TextIO

from django.db import DatabaseError

from pocketapi.commands.progress import Bar
from pocketapi.errors import PocketError
from pocketapi.files import audit, outbox

HELP = "Compares the stored files with the rows: reports files that nothing names, and rows without their file."
MINUTES = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to report or to remove."""
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--check", action="store_true", help="report, and change nothing")
    way.add_argument("--sweep", action="store_true", help="remove what no row names")
    parser.add_argument(
        "--older-than", type=_minutes, default=MINUTES, metavar="MINUTES", help=f"with --sweep: leave what is younger ({MINUTES})"
    )


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("whole minutes from 0 on")
    return int(text)


def run(options: argparse.Namespace, out: TextIO) -> int:
    """Prints a line for each find and a closing sentence; 1 where a row has no file, or an orphan is left."""
    bar = Bar(out)
    try:
        if options.sweep:
            outbox.drain(most=outbox.EVERYTHING)
        found = audit.audit(bar.show)
        bar.clear()
        for table, uid, key in found.missing:
            print(f"missing: {key}, which {table} {uid} names", file=out)
        left = _swept(found, options.older_than, bar, out) if options.sweep else _told(found, out)
    except (DatabaseError, PocketError) as error:
        bar.clear()
        print(f"Not finished: {error}", file=out)
        return 1
    kept = f", {len(found.kept)} kept without a row (autoDeleteR2Files is off)" if found.kept else ""
    print(f"{found.objects} files, {len(found.missing)} missing, {left} orphans{kept}.", file=out)
    return 1 if found.missing or left else 0


def _told(found: audit.Audit, out: TextIO) -> int:
    for key in found.orphans:
        print(f"orphan: {key}", file=out)
    return len(found.orphans)


def _swept(found: audit.Audit, minutes: int, bar: Bar, out: TextIO) -> int:
    """Remove the orphans; how many are left, since they are young."""
    removed = 0
    for key in audit.sweep(found.orphans, timedelta(minutes=minutes), bar.of(len(found.orphans))):
        bar.clear()
        print(f"removed: {key}", file=out)
        removed += 1
    bar.clear()
    for path in audit.leftovers():
        path.unlink(missing_ok=True)
        print(f"removed: {path.name}, an upload that never ended", file=out)
    return len(found.orphans) - removed
