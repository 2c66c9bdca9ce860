"""A checked tree to Django expressions.

A condition in SQL has three values and the language two: an unknown counts as false where it arises, so `negated` is pushed
down to the comparisons, where IS NOT TRUE decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db.models import F
from django.db.models.expressions import Expression

from pocketapi.expressions import fragments, functions, json_changes, json_paths, moments
from pocketapi.expressions.evaluation import collation_of
from pocketapi.expressions.forms import FORMS, following, moment
from pocketapi.expressions.fragments import Fit, Fragment, Parameter, Placeholder
from pocketapi.expressions.functions import TEMPLATES
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.matching import Match, Relevance
from pocketapi.expressions.rows import Step
from pocketapi.expressions.subqueries import AliasedColumn, Subquery, quoted
from pocketapi.expressions.templates import Template, both
from pocketapi.expressions.typed import TRUE, ColumnRef, Const, Operation, Typed, Variable, collation, walk

__all__ = ["Compiler", "Fragment", "Parameter", "Placeholder"]

POSITIVE = {"!=": "==", "!in": "in", "!~": "~", "!holds": "holds"}
BOUNDS = {"<": "<", ">=": ">=", "<=": "<", ">": ">="}  # of a millisecond, in what has microseconds
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
EXTREMES = {"min": "least", "max": "greatest", "agg:min": "agg:min", "agg:max": "agg:max"}
UNLIMITED = 1_000_000_000  # characters


def _stored(reference: ColumnRef) -> Expression:
    if reference.row:
        return AliasedColumn(reference.row, reference.column.name)
    column: Expression = F(reference.column.field or reference.column.name)  # type: ignore[assignment]
    return column


@dataclass(frozen=True)
class Compiler:
    """Compiles trees over one table. `plain` is for CHECK constraints: SQL's three values, portable SQL only."""

    plain: bool = False
    column: Callable[[ColumnRef], Expression] = _stored

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
        if tree.name in POSITIVE:
            tree, negated = replace(tree, name=POSITIVE[tree.name]), not negated
        return self._equality(tree, negated) if tree.name in ("==", "=") else self._atom(tree, negated)

    def value(self, tree: Typed, fit: Fit | None = None) -> Expression:
        """A value of the tree's kind."""
        if isinstance(tree, Const | Variable):
            return Placeholder(tree, fit)
        if isinstance(tree, ColumnRef):
            return self._column(tree)
        if not isinstance(tree, Operation):
            raise TypeError(tree)
        if tree.is_predicate:
            return self._sql("is_true", self.condition(tree), conditional=True)
        return self._operation(tree)

    def collated(self, value: Expression, collation: str) -> Expression:
        """A text value under a collation, in comparisons and orders."""
        return self._sql(collation, value)

    def _sql(self, name: str, *args: Expression, conditional: bool = False) -> Fragment:
        return Fragment(TEMPLATES[name], *args, conditional=conditional, plain=self.plain)

    def _of(self, template: Template, *args: Expression) -> Fragment:
        return Fragment(template, *args, plain=self.plain)

    # Conditions

    def _logical(self, tree: Operation, negated: bool) -> Expression:
        parts = [self.condition(arg, negated) for arg in tree.args]
        return self._joined("AND" if (tree.name == "and") is not negated else "OR", parts)

    def _joined(self, joiner: str, parts: list[Expression]) -> Expression:
        text = f" {joiner} ".join(f"{{{index}}}" for index in range(len(parts)))
        return Fragment(both(f"({text})"), *parts, conditional=True, plain=self.plain)

    def _atom(self, tree: Operation, negated: bool) -> Expression:
        if tree.name == "truth":
            (arg,) = tree.args
            found: Expression = self._sql(f"truth {arg.kind.family}", self.value(arg), conditional=True)
        elif tree.name == "in":
            found = self._membership(tree)
        elif tree.name == "~":
            found = self._like(tree)
        elif tree.name == "exists":
            found = self._exists(tree)
        elif tree.name == "@@":
            found = self._match(tree)
        elif tree.name == "holds":
            found = self._sql("holds", *map(self.value, tree.args), conditional=True)
        else:
            left, right = tree.args
            found = self._within(tree.name, left, right) or self._sql(tree.name, *self._sides(left, right), conditional=True)
        return self._negation(found) if negated else found

    def _negation(self, found: Expression) -> Expression:
        return self._sql("not" if self.plain else "is_not_true", found, conditional=True)

    def _equality(self, tree: Operation, negated: bool) -> Expression:
        left, right = tree.args
        for null, other in ((left, right), (right, left)):
            if isinstance(null, Const) and null.is_null:
                return self._sql("is_not_null" if negated else "is_null", self.value(other), conditional=True)
        sure = [not _may_be_null(side) for side in tree.args]
        null_safe = not self.plain and tree.name == "==" and not tree.detail
        if not null_safe or any(sure):
            fitted = self._within("=", left, right) or self._fitted(left, right)
            if fitted:
                return self._negation(fitted) if negated else fitted
        sides = self._sides(left, right, same=True)
        if all(sure):
            return self._sql("<>" if negated else "=", *sides, conditional=True)
        if negated and null_safe:
            return self._sql("differs", *sides, conditional=True)
        if negated:
            return self._negation(self._sql("=", *sides, conditional=True))
        return self._sql("same" if null_safe and not any(sure) else "=", *sides, conditional=True)

    def _sides(self, left: Typed, right: Typed, same: bool = False) -> tuple[Expression, Expression]:
        """Both sides of a comparison, under the collation that their columns have; JSON in one canonical text.

        `same` is for equality, where two columns may be compared as they are stored.
        """
        if Kind.JSON in (left.kind, right.kind):
            return self._canonical(left), self._canonical(right)
        if {left.kind, right.kind} == {Kind.INTEGER, Kind.NUMBER}:
            return self._double(left), self._double(right)
        shared = collation_of(left, right)
        sides = self.value(left), self.value(right)
        if shared == "BINARY":
            alike = same and isinstance(left, ColumnRef) and isinstance(right, ColumnRef) and _is_exact(left, right)
            return (self.column(left), self.column(right)) if alike else sides  # type: ignore[arg-type]
        return self.collated(sides[0], shared), self.collated(sides[1], shared)

    # What existing models store in forms of their own: an index serves where the column stands as it is

    def _equal(self, left: Typed, right: Typed) -> Expression:
        """SQL equality, unknown where a side is null."""
        fitted = self._within("=", left, right) or self._fitted(left, right)
        return fitted or self._sql("=", *self._sides(left, right, same=True), conditional=True)

    def _fitted(self, left: Typed, right: Typed) -> Expression | None:
        """Equality of a column and a value in the column's form; none where the column has no such form."""
        for column, value in ((left, right), (right, left)):
            form = FORMS.get(column.column.form) if isinstance(column, ColumnRef) else None
            if form and form.exact and isinstance(value, Const | Variable) and collation_of(left, right) == "BINARY":
                return self._sql("=", self.column(column), Placeholder(value, form.fit), conditional=True)  # type: ignore[arg-type]
        return None

    def _within(self, operator: str, left: Typed, right: Typed) -> Expression | None:
        """A comparison of a column with microseconds and a value, in milliseconds; none for other columns."""
        if isinstance(right, ColumnRef):
            left, right, operator = right, left, MIRRORED.get(operator, operator)
        if not (isinstance(left, ColumnRef) and left.column.form == "moment" and isinstance(right, Const | Variable)):
            return None
        column, start, end = self.column(left), Placeholder(right, moment), Placeholder(right, following)
        if operator == "=":
            return self._sql("within", column, start, end, conditional=True)
        return self._sql(BOUNDS[operator], column, end if operator in ("<=", ">") else start, conditional=True)

    def _double(self, side: Typed) -> Expression:
        """A number that meets one of the other kind: an integer past 2**53 is the next double on both databases."""
        given = isinstance(side, Const | Variable) or side.kind is Kind.NUMBER
        return self.value(side) if given else self._sql("as_double", self.value(side))

    def _canonical(self, side: Typed) -> Expression:
        return (
            self.value(side, fragments.canonical)
            if isinstance(side, Const | Variable)
            else self._sql("canonical", self.value(side))
        )

    def _membership(self, tree: Operation) -> Expression:
        left, *items = tree.args
        if len({(collation_of(left, item), item.kind) for item in items}) > 1 or (items and _form_of(left) == "moment"):
            return self._joined("OR", [self._equal(left, item) for item in items])
        if not items:
            return self._sql("false", conditional=True)
        form = FORMS.get(_form_of(left))
        if form and form.exact and isinstance(left, ColumnRef) and all(isinstance(item, Const | Variable) for item in items):
            column = self.column(left)
            sides: list[tuple[Expression, Expression]] = [(column, Placeholder(item, form.fit)) for item in items]  # type: ignore[arg-type]
        else:
            sides = [self._sides(left, item) for item in items]
        places = ", ".join(f"{{{index}}}" for index in range(1, len(items) + 1))
        rest = [item for _, item in sides]
        return Fragment(both(f"{{0}} IN ({places})"), sides[0][0], *rest, conditional=True, plain=self.plain)

    def _like(self, tree: Operation) -> Expression:
        text, pattern = tree.args
        if isinstance(pattern, Const | Variable):
            return self._sql("~", self.value(text), Placeholder(pattern, fragments.pattern), conditional=True)
        return self._sql("~ column", self.value(text), self.value(pattern), conditional=True)

    # Search

    def _match(self, tree: Operation) -> Match:
        key, *columns, query = tree.args
        search, places = tree.detail
        if not isinstance(query, Const | Variable):
            raise TypeError(query)
        return Match(search, places, self.value(key), tuple(map(self.value, columns)), query)

    def _relevance(self, tree: Operation) -> Expression:
        """How well a row answers the searches that are left of a condition."""
        matches = [part for arg in tree.args for part in walk(arg) if isinstance(part, Operation) and part.name == "@@"]
        return Relevance(*map(self._match, matches))

    # Other rows

    def _exists(self, tree: Operation) -> Expression:
        (source,) = tree.detail
        condition = self.condition(tree.args[0])
        text = f"EXISTS (SELECT 1 FROM {quoted(source.table)} {quoted(source.alias)} WHERE {{0}})"
        return Subquery(both(text), condition, conditional=True)

    def _path(self, tree: Operation) -> Expression:
        base, value, *rules = tree.args
        first, *others = tree.detail
        joins = [f"{quoted(first.table)} {quoted(first.alias)}"]
        for before, step in zip(tree.detail, others, strict=False):
            on = f"{quoted(step.alias)}.{quoted(step.key)} = {quoted(before.alias)}.{quoted(before.following)}"
            joins.append(f"JOIN {quoted(step.table)} {quoted(step.alias)} ON {on}")
        wanted = [(index, rule) for index, rule in enumerate(rules, 2) if rule != TRUE]
        visible = "".join(f" AND {{{index}}}" for index, _ in enumerate(wanted, 2))
        args = (self._joint(first, base), self.value(value), *(self.condition(rule) for _, rule in wanted))
        return Subquery(both(f"(SELECT {{1}} FROM {' '.join(joins)} WHERE {{0}}{visible})"), *args)

    def _joint(self, step: Step, base: Typed) -> Expression:
        """The condition that a row is the one that a key points to: the key as it is stored, or a value that is to be written."""
        key: Expression = AliasedColumn(step.alias, step.key)
        form = FORMS.get(step.form)
        if isinstance(base, ColumnRef):
            value = self.column(base)
        elif form and form.fit and isinstance(base, Const | Variable):
            value = Placeholder(base, form.fit)
        else:
            key, value = self._read(step.form, key), self.value(base)
        return self._sql("=", key, value, conditional=True)

    def _read(self, form: str, column: Expression) -> Expression:
        """A column in the form in which values are computed with."""
        return self._of(FORMS[form].read, column) if form and not self.plain else column

    # Values

    def _column(self, tree: ColumnRef) -> Expression:
        stored = f"column {tree.column.kind.family} {tree.column.storage}"
        column = self._read(tree.column.form, self.column(tree))
        return self._sql(stored, column) if stored in TEMPLATES and not self.plain else column

    def _operation(self, tree: Operation) -> Expression:
        if tree.name in SPECIAL:
            return SPECIAL[tree.name](self, tree)
        if tree.name.startswith("agg:"):
            return self._aggregate(tree)
        return self._of(_template(tree.name, tree), *map(self.value, tree.args))

    def _arithmetic(self, tree: Operation) -> Expression:
        return self._of(functions.ARITHMETIC[tree.name, tree.kind], *map(self.value, tree.args))

    def _aggregate(self, tree: Operation) -> Expression:
        if not tree.args:
            return Fragment(TEMPLATES["agg:count rows"], aggregate=True)
        (arg,) = tree.args
        value = self._binary(arg) if tree.name in EXTREMES else self.value(arg)
        return Fragment(_template(tree.name, tree), value, aggregate=True)

    def _round(self, tree: Operation) -> Expression:
        value, places = (*tree.args, Const(Kind.INTEGER, 0))[:2]
        return self._sql("double", self._sql("round", self.value(value), self.value(places)))

    def _concat(self, tree: Operation) -> Expression:
        """Null counts as the empty text."""
        parts = [self._sql("coalesce", self.value(arg), _text("")) for arg in tree.args]
        text = " || ".join(f"{{{index}}}" for index in range(len(parts)))
        return self._of(Template(f"({text})", f"({text}){functions.C}"), *parts)

    def _substring(self, tree: Operation) -> Expression:
        args = tree.args if len(tree.args) == 3 else (*tree.args, Const(Kind.INTEGER, UNLIMITED))
        return self._sql("substring", *map(self.value, args))

    def _extreme(self, tree: Operation) -> Expression:
        return self._sql(EXTREMES[tree.name], *map(self._binary, tree.args))

    def _binary(self, tree: Typed) -> Expression:
        """A value that is compared by its bytes, whatever its column's collation."""
        return self.value(tree) if collation(tree) == "BINARY" else self.collated(self.value(tree), "BINARY")

    def _coalesce(self, tree: Operation) -> Expression:
        return self._sql("coalesce", *map(self.value, tree.args), *([] if len(tree.args) > 1 else [_null()]))

    # JSON

    def _to_json(self, tree: Operation) -> Expression:
        (source,) = tree.args
        if source.kind.is_date:
            return self._sql("to_json text", self._sql(f"date text {source.kind.value}", self.value(source)))
        return self._sql(f"to_json {source.kind.family}", self.value(source))

    def _json_step(self, tree: Operation) -> Expression:
        wanted = Kind.TEXT if tree.kind.is_date else tree.kind
        paths = json_paths.sqlite(tree.detail), json_paths.postgresql(tree.detail) + functions.JSON_TYPES[wanted]
        found = self._of(functions.JSON_VALUES[wanted], self.value(tree.args[0]), *map(_text, paths))
        if not tree.kind.is_date:
            return found
        moment = self._sql("parse_date", found)
        if tree.kind is Kind.TIMESTAMP:
            return moment
        name = "date" if tree.kind is Kind.DAY else "time"
        return self._of(moments.RESULTS[name], self._of(moments.STARTS[Kind.TIMESTAMP], moment))

    def _json_change(self, tree: Operation) -> Expression:
        """json_set, json_insert and json_replace."""
        change = json_changes.change(tree.name, tree.detail[0])
        return self._of(change.template, *map(self.value, tree.args), *map(_text, change.texts))

    # Dates

    def _date(self, tree: Operation) -> Expression:
        pattern, modifiers = (tree.detail[0], tree.detail[1:]) if tree.name == "strftime" else ("", tree.detail)
        moment = self._moment(tree.args[0]) if tree.args else self._of(moments.NOW)
        for modifier in modifiers:
            if modifier != "unixepoch":
                moment = self._of(moments.step(modifier), moment)
        if tree.name != "strftime":
            return self._of(moments.result(tree.name, changed=bool(modifiers)), moment)
        template, texts = moments.formatted(pattern)
        return self._of(template, moment, *map(_text, texts))

    def _moment(self, tree: Typed) -> Expression:
        return self._of(moments.STARTS[tree.kind], self.value(tree))


