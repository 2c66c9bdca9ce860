"""The models of the user's tables, built while Django imports models, once a process.

This module holds the process's config, or the report of what is wrong with it; nothing else loads one.
"""

from __future__ import annotations

from django.apps import apps
from django.db import models

from pocketapi.config import link
from pocketapi.errors import ConfigError
from pocketapi.tables.build import LABEL, build

CONFIG: link.Config | None = None
REPORT: ConfigError | None = None
MODELS: dict[str, type[models.Model]] = {}


def install(config: link.Config | None) -> None:
    """Makes a config the process's own: builds its models in the place of any before."""
    global CONFIG, REPORT
    apps.all_models[LABEL].clear()
    MODELS.clear()
    CONFIG, REPORT = config, None
    if config:
        MODELS.update(build(config))
    apps.clear_cache()
