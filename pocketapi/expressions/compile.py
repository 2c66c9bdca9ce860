"""A checked tree to Django expressions.

Placeholders survive Django's compiler as parameters, so that a statement is compiled once and bound for each request. A
condition in SQL has three values and the language two: an unknown counts as false where it arises, so `negated` is pushed
down to the comparisons, where IS NOT TRUE decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import BooleanField, F, Field
from django.db.models.expressions import Expression

from pocketapi.errors import ExpressionError
from pocketapi.expressions import functions, json_paths
from pocketapi.expressions.fold import Environment, collation_of
from pocketapi.expressions.functions import Template, both
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Typed, Variable, walk

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
FITS: dict[str, Callable[[Any], Any]] = {
    "": lambda value: value,
    "pattern": functions.pattern,
    "canonical": functions.canonical_json,
}


class Untyped(Field):  # type: ignore[type-arg]
    """An output that is read as the driver gives it."""


UNTYPED, BOOLEAN = Untyped(), BooleanField()


@dataclass(frozen=True)
class Parameter:
    """A placeholder among a compiled statement's parameters: the leaf whose value it takes, and how the value is fitted."""

    leaf: Const | Variable
    fit: str = ""

    def value(self, env: Environment) -> Any:
        """What the database is given."""
        value = env.of(self.leaf)
        return None if value is None else FITS[self.fit](value)


class Placeholder(Expression):
    """A literal or a variable as a parameter."""

    output_field = UNTYPED

    def __init__(self, leaf: Const | Variable, fit: str = "") -> None:
        super().__init__()
        self.leaf, self.fit = leaf, fit

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        inline = isinstance(self.leaf, Const) and self.leaf.slot is None
        parameter = Parameter(self.leaf, self.fit)
        return "%s", [parameter.value(Environment()) if inline else parameter]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        sql, params = self.as_sql(compiler, connection)
        return f"{sql}{CASTS.get(self.leaf.kind, '')}", params

    def get_group_by_cols(self) -> list[Any]:
        return []


PLACES = re.compile(r"\{(\d+|\*)\}")


@lru_cache(maxsize=1024)
def _repeated(template: str) -> frozenset[int]:
    """The arguments that a template names more than once."""
    found = [int(place) for place in PLACES.findall(template) if place != "*"]
    repeated = {place for place in found if found.count(place) > 1}
    return frozenset(repeated if template.count("{*}") < 2 else {-1})


class Fragment(Expression):
    """A template over arguments. An argument that stands several times is read once, in a subquery."""

    def __init__(
        self, template: Template, *args: Expression, conditional: bool = False, plain: bool = False, aggregate: bool = False
    ) -> None:
        super().__init__(output_field=BOOLEAN if conditional else UNTYPED)
        self.template, self.args, self.plain, self.aggregate = template, list(args), plain, aggregate

    def get_source_expressions(self) -> list[Any]:
        return self.args

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.args = list(exprs)

    @property
    def contains_aggregate(self) -> bool:
        return self.aggregate or any(getattr(arg, "contains_aggregate", False) for arg in self.args)

    def get_group_by_cols(self) -> list[Any]:
        if not self.contains_aggregate:
            return [self]
        return [] if self.aggregate else [column for arg in self.args for column in arg.get_group_by_cols()]

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        template = self.template.of(connection.vendor, self.plain)
        compiled = [compiler.compile(arg) for arg in self.args]
        repeated = range(len(compiled)) if -1 in _repeated(template) else _repeated(template)
        if not (self.plain or self.aggregate) and any(not _is_simple(self.args[index]) for index in repeated):
            return _once(template, compiled)
        return fill(template, [(sql, list(params)) for sql, params in compiled])


def _is_simple(expression: Any) -> bool:
    return isinstance(expression, Placeholder) or not isinstance(expression, Fragment)


