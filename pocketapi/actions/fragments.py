"""Pieces of SQL with their parameters: a value never stands in the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from pocketapi.config.sql import fragment, parse
from pocketapi.errors import PocketError, ValidationFailed, field_error

LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter of the action."""

    name: str


@dataclass(frozen=True, slots=True)
class Count:
    """A parameter of the action that is a limit or an offset; `absent` stands for null."""

    name: str
    absent: int | None


@dataclass(frozen=True, slots=True)
class Made:
    """A value that is made anew for each row: an id, the time."""

    make: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the config."""

    value: Any


Parameter = Named | Count | Made | Value


@dataclass(frozen=True)
class Piece:
    """SQL in the form that drivers take, and the parameters of its places."""

    sql: str
    params: tuple[Parameter, ...] = ()

    def __add__(self, other: Piece) -> Piece:
        return Piece(self.sql + other.sql, self.params + other.params)

    def within(self, before: str, after: str = "") -> Piece:
        """The piece between two texts."""
        return Piece(before + self.sql + after, self.params)

    def bind(self, params: Mapping[str, Any], *more: Any) -> list[Any]:
        """The parameters' values, with more at the end."""
        return [*(_bound(each, params) for each in self.params), *more]


def _bound(parameter: Parameter, params: Mapping[str, Any]) -> Any:
    match parameter:
        case Named(name=name):
            return params[name]
        case Count(name=name, absent=absent):
            value = params[name]
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LIMIT):
                raise ValidationFailed({name: field_error("invalid", "This is no whole number from 0 on.")})
            return absent if value is None else value
        case Made(make=make):
            return make()
        case Value(value=value):
            return value


def joined(separator: str, pieces: Sequence[Piece]) -> Piece:
    """Pieces with a text between them."""
    return Piece(separator.join(piece.sql for piece in pieces), tuple(param for piece in pieces for param in piece.params))


def literal(value: Any) -> Piece:
    """A value of the config as a parameter; lists and mappings are JSON."""
    return Piece("%s", (Value(orjson.dumps(value).decode() if isinstance(value, list | dict) else value),))


def written(given: Any, vendor: str, whole: bool = False) -> Piece:
    """A fragment of the config for a database. PocketError where it is written for another one only."""
    found = fragment(given)
    if found.is_literal:
        return literal(found.literal)
    text = found.of(vendor)
    if text is None:
        raise PocketError(f"This action has no SQL for {vendor}.")
    sql = parse(text, whole)
    values = [literal(found.values[name]).params[0] if name in found.values else Named(name) for name in sql.names]
    return Piece("%s".join(piece.replace("%", "%%") for piece in sql.texts), tuple(values))


def count(given: Any, vendor: str, absent: int | None) -> Piece:
    """A limit or an offset; where it is one parameter and no more, its value is checked."""
    piece = written(given, vendor)
    if piece.sql.strip() == "%s" and isinstance(piece.params[0], Named):
        return Piece("%s", (Count(piece.params[0].name, absent),))
    return piece.within("(", ")")
