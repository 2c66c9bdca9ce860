"""The models of the user's tables, built while Django imports models, once a process.

This module holds the process's config, or the report of what is wrong with it; nothing else loads one.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings as django_settings
from django.db import models

from pocketapi.conf import settings
from pocketapi.config import link, loader
from pocketapi.errors import ConfigError
from pocketapi.tables.build import LABEL, build
from pocketapi.tables.existing import Existing

CONFIG: link.Config | None = None
REPORT: ConfigError | None = None
MODELS: dict[str, type[models.Model]] = {}


def load() -> None:
    """Reads the config file; a broken one leaves its report and no models."""
    global REPORT  # noqa: PLW0603 - this module is where the process keeps it
    try:
        secret, debug = settings.ADMIN_JWT_SECRET, django_settings.DEBUG
        install(loader.load(settings.CONFIG, debug=debug, admin_jwt_secret=secret, models=Existing()))
    except ConfigError as error:
        REPORT = error


def install(config: link.Config | None) -> None:
    """Makes a config the process's own: builds its models in the place of any before."""
    global CONFIG, REPORT
    apps.all_models[LABEL].clear()
    MODELS.clear()
    CONFIG, REPORT = config, None
    if config:
        MODELS.update(build(config))
    apps.clear_cache()


load()
