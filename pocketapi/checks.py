"""What `manage.py check` says about settings and config, an id for each way to be misconfigured.

pocketapi.E100 on: the dict POCKETAPI. The config's own ids, pocketapi.E001 on, come with its report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import ImproperlyConfigured

from pocketapi import conf
from pocketapi.actions import registry
from pocketapi.api import client
from pocketapi.auth import throttle
from pocketapi.config import mails
from pocketapi.config.link import Config
from pocketapi.config.sql import fragment
from pocketapi.config.sql_statements import fragments_of
from pocketapi.errors import ConfigProblem, ExpressionError
from pocketapi.expressions.scope import nearest
from pocketapi.files import options, store, thumbs
from pocketapi.records import queries
from pocketapi.tables import models


@register(Tags.compatibility)
def check_settings(**_: Any) -> list[CheckMessage]:
    """The dict POCKETAPI: its keys, their types, what they need of other settings."""
    try:
        given = conf.given()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="pocketapi.E100")]
    return [*_unknown(given), *_wrong(given), *_homeless(given), *_zoneless(), *_unreadable(given)]


def _unknown(given: Any) -> Iterator[CheckMessage]:
    for name in given:
        if name not in conf.SETTINGS:
            yield Error(f"{conf.NAME} has no setting `{name}`{nearest(str(name), conf.SETTINGS)}", id="pocketapi.E101")


def _wrong(given: Any) -> Iterator[CheckMessage]:
    for name, value in given.items():
        if name in conf.SETTINGS and (problem := conf.SETTINGS[name].problem(value)):
            yield Error(problem, id="pocketapi.E102")


def _homeless(given: Any) -> Iterator[CheckMessage]:
    for name, setting in conf.SETTINGS.items():
        if isinstance(setting.default, conf.Beside) and name not in given:
            try:
                conf.base_dir(name)
            except ImproperlyConfigured as error:
                yield Error(str(error), id="pocketapi.E103")


def _zoneless() -> Iterator[CheckMessage]:
    if not django_settings.USE_TZ:
        yield CheckWarning("USE_TZ is off: the points in time of tables are in UTC all the same.", id="pocketapi.W100")


def _unreadable(given: Any) -> Iterator[CheckMessage]:
    """Values of the right type that say nothing: rates, proxies, a cache that is not there."""
    rates, proxies, cache = (given.get(name) for name in ("THROTTLE_RATES", "TRUSTED_PROXIES", "THROTTLE_CACHE"))
    for name, rate in rates.items() if isinstance(rates, dict) else ():
        if problem := _problem(partial(throttle.limit_of, rate)):
            yield Error(f"{conf.NAME}['THROTTLE_RATES'][{name!r}]: {problem}", id="pocketapi.E110")
    if isinstance(proxies, list | tuple) and (problem := _problem(partial(client.networks, tuple(proxies)))):
        yield Error(f"{conf.NAME}['TRUSTED_PROXIES']: {problem}", id="pocketapi.E111")
    if isinstance(cache, str) and cache not in django_settings.CACHES:
        yield Error(f"{conf.NAME}['THROTTLE_CACHE']: CACHES has no entry {cache!r}.", id="pocketapi.E112")


def _problem(read: Callable[[], object]) -> str | None:
    try:
        read()
    except (ValueError, TypeError) as error:
        return str(error)
    return None


@register(Tags.files)
def check_files(**_: Any) -> list[CheckMessage]:
    """Where files are stored, their options, and what thumbs need."""
    try:
        given = conf.given()
        storage, chosen = given.get("STORAGE"), given.get("FILES", {})
        if conf.SETTINGS["STORAGE"].problem(storage) or conf.SETTINGS["FILES"].problem(chosen):
            return []  # check_settings tells
        found: list[CheckMessage] = [Error(problem, id="pocketapi.E104") for problem in options.problems(chosen)]
        return [*found, *_unstorable(storage), *_unthumbable()]
    except ImproperlyConfigured:
        return []  # as well


def _unstorable(storage: Any) -> Iterator[CheckMessage]:
    try:
        store.backend_of(storage)
        store.store()
    except (ImproperlyConfigured, ImportError, TypeError) as error:
        yield Error(f"{conf.NAME}['STORAGE'] makes no store: {error}", id="pocketapi.E105")


def _unthumbable() -> Iterator[CheckMessage]:
    tables = models.CONFIG.tables.values() if models.CONFIG else ()
    names = [f"{table.name}.{field.name}" for table in tables for field in table.files if field.spec.thumbs]
    if names and not thumbs.is_possible():
        yield Error(f'{", ".join(names)}: thumbs need Pillow: pip install "pocketapi[images]".', id="pocketapi.E106")


@register(Tags.models)
def check_config(**_: Any) -> list[CheckMessage]:
    """The problems and the warnings of the config file."""
    if models.REPORT:
        return [
            *(_message(Error, each) for each in models.REPORT.problems),
            *(_message(CheckWarning, each) for each in models.REPORT.warnings),
        ]
    return [_message(CheckWarning, problem, identity) for identity, problem in (models.CONFIG.warnings if models.CONFIG else ())]


@register(Tags.compatibility)
def check_mails(**_: Any) -> list[CheckMessage]:
    """What the way that mails go out needs to be installed."""
    email = models.CONFIG.spec.email if models.CONFIG else None
    way = mails.way_of(email) if email else None
    if way not in ("mailgun", "resend") or find_spec("anymail"):
        return []
    return [Error(f'Mails by {way} need django-anymail: pip install "pocketapi[mail]".', id="pocketapi.E113")]


@register(Tags.models)
def check_actions(**_: Any) -> list[CheckMessage]:
    """The functions that the project registers, and that SQL is there for the database in use."""
    if models.CONFIG is None:
        return []
    return [*_wrong_functions(models.CONFIG), *_wrong_database(models.CONFIG)]


def _wrong_functions(config: Config) -> Iterator[CheckMessage]:
    for name in registry.FUNCTIONS:
        if name in config.actions:
            yield Error(f"The action {name} is in the config and a function, too: rename one.", id="pocketapi.E107")
            continue
        try:
            registry.find(name)
        except ExpressionError as error:
            yield Error(f"The guard of the action {name}: {error.reason}", id="pocketapi.E108")


def _wrong_database(config: Config) -> Iterator[CheckMessage]:
    vendor = queries.vendor()
    for action in config.actions.values():
        texts = [fragment(value) for statement in action.spec.sql or () for _, value in fragments_of(statement)]
        if any(not text.is_literal and text.of(vendor) is None for text in texts):
            yield Error(f"The action {action.spec.name} has no SQL for {vendor}: add it.", id="pocketapi.E109")


def _message(kind: Any, problem: ConfigProblem, identity: str = "") -> CheckMessage:
    message: CheckMessage = kind(str(problem), id=identity or problem.id)
    return message
