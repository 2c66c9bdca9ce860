"""The filters beside a list: one for each boolean, choice, date and relation. Their parameters are ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from pocketapi.admin import inputs, layout
from pocketapi.config import link
from pocketapi.errors import PocketError
from pocketapi.expressions.kinds import Kind
from pocketapi.records import values
from pocketapi.records.values import FormText

PREFIX = "by-"  # no column has such a name
NONE, SOME = "~none", "~some"
EMPTY = [(NONE, "Empty"), (SOME, "Not empty")]
SPANS = {"today": ("Today", 0), "week": ("Past 7 days", 7), "month": ("Past 30 days", 30), "year": ("Past 365 days", 365)}
Pairs = Iterable[tuple[str, str]]


class FieldFilter(SimpleListFilter):
    """A filter over one field; a nullable one has two choices more."""

    table: ClassVar[link.Table]
    field: ClassVar[link.Field]

    @property
    def attribute(self) -> str:
        return layout.attribute(self.table, self.field.name)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Pairs:  # noqa: ARG002 - Django's signature
        return [*self.options(), *([] if self.field.not_null else EMPTY)]

    def options(self) -> Pairs:
        """The values that are offered."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - Django's signature
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen in (NONE, SOME):
            return queryset.filter(**{f"{self.attribute}__isnull": chosen == NONE})
        return self.narrowed(queryset, str(chosen))

    def narrowed(self, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        """The rows with a value; none for what the field cannot have."""
        try:
            value = values.clean(self.field, FormText(chosen))
        except (values.Invalid, PocketError):
            return queryset.none()
        return queryset.filter(**{self.attribute: value})


class BoolFilter(FieldFilter):
    """Yes or no."""

    def options(self) -> Pairs:
        return [("true", "Yes"), ("false", "No")]


class OptionFilter(FieldFilter):
    """One of the options."""

    def options(self) -> Pairs:
        return [(str(option), str(option)) for option in self.field.spec.options or ()]


class DateFilter(FieldFilter):
    """How long ago, in UTC."""

    def options(self) -> Pairs:
        return [(name, label) for name, (label, _) in SPANS.items()]

    def narrowed(self, queryset: QuerySet[Any], chosen: str) -> QuerySet[Any]:
        if chosen not in SPANS:
            return queryset.none()
        today = timezone.now().astimezone(UTC).date()
        first, after = today - timedelta(days=SPANS[chosen][1]), today + timedelta(days=1)
        low, high = (
            (day if self.field.column.kind is Kind.DAY else datetime.combine(day, time.min, UTC)) for day in (first, after)
        )
        return queryset.filter(**{f"{self.attribute}__gte": low, f"{self.attribute}__lt": high})


class RelationFilter(FieldFilter):
    """One row of another table, found by typing: never all of them as options."""

    template = "pocketapi/panel/relation_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: ModelAdmin[Any]) -> None:
        super().__init__(request, params, model, model_admin)
        self.input = inputs.RelationField(self.table, self.field, model_admin.admin_site)
        self.others = [(name, value) for name, value in request.GET.items() if name not in (self.parameter_name, "p")]

    def options(self) -> Pairs:
        return []

    def has_output(self) -> bool:
        return True

    def widget(self) -> Any:
        """The input, with the row that is chosen."""
        chosen = self.value()
        shown = None if chosen in (NONE, SOME) else chosen
        return self.input.widget.render(self.parameter_name, shown, {"id": f"filter-{self.field.name}"})


def filter_class(field: link.Field) -> type[FieldFilter] | None:
    """The filter for a field, if it makes one."""
    if field.column.secret or field.column.hidden:
        return None
    if field.spec.foreign_key:
        return RelationFilter
    if field.column.kind is Kind.BOOL:
        return BoolFilter
    if field.spec.options:
        return OptionFilter
    return DateFilter if field.column.kind in (Kind.TIMESTAMP, Kind.DAY) else None


def of_table(table: link.Table) -> Sequence[type[FieldFilter]]:
    """The filters of a table, in the order of its fields."""
    found = ((field, filter_class(field)) for field in table.fields.values())
    return [made(table, field, kind) for field, kind in found if kind]


def made(table: link.Table, field: link.Field, kind: type[FieldFilter]) -> type[FieldFilter]:
    """A filter over a field."""
    named = {"table": table, "field": field, "title": layout.words(field.name), "parameter_name": PREFIX + field.name}
    return type(kind.__name__, (kind,), named)
