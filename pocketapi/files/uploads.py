"""Files that came with a request: on disk, checked, and not stored yet."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from django.core.files import File

from pocketapi.config import schema
from pocketapi.files import contents, names
from pocketapi.files.options import options
from pocketapi.files.store import spool, store

Problem = tuple[str, str]  # code, sentence
SPOOLED = ".upload"


class Upload:
    """One posted file, written to disk as it comes; `most` is how many bytes of it are kept at the most."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most, self.size = name, most, 0
        handle, path = tempfile.mkstemp(suffix=SPOOLED, dir=spool())
        self.path = Path(path)
        self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> bool:
        """Take more of the content; False once it is longer than anything that is taken."""
        self.size += len(chunk)
        if self.size <= self.most:
            with store().failing():
                self._file.write(chunk)
        return self.size <= self.most

    def finish(self) -> None:
        """The content is there; its file can be opened."""
        with store().failing():
            self._file.close()

    def close(self) -> None:
        """Remove what is on disk."""
        self._file.close()
        with suppress(FileNotFoundError):
            self.path.unlink()

    def open(self) -> File[Any]:
        """The content, to be stored."""
        return Spooled(self.path)

    @cached_property
    def ends(self) -> tuple[bytes, bytes]:
        """The first and the last bytes."""
        with self.path.open("rb") as file:
            head = file.read(contents.HEAD)
            file.seek(max(self.size - contents.HEAD, 0))
            return head, file.read(contents.HEAD)

    @property
    def type(self) -> str:
        """The content's type, judged by its bytes."""
        return contents.judged(*self.ends, self.name)


class Spooled(File):  # type: ignore[type-arg]
    """An upload's content as a storage takes it: one that keeps files itself may link this one."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = path


class Incoming(str):
    """The name under which an upload will be stored: a row's value, with the content that has yet to be written."""

    __slots__ = ("upload",)
    upload: Upload

    @classmethod
    def of(cls, upload: Upload) -> Incoming:
        """A new name for an upload."""
        found = cls(names.stored_name(upload.name))
        found.upload = upload
        return found


def most_bytes(field: schema.Field) -> int:
    """The most bytes of a file of a field."""
    return field.max_size or options().max_size


def problem(field: schema.Field, upload: Upload) -> Problem | None:
    """Why a field does not take an upload, if so."""
    most = most_bytes(field)
    if upload.size > most:
        return "max_size", f"This file is larger than {most} bytes."
    if field.mime_types is None:
        return None
    found, claimed = upload.type, contents.type_named(upload.name)
    if not contents.is_among(found, field.mime_types):
        return "mime_type", f"This file is {found}, and none of {', '.join(field.mime_types)}."
    if claimed and claimed != found:
        return "mime_type", f"This file is {found}, and its name says {claimed}."
    if contents.is_two_things(*upload.ends, found):
        return "mime_type", f"This file is {found} and something else, too."
    return None
