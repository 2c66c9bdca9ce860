"""The panel's first page: tables with their sizes, who signed up and in last, what is pending, how much room is taken."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.admin import AdminSite
from django.db import connections
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from pocketapi.admin import callers, columns, layout
from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.models import Session
from pocketapi.records import queries
from pocketapi.tables import migrate, models, sizes
from pocketapi.tables.table import current, model_of

NEWEST = 5
MOST_FILES = 10_000  # that are looked at to tell how much room they take


@dataclass(frozen=True)
class Section:
    """A table on the first page."""

    name: str
    description: str
    size: sizes.Size
    url: str
    add_url: str | None
    is_auth: bool


@dataclass(frozen=True)
class Newcomer:
    """An account that signed up, or one that signed in."""

    table: str
    title: str
    url: str
    at: Any
    device: str = ""


def context(request: HttpRequest, site: AdminSite) -> dict[str, Any]:
    """What the first page tells a user; nothing of tables that he may not view."""
    if models.CONFIG is None:
        return {}
    config = current()
    tables = [table for table in config.tables.values() if callers.may(request, model_of(table.name), "view")]
    accounts = [table for table in tables if table.auth]
    found: dict[str, Any] = {
        "sections": [section(request, site, table) for table in tables],
        "sign_ups": sign_ups(site, accounts),
        "sessions": sessions(site, accounts),
    }
    if getattr(request.user, "is_superuser", False):
        connection = connections[queries.DATABASE]
        found["database"] = sizes.database_bytes(connection)
        found["storage"] = folder_bytes(settings.MEDIA_ROOT) if settings.STORAGE is None else None
        found["pending"] = migrate.pending(connection)
    return found


def section(request: HttpRequest, site: AdminSite, table: link.Table) -> Section:
    """A table, with its number of rows."""
    model = model_of(table.name)
    options = model._meta
    add = reverse(f"admin:{options.app_label}_{options.model_name}_add", current_app=site.name)
    return Section(
        name=layout.words(table.name),
        description=table.spec.description or "",
        size=sizes.rows_of(connections[queries.DATABASE], options.db_table),
        url=columns.list_address(model, site),
        add_url=add if callers.may(request, model, "add") else None,
        is_auth=table.auth is not None,
    )


def sign_ups(site: AdminSite, accounts: list[link.Table]) -> list[Newcomer]:
    """The accounts that were made last, of all tables."""
    return sorted((each for table in accounts for each in _newest(site, table)), key=lambda each: each.at, reverse=True)[:NEWEST]


def _newest(site: AdminSite, table: link.Table) -> Iterator[Newcomer]:
    created = table.with_usage("record_created")
    if created is None:
        return
    model, at = model_of(table.name), layout.attribute(table, created.name)
    title = layout.attribute(table, layout.title_of(table).name)
    newest = model._base_manager.exclude(**{f"{at}__isnull": True}).order_by(f"-{at}")
    for pk, name, moment in newest.values_list("pk", title, at)[:NEWEST]:
        shown = Truncator(str(name or pk)).chars(columns.LONGEST)
        yield Newcomer(layout.words(table.name), shown, columns.address_of(model, pk, site), moment)


def sessions(site: AdminSite, accounts: list[link.Table]) -> list[Newcomer]:
    """The sessions that were opened last."""
    names = {table.name: table for table in accounts}
    opened = Session.objects.filter(table__in=names, expires__gt=timezone.now()).order_by("-created")[:NEWEST]
    return [
        Newcomer(layout.words(each.table), *_holder(site, names[each.table], each.user), each.created, each.user_agent)
        for each in opened
    ]


def _holder(site: AdminSite, table: link.Table, uid: str) -> tuple[str, str]:
    model = model_of(table.name)
    key, title = (layout.attribute(table, name) for name in (table.uid.name, layout.title_of(table).name))
    row = model._base_manager.filter(**{key: uid}).values_list("pk", title).first()
    return (
        (Truncator(str(row[1] or row[0])).chars(columns.LONGEST), columns.address_of(model, row[0], site)) if row else (uid, "")
    )


def folder_bytes(folder: Path) -> int | None:
    """The bytes of the files in a folder; none where there are too many to look at."""
    total = 0
    for number, path in enumerate(_files(folder)):
        if number >= MOST_FILES:
            return None
        total += path.stat(follow_symlinks=False).st_size
    return total


def _files(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):
        yield from (Path(place) / name for name in names)
