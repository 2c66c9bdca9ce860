"""What a caller asks for: a mapping of parameters, checked and typed. Unknown parameters name the nearest valid one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pocketapi.errors import BadRequest
from pocketapi.expressions.scope import nearest

T = TypeVar("T")
Ask = Callable[[], T]
"""A request that is read only once the null rule has let the caller pass: a 403 comes before what is wrong with a body."""

LIMIT = 2**63
MOST_ROWS = 1000  # of a batch: a lower MAX_LIMIT makes pages shorter, and no batch that clients send
READING = ("where", "order", "sort", "limit", "offset", "select", "distinct", "group", "cursor")
LISTING = (*READING, "total")
TOTALS = {"exact": True, "none": False}
BOOLS = {"true": True, "false": False, "1": True, "0": False, 1: True, 0: False}
MODES = ("IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK")


@dataclass(frozen=True)
class Read:
    """Parameters of select and list. Lists are joined by commas; None is absent."""

    where: str | None = None
    order: str | None = None
    limit: int | None = None
    offset: int = 0
    select: str | None = None
    distinct: bool = False
    group: str | None = None
    cursor: str | None = None
    counted: bool = True  # whether a list wants its total


@dataclass(frozen=True)
class View:
    """Parameters of view."""

    select: str | None = None
    where: str | None = None


@dataclass(frozen=True)
class Insert:
    """Rows to insert. `single` tells that one object was posted, and not a list."""

    values: tuple[Mapping[str, Any], ...]
    single: bool
    returning: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Update:
    """Which rows to change, and how: values, and expressions over the row."""

    where: str
    values: Mapping[str, Any]
    expressions: Mapping[str, str]
    returning: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Edit:
    """Bare fields of one record; the mode may be INSERT, too."""

    values: Mapping[str, Any]
    returning: str | None = None
    mode: str | None = None


@dataclass(frozen=True)
class Delete:
    """Which rows to delete: those of a filter, or the one record of a uid."""

    where: str = ""
    returning: str | None = None
    uid: str | None = None


@dataclass(frozen=True)
class File:
    """How a file is wanted: to be saved, and in which size."""

    attached: bool = False
    thumb: str | None = None


def read(data: Mapping[str, Any], extra: Sequence[str] = (), listed: bool = False) -> Read:
    """The request of select, or of list; `extra` are query names that a rule reads."""
    _known(data, LISTING if listed else READING, extra)
    if _given(data, "order") and _given(data, "sort"):
        raise BadRequest("order and sort are the same: leave one out.")
    request = Read(
        where=where_of(data),
        order=_listed(data, "order") or _listed(data, "sort"),
        limit=_count(data, "limit"),
        offset=_count(data, "offset") or 0,
        select=_listed(data, "select"),
        distinct=flag(data, "distinct"),
        group=_listed(data, "group"),
        cursor=_text(data, "cursor"),
        counted=_counted(data),
    )
    if request.cursor and (_given(data, "offset") or request.distinct or request.group):
        raise BadRequest("cursor stands with neither offset nor distinct nor group.")
    return request


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise BadRequest(f"{name} is text.")
    return value


def _counted(data: Mapping[str, Any]) -> bool:
    total = data.get("total")
    if total in (None, ""):
        return True
    if not isinstance(total, str) or total not in TOTALS:
        raise BadRequest(f"total is one of {', '.join(TOTALS)}.")
    return TOTALS[total]


def view(data: Mapping[str, Any], extra: Sequence[str] = ()) -> View:
    """The request of view."""
    _known(data, ("select", "where"), extra)
    return View(_listed(data, "select"), where_of(data))


def file(data: Mapping[str, Any], extra: Sequence[str] = ()) -> File:
    """The request of a file; a token was read before."""
    _known(data, ("download", "thumb", "token"), extra)
    return File(flag(data, "download"), _text(data, "thumb"))


def insert(data: Mapping[str, Any], most: int) -> Insert:
    """The request of insert; at most `most` rows."""
    if "values" not in data:
        raise BadRequest('values is required: wrap the fields, as {"values": {...}}')
    _known(data, ("values", "returning", "or"))
    values = data["values"]
    rows = [values] if isinstance(values, Mapping) else values
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise BadRequest("values is an object, or a list of objects.")
    if len(rows) > most:
        raise BadRequest(f"values has at most {most} rows, these are {len(rows)}.")
    return Insert(tuple(rows), isinstance(values, Mapping), _listed(data, "returning"), mode_of(data, MODES))


def update(data: Mapping[str, Any]) -> Update:
    """The request of update."""
    where = _required_where(data, "update", "setValues")
    _known(data, ("where", "setValues", "set", "returning", "or"))
    values, expressions = _object(data, "setValues"), _object(data, "set")
    if not values and not expressions:
        raise BadRequest("setValues or set is required: say what to change.")
    if twice := sorted(set(values) & set(expressions)):
        raise BadRequest(f"{twice[0]} stands in setValues and in set: leave one out.")
    for name, text in expressions.items():
        if not isinstance(text, str):
            raise BadRequest(f"set.{name} is an expression, written as text.")
    return Update(where, values, expressions, _listed(data, "returning"), mode_of(data, MODES))


def edit(values: Mapping[str, Any], query: Mapping[str, Any], extra: Sequence[str] = ()) -> Edit:
    """The request of edit: fields in the body, the rest in the query string."""
    _known(query, ("returning", "or"), extra)
    return Edit(values, _listed(query, "returning"), mode_of(query, ("INSERT", *MODES)))


def delete(data: Mapping[str, Any]) -> Delete:
    """The request of delete."""
    where = _required_where(data, "delete", "")
    _known(data, ("where", "returning"))
    return Delete(where, _listed(data, "returning"))


def check_query(query: Mapping[str, Any], names: Sequence[str]) -> None:
    """Beside a body the query string has only what rules read."""
    for name in query:
        if name not in names:
            raise BadRequest(f"There is no parameter {name} in the query string: send it in the body.")


def mode_of(data: Mapping[str, Any], modes: Sequence[str]) -> str | None:
    """What to do about unique conflicts; None is to fail."""
    mode = data.get("or")
    if mode in (None, ""):
        return None
    if mode not in modes:
        raise BadRequest(f"or is one of {', '.join(modes)}.")
    return None if mode in ("ABORT", "ROLLBACK") else str(mode)


def where_of(data: Mapping[str, Any]) -> str | None:
    """The filter; a blank one is absent."""
    where = data.get("where")
    if where is None:
        return None
    if not isinstance(where, str):
        raise BadRequest("where is an expression, written as text.")
    return where if where.strip() else None


def _required_where(data: Mapping[str, Any], verb: str, wrapper: str) -> str:
    where = where_of(data)
    if where is None:
        hint = ', "setValues": {...}' if wrapper else ""
        raise BadRequest(f'where is required: say which records to {verb}, as {{"where": "id == \'...\'"{hint}}}')
    return where


def _known(data: Mapping[str, Any], names: Sequence[str], extra: Sequence[str] = ()) -> None:
    for name in data:
        if name not in names and name not in extra:
            raise BadRequest(f"There is no parameter {name}{nearest(name, names)}")


def _given(data: Mapping[str, Any], name: str) -> bool:
    return data.get(name) not in (None, "", [])


def _listed(data: Mapping[str, Any], name: str) -> str | None:
    """A text, or a list of texts as one with commas."""
    value = data.get(name)
    if value in (None, "", []):
        return None
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    raise BadRequest(f"{name} is text, or a list of texts.")


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRequest(f"{name} is an object of fields.")
    return value


def _count(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value) if len(value) < 25 else LIMIT
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LIMIT:
        raise BadRequest(f"{name} is a whole number from 0 on.")
    return value


def flag(data: Mapping[str, Any], name: str) -> bool:
    """A parameter that is true or false; absent it is false."""
    value = data.get(name)
    if value in (None, ""):
        return False
    key = value.lower() if isinstance(value, str) else value
    if isinstance(key, float) or not isinstance(key, str | int) or key not in BOOLS:
        raise BadRequest(f"{name} is true or false.")
    return BOOLS[key]
