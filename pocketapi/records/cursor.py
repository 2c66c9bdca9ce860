"""Pages by cursor: each continues after the last row of the one before, however deep.

A cursor holds the values by which that row was ordered, its key the last of them, and the query that it belongs to. It is
encrypted, since the key may be a column that the caller does not see. The condition on the rows after it is a keyset condition
(nulls last in both directions).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from pocketapi.errors import BadRequest
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import FALSE, ColumnRef, Const, Operation, Ordering, Slot, Typed
from pocketapi.records.requests import Read
from pocketapi.tables.table import current

START = "*"
SALT = "pocketapi.cursor"
WRONG = "This cursor is none of this query's: begin again with cursor=*."


@dataclass(frozen=True)
class Position:
    """Where a page begins: at the start, or after a row of these values."""

    values: tuple[Any, ...] | None = None

    @property
    def shape(self) -> tuple[bool, ...] | None:
        """What a plan depends on: which of the values are null."""
        return None if self.values is None else tuple(value is None for value in self.values)

    @property
    def ready(self) -> dict[Slot, Any]:
        """The values for their slots."""
        return {slot(index): value for index, value in enumerate(self.values or ())}


def slot(index: int) -> Slot:
    """The slot of one of a cursor's values."""
    return Slot("cursor", index)


def position(table: str, request: Read) -> Position:
    """Where a request's page begins; BadRequest for a cursor that is none, or another query's."""
    if request.cursor == START:
        return Position()
    try:
        query, values = orjson.loads(_box().decrypt(request.cursor or ""))
    except (InvalidToken, ValueError):
        raise BadRequest(WRONG) from None
    if query != fingerprint(table, request):
        raise BadRequest(WRONG)
    return Position(tuple(values))


def token(table: str, request: Read, values: bytes | str) -> str:
    """The cursor after a row, of the JSON array of the values that it is ordered by."""
    text = values if isinstance(values, str) else values.decode()
    return _box().encrypt(f'["{fingerprint(table, request)}",{text}]'.encode()).decode()


def _box() -> MultiFernet:
    """Opens what Django's secret, or one of those before it, has closed."""
    return _box_of((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _box_of(secrets: tuple[str, ...]) -> MultiFernet:
    keys = (salted_hmac(SALT, "", secret, algorithm="sha256").digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def fingerprint(table: str, request: Read) -> str:
    """What a cursor belongs to: the config, the table, the filter, the order and the selection."""
    text = repr((current().fingerprint, table, request.where, request.order, request.select))
    return hashlib.blake2b(text.encode(), digest_size=9).hexdigest()


def after(order: Sequence[Ordering], place: Position) -> Typed:
    """The condition that a row comes after a cursor's."""
    if place.values is None:
        raise ValueError("The start has no row before it.")
    choices: list[Typed] = []
    same: list[Typed] = []
    for index, (item, value) in enumerate(zip(order, place.values, strict=True)):
        later = _later(item, index, value)
        if later != FALSE:
            choices.append(_all([*same, later]))
        same.append(_compare("==", item, index, value))
    either = choices[0] if len(choices) == 1 else Operation(Kind.BOOL, "or", tuple(choices))
    return _all([*_bound(order[0], place.values[0]), either])


def _later(item: Ordering, index: int, value: Any) -> Typed:
    """Nulls come last, so that nothing comes after one, and they come after everything else."""
    if value is None:
        return FALSE
    beyond = _compare("<" if item.descending else ">", item, index, value)
    return Operation(Kind.BOOL, "or", (beyond, _is_null(item.value))) if _nullable(item.value) else beyond


def _bound(item: Ordering, value: Any) -> list[Typed]:
    """The first key's bound by itself, by which an index is entered."""
    if value is None or _nullable(item.value):
        return []
    return [_compare("<=" if item.descending else ">=", item, 0, value)]


def _compare(operator: str, item: Ordering, index: int, value: Any) -> Typed:
    if value is None:
        return _is_null(item.value)
    return Operation(Kind.BOOL, operator, (item.value, Const(item.value.kind, slot=slot(index))))


def _is_null(value: Typed) -> Typed:
    return Operation(Kind.BOOL, "==", (value, Const(Kind.NULL)))


def _nullable(value: Typed) -> bool:
    return not (isinstance(value, ColumnRef) and not value.column.nullable)


def _all(conditions: Sequence[Typed]) -> Typed:
    return conditions[0] if len(conditions) == 1 else Operation(Kind.BOOL, "and", tuple(conditions))
