"""Brings a database to the config: plans, writes migrations, applies them, and tells what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from pocketapi.errors import MigrationRefused
from pocketapi.expressions.dates import format_timestamp
from pocketapi.tables import databases
from pocketapi.tables import plan as planning
from pocketapi.tables.build import LABEL
from pocketapi.tables.plan import Plan, fresh_loader, make_plan
from pocketapi.tables.table import current


def pending(connection: BaseDatabaseWrapper) -> list[str]:
    """`app.name` of each migration that `apply` would apply, those included that are yet to be written."""
    return make_plan(connection, current()).names


def apply(connection: BaseDatabaseWrapper, *, allow_destructive: bool = False) -> list[str]:
    """Plans, writes and applies; the names of what was applied. MigrationRefused before anything is written."""
    with databases.locked(connection):
        plan = make_plan(connection, current())
        refuse_losses(plan, allow_destructive=allow_destructive)
        return carry_out(plan, connection)


def refuse_losses(plan: Plan, *, allow_destructive: bool) -> None:
    """MigrationRefused for a plan that destroys data, unless that is wanted."""
    if plan.losses and not allow_destructive:
        told = "\n".join(f"  {loss}" for loss in plan.losses)
        raise MigrationRefused(f"This would destroy data:\n{told}\nNothing was done. To do it all the same: --allow-destructive")


def carry_out(plan: Plan, connection: BaseDatabaseWrapper) -> list[str]:
    """Writes and applies a plan."""
    if not plan.names:
        return []
    paths = planning.write(plan.written)
    try:
        call_command("migrate", database=connection.alias, interactive=False, verbosity=0)
    except Exception as error:
        databases.abandon(connection)
        withdrawn = withdraw(paths, connection)
        if isinstance(error, DatabaseError | MigrationRefused):
            raise MigrationRefused(_failed(error, connection, withdrawn)) from error
        raise
    databases.refresh_statistics(connection)
    return plan.names


def withdraw(paths: list[Path], connection: BaseDatabaseWrapper) -> list[Path]:
    """Takes back files that were just written and could not be applied, so that the next plan starts afresh."""
    applied = MigrationRecorder(connection).applied_migrations()
    taken = [path for path in paths if (LABEL, path.stem) not in applied]
    for path in taken:
        path.unlink(missing_ok=True)
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        sys.modules.pop(f"pocketapi.tables.migrations.{path.stem}", None)
    return taken


def _failed(error: Exception, connection: BaseDatabaseWrapper, withdrawn: list[Path]) -> str:
    left = [".".join(key) for key in planning.unapplied(fresh_loader(connection))]
    resume = (
        f"Run it again to resume with {left[0]}." if left and not withdrawn else "Mend the rows or the config and run it again."
    )
    told = str(error) if isinstance(error, MigrationRefused) else f"The database refused a step: {error}"
    return f"{told}\nThe step was rolled back. {resume}"


def listing(connection: BaseDatabaseWrapper) -> list[dict[str, Any]]:
    """The migrations of the config's tables, oldest first, with their SQL for this database and the way back."""
    loader = fresh_loader(connection)
    return [_entry(migration, state, loader, connection) for migration, state in _history(loader)]


def _history(loader: MigrationLoader) -> Iterator[tuple[Migration, ProjectState]]:
    """Each of our migrations and the state before it."""
    ours = [key for key in loader.graph.nodes if key[0] == LABEL]
    ordered = dict.fromkeys(key for leaf in loader.graph.leaf_nodes(LABEL) for key in loader.graph.forwards_plan(leaf))
    state = ProjectState(real_apps=loader.unmigrated_apps)
    for key in ordered:
        migration = loader.graph.nodes[key]
        if key in ours:
            yield migration, state.clone()
        migration.mutate_state(state, preserve=False)


def _entry(migration: Migration, state: ProjectState, loader: MigrationLoader, connection: BaseDatabaseWrapper) -> dict[str, Any]:
    record: Any = loader.applied_migrations.get((LABEL, migration.name))
    return {
        "name": migration.name,
        "applied": record is not None,
        "applied_at": format_timestamp(record.applied) if record else None,
        "sql": forward_sql(migration, state.clone(), connection),
        "sql_revert": backward_sql(migration, state.clone(), connection),
    }


def forward_sql(migration: Migration, state: ProjectState, connection: BaseDatabaseWrapper) -> str:
    """The SQL of a migration; the state goes forward. Nothing runs, and no transaction is begun."""
    editor = _collector(connection)
    for operation in migration.operations:
        before = state.clone()
        operation.state_forwards(migration.app_label, state)
        if operation.reduces_to_sql:  # what runs Python would run it
            operation.database_forwards(migration.app_label, editor, before, state)
    return _collected(editor)


def backward_sql(migration: Migration, state: ProjectState, connection: BaseDatabaseWrapper) -> str | None:
    """The SQL that takes a migration back, where Django knows it."""
    states = [state]
    for operation in migration.operations:
        following = states[-1].clone()
        operation.state_forwards(migration.app_label, following)
        states.append(following)
    editor = _collector(connection)
    try:
        for number, operation in reversed(list(enumerate(migration.operations))):
            if operation.reduces_to_sql:
                operation.database_backwards(migration.app_label, editor, states[number + 1], states[number])
    except NotImplementedError:
        return None
    return _collected(editor)


def _collector(connection: BaseDatabaseWrapper) -> Any:
    """A schema editor that only writes down; entering it would begin a transaction and turn keys off."""
    connection.ensure_connection()
    editor: Any = connection.SchemaEditorClass(connection, collect_sql=True, atomic=False)
    editor.deferred_sql = []
    return editor


def _collected(editor: Any) -> str:
    for statement in editor.deferred_sql:
        editor.execute(statement, None)
    return "\n".join(editor.collected_sql)


def planned_sql(plan: Plan, connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str]]:
    """(`app.name`, SQL) of each step of a plan."""
    loader = fresh_loader(connection)
    applied = [key for key in loader.applied_migrations if key in loader.graph.nodes]
    state = loader.project_state(applied) if applied else ProjectState(real_apps=loader.unmigrated_apps)
    for migration in [*(loader.graph.nodes[key] for key in plan.pending), *plan.written]:
        yield f"{migration.app_label}.{migration.name}", forward_sql(migration, state, connection)
