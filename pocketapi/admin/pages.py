"""The pages of a list: filtered by an expression where one is given, and never counted beyond a bound."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import DataError, OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest

from pocketapi.admin import callers, columns, layout, theme
from pocketapi.config import link
from pocketapi.errors import BadRequest, ExpressionError
from pocketapi.expressions import grammar
from pocketapi.expressions.check import Checker, within
from pocketapi.expressions.fold import FALSE, Environment, fold
from pocketapi.expressions.nodes import Binary, Literal, Name, Node
from pocketapi.expressions.typed import Const, Typed, Variable, rewrite
from pocketapi.records import queries
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import client_scope

BOUND = 10_000  # rows that are counted one by one
WHERE = "where"
UNCOMPUTED = "The database cannot compute this filter."


class MoreThan(int):
    """A number that only tells that there are more."""

    def __str__(self) -> str:
        return f"more than {int(self)}"


class Pages(Paginator):  # type: ignore[type-arg]
    """Pages of rows, of which at most BOUND are counted; there is always one more to turn to beyond those."""

    reached = 1

    @cached_property
    def count(self) -> int:
        found = bounded(self.object_list)
        return MoreThan(BOUND) if found > BOUND else found

    @property
    def num_pages(self) -> int:
        counted = max(1, -(-int(self.count) // self.per_page))
        return max(counted, self.reached + 1) if isinstance(self.count, MoreThan) else counted

    def validate_number(self, number: Any) -> int:
        if isinstance(self.count, MoreThan) and isinstance(number, int) and number > 0:
            self.reached = max(self.reached, number)
        return super().validate_number(number)

    def page(self, number: Any) -> Any:
        """Django's page, which what is not counted does not cut."""
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        return self._get_page(self.object_list[bottom : bottom + self.per_page], number, self)  # type: ignore[attr-defined]


def bounded(found: Any) -> int:
    """How many rows there are, up to one more than BOUND."""
    return int(found.order_by().values("pk")[: BOUND + 1].count()) if isinstance(found, QuerySet) else len(found)


class RecordList(theme.ChangeList):  # type: ignore[misc]
    """A page of a table's rows."""

    result_list: Any
    queryset: QuerySet[Any]

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.where = request.GET.get(WHERE, "").strip()
        self.where_error: BadRequest | None = None
        super().__init__(request, *args, **kwargs)

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name != WHERE}

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request, *args, **kwargs).only(*self.loaded())
        if not self.where:
            return found
        try:
            return filtered(found, self.table, self.where, callers.caller_of(request, self.model, "view"))
        except ExpressionError as error:
            self.where_error = error
            return found.none()

    @property
    def table(self) -> link.Table:
        return self.model_admin.table  # type: ignore[no-any-return]

    def loaded(self) -> set[str]:
        """The columns that a list needs: no long texts, no bytes, and no secrets above all."""
        names = {self.table.primary.name, self.table.uid.name, *(field.name for field in layout.listed(self.table))}
        return {layout.attribute(self.table, name) for name in names}

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
            self.result_list = list(self.result_list)
        except (DataError, OperationalError):
            if not self.where:
                raise
            self.where_error, self.queryset = BadRequest(UNCOMPUTED), self.queryset.none()
            super().get_results(request)
        keys = [field.name for field in layout.listed(self.table) if field.spec.foreign_key]
        columns.find_titles(request, self.model_admin.admin_site, self.table, keys, self.result_list)


def filtered(found: QuerySet[Any], table: link.Table, text: str, caller: Caller) -> QuerySet[Any]:
    """The rows that fulfil an expression. ExpressionError where it is none."""
    return restricted(found, table, within(text, lambda: grammar.parse(text)), text, caller)


def is_indexed(table: link.Table) -> bool:
    """Whether a table has a full-text index."""
    return table.searched is not None


def searched(found: QuerySet[Any], table: link.Table, text: str, caller: Caller) -> QuerySet[Any]:
    """The rows with all words of a text, of which the last one may have been typed in part."""
    sought = text.strip() if text.rstrip().endswith(('"', "*")) else f"{text.strip()}*"
    return restricted(found, table, Binary("@@", Name((table.name,)), Literal(sought)), sought, caller)


def restricted(found: QuerySet[Any], table: link.Table, node: Node, text: str, caller: Caller) -> QuerySet[Any]:
    """The rows that fulfil an expression over the columns that the caller may name, with what it says of the caller put in."""
    checker = Checker(client_scope(table, caller.is_admin))
    tree: Typed = within(text, lambda: checker.condition(node))
    env = Environment({}, caller.variables, {WHERE: text})

    def put_in(part: Typed) -> Typed:
        return Const(part.kind, env.of(part)) if isinstance(part, Variable) else part

    condition = fold(rewrite(tree, put_in), env)
    found = found.none() if condition == FALSE else found.all()
    if condition != FALSE:
        queries.restrict(found.query, condition)
    return found
