"""SQL from templates, as Django expressions.

Placeholders survive Django's compiler as parameters, so that a statement is compiled once and bound for each request. A
template may name an argument several times, and databases stop at statements that nest deep (SQLite's parser at a stack of
100): what must be computed once, or lies too deep, is computed by a chain of CTEs before, each with the values that are
needed later. So SQL grows with the expression and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Field
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

from pocketapi.errors import ExpressionError
from pocketapi.expressions import forms, routines
from pocketapi.expressions.environment import Environment
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.templates import Template
from pocketapi.expressions.typed import Const, Variable

CASTS = {
    Kind.TEXT: "::text",
    Kind.INTEGER: "::bigint",
    Kind.NUMBER: "::float8",
    Kind.BOOL: "::boolean",
    Kind.TIMESTAMP: "::timestamptz",
    Kind.DAY: "::date",
    Kind.TIME: "::time",
    Kind.JSON: "::jsonb",
    Kind.BLOB: "::bytea",
}
Compiled = tuple[str, list[Any]]
Fit = Callable[[Any], Any]


def pattern(value: str | None) -> str | None:
    """A value as a pattern of LIKE."""
    return None if value is None else routines.pattern(value)


def canonical(value: str | None) -> str | None:
    """JSON in its one text."""
    return None if value is None else routines.canonical_json(value)


class Untyped(Field):  # type: ignore[type-arg]
    """An output that is read as the driver gives it."""


UNTYPED, BOOLEAN = Untyped(), BooleanField()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A placeholder among a compiled statement's parameters: the leaf whose value it takes, and how the value is fitted."""

    leaf: Const | Variable
    fit: Fit | None = None

    def value(self, env: Environment) -> Any:
        """What the database is given."""
        value = env.of(self.leaf)
        return self.fit(value) if self.fit else value


class _Unique(Expression):
    """An expression that equals itself only: Django's own comparison looks at all that is below, at every level anew."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__


class Placeholder(_Unique):
    """A literal or a variable as a parameter."""

    output_field = UNTYPED

    def __init__(self, leaf: Const | Variable, fit: Fit | None = None) -> None:
        super().__init__()
        self.leaf, self.fit = leaf, fit

    def as_sql(self, *_: Any, **__: Any) -> Any:
        parameter = Parameter(self.leaf, self.fit)
        inline = isinstance(self.leaf, Const) and self.leaf.slot is None
        return "%s", [parameter.value(Environment()) if inline else parameter]

    def as_postgresql(self, *_: Any, **__: Any) -> Any:
        sql, params = self.as_sql()
        # In brackets, since `-9223372036854775808::bigint` casts before it negates, and a client that fills in values writes so.
        if self.fit in forms.CASTS:
            return forms.CASTS[self.fit].replace("{0}", sql), params
        cast = CASTS.get(self.leaf.kind)
        return (f"({sql}){cast}" if cast else sql), params

    def get_group_by_cols(self) -> list[Any]:
        return []


# Templates

PART = re.compile(r"\{\{|\}\}|\{(\d+|\*)\}")
OPENING = re.compile(r"'[^']*'|(\w*)\(|\)|\bCASE\b|\bEND\b|\bSELECT\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parts:
    """A template parted: texts and, between them, the arguments by number (-1 is all of them)."""

    texts: tuple[str, ...]
    places: tuple[int, ...]
    depths: tuple[int, ...]  # how deep each place lies, in entries of a parser's stack

    def again(self, index: int) -> bool:
        """Whether an argument stands more than once."""
        return self.places.count(index) > 1 or self.places.count(-1) > 1

    def fill(self, args: Sequence[Compiled]) -> Compiled:
        """The template with its arguments in place, and their parameters in the order in which they stand."""
        pieces, params = [self.texts[0]], []
        for place, text in zip(self.places, self.texts[1:], strict=True):
            chosen = args if place < 0 else (args[place],)
            pieces += [", ".join(sql for sql, _ in chosen), text]
            params += [value for _, values in chosen for value in values]
        return "".join(pieces), params


@lru_cache(maxsize=4096)
def parts_of(template: str) -> Parts:
    """A template's parts; doubled braces stand for one."""
    texts, places, depths = [""], [], []
    at = 0
    for found in PART.finditer(template):
        texts[-1] += template[at : found.start()]
        at = found.end()
        if found[1] is None:
            texts[-1] += found[0][0]
            continue
        places.append(-1 if found[1] == "*" else int(found[1]))
        depths.append(_depth(template[: found.start()]))
        texts.append("")
    texts[-1] += template[at:]
    return Parts(tuple(texts), tuple(places), tuple(depths))


