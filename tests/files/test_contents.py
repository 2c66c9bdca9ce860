"""What a file is, by its bytes."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from pocketapi.files import contents

PNG = b"\x89PNG\r\n\x1a\n\x00\x00"
FTYP = b"\x00\x00\x00\x20ftyp"


def archive(*names: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name in names:
            made.writestr(name, "x")
    return file.getvalue()


# (bytes, name, what they are)
JUDGED = [
    (PNG, "a.png", "image/png"),
    (PNG, "a.html", "image/png"),
    (PNG, "", "image/png"),
    (b"\xff\xd8\xff\xe0", "a.jpg", "image/jpeg"),
    (b"GIF89a", "a.gif", "image/gif"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
    (b"RIFF\x00\x00\x00\x00WAVE", "a.wav", "audio/x-wav"),
    (b"RIFF\x00\x00\x00\x00????", "a.riff", "application/octet-stream"),
    (FTYP + b"avif", "a.avif", "image/avif"),
    (FTYP + b"heic", "a.heic", "image/heic"),
    (FTYP + b"isom", "a.mp4", "video/mp4"),
    (FTYP + b"isom", "a.m4a", "audio/mp4"),
    (FTYP + b"qt  ", "a.mov", "video/quicktime"),
    (b"\x1a\x45\xdf\xa3", "a.webm", "video/webm"),
    (b"\x1a\x45\xdf\xa3", "a.mkv", "video/x-matroska"),
    (b"OggS", "a.ogg", "audio/ogg"),
    (b"ID3\x04", "a.mp3", "audio/mpeg"),
    (b"%PDF-1.7\n\xe2\xe3", "a.pdf", "application/pdf"),
    (archive("a.txt"), "a.zip", "application/zip"),
    (archive("word/document.xml"), "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (archive("a"), "a.odt", "application/vnd.oasis.opendocument.text"),
    (archive("a"), "a.png", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "application/msword"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.exe", "application/x-ole-storage"),
    (b"\x1f\x8b\x08", "a.tar.gz", "application/gzip"),
    (b"\x00" * 257 + b"ustar", "a.tar", "application/x-tar"),
    (b"MZ\x90\x00\x03", "a.exe", "application/octet-stream"),
    (b"\x7fELF\x02", "a", "application/octet-stream"),
    (b"", "a.txt", "application/octet-stream"),
    (b"hello", "a.txt", "text/plain"),
    (b"hello", "", "text/plain"),
    (b"hello", "a.png", "text/plain"),
    ("grüße".encode(), "a.txt", "text/plain"),
    ("grüße".encode("latin-1"), "a.txt", "application/octet-stream"),
    (("x" * 4095 + "ü").encode()[:4096], "a.txt", "text/plain"),
    (b"a\x00b", "a.txt", "application/octet-stream"),
    (b"a,b\n1,2", "a.csv", "text/csv"),
    (b'{"a": 1}', "a.json", "application/json"),
    (b"# Title", "a.md", "text/markdown"),
    (b"key: value", "a.yml", "application/yaml"),
    (b"alert(1)", "a.js", "text/javascript"),
    (b"<html><body>", "a.txt", "text/html"),
    (b"  <!DOCTYPE HTML>", "a.csv", "text/html"),
    (b"\xef\xbb\xbf<!-- hi --><script>", "a.json", "text/html"),
    (b"<p>hi", "a.txt", "text/html"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.png", "image/svg+xml"),
    (b"<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE svg PUBLIC 'x'>\n<svg>", "a.svg", "image/svg+xml"),
    (b"<?xml version='1.0'?><s:svg>", "a.xml", "image/svg+xml"),
    (b"<?xml version='1.0'?><feed>", "a.xml", "text/xml"),
    (b"<?xml version='1.0'?><feed>", "a.atom", "text/xml"),
    (b"<?xml version='1.0'?><feed>", "a.rss", "text/xml"),
    (b"<post>", "a.txt", "text/plain"),
]


@pytest.mark.parametrize(("content", "name", "found"), JUDGED, ids=range(len(JUDGED)))
def test_bytes_tell_what_they_are(content: bytes, name: str, found: str) -> None:
    assert contents.judged(content[: contents.HEAD], content[-contents.HEAD :], name) == found


def test_text_that_ends_in_binary_is_none() -> None:
    assert contents.judged(b"x" * contents.HEAD, b"x\x00", "a.txt") == contents.UNKNOWN


# (first bytes, last bytes, what they are taken for, whether they are something else, too)
DOUBLE = [
    (PNG, b"IEND", "image/png", False),
    (PNG + b"<script>alert(1)</script>", b"", "image/png", True),
    (b"GIF89a/*", b"*/=1;<html>", "image/gif", True),
    (b"\xff\xd8\xff\xfe<?php system(1);", b"", "image/jpeg", True),
    (b"\xff\xd8\xff\xe1http://ns.adobe.com/xap/1.0/\x00<?xpacket begin=''?><x:xmpmeta>", b"", "image/jpeg", False),
    (PNG, archive("a")[-200:], "image/png", True),
    (PNG + b"%PDF-1.4", b"", "image/png", True),
    (b"%PDF-1.4", b"%%EOF", "application/pdf", False),
    (b"%PDF-1.4", archive("a")[-200:], "application/pdf", True),
    (b"%PDF-1.4<html>", b"", "application/pdf", True),
    (archive("a"), archive("a"), "application/zip", False),
    (b"see <html>", b"", "text/plain", False),
    (b"<svg>", b"<script>", "image/svg+xml", False),
]


@pytest.mark.parametrize(("head", "tail", "found", "double"), DOUBLE, ids=range(len(DOUBLE)))
def test_polyglots_are_seen(head: bytes, tail: bytes, found: str, double: bool) -> None:
    assert contents.is_two_things(head, tail, found) is double


# (type, the list of a field, whether it is in there)
AMONG = [
    ("image/png", ["image/png"], True),
    ("image/png", ["image/*"], True),
    ("image/jpeg", ["image/jpg"], True),
    ("image/jpeg", ["IMAGE/JPEG"], True),
    ("text/xml", ["application/xml"], True),
    ("audio/x-wav", ["audio/wav"], True),
    ("image/png", ["image/jpeg", "video/*"], False),
    ("text/html", ["text/plain"], False),
]


@pytest.mark.parametrize(("found", "wanted", "among"), AMONG)
def test_types_have_several_names(found: str, wanted: list[str], among: bool) -> None:
    assert contents.is_among(found, wanted) is among


@pytest.mark.parametrize(
    ("name", "type_"),
    [("a.png", "image/png"), ("a.PNG", "image/png"), ("a.jpg", "image/jpeg"), ("a", None), ("a.unknown", None), ("a.js", "text/javascript"), ("a.gz", "application/gzip"), ("png", None)],
)  # fmt: skip
def test_a_name_claims_a_type(name: str, type_: str | None) -> None:
    assert contents.type_named(name) == type_
