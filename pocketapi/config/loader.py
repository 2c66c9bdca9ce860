"""The one way from a file to a Config."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from pocketapi.config import environment, repair, scaffolds, shape, source
from pocketapi.config.link import Config, Models
from pocketapi.config.linker import Linker
from pocketapi.config.report import Report
from pocketapi.errors import ConfigError


def load(
    path: Path,
    *,
    environ: Mapping[str, str] | None = None,
    debug: bool = False,
    admin_jwt_secret: str | None = None,
    models: Models | None = None,
) -> Config:
    """The linked config of a file; ConfigError with everything that is wrong in it."""
    report = Report(str(path))
    data = _bytes(path, report)
    try:
        document = source.read(data, report)
    except source.NotReadError:
        raise ConfigError(report.problems) from None
    doubt = repair.Doubt(columns=scaffolds.expand(document, report))
    known = environment.variables(path.parent, os.environ if environ is None else environ, report)
    document = environment.resolve(document, known, report)
    spec, errors = shape.validate(document)
    if shape.convert_variables(errors, document, report):
        spec, errors = shape.validate(document)
    if errors:
        shape.describe(errors, document, report)
        spec = repair.rest(document, errors, report, doubt)
    if spec is None:
        report.conclude()
        raise AssertionError("errors were found and none reported")
    config = Linker(spec, report, models, doubt).link(hashlib.sha256(data).hexdigest()[:8], admin_jwt_secret, debug=debug)
    report.conclude()
    return config


def _bytes(path: Path, report: Report) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        report.at((0, 0), (), "There is no such file: `manage.py pocketapi init` writes one to start from.")
    except OSError as error:
        report.at((0, 0), (), f"The file cannot be read: {error.strerror}.")
    raise ConfigError(report.problems)
