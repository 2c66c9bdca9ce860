"""Files in the panel: sent from its own addresses to who may view the record, and taken from its forms into the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.forms.widgets import FILE_INPUT_CONTRADICTION
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.html import format_html

from pocketapi.admin import columns, layout, theme
from pocketapi.api.downloads import Item, sent
from pocketapi.config import link
from pocketapi.files import thumbs, uploads
from pocketapi.files.uploads import Upload
from pocketapi.records import files, requests
from pocketapi.rules.principal import Caller

PICTURE = re.compile(r"\.(png|jpe?g|gif|webp|avif)\Z", re.IGNORECASE)
PRIVATE = "private, no-cache"


class StoredFile(str):
    """The name of a record's file, with the address where the panel has it."""

    __slots__ = ("url",)
    url: str

    @classmethod
    def of(cls, table: link.Table, field: link.Field, row: models.Model, site: AdminSite) -> StoredFile | None:
        """A row's file; none where it has none."""
        name = layout.value_of(table, row, field.name)
        if not name:
            return None
        found = cls(name)
        found.url = f"{columns.address_of(type(row), row.pk, site)}file/{field.name}/"
        return found


class FileColumn(columns.Column):
    """A file in a list or beside a form: a link, with a small picture where there are thumbs."""

    def __init__(self, table: link.Table, field: link.Field, site: AdminSite, whole: bool = False) -> None:
        super().__init__(table, field, whole)
        self.site = site

    def __call__(self, row: models.Model) -> Any:
        found = StoredFile.of(self.table, self.field, row, self.site)
        if found is None:
            return columns.EMPTY
        sizes = self.field.spec.thumbs
        if sizes and PICTURE.search(found):
            return format_html(PREVIEW, found.url, found.url, sizes[0], found)
        return format_html('<a href="{}">{}</a>', found.url, found)


PREVIEW = '<a href="{}"><img class="pocket-thumb" loading="lazy" src="{}?thumb={}" alt="{}"></a>'


class FileInput(theme.FileInput):  # type: ignore[misc]
    """A file's input, below a picture of the file that is there, if it is one."""

    def __init__(self, sizes: list[str] | None) -> None:
        self.sizes = sizes
        super().__init__()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        found = super().render(name, value, attrs, renderer)
        if not (self.sizes and isinstance(value, StoredFile) and PICTURE.search(value)):
            return found
        return format_html("{}{}", format_html(PREVIEW, value.url, value.url, self.sizes[0], value), found)


class FileField(forms.FileField):
    """A file that is sent, kept or taken away. The records layer judges it."""

    def __init__(self, field: link.Field, site: AdminSite, **kwargs: Any) -> None:
        self.site = site
        super().__init__(required=False, widget=FileInput(field.spec.thumbs), allow_empty_file=True, **kwargs)
        self.widget.is_required = field.not_null

    def clean(self, data: Any, initial: Any = None) -> Any:
        if data is FILE_INPUT_CONTRADICTION:
            return super().clean(data, initial)
        return None if data is False else data or initial


@contextmanager
def taken(table: link.Table, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Values with the files of a form as the records layer takes them; what lies on disk meanwhile goes in the end."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(spooled(table.fields[name], value)) if isinstance(value, UploadedFile) else value
            for name, value in values.items()
        }


@contextmanager
def spooled(field: link.Field, file: UploadedFile[Any]) -> Iterator[Upload]:
    """A form's file as an upload."""
    upload = Upload(file.name or "", uploads.most_bytes(field.spec))
    try:
        for chunk in file.chunks():
            upload.write(chunk)
        upload.finish()
        yield upload
    finally:
        upload.close()


def answer(request: HttpRequest, table: link.Table, uid: str, name: str, caller: Caller) -> HttpResponseBase:
    """The file of a record's field, or a thumb of it. NotFound where there is none, FileNotFoundError where the store lost it."""
    wanted = requests.File(attached="download" in request.GET, thumb=request.GET.get("thumb"))
    found = files.find(table, uid, name, lambda: wanted, caller)
    if not wanted.thumb:
        return sent(request, Item(found.key, found.name, wanted.attached, PRIVATE))
    key = thumbs.made(found.field, found.key, wanted.thumb)
    return sent(request, Item(key, f"thumb.{key.rpartition('.')[2]}", attached=False, cached=PRIVATE))
