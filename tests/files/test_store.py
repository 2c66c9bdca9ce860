"""One suite for every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pocketapi.files.store import store
from tests.files.objects import TEXT, put, upload

pytestmark = pytest.mark.usefixtures("storage")


def test_what_is_stored_comes_back() -> None:
    put("base/a b ü.bin")
    found = store().open("base/a b ü.bin")
    assert found.content.read() == TEXT
    assert found.stat.size == len(TEXT)
    assert abs(found.stat.modified - datetime.now(UTC)) < timedelta(minutes=1)
    found.content.close()


@pytest.mark.parametrize(("start", "length"), [(0, 1), (0, 10240), (5, 10), (10239, 1)])
def test_a_part_comes_back(start: int, length: int) -> None:
    put("base/a")
    found = store().open("base/a", start, length)
    assert found.content.read(4) == TEXT[start : start + min(4, length)]
    assert found.content.read() == TEXT[start + min(4, length) : start + length]
    assert found.stat.size == len(TEXT)
    found.content.close()


def test_an_upload_is_stored_and_can_be_stored_again() -> None:
    received = upload(TEXT)
    for key in ("base/a", "base/b"):
        store().save(key, received.open())
    received.close()
    for key in ("base/a", "base/b"):
        found = store().open(key)
        assert found.content.read() == TEXT
        found.content.close()


def test_nothing_is_written_over() -> None:
    put("base/a")
    put("base/a", b"other")
    found = store().open("base/a")
    assert found.content.read() == TEXT
    found.content.close()
    assert list(store().listing("base")) == ["base/a"]


def test_what_is_not_there_is_told() -> None:
    assert not store().exists("base/a")
    for read in (store().open, store().stat):
        with pytest.raises(FileNotFoundError):
            read("base/a")
    store().delete("base/a")


def test_a_folder_is_no_object() -> None:
    put("base/a/b")
    with pytest.raises(FileNotFoundError):
        store().open("base/a")


def test_thumbs_go_with_their_file() -> None:
    for key in ("base/a.png", "base/a.png.thumbs/8x8.png", "base/a.png.thumbs/9x9.png", "base/a.png.thumbsnot"):
        put(key)
    store().delete("base/a.png")
    assert list(store().listing("base")) == ["base/a.png.thumbsnot"]


def test_a_listing_goes_into_folders_and_no_further() -> None:
    for key in ("base/a", "base/id/b", "base/c.thumbs/x", "base2/d", "other/e"):
        put(key)
    assert sorted(store().listing("base")) == ["base/a", "base/c.thumbs/x", "base/id/b"]
    assert list(store().listing("nothing")) == []
