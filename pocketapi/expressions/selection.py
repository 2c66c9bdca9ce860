"""What is selected, grouped and ordered: texts of a request to checked outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pocketapi.errors import ExpressionError
from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, within
from pocketapi.expressions.fold import Environment, Outline, fold
from pocketapi.expressions.kinds import FUNCTIONS, UNORDERED, Kind
from pocketapi.expressions.nesting import is_nested, nested
from pocketapi.expressions.nodes import Call, Item, Name, Star
from pocketapi.expressions.rows import settled
from pocketapi.expressions.scope import Column, Scope
from pocketapi.expressions.typed import ColumnRef, Operation, Ordering, Output, Typed, walk


@dataclass(frozen=True)
class Selection:
    """The outputs of a read, what they are grouped by, and their order. `aggregated` has one row, or one a group."""

    outputs: tuple[Output, ...]
    group: tuple[Typed, ...] | None = None
    order: tuple[Ordering, ...] = ()
    aggregated: bool = False
    distinct: bool = False

    @property
    def collapsed(self) -> bool:
        """Whether rows of the answer are no rows of the table."""
        return self.aggregated or self.distinct

    def folded(self, env: Environment) -> Selection:
        """The selection as one caller's variables make it."""
        group = None if self.group is None else tuple(fold(value, env) for value in self.group)
        order = tuple(replace(item, value=fold(item.value, env)) for item in self.order)
        return replace(self, outputs=tuple(folded(self.outputs, env)), group=group, order=order)


class Answer(tuple[Output, ...]):
    """Outputs that a cache holds. Equal to themselves only, so that they are quick keys; `fixed` are those no caller changes."""

    outline: Outline
    fixed: bool

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @classmethod
    def of(cls, outputs: Sequence[Output]) -> Answer:
        found = cls(outputs)
        found.outline = Outline.of(output.value for output in outputs)
        found.fixed = not (found.outline.guards or found.outline.variables)
        return found


def folded(outputs: Sequence[Output], env: Environment) -> Sequence[Output]:
    """Outputs as one caller's variables make them."""
    if isinstance(outputs, Answer) and outputs.fixed:
        return outputs
    return tuple(replace(output, value=fold(output.value, env)) for output in outputs)


def everything(columns: Mapping[str, Column], row: str = "") -> tuple[Output, ...]:
    """`*`: every column of a row."""
    return tuple(Output(name, ColumnRef(column.kind, column, row), star=True) for name, column in columns.items())


def outputs_of(text: str | None, scope: Scope, aggregates: bool = False) -> tuple[Output, ...]:
    """The items of select or returning; without a text all visible columns."""
    if text is None:
        return everything(scope.starred)
    checker = Checker(scope, aggregates=aggregates)
    return within(text, lambda: _outputs(grammar.parse_items(text), checker, 1))


def _outputs(items: Sequence[Item | Star], checker: Checker, depth: int) -> tuple[Output, ...]:
    found: dict[str, Output] = {}
    scope = checker.scope
    for item in items:
        if isinstance(item, Star):
            found |= {output.key: output for output in everything(scope.starred, scope.row) if output.key not in found}
            continue
        output = Output(key_of(item, scope), _value(item, checker, depth))
        if output.key in found and not (found[output.key].star and item.alias):
            raise ExpressionError(
                f"`{output.key}` is selected twice: give one of them an alias, as in `{output.key} => other`.",
                position=item.position,
            )
        found[output.key] = output
    return tuple(found.values())


def _value(item: Item, checker: Checker, depth: int) -> Typed:
    call = item.expression
    if isinstance(call, Call) and call.name not in FUNCTIONS and call.name != "exists":
        return nested(call, checker, depth, _outputs)
    return checker.value(call)


def key_of(item: Item, scope: Scope) -> str:
    """The key of an item in the answer: its alias, the column's name, the function's name."""
    if item.alias:
        return item.alias
    expression = item.expression
    if isinstance(expression, Name) and (len(expression.parts) == 1 or expression.parts[0] == scope.table):
        return expression.parts[-1]
    if isinstance(expression, Call):
        return expression.parts[0]
    raise ExpressionError("This expression needs an alias, as in `qty + 1 => more`.", position=item.position)


