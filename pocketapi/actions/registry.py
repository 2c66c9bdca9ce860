"""Which actions there are: those of the config, and functions that the project registers.

A project writes its functions in a module `pocket_actions` of one of its apps, which is imported at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from pocketapi.actions.tables import Tables
from pocketapi.config import link
from pocketapi.config.part import IDENTIFIER
from pocketapi.config.rules import CALLER
from pocketapi.config.statements import Param, param
from pocketapi.expressions.check import condition
from pocketapi.expressions.scope import Scope
from pocketapi.expressions.typed import Typed
from pocketapi.rules.principal import SYSTEM, Caller
from pocketapi.rules.scope import rows_of
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

MODULE = "pocket_actions"
Function = Callable[[Mapping[str, Any], Caller, Tables], Any]


@dataclass(frozen=True)
class Action:
    """An action that may be run: what it takes, who may run it, and what it does."""

    name: str
    params: Mapping[str, Param]
    description: str | None = None
    guard: Typed | None = None
    require_auth: bool = False
    ruled: bool = True  # whether the rules of tables hold in its steps
    config: link.Action | None = None
    function: Function | None = None

    @property
    def query_names(self) -> tuple[str, ...]:
        """The query names that the guard reads."""
        return link.query_names([self.guard] if self.guard else [])


@dataclass(frozen=True)
class Registration:
    """A function as it was registered; its guard is understood when the tables are known."""

    function: Function
    params: Mapping[str, Param]
    description: str | None
    guard: str | None
    require_auth: bool
    ruled: bool


FUNCTIONS: dict[str, Registration] = {}
ACTIONS: Cache[Action] = Cache()


@dataclass(frozen=True)
class action:  # noqa: N801 - a decorator
    """Register a function as an action. `params` are as in the config: `{"amount": "number"}`.

    @action("archive", params={"before": "string"}, require_auth=True)
    def archive(params, caller, tables):
        return tables.update("links", where="created < params.before", setValues={"archived": True}, returning="id")
    """

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    guard: str | None = None
    require_auth: bool = False
    apply_table_rules: bool = True

    def __call__(self, function: Function) -> Function:
        if not IDENTIFIER.fullmatch(self.name):
            raise ImproperlyConfigured(f"{self.name!r} is no name of an action: it has letters, digits and `_`.")
        if self.name in FUNCTIONS and FUNCTIONS[self.name].function is not function:
            raise ImproperlyConfigured(f"There is another action {self.name!r}: names are unique.")
        params = {name: Param.model_validate(param(given)) for name, given in self.params.items()}
        told = self.description or (function.__doc__ or "").strip().partition("\n")[0] or None
        FUNCTIONS[self.name] = Registration(function, params, told, self.guard, self.require_auth, self.apply_table_rules)
        return function


def find(name: str) -> Action | None:
    """An action by name."""
    config = current()
    if name not in config.actions and name not in FUNCTIONS:
        return None
    return ACTIONS.get(config, name, lambda: _made(name))


def every() -> Iterator[Action]:
    """All actions: the config's in its order, then those of the project."""
    for name in dict.fromkeys([*current().actions, *FUNCTIONS]):
        if found := find(name):
            yield found


def _made(name: str) -> Action:
    found = current().actions.get(name)
    if found is None:
        registered = FUNCTIONS[name]
        guard = _guard(name, registered) if registered.guard is not None else None
        return Action(
            name,
            registered.params,
            registered.description,
            guard,
            registered.require_auth,
            registered.ruled,
            function=registered.function,
        )
    spec = found.spec
    return Action(name, spec.params, spec.description, found.guard, spec.require_auth, spec.apply_table_rules, config=found)


def _guard(name: str, registered: Registration) -> Typed:
    tables = tuple(current().tables)
    params = frozenset(registered.params)
    scope = Scope(name, {}, CALLER | {"params"}, params, rows=lambda table: rows_of(table, SYSTEM.is_admin), tables=tables)
    return condition(registered.guard or "", scope)
