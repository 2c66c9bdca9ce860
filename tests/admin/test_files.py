"""Files in forms and lists: sent, shown, replaced, taken away, and for those who may view the record."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.admin.conftest import SignedIn
from tests.admin.pages import POST, ROOT, errors, rows, send, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    """A store of the test's own."""
    folder = tmp_path / "media"
    settings.POCKETAPI = {**settings.POCKETAPI, "MEDIA_ROOT": folder}
    return folder


def picture() -> SimpleUploadedFile:
    """A small picture."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, "PNG")
    return SimpleUploadedFile("a <b>.png", content.getvalue(), "image/png")


def stored(folder: Path) -> list[str]:
    """The names of what is in the store."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_sent_shown_replaced_and_removed(signed_in: SignedIn, media: Path) -> None:
    client = signed_in("ed")
    assert send(client, "posts/add/", **POST, cover=picture()).status_code == 302
    row = rows("posts").get()
    assert stored(media) == [row.cover]
    page, listed = text(client, f"posts/{row.pk}/change/"), text(client, "posts/")
    url = f"{ROOT}posts/{row.pk}/change/file/cover/"
    for each in (page, listed):
        assert f'src="{url}?thumb=20x20"' in each
    response = client.get(url)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.headers["Content-Security-Policy"] == "sandbox"
    assert b"".join(response.streaming_content).startswith(b"\x89PNG")
    small = client.get(url, {"thumb": "20x20"})
    assert Image.open(io.BytesIO(b"".join(small.streaming_content))).size == (20, 20)
    assert send(client, f"posts/{row.pk}/change/", **{**POST, "title": "Kept"}).status_code == 302
    assert rows("posts").get().cover == row.cover
    new = SimpleUploadedFile("new.txt", b"text")
    assert send(client, f"posts/{row.pk}/change/", **{**POST, "title": "Kept"}, cover=new).status_code == 302
    assert stored(media) == [rows("posts").get().cover]
    removal = {**POST, "title": "Kept", "cover-clear": "on"}
    assert send(client, f"posts/{row.pk}/change/", **removal).status_code == 302
    assert rows("posts").get().cover is None
    assert stored(media) == []
    assert client.get(url).status_code == 404


# (the name, the content, the error)
REFUSED = [("big.txt", b"x" * 2001, "larger than 2000 bytes"), ("run.html", b"<html><script>", "none of image/png, text/plain")]


@pytest.mark.parametrize(("name", "content", "error"), REFUSED)
def test_a_file_that_is_not_taken_is_told_of_and_not_stored(
    signed_in: SignedIn, media: Path, name: str, content: bytes, error: str
) -> None:
    response = send(signed_in("ed"), "posts/add/", **POST, cover=SimpleUploadedFile(name, content))
    assert error in errors(response.content.decode())[0]
    assert not rows("posts").exists()
    assert stored(media) == []


def test_files_are_for_those_who_may_view_the_record(signed_in: SignedIn) -> None:
    send(signed_in("ed"), "posts/add/", **POST, cover=picture())
    url = f"{ROOT}posts/{rows('posts').get().pk}/change/file/"
    for name, field, status in (
        ("vi", "cover/", 200),
        ("nil", "cover/", 403),
        ("vi", "title/", 404),
        ("vi", "nothing/", 404),
    ):
        response = signed_in(name).get(url + field)
        response.close()
        assert response.status_code == status
    assert signed_in("vi").get(f"{ROOT}posts/nobody/change/file/cover/").status_code == 404


def test_deleting_a_row_removes_its_file(signed_in: SignedIn, media: Path) -> None:
    client = signed_in("ed")
    send(client, "posts/add/", **POST, cover=picture())
    assert client.post(f"{ROOT}posts/{rows('posts').get().pk}/delete/", {"post": "yes"}).status_code == 302
    assert stored(media) == []
