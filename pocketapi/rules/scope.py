"""Which columns expressions may name: a hidden column does not exist for callers who are no admins.

What an action says is the config's: it names every column, but only the rows of other tables that its rules give the caller.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pocketapi.config import link
from pocketapi.expressions.scope import Column, Rows, Scope
from pocketapi.expressions.typed import TRUE
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current, model_of

CLIENT = frozenset({"auth"})
CLIENT_UPDATE = frozenset({"auth", "new"})
SCRIPT = frozenset({"params"})


def scope_of(table: link.Table, caller: Caller, update: bool = False) -> Scope:
    """The names that a statement may use: those of the caller's text, or of an action's; `new` in the where of an update."""
    client = client_scope(table, caller.is_admin, update)
    if caller.script is None:
        return client
    return replace(
        client,
        columns=table.columns,
        prefixes=client.prefixes | SCRIPT,
        params=frozenset(caller.script.params),
        rows=lambda name: script_rows(name, caller),
        bare=not caller.is_admin,
    )


def visible(table: link.Table, admin: bool) -> dict[str, Column]:
    """The columns of a table that a caller may read, in their order. Passwords are nobody's."""
    return {name: column for name, column in table.columns.items() if not column.secret and (admin or not column.hidden)}


def client_scope(table: link.Table, admin: bool, update: bool = False) -> Scope:
    """The names that a caller's text may use; `new` in the where of an update."""
    prefixes = CLIENT_UPDATE if update else CLIENT
    columns, tables = visible(table, admin), tuple(current().tables)
    rows = partial(rows_of, admin=admin)
    return Scope(table.name, columns, prefixes, rows=rows, tables=tables, search=table.searched)


def rows_of(name: str, admin: bool) -> Rows | None:
    """What a caller's text may read of another table: visible columns, rows that the listRule gives."""
    table = current().tables.get(name)
    if table is None:
        return None
    rule = table.rule("list")
    shown = TRUE if admin else rule.tree if rule else None
    return Rows(model_of(name)._meta.db_table, visible(table, admin), shown, table.searched, table.primary.name)


def script_rows(name: str, caller: Caller) -> Rows | None:
    """What an action's text may read of another table: every column, of the rows that the listRule gives where it holds."""
    rows = rows_of(name, caller.unruled)
    return rows and replace(rows, columns=current().tables[name].columns)