def _depth(before: str) -> int:
    """How many entries of SQLite's parser stack are open after a text, at the most: 4 a function, 6 a CASE, 7 a SELECT."""
    depths = [1]  # an operand and its operator
    for found in OPENING.finditer(before):
        word = found[0].upper()
        if word in (")", "END"):
            depths.pop()
        elif word == "SELECT":
            depths[-1] += 7
        elif not word.startswith("'"):
            depths.append(6 if word == "CASE" else 4 if found[1] else 2)
    return sum(depths)


# Fragments


class Fragment(_Unique):
    """A template over arguments. To Django the arguments are those that are no fragments, at any depth: it recurses."""

    contains_over_clause = contains_subquery = False

    def __init__(
        self, template: Template, *args: Expression, conditional: bool = False, plain: bool = False, aggregate: bool = False
    ) -> None:
        super().__init__(output_field=BOOLEAN if conditional else UNTYPED)
        self.template, self.args, self.plain, self.aggregate = template, list(args), plain, aggregate
        self.contains_aggregate = aggregate or any(getattr(arg, "contains_aggregate", False) for arg in args)

    def parts(self, together: bool = False) -> list[Fragment]:
        """The fragment and all fragments in it, or those that are written together with it, each before those in it."""
        found, waiting = [], [self]
        while waiting:
            fragment = waiting.pop()
            found.append(fragment)
            inner = [arg for arg in fragment.args if isinstance(arg, Fragment)]
            waiting += [arg for arg in inner if not (together and fragment.keeps_apart(arg))]
        return found

    def keeps_apart(self, arg: Fragment) -> bool:
        """Whether an argument is written by itself: that of an aggregate, and what stands beside one, may be computed before."""
        return self.aggregate or (self.contains_aggregate and not arg.contains_aggregate)

    def get_source_expressions(self) -> list[Any]:
        return [arg for part in self.parts() for arg in part.args if not isinstance(arg, Fragment)]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        leaves, parts = iter(exprs), self.parts()
        copies = {id(part): copy(part) for part in parts[1:]} | {id(self): self}
        for part in parts:
            args = [copies[id(arg)] if isinstance(arg, Fragment) else next(leaves) for arg in part.args]
            copies[id(part)].args = args

    def get_group_by_cols(self) -> list[Any]:
        if not self.contains_aggregate:
            return [self]
        return [] if self.aggregate else [column for arg in self.args for column in arg.get_group_by_cols()]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> Any:
        piece = _Writer(compiler, connection.vendor).written(self)
        return piece.sql, piece.params


DEEPEST, LONG = 70, 200_000  # of what is computed of aggregates, which cannot be computed before: depth and characters
WITH = 14  # how deep a CTE's column lies
DEEP = 30  # deeper arguments are computed before; what stands around an expression takes as much again, twice


@dataclass(slots=True)
class _Piece:
    """SQL that is being put together: how deep it nests, and the numbers of the values before that it reads."""

    sql: str
    params: list[Any]
    depth: int = 0
    reads: frozenset[int] = frozenset()


