"""What a folder does beside what every store does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from pocketapi.errors import StoreUnavailable
from pocketapi.files.store import store
from tests.files.objects import TEXT, put, upload


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "media").write_text("no folder")
    settings.POCKETAPI = {**settings.POCKETAPI, "MEDIA_ROOT": tmp_path / "media"}
    for use in (lambda: put("base/a"), lambda: upload(b"x")):
        with pytest.raises((StoreUnavailable, FileNotFoundError)):
            use()


def test_an_upload_beside_the_files_is_linked_and_readable(tmp_path: Path, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MEDIA_ROOT": tmp_path}
    received = upload(TEXT)
    store().save("base/a", received.open())
    assert (tmp_path / "base" / "a").samefile(received.path)
    assert (tmp_path / "base" / "a").stat().st_mode & 0o777 == 0o644
    received.close()
    received.close()
    assert not list((tmp_path / ".incoming").iterdir())


def test_an_upload_on_another_disk_is_copied(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MEDIA_ROOT": tmp_path / "media"}
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)

    def refuse(*_: Any) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    received = upload(TEXT)
    assert received.path.parent == tmp_path
    store().save("base/a", received.open())
    assert (tmp_path / "media" / "base" / "a").read_bytes() == received.path.read_bytes()
    received.close()
