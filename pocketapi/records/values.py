"""Posted values, checked field by field and brought to the form that the database takes.

The forms are those of expressions/literals.py: text, int, float, bool, a date in its one textual form, JSON as text, bytes.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from pocketapi.config import link
from pocketapi.credentials.passwords import Unusable
from pocketapi.errors import field_error
from pocketapi.expressions import dates, forms
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.literals import BOOLS
from pocketapi.files import references, uploads
from pocketapi.files.uploads import Incoming, Upload
from pocketapi.records import json_text
from pocketapi.records.json_text import NotJson
from pocketapi.tables.table import current

LIMIT = 2**63
UID = re.compile(r"[A-Za-z0-9_-]{1,64}")
NULL = field_error("null", "This field may not be null.")
NO_FILE = ("@null", "null")
EMPTY_IS_TEXT = ("text", "editor", "password")
NO_TEXTS = ("uuid", "address")  # forms of what only looks like text
check_url = URLValidator(schemes=["http", "https", "ftp", "ftps"])


class Invalid(ValueError):
    """A value that a field does not take: a code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.error = field_error(code, message)
        super().__init__(message)


class FormText(str):
    """A form's text: it stands for a value of whatever kind its field is."""

    __slots__ = ()


def clean(field: link.Field, value: Any) -> Any:
    """A posted value in the database's form. Invalid where the field does not take it."""
    is_file = field.spec.type == "file"
    is_text = field.spec.type in EMPTY_IS_TEXT and field.column.form not in NO_TEXTS
    if (value == "" and not is_text and not field.not_null) or (is_file and value in NO_FILE):
        value = None
    if value is None:
        if field.not_null:
            raise Invalid(**NULL)
        return None
    if isinstance(value, Unusable):
        return value
    if value == "" and field.blank and field.column.kind is Kind.TEXT:
        return str(value)
    if is_file and field.column.form:
        raise Invalid("invalid", "The files of an existing model are uploaded by its own forms.")
    if is_file:
        return _file(value, field)
    if isinstance(value, Upload):
        raise Invalid("invalid", "This field takes no file.")
    cleaned = CLEANERS[field.column.kind](from_form(field, str(value)) if isinstance(value, FormText) else value, field)
    _check_limits(field, cleaned)
    return cleaned if cleaned is None or field.accept is None else _accepted(field, cleaned)


def _accepted(field: link.Field, value: Any) -> Any:
    """A value that an existing model's own validation takes."""
    try:
        return field.accept(value) if field.accept else value
    except ValueError as error:
        raise Invalid(*error.args) from None


def from_form(field: link.Field, value: str) -> Any:
    """A form's text as the JSON value that the field's kind expects; other text is left for the field to refuse."""
    match field.column.kind:
        case Kind.BOOL:
            return BOOLS.get(value.lower(), value)
        case Kind.INTEGER | Kind.NUMBER:
            try:
                return orjson.loads(value)
            except ValueError:
                return value
        case _:
            return value


def _file(value: Any, field: link.Field) -> str:
    """The name of a file: a new one for one that came along, or that of a file which is stored already, where rows share them."""
    if isinstance(value, Upload):
        if problem := uploads.problem(field.spec, value):
            raise Invalid(*problem)
        return Incoming.of(value)
    table = current().tables[field.column.table]
    if not isinstance(value, str) or not table.spec.allow_multiple_file_ref:
        raise Invalid("invalid", "A file is sent as a part of a multipart form; null removes the one that is there.")
    if not references.is_stored(table, value):
        raise Invalid("missing", "There is no file of this name.")
    return str(value)


# One cleaner a kind


def _text(value: Any, field: link.Field) -> str:
    if not isinstance(value, str):
        raise Invalid("invalid", "This is no text.")
    if field.column.form == "uuid":
        return _uuid(value)
    if field.spec.type == "email":
        _valid(validate_email, value, "This is no email address.")
    if field.spec.type == "url":
        _valid(check_url, value, "This is no URL.")
    return value


