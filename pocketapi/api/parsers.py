"""Query strings and bodies to mappings. What two readers could read in two ways is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest as DjangoBadRequest
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from pocketapi.errors import BadRequest, TooLarge, UnsupportedMediaType
from pocketapi.records import json_text
from pocketapi.records.json_text import NotJson
from pocketapi.records.values import FormText

JSON_TYPE = "application/json"
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORM_TYPES = (URLENCODED, MULTIPART)
PAYLOAD = "@jsonPayload"
WRAPPERS = ("values", "setValues", "set")


def check_body(request: HttpRequest) -> None:
    """TooLarge or UnsupportedMediaType for a body that is not read at all."""
    found = content_type(request)
    if found != MULTIPART and _length(request) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or float("inf")):
        raise TooLarge
    if found and found != JSON_TYPE and found not in FORM_TYPES and not found.endswith("+json") and has_body(request):
        raise UnsupportedMediaType


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


def body(request: HttpRequest, wrapped: bool = True) -> dict[str, Any]:
    """The body as a mapping; of a form, `values.title` is the field title of values where the body is `wrapped`."""
    if content_type(request) in FORM_TYPES:
        return _form(request, wrapped)
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


def _form(request: HttpRequest, wrapped: bool) -> dict[str, Any]:
    flat = _single(_read_form(request))
    found: dict[str, Any] = parse_json(flat.pop(PAYLOAD)) if PAYLOAD in flat else {}
    for name, value in flat.items():
        wrapper, dot, field = name.partition(".")
        inside = bool(wrapped and dot and wrapper in WRAPPERS)
        target = found.setdefault(wrapper, {}) if inside else found
        if not isinstance(target, dict) or (field if inside else name) in target:
            raise BadRequest(f"{name} is given twice, or beside another form of {wrapper}.")
        target[field if inside else name] = FormText(value)
    return found


def _read_form(request: HttpRequest) -> QueryDict:
    if content_type(request) == URLENCODED:
        _check_encoded(request.body, "form")
    try:
        flat, files = request.POST, request.FILES
    except (MultiPartParserError, DjangoBadRequest, ValueError) as error:
        raise BadRequest(f"The form cannot be read: {error}") from None
    if files:
        raise BadRequest("Files cannot be uploaded yet.")
    return flat


def _check_encoded(text: str | bytes, where: str) -> None:
    """Refuse what Django would replace: bytes that are no UTF-8 once they are unquoted."""
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise BadRequest(f"The {where} is no valid UTF-8.") from None
