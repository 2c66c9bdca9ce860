"""Which columns a caller's expressions may name: a hidden column does not exist for those who are no admins."""

from __future__ import annotations

from pocketapi.config import link
from pocketapi.expressions.scope import Column, Rows, Scope
from pocketapi.expressions.typed import TRUE
from pocketapi.tables.table import current, model_of

CLIENT = frozenset({"auth"})
CLIENT_UPDATE = frozenset({"auth", "new"})


def visible(table: link.Table, admin: bool) -> dict[str, Column]:
    """The columns of a table that a caller may read, in their order. Passwords are nobody's."""
    return {name: column for name, column in table.columns.items() if not column.secret and (admin or not column.hidden)}


def client_scope(table: link.Table, admin: bool, update: bool = False) -> Scope:
    """The names that a caller's text may use; `new` in the where of an update."""
    prefixes = CLIENT_UPDATE if update else CLIENT
    return Scope(table.name, visible(table, admin), prefixes, rows=lambda name: rows_of(name, admin), search=table.searched)


def rows_of(name: str, admin: bool) -> Rows | None:
    """What a caller's text may read of another table: visible columns, rows that the listRule gives."""
    table = current().tables.get(name)
    if table is None:
        return None
    rule = table.rule("list")
    shown = TRUE if admin else rule.tree if rule else None
    return Rows(model_of(name)._meta.db_table, visible(table, admin), shown, table.searched)
