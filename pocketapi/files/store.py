"""The store of files: objects by key, over any storage of Django's. A folder by default, a bucket where the settings say so.

What a store fails to do becomes StoreUnavailable (try again) or StoreRefused (somebody must mend it); an object that is not there
is a FileNotFoundError.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import Storage
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from pocketapi.conf import NAME, settings
from pocketapi.errors import StoreUnavailable
from pocketapi.expressions.scope import nearest
from pocketapi.files.names import thumbs_of

FOLDER, BUCKET = "pocketapi.files.folder.FolderStorage", "pocketapi.files.bucket.BucketStorage"
# Storages for which there is one of ours, that streams, times out and lists.
OURS = {
    "django.core.files.storage.FileSystemStorage": FOLDER,
    "storages.backends.s3.S3Storage": BUCKET,
    "storages.backends.s3boto3.S3Boto3Storage": BUCKET,
}
URL_OPTIONS = ("endpoint_url", "region_name", "access_key", "secret_key", "security_token", "location", "addressing_style")
SPOOL = ".incoming"

logger = logging.getLogger("pocketapi")


@dataclass(frozen=True)
class Stat:
    """An object's bytes, and when it was stored."""

    size: int
    modified: datetime


@dataclass(frozen=True)
class Opened:
    """An object to be sent, or the part of it that was asked for; `stat` is that of the whole."""

    stat: Stat
    content: BinaryIO


class Part:
    """The next `length` bytes of a file, as a file: what sends it reads to its end."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file, self.left = file, length

    def read(self, size: int = -1) -> bytes:
        chunk = self.file.read(self.left if size < 0 else min(size, self.left))
        self.left -= len(chunk)
        return chunk

    def close(self) -> None:
        self.file.close()


class Store:
    """Objects by key in one storage."""

    def __init__(self, storage: Any) -> None:
        self.storage = storage

    def save(self, key: str, content: File[Any]) -> None:
        """Store an object under a key that is new; where another made it meanwhile, that one stays."""
        with self.failing(), content:
            saved = self.storage.save(key, content)
        if saved != key:
            self.delete(saved)

    def delete(self, key: str) -> None:
        """Remove an object and its thumbs, if they are there."""
        thumbs = thumbs_of(key)
        with self.failing():
            self.storage.delete(key)
            for thumb in self.listing(thumbs):
                self.storage.delete(thumb)
            self._remove_folder(thumbs)

    def _remove_folder(self, name: str) -> None:
        """Folders are objects of their own only in storages that have them."""

    def exists(self, key: str) -> bool:
        """Whether there is an object."""
        with self.failing():
            return bool(self.storage.exists(key))

    def stat(self, key: str) -> Stat:
        """An object's size and time."""
        with self.failing():
            return Stat(self.storage.size(key), self.storage.get_modified_time(key))

    def open(self, key: str, start: int = 0, length: int | None = None) -> Opened:
        """An object's content from a byte on, whole or that many bytes."""
        found = self.stat(key)
        with self.failing():
            file = self.storage.open(key)
        if start:
            file.seek(start)
        return Opened(found, file if length is None else Part(file, length))  # type: ignore[arg-type]

    def listing(self, base: str) -> Iterator[str]:
        """The keys of all objects below a folder."""
        folders = [base]
        while folders:
            here = folders.pop()
            try:
                with self.failing():
                    below, files = self.storage.listdir(here)
            except FileNotFoundError:
                continue
            yield from (f"{here}/{name}" for name in files)
            folders += [f"{here}/{name}" for name in below]

    def link(self, key: str, headers: Mapping[str, str]) -> str | None:
        """A URL from which the object can be had for a while, with headers of ours; none where the storage has no such thing."""

    def path(self, key: str) -> Path | None:
        """Where the object lies on this machine, if the store is one of its folders."""

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Tell what the storage fails to do in our words."""
        try:
            yield
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise FileNotFoundError from None
        except OSError as error:
            logger.error("The file store failed: %s", error)
            raise StoreUnavailable from error


@cache
def store() -> Store:
    """The store that the settings name."""
    backend, given = backend_of(settings.STORAGE)
    storage: Storage = import_string(backend)(**given)
    kind: Callable[[Any], Store] = getattr(storage, "store", Store)
    return kind(storage)


def backend_of(given: Mapping[str, Any] | str | None) -> tuple[str, dict[str, Any]]:
    """The class of a storage and its options, of what POCKETAPI["STORAGE"] says; ImproperlyConfigured says what is wrong."""
    if given is None:
        return FOLDER, {"location": settings.MEDIA_ROOT}
    if isinstance(given, str):
        return _of_url(given)
    if unknown := [str(name) for name in given if name not in ("BACKEND", "OPTIONS")]:
        raise ImproperlyConfigured(f"{NAME}['STORAGE'] has no key {unknown[0]}: it has BACKEND and OPTIONS, as in STORAGES.")
    backend = str(given.get("BACKEND", FOLDER))
    backend, found = OURS.get(backend, backend), dict(given.get("OPTIONS", {}))
    return backend, {"location": settings.MEDIA_ROOT, **found} if backend == FOLDER else found


def _of_url(text: str) -> tuple[str, dict[str, Any]]:
    url = urlsplit(text)
    if url.scheme == "file":
        return FOLDER, {"location": unquote(url.path)}
    if url.scheme != "s3" or not url.hostname:
        raise ImproperlyConfigured(
            f"{NAME}['STORAGE'] is a URL like s3://bucket?endpoint_url=https://...&region_name=auto, or file:///path."
        )
    found: dict[str, Any] = dict(parse_qsl(url.query))
    for name in found:
        if name not in URL_OPTIONS:
            raise ImproperlyConfigured(f"{NAME}['STORAGE']: the URL has no option `{name}`{nearest(name, URL_OPTIONS)}")
    bucket = url.netloc.rpartition("@")[2]
    keys = {"access_key": url.username, "secret_key": url.password}
    found |= {name: unquote(value) for name, value in keys.items() if value}
    return BUCKET, {"location": unquote(url.path.strip("/")), **found, "bucket_name": bucket}


def spool() -> str:
    """The folder where uploads are written as they come: beside the files, so that storing one is to link it."""
    if django_settings.FILE_UPLOAD_TEMP_DIR:
        return str(django_settings.FILE_UPLOAD_TEMP_DIR)
    place = store().path(SPOOL)
    if place is None:
        return tempfile.gettempdir()
    with store().failing():
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(place)


def _reload(*, setting: str, **_: object) -> None:
    if setting in (NAME, "BASE_DIR"):
        store.cache_clear()


setting_changed.connect(_reload, dispatch_uid="pocketapi.files.store")