def select(text: str | None, group: str | None, order: str | None, distinct: bool, scope: Scope) -> Selection:
    """A whole selection, its grouping and order checked."""
    outputs = None if text is None and group else tuple(map(_settled, outputs_of(text, scope, aggregates=True)))
    groups = _group(group, outputs or (), scope) if group else None
    if outputs is None:
        outputs = tuple(groups or ())
    values = tuple(output.value for output in groups) if groups is not None else None
    aggregated = values is not None or any(map(is_aggregate, (output.value for output in outputs)))
    selection = Selection(outputs, values, (), aggregated, distinct)
    if selection.collapsed and any(is_nested(output.value) for output in outputs):
        raise ExpressionError("Records do not nest beside distinct, group or aggregates.")
    if aggregated:
        _check_grouped(selection, text or group or "")
    return replace(selection, order=_order(order, selection, scope)) if order else selection


def _settled(output: Output) -> Output:
    return replace(output, value=settled(output.value))


def by_relevance(selection: Selection, where: Typed) -> Selection:
    """The selection in the order of how well rows answer the searches of a filter, where it has no order of its own."""
    found = tuple(searches(where))
    if selection.order or selection.collapsed or not found:
        return selection
    return replace(selection, order=(Ordering(Operation(Kind.NUMBER, "relevance", found), descending=True),))


def searches(condition: Typed) -> Iterator[Operation]:
    """The searches of a row that a condition wants to hold; one that must not hold makes nothing more relevant."""
    if isinstance(condition, Operation):
        if condition.name == "@@":
            yield condition
        elif condition.name in ("and", "or"):
            for part in condition.args:
                yield from searches(part)


def is_aggregate(value: Typed) -> bool:
    """Whether a value is computed over several rows."""
    return any(isinstance(part, Operation) and part.name.startswith("agg:") for part in walk(value))


def check_ordered(value: Typed, position: int) -> None:
    """Refuse what has no order."""
    if value.kind in UNORDERED:
        raise ExpressionError(f"{value.kind.family} values have no order.", position=position)


def _aliased(outputs: Sequence[Output], scope: Scope) -> Scope:
    aliases = {output.key: output.value for output in outputs}
    return replace(scope, aliases=aliases)


def _group(text: str, outputs: Sequence[Output], scope: Scope) -> tuple[Output, ...]:
    named = replace(scope, aliases={output.key: output.value for output in outputs if output.key not in scope.columns})

    def check() -> tuple[Output, ...]:
        found: list[Output] = []
        for item in grammar.parse_items(text):
            if isinstance(item, Star):
                raise ExpressionError("`*` is nothing to group by.", position=item.position)
            value = settled(Checker(named).value(item.expression))
            if is_aggregate(value):
                raise ExpressionError("An aggregate is nothing to group by.", position=item.position)
            found.append(Output(key_of(item, scope) if not outputs else str(len(found)), value))
        return tuple(found)

    grouped: tuple[Output, ...] = within(text, check)
    return grouped


def _check_grouped(selection: Selection, text: str) -> None:
    """A plain column beside an aggregate must be grouped."""
    for output in selection.outputs:
        if (column := _ungrouped(output.value, selection.group or ())) is not None:
            raise ExpressionError(
                f"`{column.column.name}` stands beside an aggregate or a group: group by it.", text, column.position
            )


def _ungrouped(value: Typed, group: Sequence[Typed]) -> ColumnRef | None:
    if value in group:
        return None
    if isinstance(value, ColumnRef):
        return value
    if isinstance(value, Operation) and not value.name.startswith("agg:"):
        return next(filter(None, (_ungrouped(arg, group) for arg in value.args)), None)
    return None


def _order(text: str, selection: Selection, scope: Scope) -> tuple[Ordering, ...]:
    named = _aliased(selection.outputs, scope) if selection.collapsed else _extra_names(selection.outputs, scope)

    def check() -> tuple[Ordering, ...]:
        found: list[Ordering] = []
        for item in grammar.parse_order(text):
            value = settled(Checker(named, aggregates=selection.aggregated).value(item.expression))
            check_ordered(value, item.position)
            if selection.collapsed and not _is_selected(value, selection):
                what = "what is selected or grouped" if selection.aggregated else "what is selected"
                raise ExpressionError(f"With distinct, group or aggregates, order names only {what}.", position=item.position)
            found.append(Ordering(value, item.descending))
        return tuple(found)

    ordered: tuple[Ordering, ...] = within(text, check)
    return ordered


def _extra_names(outputs: Sequence[Output], scope: Scope) -> Scope:
    """Aliases that hide no column."""
    return replace(scope, aliases={output.key: output.value for output in outputs if output.key not in scope.columns})


def _is_selected(value: Typed, selection: Selection) -> bool:
    return any(value == output.value for output in selection.outputs) or value in (selection.group or ())
