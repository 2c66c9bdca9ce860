"""The values of one request: what its literals and variables are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pocketapi.errors import ExpressionError
from pocketapi.expressions import literals
from pocketapi.expressions.grammar import literal_positions
from pocketapi.expressions.typed import Const, Slot, Variable


@dataclass
class Environment:
    """The values of one request: its literals by source, and its variables as nested mappings."""

    literals: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # what the literals were cut from, for messages
    ready: Mapping[Slot, Any] = field(default_factory=dict)  # values that are in the database's form already

    def literal(self, const: Const) -> Any:
        """A literal brought to its kind; ExpressionError where it cannot be."""
        if const.slot is None:
            return const.written
        if const.slot in self.ready:
            return self.ready[const.slot]
        raw = self.literals[const.slot.source][const.slot.index]
        try:
            return literals.convert(-raw if const.negative else raw, const.kind)
        except ValueError as error:
            label = f"{const.label}: " if const.label else ""
            text = self.texts.get(const.slot.source, "")
            position = literal_positions(text)[const.slot.index] if text else None
            raise ExpressionError(f"{label}{error}.", text, position) from None

    def raw(self, path: tuple[str | int, ...]) -> Any:
        """A variable's value, None where there is none."""
        value: Any = self.variables
        for part in path:
            if isinstance(value, Mapping):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int):
                value = value[part]
            else:
                return None
        return value

    def variable(self, variable: Variable) -> Any:
        """A variable brought to its kind, None where it cannot be."""
        return literals.convert_variable(self.raw(variable.path), variable.kind)

    def signature(self, path: tuple[str | int, ...]) -> tuple[str, int]:
        """What a plan may depend on of a variable's value: its kind, and the length of a list."""
        value = self.raw(path)
        if isinstance(value, list):
            return "list", len(value)
        return literals.kind_of_value(value).value, 0

    def of(self, leaf: Const | Variable) -> Any:
        """The value that a placeholder stands for."""
        return self.literal(leaf) if isinstance(leaf, Const) else self.variable(leaf)
