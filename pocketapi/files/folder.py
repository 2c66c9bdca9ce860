"""A folder as the store: an upload that lies beside it is linked into its place, and is on disk before a row names it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import FileSystemStorage

from pocketapi.files.store import Store

READABLE = 0o644


class Folder(Store):
    """Objects as files of a folder."""

    def path(self, key: str) -> Path | None:
        return Path(self.storage.path(key))

    def _remove_folder(self, name: str) -> None:
        with suppress(FileNotFoundError, OSError):
            Path(self.storage.path(name)).rmdir()


class FolderStorage(FileSystemStorage):
    """Django's, which never moves what it is given: a write that is tried again finds it where it was."""

    store = Folder

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        saved = name if self._link(getattr(content, "path", None), target) else super()._save(name, _plain(content))  # type: ignore[misc] # the stubs leave it out
        for path in (self.path(saved), target.parent):
            _sync(path)
        return str(saved)

    def _link(self, source: Path | None, target: Path) -> bool:
        """Give an upload its second name; False where the two are on different disks, or the disk knows no such thing."""
        if source is None:
            return False
        try:
            os.link(source, target)
        except OSError:
            return False
        target.chmod(self.file_permissions_mode or READABLE)
        return True


def _plain(content: Any) -> Any:
    """The content from its start, without a path that could be moved."""
    content.seek(0)
    return File(content.file, name=content.name)


def _sync(path: str | Path) -> None:
    """What is written reaches the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
