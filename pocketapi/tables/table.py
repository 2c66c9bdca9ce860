"""The process's config and its models, for every layer above."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models as django_models

from pocketapi.config import link, schema
from pocketapi.errors import ConfigError
from pocketapi.tables import models


def current() -> link.Config:
    """The process's config; ImproperlyConfigured where it is broken."""
    if models.CONFIG is None:
        raise ImproperlyConfigured(str(models.REPORT or "No config is loaded."))
    return models.CONFIG


def report() -> ConfigError | None:
    """What is wrong with the config file, if anything."""
    return models.REPORT


def model_of(name: str) -> type[django_models.Model]:
    """The Django model of a table; KeyError where there is no such table."""
    spec = current().tables[name].spec
    return apps.get_model(spec.model) if isinstance(spec, schema.ModelTable) else models.MODELS[name]
