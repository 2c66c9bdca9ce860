"""Which columns a caller's expressions may name: a hidden column does not exist for those who are no admins."""

from __future__ import annotations

from pocketapi.config import link
from pocketapi.expressions.scope import Column, Scope

CLIENT = frozenset({"auth"})
CLIENT_UPDATE = frozenset({"auth", "new"})


def visible(table: link.Table, admin: bool) -> dict[str, Column]:
    """The columns of a table that a caller may read, in their order. Passwords are nobody's."""
    return {name: column for name, column in table.columns.items() if not column.secret and (admin or not column.hidden)}


def client_scope(table: link.Table, admin: bool, update: bool = False) -> Scope:
    """The names that a caller's text may use; `new` in the where of an update."""
    return Scope(table.name, visible(table, admin), CLIENT_UPDATE if update else CLIENT)
