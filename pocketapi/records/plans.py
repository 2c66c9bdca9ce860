"""Prepared statements: what a request's shape decides is compiled once, what its values decide is bound.

A request's filter is cut into shape and literals. The shape, with the other texts and the verb, finds the checked trees
(`Prepared`); their outline and the literals that a compiler reads complete the key of the finished SQL (`Statement`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pocketapi.expressions.compile import Parameter
from pocketapi.expressions.fold import Environment


@dataclass(frozen=True, slots=True)
class Statement:
    """Finished SQL and its parameters; those that are Parameters take a value from each request."""

    sql: str
    params: tuple[Any, ...] = ()

    def bind(self, env: Environment, *more: Any) -> list[Any]:
        """The parameters' values, with more at the end."""
        values = [param.value(env) if isinstance(param, Parameter) else param for param in self.params]
        values.extend(more)
        return values
