"""Query strings and bodies to mappings. What two readers could read in two ways is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParserError

from pocketapi.errors import BadRequest, UnsupportedMediaType

JSON_TYPE = "application/json"
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
LIMIT = 2**63
PAYLOAD = "@jsonPayload"
WRAPPERS = ("values", "setValues", "set")


def content_type(request: HttpRequest) -> str:
    """The body's type; UnsupportedMediaType where it is none that we read. A body that is absent has none."""
    found = request.content_type or ""
    if found and found != JSON_TYPE and found not in FORM_TYPES and not found.endswith("+json") and has_body(request):
        raise UnsupportedMediaType
    return found


def has_body(request: HttpRequest) -> bool:
    """Whether the request carries a body."""
    return request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META


def query(request: HttpRequest) -> dict[str, Any]:
    """The query string; a parameter that comes twice is a 400."""
    return _single(request.GET)


def body(request: HttpRequest, wrapped: bool = True) -> dict[str, Any]:
    """The body as a mapping; of a form, `values.title` is the field title of values where the body is `wrapped`."""
    if is_form(request):
        return _form(request, wrapped)
    raw = request.body
    if not raw:
        return {}
    return parse_json(raw)


def is_form(request: HttpRequest) -> bool:
    """Whether values are text that fields convert."""
    return content_type(request) in FORM_TYPES


def parse_json(raw: bytes | str) -> dict[str, Any]:
    """A JSON object; BadRequest says what is wrong with any other text."""
    try:
        text = raw.decode() if isinstance(raw, bytes) else raw
        parsed = json.loads(text, object_pairs_hook=_unique, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except UnicodeDecodeError:
        raise BadRequest("The body is no valid UTF-8.") from None
    except RecursionError:
        raise BadRequest("The body nests too deep.") from None
    except ValueError as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadRequest(f"The body is no valid JSON{where}.") from None
    if not isinstance(parsed, dict):
        raise BadRequest("The body is a JSON object.")
    if "\\u" in text or "\x00" in text:
        check_text(parsed)
    return parsed


def check_text(value: Any) -> None:
    """Refuse NUL and lone surrogates, which databases cannot store."""
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise BadRequest("Text may contain neither NUL nor lone surrogates.")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            check_text(key)
            check_text(item)
    elif isinstance(value, list):
        for item in value:
            check_text(item)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(f"The key {twice} stands twice in one object.")
    return found


def _integer(text: str) -> int:
    if len(text) > 20 or not -LIMIT <= (value := int(text)) < LIMIT:
        raise BadRequest("An integer is beyond 64 bits.")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadRequest("A number is beyond double precision.")
    return value


def _constant(name: str) -> None:
    raise BadRequest(f"{name} is no JSON.")


def _single(params: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in params.lists():
        if len(values) > 1:
            raise BadRequest(f"{name} is given {len(values)} times.")
        found[name] = values[0]
        check_text(name)
        check_text(values[0])
    return found


def _form(request: HttpRequest, wrapped: bool) -> dict[str, Any]:
    try:
        flat = _single(request.POST)
        files = request.FILES
    except (MultiPartParserError, ValueError):
        raise BadRequest("The form cannot be read.") from None
    if files:
        raise BadRequest("Files cannot be uploaded yet.")
    found: dict[str, Any] = parse_json(flat.pop(PAYLOAD)) if PAYLOAD in flat else {}
    for name, value in flat.items():
        wrapper, dot, field = name.partition(".")
        if wrapped and dot and wrapper in WRAPPERS:
            found.setdefault(wrapper, {})[field] = value
        else:
            found[name] = value
    return found
