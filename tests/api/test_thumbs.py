"""Smaller pictures: which sizes, made of what, and what is too much."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from pocketapi.files import thumbs
from pocketapi.files.store import store
from tests.api.filing import PNG, Filing, keys, picture


def image(format_: str, size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (200, 100, 50)).save(file, format_, **more)
    return file.getvalue()


def of(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


# (size, width and height of what is made of 40 x 30)
SIZES = [("20x10", (20, 10)), ("20x0", (20, 15)), ("0x10", (13, 10)), ("20x10f", (13, 10)), ("8x8", (8, 8))]


@pytest.mark.parametrize(("size", "made"), SIZES)
def test_a_thumb_is_made_once_and_goes_with_its_file(stored: Filing, size: str, made: tuple[int, int]) -> None:
    row = stored.post(files=[("values.cover", "a.png", picture(40, 30))])
    path = f"posts/{row['id']}/cover"
    got = stored.fetch(path, query=f"thumb={size}")
    assert (got.status, got.headers["Content-Type"]) == (200, "image/png")
    assert of(got.content).size == made
    assert f"posts/{row['cover']}.thumbs/{size}.png" in keys()
    store().storage.delete(f"posts/{row['cover']}")  # it is not made anew
    assert stored.fetch(path, query=f"thumb={size}").content == got.content
    stored("POST posts/delete", {"where": "true"}).expect(200)
    assert keys() == []


# (format, name, type of the thumb)
FORMATS = [
    ("JPEG", "a.jpg", "image/jpeg"),
    ("WEBP", "a.webp", "image/webp"),
    ("PNG", "a.png", "image/png"),
    ("GIF", "a.gif", "image/png"),
    ("PNG", "a", "image/png"),
]


@pytest.mark.parametrize(("format_", "name", "type_"), FORMATS)
def test_a_thumb_is_a_picture_of_a_like_kind(filing: Filing, format_: str, name: str, type_: str) -> None:
    row = filing.post(files=[("values.cover", name, image(format_))])
    got = filing.fetch(f"posts/{row['id']}/cover", query="thumb=8x8&download=1")
    assert (got.status, got.headers["Content-Type"]) == (200, type_)
    assert of(got.content).size == (8, 8)
    assert got.headers["Content-Disposition"].startswith("attachment")


def test_a_picture_is_turned_as_its_camera_was(filing: Filing) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    row = filing.post(files=[("values.cover", "a.jpg", image("JPEG", exif=exif))])
    assert of(filing.fetch(f"posts/{row['id']}/cover", query="thumb=20x0").content).size == (20, 27)


def test_a_small_picture_is_not_blown_up_to_fit(filing: Filing) -> None:
    row = filing.post(files=[("values.cover", "a.png", picture(4, 2))])
    assert of(filing.fetch(f"posts/{row['id']}/cover", query="thumb=20x10f").content).size == (4, 2)
    assert of(filing.fetch(f"posts/{row['id']}/cover", query="thumb=20x10").content).size == (20, 10)


# (field, content, query, part of the message)
REFUSED = [
    ("cover", picture(4, 4), "thumb=9x9", "20x10, 20x0"),
    ("cover", picture(4, 4), "thumb=8x8f", "no thumbs of the size"),
    ("cover", picture(4, 4), "thumb=8x8%0a", "no thumbs of the size"),
    ("cover", picture(4, 4), "thumb=../../x", "no thumbs of the size"),
    ("paper", picture(4, 4), "thumb=8x8", "`thumbs` are none"),
    ("cover", PNG, "thumb=8x8", "it is no JPEG"),
    ("cover", image("PNG")[:60], "thumb=8x8", "damaged"),
    ("cover", image("BMP"), "thumb=8x8", "it is no JPEG"),
    ("cover", picture(30_000, 30_000, rows=1), "thumb=8x8", "50 megapixels"),
    ("cover", picture(10_000, 10_000, rows=1), "thumb=8x8", "50 megapixels"),
    ("cover", picture(7_100, 7_100, rows=1), "thumb=8x8", "50 megapixels"),
]


@pytest.mark.parametrize(("field", "content", "query", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_has_no_thumb_says_why(filing: Filing, field: str, content: bytes, query: str, told: str) -> None:
    row = filing.post(files=[(f"values.{field}", "a", content)])
    before = keys()
    got = filing.fetch(f"posts/{row['id']}/{field}", query=query)
    assert (got.status, told in got.error) == (400, True), got.error
    assert keys() == before


def test_without_pillow_there_are_none(filing: Filing, monkeypatch: pytest.MonkeyPatch) -> None:
    row = filing.post(files=[("values.cover", "a.png", picture(4, 4))])
    monkeypatch.setattr(thumbs, "PICTURES", "pocketapi.files.nothing.write_thumb")
    got = filing.fetch(f"posts/{row['id']}/cover", query="thumb=8x8")
    assert (got.status, "pocketapi[images]" in got.error) == (400, True)


def test_a_thumb_of_a_file_that_is_gone_is_gone(stored: Filing) -> None:
    row = stored.post(files=[("values.cover", "a.png", picture(4, 4))])
    store().delete(f"posts/{row['cover']}")
    assert stored.fetch(f"posts/{row['id']}/cover", query="thumb=8x8").status == 404


def test_a_very_narrow_picture_is_not_drawn_out(filing: Filing) -> None:
    row = filing.post(files=[("values.cover", "a.png", picture(1, 3_000_000))])
    got = filing.fetch(f"posts/{row['id']}/cover", query="thumb=20x0")
    assert (got.status, "too narrow" in got.error) == (400, True)
