"""Which fields of a table the panel shows where: what names a row, the columns of its list, what is searched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import models
from django.utils.text import Truncator, capfirst

from pocketapi.config import link
from pocketapi.tables.table import model_of

TITLES = ("title", "name", "label", "subject", "headline", "username", "email", "slug")
TITLE_USAGES = ("auth_name", "auth_username", "auth_email")
STAMPS = ("record_created", "record_updated")
SEARCHED = ("text", "editor", "email", "url", "select")
NOT_LISTED = ("editor", "json", "blob", "password")
USEFUL = ("relation", "bool", "select", "file", "date", "integer", "number")  # before texts
MOST_COLUMNS = 7
LONGEST_TITLE = 80  # characters


def readable(table: link.Table) -> dict[str, link.Field]:
    """The fields that a page may show: all but passwords and their salts."""
    return {name: field for name, field in table.fields.items() if not field.column.secret}


def attribute(table: link.Table, name: str) -> str:
    """The attribute of a model's instance that holds a column."""
    return fields_by_column(table)[name].attname


def fields_by_column(table: link.Table) -> dict[str, models.Field[Any, Any]]:
    """The fields of a table's model by the name of their column."""
    return {str(field.column): field for field in model_of(table.name)._meta.concrete_fields}


def value_of(table: link.Table, row: models.Model, name: str) -> Any:
    """What a row has in a column."""
    return getattr(row, attribute(table, name))


def title_of(table: link.Table) -> link.Field:
    """The field that names a row for people: a title-like text, else the id. One that is hidden names nobody."""
    texts = [field for field in readable(table).values() if field.spec.type in ("text", "email") and not field.column.hidden]
    for usage in TITLE_USAGES:
        for field in texts:
            if field.spec.usage == usage:
                return field
    for name in TITLES:
        for field in texts:
            if field.name.lower() == name:
                return field
    plain = (field for field in texts if not is_key(table, field) and not field.spec.foreign_key)
    return next(plain, table.uid)


def named_by_title(table: link.Table) -> Callable[[models.Model], str]:
    """What a row of a table is called: its title, else its key."""
    title = attribute(table, title_of(table).name)
    return lambda row: Truncator(str(getattr(row, title) or row.pk)).chars(LONGEST_TITLE)


def is_key(table: link.Table, field: link.Field) -> bool:
    """Whether a field is what rows go by, which does not change."""
    return field is table.uid or field is table.primary


def listed(table: link.Table) -> list[link.Field]:
    """The columns of a list: the title, then what tells rows apart at a glance, then when they were made."""
    title = title_of(table)
    created = table.with_usage("record_created")
    others = [
        field
        for field in readable(table).values()
        if field is not title
        and field.spec.usage not in STAMPS
        and field.spec.type not in NOT_LISTED
        and not field.column.hidden
        and not is_key(table, field)
    ]
    useful = sorted(others, key=_usefulness)[: MOST_COLUMNS - 2]
    return [title, *(field for field in others if field in useful), *([created] if created else [])]


def _usefulness(field: link.Field) -> int:
    """What a column tells in little room comes first; texts come last."""
    kind = "relation" if field.spec.foreign_key else "select" if field.spec.options else field.spec.type
    return USEFUL.index(kind) if kind in USEFUL else len(USEFUL)


def searched(table: link.Table) -> list[str]:
    """The lookups of a search: texts, else the id."""
    texts = [
        field.name for field in readable(table).values() if field.spec.type in SEARCHED and field.column.kind.family == "text"
    ]
    return [attribute(table, name) for name in texts or [table.primary.name]]


def pointing(config: link.Config, target: str) -> Iterator[tuple[link.Table, link.Field]]:
    """The tables and fields that point to a table."""
    for table in config.tables.values():
        for field in table.fields.values():
            if field.spec.foreign_key and field.spec.foreign_key.table == target:
                yield table, field


def words(name: str) -> str:
    """A name of the config as people read it."""
    return capfirst(name.replace("_", " ").strip() or name)
