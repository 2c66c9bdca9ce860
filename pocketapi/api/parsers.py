"""Query strings and bodies to mappings. What two readers could read in two ways is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest as DjangoBadRequest
from django.http import HttpRequest, QueryDict

from pocketapi.api import attachments, multipart
from pocketapi.config import link
from pocketapi.errors import BadRequest, TooLarge, UnsupportedMediaType
from pocketapi.files.options import options
from pocketapi.files.uploads import most_bytes
from pocketapi.records import json_text
from pocketapi.records.json_text import NotJson
from pocketapi.records.values import FormText

JSON_TYPE = "application/json"
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORM_TYPES = (URLENCODED, MULTIPART)
PAYLOAD = "@jsonPayload"
BESIDE_FILES = 1024 * 1024  # bytes that a form may have beside its files and fields: the heads of its parts
WRAPPERS = ("values", "setValues", "set")


def check_body(request: HttpRequest, table: link.Table | None = None) -> None:
    """TooLarge or UnsupportedMediaType for a body that is not read at all."""
    found = content_type(request)
    if _length(request) > (most_of_form(table) if found == MULTIPART else settings.DATA_UPLOAD_MAX_MEMORY_SIZE or float("inf")):
        raise TooLarge
    if found and found != JSON_TYPE and found not in FORM_TYPES and not found.endswith("+json") and has_body(request):
        raise UnsupportedMediaType


def most_of_form(table: link.Table | None) -> float:
    """The most bytes of a multipart form: all the files that a request may bring, and its fields."""
    fields = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or float("inf")
    return fields + BESIDE_FILES + options().max_files * most_of_file(table)


def most_of_file(table: link.Table | None) -> int:
    """The most bytes that any field of a table takes."""
    return max((most_bytes(field.spec) for field in table.files), default=0) if table else 0


def content_type(request: HttpRequest) -> str:
    """The body's type; of a body that is absent, none."""
    return request.content_type or ""


def has_body(request: HttpRequest) -> bool:
    """Whether the request carries a body."""
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META


def _length(request: HttpRequest) -> int:
    given = str(request.META.get("CONTENT_LENGTH") or "0")
    if not given.isdecimal():
        raise BadRequest("The Content-Length is no number.")
    return int(given)


def query(request: HttpRequest) -> dict[str, Any]:
    """The query string; a parameter that comes twice is a 400."""
    text = request.META.get("QUERY_STRING")
    if not text:
        return {}
    _check_encoded(text, "query string")
    return _single(request.GET)


def body(request: HttpRequest, table: link.Table | None, wrapper: str, files: multipart.Files) -> dict[str, Any]:
    """The body as a mapping. Of a form, `values.title` is the field title of values.

    The files of a form are added to `files`, and stand where fields name them: in the `wrapper`, or in the body itself.
    """
    if content_type(request) in FORM_TYPES:
        return _form(request, table, wrapper, files)
    raw = request.body
    return parse_json(raw) if raw else {}


def parse_json(raw: bytes | str) -> dict[str, Any]:
    """A JSON object; BadRequest says what is wrong with any other text."""
    try:
        parsed = json_text.parse(raw.decode() if isinstance(raw, bytes) else raw)
    except UnicodeDecodeError:
        raise BadRequest("The body is no valid UTF-8.") from None
    except NotJson as error:
        raise BadRequest(f"The body {error}.") from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body is no JSON object.")
    return parsed


def _single(params: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in params.lists():
        if len(values) > 1:
            raise BadRequest(f"{name} is given {len(values)} times.")
        found[name] = values[0]
        try:
            json_text.check_text([name, values[0]])
        except NotJson as error:
            raise BadRequest(f"A parameter {error}.") from None
    return found


def _form(request: HttpRequest, table: link.Table | None, wrapper: str, files: multipart.Files) -> dict[str, Any]:
    flat = _single(_read_form(request, table, files))
    found: dict[str, Any] = parse_json(flat.pop(PAYLOAD)) if PAYLOAD in flat else {}
    payloads, named = attachments.parted(files)
    for name, value in [*((name, FormText(value)) for name, value in flat.items()), *named]:
        _place(found, name, value)
    if table:
        payloads.fill(found, table, wrapper)
    payloads.check_used()
    return found


def _place(found: dict[str, Any], name: str, value: Any) -> None:
    """Put a part of a form where its name says."""
    wrapper, dot, field = name.partition(".")
    inside = wrapper in WRAPPERS and bool(dot)
    target = found.setdefault(wrapper, {}) if inside else found
    if not isinstance(target, dict) or (field if inside else name) in target:
        raise BadRequest(f"{name} is given twice, or beside another form of {wrapper}.")
    target[field if inside else name] = value


def _read_form(request: HttpRequest, table: link.Table | None, files: multipart.Files) -> QueryDict:
    if content_type(request) == MULTIPART:
        return multipart.read(request, files, most_of_file(table))
    _check_encoded(request.body, "form")
    try:
        return request.POST
    except (DjangoBadRequest, ValueError) as error:
        raise BadRequest(f"The form cannot be read: {error}") from None


def _check_encoded(text: str | bytes, where: str) -> None:
    """Refuse what Django would replace: bytes that are no UTF-8 once they are unquoted."""
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise BadRequest(f"The {where} is no valid UTF-8.") from None
