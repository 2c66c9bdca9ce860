"""The rows of other tables that point to a row: the first few of each beside it, and what becomes of them when it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import Truncator

from pocketapi.admin import callers, columns, filters, inlines, layout, texts
from pocketapi.config import link
from pocketapi.tables.table import current, model_of

FIRST = 5
COUNTED = 1000
GOES = {
    "CASCADE": "deleted along",
    "SET NULL": "kept, without the link",
    "SET DEFAULT": "kept, with the default",
}

IN_THE_WAY = "in the way, so that nothing can be deleted"


@dataclass(frozen=True)
class Related:
    """The rows of a table that point to a row by one field."""

    name: str
    field: str
    rows: Sequence[tuple[str, str]]  # address, title; none where they stand in the form
    more: bool
    inlined: bool
    list_url: str
    add_url: str | None


def related(request: HttpRequest, site: AdminSite, table: link.Table, row: models.Model) -> list[Related]:
    """What points to a row, of the tables that the user may view: a statement each."""
    return list(_related(request, site, table, row))


def _related(request: HttpRequest, site: AdminSite, table: link.Table, row: models.Model) -> Iterator[Related]:
    for other, field in layout.pointing(current(), table.name):
        model = model_of(other.name)
        if not callers.may(request, model, "view"):
            continue
        inlined = inlines.is_inlined(site, other)
        first = inlines.ROWS if inlined else FIRST
        found = list(_pointing_to(other, field, table, [row]).order_by("-pk").values_list("pk", _title(other))[: first + 1])
        key = texts.read(field, _key(field, table, row))
        yield Related(
            name=layout.words(other.name),
            field=layout.words(field.name),
            rows=[
                (columns.address_of(model, pk, site), Truncator(str(title or pk)).chars(columns.LONGEST))
                for pk, title in ([] if inlined else found[:FIRST])
            ],
            more=len(found) > first,
            inlined=inlined,
            list_url=f"{columns.list_address(model, site)}?{urlencode({filters.PREFIX + field.name: key})}",
            add_url=_add_url(model, site, field, key) if callers.may(request, model, "add") else None,
        )


def _add_url(model: type[models.Model], site: AdminSite, field: link.Field, key: str) -> str:
    options = model._meta
    path = reverse(f"admin:{options.app_label}_{options.model_name}_add", current_app=site.name)
    return f"{path}?{urlencode({field.name: key})}"


def _title(table: link.Table) -> str:
    return layout.attribute(table, layout.title_of(table).name)


def _key(field: link.Field, table: link.Table, row: models.Model) -> Any:
    key = field.spec.foreign_key
    return layout.value_of(table, row, key.column) if key else None


def _pointing_to(other: link.Table, field: link.Field, table: link.Table, rows: Sequence[models.Model]) -> Any:
    keys = [_key(field, table, row) for row in rows]
    return model_of(other.name)._base_manager.filter(**{f"{layout.attribute(other, field.name)}__in": keys})


def consequences(request: HttpRequest, table: link.Table, rows: Sequence[models.Model]) -> Iterator[str]:
    """What becomes of the rows that point to rows which go, as sentences; their number only for who may view them."""
    for other, field in layout.pointing(current(), table.name):
        key = field.spec.foreign_key
        if key is None:
            continue
        number = _pointing_to(other, field, table, rows)[: COUNTED + 1].count()
        if number:
            told = f"more than {COUNTED}" if number > COUNTED else str(number)
            shown = told if callers.may(request, model_of(other.name), "view") else "Some"
            yield f"{shown} of {other.name} by {field.name}: {GOES.get(key.on_delete, IN_THE_WAY)}"