def _uuid(value: str) -> str:
    try:
        return forms.uuid_text(value)
    except ValueError:
        raise Invalid("invalid", "This is no UUID.") from None


def _valid(validate: Callable[[str], object], value: str, message: str) -> None:
    try:
        validate(value)
    except ValidationError:
        raise Invalid("invalid", message) from None


def _integer(value: Any, _field: link.Field) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Invalid("invalid", "This is no integer.")
    if not -LIMIT <= value < LIMIT:
        raise Invalid("invalid", "This integer is beyond 64 bits.")
    return value


def _number(value: Any, _field: link.Field) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Invalid("invalid", "This is no number.")
    return float(value)


def _bool(value: Any, _field: link.Field) -> bool:
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1)):
        return bool(value)
    raise Invalid("invalid", "This is neither true nor false.")


def _date(kind: Kind) -> Callable[[Any, link.Field], str]:
    word = {Kind.TIMESTAMP: "date and time", Kind.DAY: "date", Kind.TIME: "time"}[kind]

    def parse(value: Any, _field: link.Field) -> str:
        if isinstance(value, date | time):
            return dates.format_date(value)
        try:
            return dates.canonical(kind, value)
        except (ValueError, TypeError, AttributeError):
            raise Invalid("invalid", f"This is no ISO 8601 {word}.") from None

    return parse


def _json(value: Any, _field: link.Field) -> str | None:
    """JSON as text; a text must itself be JSON, and is parsed. JSON null is null."""
    if isinstance(value, str):
        try:
            value = json_text.parse(value)
        except NotJson as error:
            raise Invalid("invalid", f"This text {error}.") from None
    if value is None:
        return None
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):
        raise Invalid("invalid", "This is no JSON.") from None


def _blob(value: Any, _field: link.Field) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise Invalid("invalid", "This is no base64.") from None


CLEANERS: dict[Kind, Callable[[Any, link.Field], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOL: _bool,
    Kind.TIMESTAMP: _date(Kind.TIMESTAMP),
    Kind.DAY: _date(Kind.DAY),
    Kind.TIME: _date(Kind.TIME),
    Kind.JSON: _json,
    Kind.BLOB: _blob,
}


# Limits that the config sets


def _check_limits(field: link.Field, value: Any) -> None:
    spec = field.spec
    if spec.options and value is not None and value not in spec.options:
        raise Invalid("invalid_choice", f"This is none of {', '.join(map(str, spec.options))}.")
    if isinstance(value, str):
        _check_text(field, value)
    low, high = _bound(field, spec.min), _bound(field, spec.max)
    if low is not None and value is not None and value < low:
        raise Invalid("min", f"This is less than {spec.min}.")
    if high is not None and value is not None and value > high:
        raise Invalid("max", f"This is more than {spec.max}.")


def _check_text(field: link.Field, value: str) -> None:
    spec = field.spec
    if spec.max_length is not None and len(value) > spec.max_length:
        raise Invalid("max_length", f"This is longer than {spec.max_length} characters.")
    if spec.pattern is not None and not re.search(spec.pattern, value):
        raise Invalid("pattern", "This does not have the form that is asked for.")


def _bound(field: link.Field, bound: Any) -> Any:
    """A limit in the form of the field's values; min and max of a text count its characters: see _check_text."""
    if bound is None or field.column.kind is Kind.TEXT:
        return None
    if field.column.kind.is_date and isinstance(bound, str):
        return dates.canonical(field.column.kind, bound)
    return bound


def errors_of(fields: Iterable[link.Field], values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """The cleaned values of fields, and what is wrong with the others, by field."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, dict[str, str]] = {}
    for field in fields:
        try:
            cleaned[field.name] = clean(field, values[field.name])
        except Invalid as error:
            errors[field.name] = error.error
    return cleaned, errors
