"""A database of its own for each test of migrations, empty and outside Django's test databases."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.config import link
from pocketapi.tables import databases, migrations, models
from tests.conftest import load_config

ALIAS = "fresh"
Change = Callable[[str], link.Config]


@pytest.fixture
def migrations_dir(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """A folder for migrations that does not exist yet."""
    folder = tmp_path / "project" / "pocketapi_migrations"
    before = list(migrations.__path__)
    settings.POCKETAPI = {**settings.POCKETAPI, "MIGRATIONS_DIR": folder}
    migrations.__path__[:] = [str(folder)]
    yield folder
    migrations.__path__[:] = before
    for name in [name for name in sys.modules if name.startswith("pocketapi.tables.migrations.")]:
        del sys.modules[name]


@pytest.fixture(params=["sqlite", "postgresql"])
def entry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The settings of a database of each kind in turn that is not made yet; PostgreSQL's goes afterwards."""
    if request.param == "sqlite":
        yield sqlite_entry(tmp_path / "fresh.sqlite3")
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"Fresh {request.node.name[:20]}"  # a name that must be quoted
    yield postgresql_entry(server, name)
    server.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def empty(entry: dict[str, Any], django_db_blocker: Any, migrations_dir: Path) -> Iterator[BaseDatabaseWrapper]:
    """A connection to it."""
    with django_db_blocker.unblock(), connected(ALIAS, entry) as connection:
        yield connection


@pytest.fixture
def fresh(empty: BaseDatabaseWrapper, request: pytest.FixtureRequest) -> BaseDatabaseWrapper:
    """The same with the tables of the other apps, whose migrations no test changes."""
    copy: Callable[[str], None] = request.getfixturevalue(f"{empty.vendor}_template")
    copy(empty.settings_dict["NAME"])
    return empty


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], None]:
    """Copies a database of the other apps to a file."""
    template = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrate_others(sqlite_entry(template))

    def copy(name: str) -> None:
        shutil.copyfile(template, name)

    return copy


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: Any) -> Callable[[str], None]:
    """Copies a database of the other apps to one of another name."""
    migrate_others(postgresql_entry(postgresql_server, "template_of_fresh"))
    return lambda name: postgresql_server.psql(f'CREATE DATABASE "{name}" TEMPLATE template_of_fresh')


def migrate_others(entry: dict[str, Any]) -> None:
    with connected("template", entry) as connection:
        databases.create(connection)
        call_command("migrate", database="template", verbosity=0)


@contextmanager
def connected(alias: str, entry: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    connections.settings[alias] = entry
    connection = connections[alias]
    yield connection
    connection.close()
    del connections[alias]
    del connections.settings[alias]


def sqlite_entry(path: Path) -> dict[str, Any]:
    return {**deepcopy(connections.settings["default"]), "NAME": str(path)}


def postgresql_entry(server: Any, name: str) -> dict[str, Any]:
    host = str(server.get_postmaster_info().socket_dir)
    return {**deepcopy(connections.settings["postgresql"]), "HOST": host, "NAME": name, "OPTIONS": {}}


@pytest.fixture
def change(tmp_path: Path) -> Iterator[Change]:
    """`change(text)` makes a config the process's own, as a restart would."""

    def to(text: str) -> link.Config:
        config = load_config(text, tmp_path)
        models.install(config)
        return config

    before = models.CONFIG
    yield to
    models.install(before)
