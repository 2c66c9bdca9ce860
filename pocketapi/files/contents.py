"""What a file is, judged by its bytes and not by what its sender says.

Signatures are those of the formats' own specifications. Some formats share one (every office document is a zip archive), and
texts have none: there the name chooses among the kinds that the bytes may be.
"""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

HEAD = 4096  # bytes that are looked at, at the start and at the end
UNKNOWN = "application/octet-stream"
TYPES = mimetypes.MimeTypes(filenames=())  # Python's own table, the same on every machine
for _type, _extension in (
    ("image/avif", ".avif"),
    ("image/heic", ".heic"),
    ("image/webp", ".webp"),
    ("font/woff", ".woff"),
    ("font/woff2", ".woff2"),
    ("audio/flac", ".flac"),
    ("audio/ogg", ".ogg"),
    ("audio/mp4", ".m4a"),
    ("video/x-matroska", ".mkv"),
    ("text/markdown", ".md"),
    ("application/yaml", ".yaml"),
    ("application/yaml", ".yml"),
    ("application/gzip", ".gz"),
    ("application/x-7z-compressed", ".7z"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", ".pptx"),
    ("application/vnd.oasis.opendocument.text", ".odt"),
    ("application/vnd.oasis.opendocument.spreadsheet", ".ods"),
    ("application/vnd.oasis.opendocument.presentation", ".odp"),
    ("application/epub+zip", ".epub"),
):
    TYPES.add_type(_type, _extension)

ALIASES = {
    "application/x-gzip": "application/gzip",
    "application/x-javascript": "text/javascript",
    "application/javascript": "text/javascript",
    "application/x-zip-compressed": "application/zip",
    "application/xml": "text/xml",
    "audio/mp3": "audio/mpeg",
    "audio/wav": "audio/x-wav",
    "audio/wave": "audio/x-wav",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "image/jpg": "image/jpeg",
    "image/x-icon": "image/vnd.microsoft.icon",
    "image/x-ms-bmp": "image/bmp",
    "text/x-markdown": "text/markdown",
}


@dataclass(frozen=True)
class Kind:
    """What bytes may be: one type, and others that the same bytes may be, if the name says so."""

    type: str
    others: tuple[str, ...] = ()

    def named(self, claimed: str | None) -> str:
        """The type, as the name chooses."""
        return claimed if claimed and any(fnmatchcase(claimed, other) for other in self.others) else self.type


ZIP = Kind(
    "application/zip",
    ("application/vnd.openxmlformats-officedocument.*", "application/vnd.oasis.opendocument.*", "application/epub+zip"),
)
OLE = Kind("application/x-ole-storage", ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"))
TEXT = Kind(
    "text/plain",
    (
        "application/json",
        "application/rtf",
        "application/yaml",
        "text/calendar",
        "text/css",
        "text/csv",
        "text/javascript",
        "text/markdown",
        "text/tab-separated-values",
        "text/vcard",
        "text/x-*",
    ),
)
XML = Kind("text/xml", ("application/*+xml",))
SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", Kind("image/png")),
    (0, b"\xff\xd8\xff", Kind("image/jpeg")),
    (0, b"GIF87a", Kind("image/gif")),
    (0, b"GIF89a", Kind("image/gif")),
    (0, b"BM", Kind("image/bmp")),
    (0, b"II*\x00", Kind("image/tiff")),
    (0, b"MM\x00*", Kind("image/tiff")),
    (0, b"\x00\x00\x01\x00", Kind("image/vnd.microsoft.icon")),
    (0, b"%PDF-", Kind("application/pdf")),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"\x1f\x8b", Kind("application/gzip")),
    (0, b"7z\xbc\xaf\x27\x1c", Kind("application/x-7z-compressed")),
    (257, b"ustar", Kind("application/x-tar")),
    (0, b"ID3", Kind("audio/mpeg")),
    (0, b"\xff\xfb", Kind("audio/mpeg")),
    (0, b"\xff\xf3", Kind("audio/mpeg")),
    (0, b"fLaC", Kind("audio/flac")),
    (0, b"OggS", Kind("audio/ogg", ("video/ogg", "audio/opus"))),
    (0, b"\x1a\x45\xdf\xa3", Kind("video/webm", ("video/x-matroska", "audio/webm"))),
    (0, b"wOFF", Kind("font/woff")),
    (0, b"wOF2", Kind("font/woff2")),
    (0, b"\x00\x01\x00\x00\x00", Kind("font/ttf")),
    (0, b"OTTO", Kind("font/otf")),
)
# Containers that name their content: at 8 of RIFF, at 8 of ISO base media files, whose `ftyp` stands at 4.
RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo"}
BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
PROLOGUE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->|<!doctype\s+svg[^>]*>)*", re.DOTALL | re.IGNORECASE)
HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|title|meta|link|style|table|div|span|img|a|p|h[1-6]|br|form|object|embed)\b",
    re.IGNORECASE,
)
SVG = re.compile(rb"<(?:\w+:)?svg\b", re.IGNORECASE)
ACTIVE = re.compile(rb"<(?:!doctype\s+html|html\b|script\b|iframe\b|svg\b|\?php\b)", re.IGNORECASE)
ARCHIVED = b"PK\x05\x06"  # the end of a zip archive, wherever it starts


