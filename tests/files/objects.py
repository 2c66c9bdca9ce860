"""Objects for the tests of stores."""

from __future__ import annotations

from io import BytesIO

from django.core.files import File

from pocketapi.files.store import store
from pocketapi.files.uploads import Upload

TEXT = bytes(range(256)) * 40


def put(key: str, content: bytes = TEXT) -> None:
    store().save(key, File(BytesIO(content), name=key))


def upload(content: bytes, name: str = "a.bin") -> Upload:
    found = Upload(name, 10**6)
    found.write(content)
    found.finish()
    return found
