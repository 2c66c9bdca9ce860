"""A database of its own for each test of migrations, empty and outside Django's test databases."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.config import link
from pocketapi.tables import migrations, models
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
def fresh(
    request: pytest.FixtureRequest, tmp_path: Path, django_db_blocker: Any, migrations_dir: Path
) -> Iterator[BaseDatabaseWrapper]:
    """A connection to an empty database of each kind in turn; the PostgreSQL one is not made yet."""
    with django_db_blocker.unblock():
        entry = sqlite_entry(tmp_path) if request.param == "sqlite" else postgresql_entry(request)
        connections.settings[ALIAS] = entry
        connection = connections[ALIAS]
        yield connection
        connection.close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def sqlite_entry(tmp_path: Path) -> dict[str, Any]:
    return {**deepcopy(connections.settings["default"]), "NAME": str(tmp_path / "fresh.sqlite3")}


def postgresql_entry(request: pytest.FixtureRequest) -> dict[str, Any]:
    server = request.getfixturevalue("postgresql_server")
    name = f"Fresh {request.node.name[:20]}"  # a name that must be quoted
    request.addfinalizer(lambda: server.psql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
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