class _Writer:
    """Writes one outermost fragment."""

    def __init__(self, compiler: SQLCompiler, vendor: str) -> None:
        self._compiler, self._vendor = compiler, vendor
        self._before: list[_Piece] = []
        self._levels: list[int] = []

    def written(self, root: Fragment) -> _Piece:
        """The fragment's SQL, with what is computed before."""
        pieces: dict[int, _Piece] = {}
        for fragment in reversed(root.parts(together=True)):
            pieces[id(fragment)] = self._fragment(fragment, pieces)
        piece = pieces[id(root)]
        if not self._before:
            return piece
        return _Piece(*self._with(piece), WITH + max(before.depth for before in (*self._before, piece)))

    def _fragment(self, fragment: Fragment, pieces: Mapping[int, _Piece]) -> _Piece:
        parts = parts_of(fragment.template.of(self._vendor, fragment.plain, fragment.contains_aggregate))
        args = [self._argument(fragment, arg, parts.again(index), pieces) for index, arg in enumerate(fragment.args)]
        sql, params = parts.fill([(arg.sql, arg.params) for arg in args])
        deepest = [depth + _depth_at(args, place) for place, depth in zip(parts.places, parts.depths, strict=True)]
        return _Piece(sql, params, max(deepest, default=0), frozenset().union(*(arg.reads for arg in args)))

    def _argument(self, around: Fragment, arg: Expression, again: bool, pieces: Mapping[int, _Piece]) -> _Piece:
        if not isinstance(arg, Fragment):
            sql, params = self._compiler.compile(arg)
            return _Piece(sql, list(params))
        if around.keeps_apart(arg):
            return _Writer(self._compiler, self._vendor).written(arg)
        piece = pieces[id(arg)]
        deepest = DEEPEST if self._vendor == "sqlite" else LONG
        if arg.contains_aggregate and (len(piece.sql) > LONG or piece.depth > deepest):
            raise ExpressionError("Too much is computed here of aggregates: select them, and compute of the answer.")
        before = (again or piece.depth > DEEP) and not around.plain and not arg.contains_aggregate
        return self._computed_before(piece) if before else piece

    def _computed_before(self, piece: _Piece) -> _Piece:
        number = len(self._before)
        self._before.append(piece)
        self._levels.append(1 + max((self._levels[read] for read in piece.reads), default=0))
        return _Piece(_name(number), [], 0, frozenset({number}))

    def _with(self, root: _Piece) -> Compiled:
        """A scalar subquery: a row a level, each with the values of its level and those from before that are read later."""
        needed = self._needed(root)
        rows = [self._row(level, needed[level]) for level in range(1, max(self._levels) + 1)]
        return _nested(root, rows) if self._vendor == "postgresql" else _chained(root, rows)

    def _row(self, level: int, needed: set[int]) -> Compiled:
        columns = [_name(number) for number in sorted(needed) if self._levels[number] < level]
        pieces = [(number, piece) for number, piece in enumerate(self._before) if self._levels[number] == level]
        columns += [f"{piece.sql} AS {_name(number)}" for number, piece in pieces]
        return ", ".join(columns), [param for _, piece in pieces for param in piece.params]

    def _needed(self, root: _Piece) -> list[set[int]]:
        """By level, the values that are read after it."""
        needed = [set[int]() for _ in range(max(self._levels) + 2)]
        for level in range(max(self._levels), -1, -1):
            later = root.reads if level == max(self._levels) else needed[level + 1]
            needed[level] = set(later).union(
                *(piece.reads for number, piece in enumerate(self._before) if self._levels[number] == level + 1)
            )
        return needed


def _chained(root: _Piece, rows: Sequence[Compiled]) -> Compiled:
    """For SQLite, whose parser's stack nesting would fill."""
    sources = ["", *(f" FROM l{level}$" for level in range(1, len(rows) + 1))]
    tables = [f"l{level}$ AS (SELECT {sql}{sources[level - 1]} LIMIT 1)" for level, (sql, _) in enumerate(rows, 1)]
    params = [param for _, values in rows for param in values]
    return f"(WITH {', '.join(tables)} SELECT {root.sql}{sources[-1]} LIMIT 1)", params + root.params


def _nested(root: _Piece, rows: Sequence[Compiled]) -> Compiled:
    """For PostgreSQL, which looks again at a row that another transaction has just changed, but not at a CTE of it."""
    source, params = "", list[Any]()
    for level, (sql, values) in enumerate(rows, 1):
        source, params = f" FROM (SELECT {sql}{source} LIMIT 1) l{level}$", values + params
    return f"(SELECT {root.sql}{source} LIMIT 1)", root.params + params


def _depth_at(args: Sequence[_Piece], place: int) -> int:
    return max((arg.depth for arg in args), default=0) if place < 0 else args[place].depth


def _name(number: int) -> str:
    """A column's name that no user's column has: names of the config hold no `$`."""
    return f"v{number}$"
