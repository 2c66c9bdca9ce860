"""Forms with files as the tables of cases write them, and what lies in the store."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from pocketapi.files.audit import audit, bases
from pocketapi.files.store import store
from tests.api.answers import Answer, Api

BOUNDARY = "-boundary-of-the-tests-"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"
File = tuple[str, str, bytes]  # the part's name, the file's, the content


def form(fields: Mapping[str, Any] | None = None, files: Iterable[File] = (), more: bytes = b"") -> bytes:
    """A multipart body; values that are no text are JSON."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + (value if isinstance(value, str) else json.dumps(value)).encode()
        + b"\r\n"
        for name, value in (fields or {}).items()
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: application/x-claimed\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, file, content in files
    ]
    return b"".join(parts) + more + f"--{BOUNDARY}--\r\n".encode()


def picture(width: int, height: int, rows: int | None = None) -> bytes:
    """A PNG of one colour; with fewer rows than its head says it is as small as a bomb."""
    data = zlib.compress((b"\x00" + b"\x80\x40\x20" * width) * (height if rows is None else rows), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    written = (struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


@dataclass(frozen=True)
class Got:
    """A file's answer."""

    status: int
    content: bytes
    headers: Any

    @property
    def error(self) -> str:
        return str(json.loads(self.content)["message"])


class Filing(Api):
    """A client that sends and fetches files. What waits for the commit is done after each request."""

    def __call__(self, request: str, body: Any = None, by: str | None = None, query: Any = None, **more: Any) -> Answer:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().__call__(request, body, by, query, **more)

    def send(self, request: str, fields: Any = None, files: Iterable[File] = (), **more: Any) -> Answer:
        """A multipart request."""
        return self(request, form(fields, files), content_type=MULTIPART, **more)

    def fetch(self, path: str, by: str | None = None, method: str = "GET", query: str = "", **headers: str) -> Got:
        """A file: `fetch("posts/id/name")`."""
        if by is not None:
            headers["Authorization"] = f"Bearer {self.tokens.get(by, by)}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        found: Any = self.client.generic(method, f"/api/v1/files/{path}", headers=named, QUERY_STRING=query)
        content = b"".join(found.streaming_content) if found.streaming else found.content
        return Got(found.status_code, content, found.headers)

    def post(self, **more: Any) -> Any:
        """A post with a cover, its row."""
        files = more.pop("files", [("values.cover", "cover.png", PNG)])
        fields = {"values.title": "Hi", "returning": "*", **{f"values.{name}": value for name, value in more.items()}}
        (row,) = self.send("POST posts/insert", fields, files).expect(200)
        return row


def keys() -> list[str]:
    """The keys of everything that is stored."""
    return sorted(key for base in bases() for key in store().listing(base))


def content(key: str) -> bytes:
    """What is stored under a key."""
    found = store().open(key)
    read = found.content.read()
    found.content.close()
    return read


def whole() -> bool:
    """Whether every row has its file, and every file its row."""
    found = audit(lambda *_: None)
    return not (found.missing or found.orphans)


def queries(use: Any) -> int:
    """How many statements something takes."""
    with CaptureQueriesContext(connections["default"]) as captured:
        use()
    return len(captured)
