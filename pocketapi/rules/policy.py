"""The one filter of rows: the condition that a verb's rule sets for a caller."""

from __future__ import annotations

from pocketapi.config import link
from pocketapi.errors import Forbidden
from pocketapi.expressions.fold import TRUE
from pocketapi.expressions.typed import Typed
from pocketapi.rules.principal import Caller


def rule_of(table: link.Table, verb: str, caller: Caller) -> Typed:
    """The condition on rows: all for an admin and where an action leaves rules out, Forbidden where the rule is null."""
    if caller.unruled:
        return TRUE
    rule = table.rule(verb)
    if rule is None:
        raise Forbidden(f"Only admins may {verb} records of {table.name}.")
    return rule.tree


def may_write(caller: Caller) -> None:
    """Refuse a viewer, who may only read."""
    if caller.principal.viewer:
        raise Forbidden("A viewer may only read.")
