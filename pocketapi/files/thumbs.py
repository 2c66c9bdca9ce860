"""Smaller pictures of a picture, made when they are first asked for, and stored beside it."""

from __future__ import annotations

import re
import tempfile
import threading
from importlib.util import find_spec
from typing import Any

from django.core.files import File
from django.utils.module_loading import import_string

from pocketapi.config import schema
from pocketapi.errors import BadRequest
from pocketapi.files import contents, names
from pocketapi.files.store import store

PICTURES = "pocketapi.files.pictures.write_thumb"  # imported only where it is used: Pillow is an extra
EXTENSIONS = {"image/jpeg": "jpg", "image/webp": "webp"}  # of what stays what it is; the others become PNG
AT_ONCE = threading.BoundedSemaphore(2)  # a picture of 50 megapixels takes 200 MB while it is made smaller
SIZE = re.compile(r"(\d+)x(\d+)(f?)")


def made(field: schema.Field, key: str, size: str) -> str:
    """The key of a picture's thumb, which is there then; BadRequest where there is no such size, or the file is no picture."""
    sizes = field.thumbs or []
    if size not in sizes:
        told = ", ".join(sizes) or "none"
        raise BadRequest(f"{field.name} has no thumbs of the size {size}: its `thumbs` are {told}.")
    type_ = contents.type_named(key) or contents.UNKNOWN
    thumb = f"{names.thumbs_of(key)}/{size}.{EXTENSIONS.get(type_, 'png')}"
    if not store().exists(thumb):
        _make(key, thumb, size)
    return thumb


def _make(key: str, thumb: str, size: str) -> None:
    width, height, fits = SIZE.fullmatch(size).groups()  # type: ignore[union-attr] # the config is checked
    with AT_ONCE, tempfile.TemporaryFile() as target:
        opened = store().open(key)
        try:
            writer()(opened.content, target, (int(width), int(height)), bool(fits), thumb.rpartition(".")[2])
        finally:
            opened.content.close()
        target.seek(0)
        store().save(thumb, File(target, name=thumb))


def is_possible() -> bool:
    """Whether Pillow is installed."""
    return find_spec("PIL") is not None


def writer() -> Any:
    """What makes thumbs; BadRequest where Pillow is not installed."""
    try:
        return import_string(PICTURES)
    except ImportError:
        raise BadRequest('Thumbs need Pillow: pip install "pocketapi[images]".') from None