def judged(head: bytes, tail: bytes, name: str) -> str:
    """The type of a content by its first and last bytes; the name chooses only among what these may be."""
    claimed = type_named(name)
    kind = _signed(head) or _text(head, tail)
    return kind.named(claimed) if kind else UNKNOWN


def _signed(head: bytes) -> Kind | None:
    for offset, signature, kind in SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    if head[:4] == b"RIFF" and (found := RIFF.get(head[8:12])):
        return Kind(found)
    if head[4:8] == b"ftyp":
        return Kind(BRANDS.get(head[8:12], "video/mp4"), ("audio/mp4", "video/quicktime", "video/x-m4v"))
    return None


def _text(head: bytes, tail: bytes) -> Kind | None:
    """Text is UTF-8 without control characters; what starts as a document for browsers is one, whatever its name."""
    if not head or CONTROLS.search(head) or CONTROLS.search(tail) or not _is_utf8(head):
        return None
    start = head[prologue.end() if (prologue := PROLOGUE.match(head)) else 0 :]
    if SVG.match(start):
        return Kind("image/svg+xml")
    if HTML.match(start):
        return Kind("text/html", ("application/xhtml+xml",))
    return XML if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else TEXT


def _is_utf8(head: bytes) -> bool:
    """Whether bytes are UTF-8, but for a character that their end cuts."""
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD and error.start > HEAD - 4
    return True


def is_two_things(head: bytes, tail: bytes, found: str) -> bool:
    """Whether a content is of another kind, too: a picture that holds a page or ends as an archive."""
    if found == "image/svg+xml" or (found.startswith(("text/", "application/")) and found != "application/pdf"):
        return False
    return (
        bool(ACTIVE.search(head) or ACTIVE.search(tail)) or ARCHIVED in tail or (found != "application/pdf" and b"%PDF-" in head)
    )


def type_named(name: str) -> str | None:
    """The type that a name claims by its extension; none where it claims none that is known."""
    found, encoding = TYPES.guess_type(f"x.{name.rpartition('.')[2]}" if "." in name else "")
    if encoding == "gzip":
        return "application/gzip"
    return canonical(found) if found else None


def canonical(type_: str) -> str:
    """One name for each type of those that have several."""
    return ALIASES.get(type_.lower(), type_.lower())


def is_among(found: str, wanted: list[str]) -> bool:
    """Whether a type is one of a list, which may hold `image/*`."""
    return any(fnmatchcase(found, canonical(each)) for each in wanted)
