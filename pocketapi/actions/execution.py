"""Running an action: who may, with which parameters, then all its statements in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
from django.db import DatabaseError

from pocketapi.actions import registry, statements, steps
from pocketapi.actions.parameters import validated
from pocketapi.actions.registry import Action
from pocketapi.actions.tables import Tables
from pocketapi.errors import Forbidden, NotFound, Unauthorized
from pocketapi.records import judge, queries, render
from pocketapi.records.integrity import refusal
from pocketapi.rules.policy import may_write
from pocketapi.rules.principal import ANONYMOUS, Caller, Principal, Script

Auth = Caller | Principal | Mapping[str, Any] | None

logger = logging.getLogger("pocketapi")


def run(name: str, params: Mapping[str, Any] | None = None, auth: Auth = None) -> Any:
    """Run an action from Python, as a caller: a Principal, or what it is made of, as `{"uid": "x"}`; None is anonymous.

    Answers what the API would, parsed; raises the PocketError that it would tell.
    """
    found = registry.find(name)
    if found is None:
        raise NotFound(f"There is no action {name}.")
    return orjson.loads(perform(found, lambda: params or {}, caller_of(auth)))


def caller_of(auth: Auth) -> Caller:
    """The caller that Python code names."""
    if isinstance(auth, Caller):
        return auth
    if isinstance(auth, Mapping):
        auth = Principal(**{"sid": "", **auth})
    return Caller(auth or ANONYMOUS)


def perform(action: Action, ask: Callable[[], Mapping[str, Any]], caller: Caller) -> bytes:
    """Run an action; the rows of each of its statements as JSON. Refusals come in the contract's order."""
    may_write(caller)
    if action.require_auth and caller.principal.is_anonymous:
        raise Unauthorized
    params = validated(action.params, ask())
    scripted = replace(caller, script=Script(params, action.ruled))
    if action.guard is not None and not judge.holds(action.name, action.guard, scripted):
        raise Forbidden(f"The guard of {action.name} does not let you.")
    with refusing(action), queries.transaction_of(several=_is_several(action)):
        return _performed(action, scripted)


def _is_several(action: Action) -> bool:
    """Whether an action may take more than one statement of the database; a step has a transaction of its own."""
    if action.config is None:
        return True
    spec = action.config.spec
    several = any(statement.or_ or isinstance(statement.values, list) for statement in spec.sql or ())
    return several or len(spec.sql or spec.steps or ()) > 1


def _performed(action: Action, caller: Caller) -> bytes:
    if action.function is not None and caller.script is not None:
        return render.dumps(action.function(caller.script.params, caller, Tables(caller)))
    spec = action.config.spec if action.config else None
    if spec is None:
        raise TypeError(action)
    answers = [steps.perform(step, caller) for step in spec.steps or ()]
    answers += [statements.perform(spec.name, index, statement, caller) for index, statement in enumerate(spec.sql or ())]
    return b"[%b]" % b",".join(answers)


@contextmanager
def refusing(action: Action) -> Iterator[None]:
    """Turn a database's error into one that a caller may read; what it says goes to the log, for the author of the action."""
    try:
        yield
    except DatabaseError as error:
        told = refusal(error)
        logger.warning("The action %s was refused: %s", action.name, error)
        raise told from error