SPECIAL: dict[str, Callable[[Compiler, Operation], Expression]] = {
    **dict.fromkeys("+-*/", Compiler._arithmetic),
    **dict.fromkeys(("min", "max"), Compiler._extreme),
    **dict.fromkeys(("->", "->>"), Compiler._json_step),
    **dict.fromkeys(("json_set", "json_insert", "json_replace"), Compiler._json_change),
    **dict.fromkeys(("date", "time", "datetime", "unixepoch", "strftime"), Compiler._date),
    "round": Compiler._round,
    "concat": Compiler._concat,
    "substring": Compiler._substring,
    "coalesce": Compiler._coalesce,
    "to_json": Compiler._to_json,
    "path": Compiler._path,
    "relevance": Compiler._relevance,
}


def _form_of(part: Typed) -> str:
    return part.column.form if isinstance(part, ColumnRef) else ""


def _is_exact(left: ColumnRef, right: ColumnRef) -> bool:
    """Whether two columns that are equal are stored alike, so that an index of either serves."""
    form = FORMS.get(left.column.form)
    return form is not None and form.exact and left.column.form == right.column.form


def _template(name: str, tree: Operation) -> Template:
    """The template of a name, or of the name over the first argument's kind."""
    if name in TEMPLATES:
        return TEMPLATES[name]
    kind = tree.args[0].kind
    return TEMPLATES[f"{name} {'integer' if kind is Kind.INTEGER else kind.family}"]


def _text(text: str) -> Placeholder:
    return Placeholder(Const(Kind.TEXT, text))


def _null() -> Placeholder:
    return Placeholder(Const(Kind.NULL))


def _may_be_null(side: Typed) -> bool:
    if isinstance(side, ColumnRef):
        return side.column.nullable
    return not isinstance(side, Const) or side.is_null or side.nullable