def fill(template: str, args: Sequence[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    """A template with its arguments' SQL in place, and their parameters in the order in which they stand."""
    params: list[Any] = []

    def put(found: re.Match[str]) -> str:
        chosen = args if found[1] == "*" else [args[int(found[1])]]
        for _, values in chosen:
            params.extend(values)
        return ", ".join(sql for sql, _ in chosen)

    return PLACES.sub(put, template).replace("{{", "{").replace("}}", "}"), params


def _once(template: str, args: Sequence[tuple[str, list[Any]]]) -> tuple[str, list[Any]]:
    """The template over a subquery that computes each argument once; OFFSET keeps a planner from undoing that."""
    named: list[tuple[str, list[Any]]] = [(f"q.p{index}", []) for index in range(len(args))]
    outer, _ = fill(template, named)
    columns = ", ".join(f"{sql} AS p{index}" for index, (sql, _) in enumerate(args))
    params = [value for _, values in args for value in values]
    return f"(SELECT {outer} FROM (SELECT {columns} LIMIT 1 OFFSET 0) q)", params


# The compiler


@dataclass(frozen=True)
class Compiler:
    """Compiles trees over one table. `plain` is for CHECK constraints: SQL's three values, portable SQL only."""

    plain: bool = False
    column: Callable[[ColumnRef], Expression] = lambda ref: F(ref.column.name)  # type: ignore[assignment, return-value]

    def condition(self, tree: Typed, negated: bool = False) -> Expression:
        """A condition that is true where the tree is (or is not, if negated), and never raises."""
        if isinstance(tree, Const) and isinstance(tree.value, bool) and tree.slot is None:
            return self._sql("true" if tree.value is not negated else "false", conditional=True)
        if not isinstance(tree, Operation) or not tree.is_predicate:
            tree = Operation(Kind.BOOL, "truth", (tree,))
        if tree.name in ("and", "or"):
            return self._logical(tree, negated)
        if tree.name == "not":
            if self.plain:
                return self._sql("not", self.condition(tree.args[0]), conditional=True)
            return self.condition(tree.args[0], not negated)
        if tree.name in ("!=", "!in", "!~", "!holds"):
            positive = {"!=": "==", "!in": "in", "!~": "~", "!holds": "holds"}[tree.name]
            return self._atom(replace(tree, name=positive), not negated)
        return self._atom(tree, negated)

    def value(self, tree: Typed, fit: str = "") -> Expression:
        """A value of the tree's kind."""
        match tree:
            case Const() | Variable():
                return Placeholder(tree, fit)
            case ColumnRef():
                return self._column(tree)
            case Operation() if tree.is_predicate:
                return self._sql("is_true", self.condition(tree), conditional=True)
            case Operation():
                return self._operation(tree)
            case _:
                raise TypeError(tree)

    def _sql(self, name: str, *args: Expression, conditional: bool = False) -> Fragment:
        return Fragment(functions.TEMPLATES[name], *args, conditional=conditional, plain=self.plain)

    def _of(self, template: Template, *args: Expression) -> Fragment:
        return Fragment(template, *args, plain=self.plain)

    # Conditions

    def _logical(self, tree: Operation, negated: bool) -> Expression:
        joiner = "AND" if (tree.name == "and") is not negated else "OR"
        parts = [self.condition(arg, negated) for arg in tree.args]
        text = f" {joiner} ".join(f"{{{index}}}" for index in range(len(parts)))
        return Fragment(both(f"({text})"), *parts, conditional=True, plain=self.plain)

    def _atom(self, tree: Operation, negated: bool) -> Expression:
        if tree.name in ("==", "="):
            return self._equality(tree, negated)
        if tree.name == "truth":
            kind = "number" if tree.args[0].kind.is_number else tree.args[0].kind.family
            truth = functions.TEMPLATES.get(f"truth {kind}", functions.TEMPLATES["truth text"])
            found: Expression = Fragment(truth, self.value(tree.args[0]), conditional=True, plain=self.plain)
        elif tree.name == "in":
            found = self._membership(tree)
        elif tree.name == "~":
            found = self._like(tree)
        else:
            found = self._sql(tree.name, *self._sides(*tree.args), conditional=True)
        return self._negation(found) if negated else found

    def _negation(self, found: Expression) -> Expression:
        return self._sql("not" if self.plain else "is_not_true", found, conditional=True)

    def _equality(self, tree: Operation, negated: bool) -> Expression:
        left, right = tree.args
        for null, other in ((left, right), (right, left)):
            if isinstance(null, Const) and null.is_null:
                return self._sql("is_not_null" if negated else "is_null", self.value(other), conditional=True)
        sides = self._sides(left, right)
        sure = [not _may_be_null(side) for side in tree.args]
        if all(sure):
            return self._sql("<>" if negated else "=", *sides, conditional=True)
        null_safe = not self.plain and tree.name == "==" and not _has_variable(tree)
        if negated:
            return (
                self._sql("differs", *sides, conditional=True)
                if null_safe
                else self._negation(self._sql("=", *sides, conditional=True))
            )
        return self._sql("same" if null_safe and not any(sure) else "=", *sides, conditional=True)

    def _sides(self, left: Typed, right: Typed) -> tuple[Expression, Expression]:
        """Both sides of a comparison, under the collation that their columns have; JSON in one canonical text."""
        if Kind.JSON in (left.kind, right.kind):
            return self._canonical(left), self._canonical(right)
        collation = collation_of(left, right)
        sides = self.value(left), self.value(right)
        if collation == "BINARY":
            return sides
        return self.collated(sides[0], collation), self.collated(sides[1], collation)

    def collated(self, value: Expression, collation: str) -> Expression:
        """A text value under a collation, in comparisons and orders."""
        return self._sql(collation, value)

    def _canonical(self, side: Typed) -> Expression:
        return self.value(side, "canonical") if isinstance(side, Const | Variable) else self._sql("canonical", self.value(side))

    def _membership(self, tree: Operation) -> Expression:
        left, *items = tree.args
        first = self._sides(left, items[0])[0]
        rest = [self._sides(left, item)[1] for item in items]
        places = ", ".join(f"{{{index}}}" for index in range(1, len(rest) + 1))
        return Fragment(both(f"{{0}} IN ({places})"), first, *rest, conditional=True, plain=self.plain)

    def _like(self, tree: Operation) -> Expression:
        text, pattern = tree.args
        if isinstance(pattern, Const | Variable):
            return self._sql("~", self.value(text), Placeholder(pattern, "pattern"), conditional=True)
        return self._sql("~ column", self.value(text), self.value(pattern), conditional=True)

    # Values

    def _column(self, tree: ColumnRef) -> Expression:
        column = tree.column
        stored = f"column {column.kind.family} {column.storage}"
        expression = self.column(tree)
        return self._sql(stored, expression) if stored in functions.TEMPLATES and not self.plain else expression

    def _operation(self, tree: Operation) -> Expression:
        name = tree.name
        if name in "+-*/":
            kind = tree.kind if tree.kind is Kind.NUMBER else Kind.INTEGER
            return self._of(functions.ARITHMETIC[name, kind], *map(self.value, tree.args))
        if name.startswith("agg:"):
            return self._aggregate(tree)
        special = getattr(self, f"_{name}", None) if name.isidentifier() else None
        if name in ("->", "->>"):
            return self._json_step(tree)
        if name in functions.SQLITE_FORMATS or name == "strftime":
            return self._date(tree)
        if special and name in SPECIAL:
            return special(tree)  # type: ignore[no-any-return]
        kind_name = "integer" if tree.args and tree.args[0].kind is Kind.INTEGER else tree.args[0].kind.family
        template = functions.TEMPLATES.get(name) or functions.TEMPLATES[f"{name} {kind_name}"]
        return self._of(template, *map(self.value, tree.args))

    def _aggregate(self, tree: Operation) -> Expression:
        args = tuple(map(self.value, tree.args))
        name = tree.name if args else "agg:count rows"
        kind = "" if not args else "integer" if tree.args[0].kind is Kind.INTEGER else tree.args[0].kind.family
        template = functions.TEMPLATES.get(f"{name} {kind}") or functions.TEMPLATES[name]
        return Fragment(template, *args, aggregate=True)

    def _round(self, tree: Operation) -> Expression:
        return self._sql("round to" if len(tree.args) > 1 else "round", *map(self.value, tree.args))

    def _concat(self, tree: Operation) -> Expression:
        """Null counts as the empty text."""
        parts = [self._sql("coalesce", self.value(arg), Placeholder(Const(Kind.TEXT, ""))) for arg in tree.args]
        text = " || ".join(f"{{{index}}}" for index in range(len(parts)))
        return self._of(Template(f"({text})", f"({text}){functions.C}"), *parts)

    def _substring(self, tree: Operation) -> Expression:
        args = tree.args if len(tree.args) == 3 else (*tree.args, Const(Kind.INTEGER, 1_000_000_000))
        return self._sql("substring", *map(self.value, args))

    def _min(self, tree: Operation) -> Expression:
        return self._sql(tree.name, *map(self.value, tree.args)) if len(tree.args) > 1 else self.value(tree.args[0])

    _max = _min

    def _coalesce(self, tree: Operation) -> Expression:
        return self._sql("coalesce", *map(self.value, tree.args)) if len(tree.args) > 1 else self.value(tree.args[0])

    def _to_json(self, tree: Operation) -> Expression:
        (source,) = tree.args
        if source.kind.is_date:
            return self._sql("to_json text", self._sql(f"date text {source.kind.value}", self.value(source)))
        if isinstance(source, Variable) and source.kind is Kind.ANY:
            return Placeholder(replace(source, kind=Kind.JSON))
        return self._sql(f"to_json {source.kind.family}", self.value(source))

    def _json_step(self, tree: Operation) -> Expression:
        path = _static(json_paths.sqlite(tree.detail))
        wanted = Kind.TEXT if tree.kind.is_date else tree.kind
        template = functions.JSON_VALUES[wanted]
        step = "jsonb_path_query_first({0}, {1}::jsonpath, '{{{{}}}}'::jsonb, true)"
        found = Fragment(
            Template(template.sqlite, template.postgresql),
            Fragment(Template("{0}", step), self.value(tree.args[0]), _static(json_paths.postgresql(tree.detail))),
            path,
        )
        return self._sql("parse_date", found) if tree.kind.is_date else found

    def _json_change(self, tree: Operation) -> Expression:
        """json_set, json_insert and json_replace."""
        raise ExpressionError(f"`{tree.name}` is not in force yet.", position=tree.position)

    _json_set = _json_insert = _json_replace = _json_patch = _json_change

    # Dates

    def _date(self, tree: Operation) -> Expression:
        pattern = functions.SQLITE_FORMATS.get(tree.name) or str(tree.detail[0])
        modifiers = tree.detail if tree.name != "strftime" else tree.detail[1:]
        if any(_is_absurd(modifier) for modifier in modifiers):
            return Fragment(both("NULL"))
        argument = tree.args[0] if tree.args else None
        return Fragment(
            _Moment(tree.name, pattern, tuple(modifiers), argument.kind if argument else None),
            *([self.value(argument)] if argument else []),
        )


SPECIAL = frozenset(
    {"round", "concat", "substring", "min", "max", "coalesce", "to_json", "json_set", "json_insert", "json_replace", "json_patch"}
)


def _static(text: str) -> Placeholder:
    return Placeholder(Const(Kind.TEXT, text))


def _has_variable(tree: Typed) -> bool:
    return any(isinstance(part, Variable) for part in walk(tree))


def _may_be_null(side: Typed) -> bool:
    if isinstance(side, ColumnRef):
        return side.column.nullable
    return not isinstance(side, Const) or side.is_null or side.nullable


def _amount(modifier: str) -> tuple[int, str]:
    number, unit = modifier.split(" ")
    return int(number), unit.removesuffix("s")


def _is_absurd(modifier: str) -> bool:
    """Whether a modifier goes past every date there is."""
    if modifier == "unixepoch" or modifier.startswith("start"):
        return False
    number, unit = _amount(modifier)
    if unit in functions.UNITS:
        return abs(number) * functions.UNITS[unit] > functions.MOST_SECONDS
    return abs(number) * (12 if unit == "year" else 1) > functions.MOST_MONTHS


@dataclass(frozen=True)
class _Moment(Template):
    """The SQL of date, time, datetime, unixepoch and strftime: it depends on the modifiers."""

    def __init__(self, name: str, pattern: str, modifiers: tuple[str, ...], kind: Kind | None) -> None:
        object.__setattr__(self, "sqlite", _sqlite_moment(name, pattern, modifiers, kind))
        object.__setattr__(self, "postgresql", _postgresql_moment(name, pattern, modifiers, kind))
        object.__setattr__(self, "plain", "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("%", "%%").replace("{", "{{").replace("}", "}}") + "'"


def _sqlite_moment(name: str, pattern: str, modifiers: tuple[str, ...], kind: Kind | None) -> str:
    start = functions.MOMENTS[kind].sqlite if kind else "'now'"
    call = f"strftime({', '.join([_quoted(pattern), start, *map(_quoted, modifiers)])})"
    return f"CAST({call} AS INTEGER)" if name == "unixepoch" else call


def _postgresql_moment(name: str, pattern: str, modifiers: tuple[str, ...], kind: Kind | None) -> str:
    moment = functions.MOMENTS[kind].postgresql if kind else functions.NOW.postgresql
    for modifier in modifiers:
        moment = _changed(moment, modifier)
    if modifiers:
        moment = _over(functions.WITHIN_YEARS, moment)
    if name != "strftime":
        return functions.FROM_MOMENT[name].replace("{0}", moment)
    return _over(_postgresql_format(pattern), moment)


def _over(template: str, moment: str) -> str:
    return f"(SELECT {template.replace('{0}', 'm')} FROM (SELECT {moment} AS m OFFSET 0) t)"


def _changed(moment: str, modifier: str) -> str:
    if modifier == "unixepoch":
        return moment
    if modifier.startswith("start of "):
        return f"date_trunc('{modifier.removeprefix('start of ')}', {moment})"
    number, unit = _amount(modifier)
    if unit in functions.UNITS:
        return f"({moment} + {number} * INTERVAL '1 {unit}')"
    return _over(functions.months_later("{0}", number * (12 if unit == "year" else 1)), moment)


def _postgresql_format(pattern: str) -> str:
    """A strftime format as pieces joined by `||`."""
    pieces = []
    for piece in re.findall(r"%.|[^%]+", pattern, re.DOTALL):
        letter = piece[1:]
        if piece[0] != "%":
            pieces.append(_quoted(piece))
        elif letter in functions.PARTS:
            pieces.append(f"to_char({{0}}, '{functions.PARTS[letter]}')")
        else:
            pieces.append(
                {"%": "'%%'", "w": "extract(dow FROM {0})::int::text", "s": "floor(extract(epoch FROM {0}))::bigint::text"}[
                    letter
                ]
            )
    return f"({' || '.join(pieces) or chr(39) * 2}){functions.C}"
