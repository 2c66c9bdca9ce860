"""A stored object as an answer: conditions, parts, and who sends the bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, http_date

from pocketapi.api import ranges
from pocketapi.files import contents
from pocketapi.files.options import options
from pocketapi.files.store import Stat, store

SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
ACTIVE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml")  # what a browser would run
PLAIN = ("text/javascript", "text/css")  # what a page could include: as plain text no browser does
BLOCK = 64 * 1024  # bytes


@dataclass(frozen=True)
class Item:
    """What is sent: an object, the name that it gets, and what caches may do with it."""

    key: str
    name: str
    attached: bool
    cached: str

    @property
    def tag(self) -> str:
        """An object never changes, so its key tells it from all others."""
        return f'"{hashlib.blake2b(self.key.encode(), digest_size=12).hexdigest()}"'

    @property
    def headers(self) -> dict[str, str]:
        """What the bytes are, and that they are to be looked at and not run."""
        found = contents.type_named(self.name) or contents.UNKNOWN
        attached = self.attached or found in ACTIVE or found.endswith("+xml")
        type_ = "text/plain" if found in PLAIN else found
        return {
            "Content-Type": f"{type_}; charset=utf-8" if type_.startswith("text/") else type_,
            "Content-Disposition": content_disposition_header(attached, self.name) or "inline",
        }


class Sent(FileResponse):
    """A file in large pieces; a server that can sends it by itself (wsgi.file_wrapper)."""

    block_size = BLOCK


def sent(request: HttpRequest, item: Item) -> HttpResponseBase:
    """The answer with an object, or a part of it; FileNotFoundError where the store has none."""
    if ranges.has_tag(request.META, item.tag):
        return _headed(HttpResponse(status=304), item, {})
    if request.method == "HEAD":
        return _described(request, item, store().stat(item.key))
    return _handed_over(request, item) or _streamed(request, item)


def _described(request: HttpRequest, item: Item, stat: Stat) -> HttpResponseBase:
    """The head of the answer alone."""
    if ranges.is_fresh(request.META, stat.modified):
        return _headed(HttpResponse(status=304), item, {}, stat)
    return _headed(HttpResponse(), item, {**item.headers, "Content-Length": str(stat.size)}, stat)


def _handed_over(request: HttpRequest, item: Item) -> HttpResponseBase | None:
    """An answer that leaves the bytes to the bucket, or to the server in front; None where we send them."""
    chosen = options()
    if chosen.redirect and (link := store().link(item.key, item.headers)):
        return _headed(HttpResponse(status=302), item, {"Location": link, "Cache-Control": "private, no-store"})
    path = store().path(item.key) if chosen.sendfile else None
    if path is None or chosen.sendfile is None:
        return None
    stat = store().stat(item.key)
    if ranges.is_fresh(request.META, stat.modified):
        return _headed(HttpResponse(status=304), item, {}, stat)
    place = str(path) if chosen.sendfile == "X-Sendfile" else f"{chosen.sendfile_root.rstrip('/')}/{item.key}"
    return _headed(HttpResponse(), item, {**item.headers, chosen.sendfile: quote(place)}, stat)


def _streamed(request: HttpRequest, item: Item) -> HttpResponseBase:
    if ranges.wants_part(request.META):
        stat = store().stat(item.key)
        if ranges.is_fresh(request.META, stat.modified):
            return _headed(HttpResponse(status=304), item, {}, stat)
        if part := ranges.part(request.META, item.tag, stat.modified, stat.size):
            start, length = part
            opened = store().open(item.key, start, length)
            place = f"bytes {start}-{start + length - 1}/{stat.size}"
            headers = {**item.headers, "Content-Range": place, "Content-Length": str(length)}
            return _headed(Sent(opened.content, status=206), item, headers, stat)
    opened = store().open(item.key)
    if ranges.is_fresh(request.META, opened.stat.modified):
        opened.content.close()
        return _headed(HttpResponse(status=304), item, {}, opened.stat)
    return _headed(Sent(opened.content), item, {**item.headers, "Content-Length": str(opened.stat.size)}, opened.stat)


def _headed(response: HttpResponseBase, item: Item, headers: Mapping[str, str], stat: Stat | None = None) -> HttpResponseBase:
    """The answer with the headers that each has, and its own."""
    if response.status_code == 304:
        del response["Content-Type"]
    modified = {"Last-Modified": http_date(stat.modified.timestamp())} if stat else {}
    every = {"ETag": item.tag, "Accept-Ranges": "bytes", "Cache-Control": item.cached, **SAFE, **modified, **headers}
    for name, value in every.items():
        response[name] = value
    return response
