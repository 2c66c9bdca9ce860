"""How values look in lists and where they cannot be changed. Whatever a row holds is text here: nothing of it is markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.utils import quote
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from pocketapi.admin import callers, layout, texts
from pocketapi.config import link
from pocketapi.expressions.kinds import Kind
from pocketapi.tables.table import current, model_of

EMPTY = "–"
LONGEST = 80  # characters of a text in a list
SCHEMES = ("http://", "https://")
Titles = Mapping[str, Mapping[Any, tuple[str, str]]]  # by column and key: the address of the row that it points to, and its title
KEPT = "_pocket_titles"


class Column:
    """A column of a list, or a value that cannot be changed, as Django's admin calls it with a row."""

    def __init__(self, table: link.Table, field: link.Field, whole: bool = False) -> None:
        self.table, self.field, self.whole = table, field, whole
        self.attribute = layout.attribute(table, field.name)
        self.short_description = layout.words(field.name)
        self.boolean = field.column.kind is Kind.BOOL
        self.admin_order_field = None if field.column.kind in (Kind.JSON, Kind.BLOB) else self.attribute
        self.__name__ = field.name
        self._words = (table.name, field.name, whole)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Column) and self._words == other._words

    def __hash__(self) -> int:
        return hash(self._words)

    def __call__(self, row: models.Model) -> Any:
        value = getattr(row, self.attribute)
        if self.boolean or value is None:
            return value if self.boolean else EMPTY
        found = getattr(row, KEPT, {}).get(self.field.name, {}).get(value) if self.field.spec.foreign_key else None
        return format_html('<a href="{}">{}</a>', *found) if found else self.shown(value)

    def shown(self, value: Any) -> Any:
        """A value as text, or as a link where it is an address that browsers open."""
        text = texts.read(self.field, value)
        if self.whole:
            return (
                linked(text, text) if self.field.spec.type == "url" else format_html('<span class="pocket-whole">{}</span>', text)
            )
        short = Truncator(text).chars(LONGEST)
        if self.field.column.kind is Kind.TIMESTAMP:
            return format_html('<time datetime="{}">{}</time>', text, text[:16].replace("T", " "))  # to the minute, in UTC
        return linked(text, short) if self.field.spec.type == "url" else short or EMPTY


def linked(url: str, text: str) -> Any:
    """A text as a link, where it is an address of the web: others, such as `javascript:`, would run here."""
    if not url.lower().startswith(SCHEMES):
        return text
    return format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', url, text)


def address_of(model: type[models.Model], pk: Any, site: AdminSite) -> str:
    """Where the panel has a row."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=(quote(pk),), current_app=site.name)


def list_address(model: type[models.Model], site: AdminSite) -> str:
    """Where the panel has the rows of a table."""
    options = model._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_changelist", current_app=site.name)


def find_titles(
    request: HttpRequest, site: AdminSite, table: link.Table, names: Iterable[str], rows: Iterable[models.Model]
) -> None:
    """Keep at rows what their keys point to, a statement a column. What the user may not view stays a key."""
    rows = list(rows)
    found: dict[str, dict[Any, tuple[str, str]]] = {}
    for name in names:
        key = table.fields[name].spec.foreign_key
        keys = {layout.value_of(table, row, name) for row in rows} - {None}
        if key and keys and callers.may(request, model_of(key.table), "view"):
            found[name] = titles(current().tables[key.table], key.column, keys, site)
    for row in rows:
        setattr(row, KEPT, found)


def titles(target: link.Table, column: str, keys: Iterable[Any], site: AdminSite) -> dict[Any, tuple[str, str]]:
    """The address and the title of the rows that have keys in a column."""
    model = model_of(target.name)
    key, title = layout.attribute(target, column), layout.attribute(target, layout.title_of(target).name)
    rows = model._base_manager.filter(**{f"{key}__in": list(keys)}).values_list(key, "pk", title)
    return {value: (address_of(model, pk, site), Truncator(str(text or pk)).chars(LONGEST)) for value, pk, text in rows}
