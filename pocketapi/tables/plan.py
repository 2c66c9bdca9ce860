"""What a database needs to come to the config: migrations that lie there, and those that have yet to be written."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddConstraint, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from django.db.models import NOT_PROVIDED

from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.errors import MigrationRefused
from pocketapi.tables.build import LABEL
from pocketapi.tables.creation import whole
from pocketapi.tables.foreign_keys import ForeignKeyConstraint
from pocketapi.tables.losses import losses
from pocketapi.tables.renames import renames, retypes

Key = tuple[str, str]


@dataclass
class Plan:
    """Unapplied migrations by (app, name), those to be written, and what they destroy."""

    pending: list[Key]
    written: list[Migration] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """`app.name` of everything that would be applied, in order."""
        return [*(".".join(key) for key in self.pending), *(f"{each.app_label}.{each.name}" for each in self.written)]


class Questioner(MigrationQuestioner):
    """Answers the autodetector where it would ask at a terminal: renames are told by lastName and by nothing else."""

    def __init__(self) -> None:
        super().__init__(specified_apps={LABEL})

    def ask_not_null_addition(self, field_name: str, model_name: str) -> Any:
        raise MigrationRefused(
            f"{model_name}.{field_name} is new and notNull without a default, so that rows which are there could not have it: "
            "give it a `default`, or add it without notNull, fill it, and set notNull then."
        )

    def ask_not_null_alteration(self, field_name: str, model_name: str) -> Any:  # noqa: ARG002 - the signature is Django's
        return NOT_PROVIDED


class Autodetector(MigrationAutodetector):
    """Django's, with operations that go first and new tables created whole."""

    def __init__(self, *args: Any, first: Sequence[Operation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = list(first)

    def _detect_changes(self, convert_apps: Any = None, graph: Any = None) -> Any:
        changes = super()._detect_changes(convert_apps, graph)  # type: ignore[misc]
        for migration in changes.get(LABEL, ()):
            migration.operations = whole(migration.operations)
            migration.dependencies += self._existing_models(migration, graph)
        if self.first:
            migrations = changes.setdefault(LABEL, [])
            if not migrations:
                migrations.append(Migration("auto_1", LABEL))
                migrations[0].dependencies, migrations[0].operations = [], []
            migrations[0].operations = [*self.first, *migrations[0].operations]
        return changes

    def _existing_models(self, migration: Migration, graph: Any) -> list[Key]:
        """The migrations that make the tables of existing models which new keys point to: to Django those are no relations."""
        there = {model._meta.db_table: model for model in apps.get_models() if model._meta.app_label != LABEL}
        found: dict[Key, None] = {}
        for table in _pointed_to(migration.operations):
            leaves: list[Key] = graph.leaf_nodes(there[table]._meta.app_label) if table in there and graph else []
            if leaves and _key(there[table]) not in self.from_state.models:
                model, label = there[table]._meta.label, there[table]._meta.app_label
                raise MigrationRefused(f"{model} is in no migration yet: run `manage.py makemigrations {label}`.")
            found.update(dict.fromkeys(leaves))
        return list(found)


def _key(model: Any) -> Key:
    return model._meta.app_label, model._meta.model_name


def _pointed_to(operations: Sequence[Operation]) -> list[str]:
    """The tables that new keys point to."""
    constraints: list[Any] = []
    for operation in operations:
        if isinstance(operation, CreateModel):
            constraints += operation.options.get("constraints", ())
        elif isinstance(operation, AddConstraint):
            constraints.append(operation.constraint)
    return [constraint.to_table for constraint in constraints if isinstance(constraint, ForeignKeyConstraint)]


def fresh_loader(connection: BaseDatabaseWrapper | None) -> MigrationLoader:
    """The migrations as they lie on disk now; a connection tells which are applied."""
    importlib.invalidate_caches()
    return MigrationLoader(connection, ignore_no_migrations=True)


def make_plan(connection: BaseDatabaseWrapper | None, config: link.Config) -> Plan:
    """What is to be done; nothing is written. MigrationRefused where it cannot be done. No connection: an empty database."""
    loader = fresh_loader(connection)
    loader.check_consistent_history(connection) if connection else None
    _refuse_branches(loader)
    plan = Plan(pending=unapplied(loader), written=new_migrations(loader, config))
    if any(label == LABEL for label, _ in loader.applied_migrations):
        plan.losses = _losses(plan, loader)
    return plan


def _refuse_branches(loader: MigrationLoader) -> None:
    for label, names in loader.detect_conflicts().items():
        raise MigrationRefused(
            f"The migrations of {label} branch ({', '.join(sorted(names))}): run `manage.py makemigrations --merge`."
        )


def unapplied(loader: MigrationLoader) -> list[Key]:
    """Everything unapplied of every app, in an order that works."""
    ordered = [key for leaf in loader.graph.leaf_nodes() for key in loader.graph.forwards_plan(leaf)]
    return [key for key in dict.fromkeys(ordered) if key not in loader.applied_migrations]


def new_migrations(loader: MigrationLoader, config: link.Config) -> list[Migration]:
    """The migrations that the config asks for beyond those on disk."""
    state = loader.project_state()
    today = ProjectState.from_apps(apps)
    first = [*renames(config, state), *retypes(state, today)]
    detector = Autodetector(state, today, Questioner(), first=first)
    changes = detector.changes(graph=loader.graph, trim_to_apps={LABEL}, convert_apps={LABEL})
    return list(changes.get(LABEL, ()))


def _losses(plan: Plan, loader: MigrationLoader) -> list[str]:
    """What the plan destroys in tables that are there."""
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    state = loader.project_state(applied) if applied else ProjectState()
    pending = [loader.graph.nodes[key] for key in plan.pending]
    told: list[str] = []
    for migration in [*pending, *plan.written]:
        if migration.app_label == LABEL:
            told += losses(migration, state)
        else:
            migration.mutate_state(state, preserve=False)
    return told


def write(migrations: Sequence[Migration]) -> list[Path]:
    """Writes migration files, each whole or not at all."""
    folder = settings.MIGRATIONS_DIR
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").touch()
    paths = [_write(folder / f"{migration.name}.py", MigrationWriter(migration).as_string()) for migration in migrations]
    importlib.invalidate_caches()
    return paths


def _write(path: Path, text: str) -> Path:
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", suffix=".tmp", delete=False) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary = Path(file.name)
    temporary.chmod(0o644)
    return temporary.replace(path)
