"""`schema`: the JSON Schema of the config file. No Django here."""

from __future__ import annotations

import argparse
import json
from typing import TextIO

from pocketapi.config import json_schema

HELP = "Prints the JSON Schema of the config file, for editors."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It takes none."""


def run(options: argparse.Namespace, out: TextIO) -> int:  # noqa: ARG001 - every command has this signature
    """Prints the schema."""
    print(json.dumps(json_schema.document(), indent=2), file=out)
    return 0
