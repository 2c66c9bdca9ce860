"""What the properties of one field ask of each other."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any

from pocketapi.config import schema
from pocketapi.config.defaults import default_of
from pocketapi.config.report import Path, Report
from pocketapi.expressions import dates
from pocketapi.expressions.kinds import DATE_KINDS

TEXTS = ("text", "editor", "password", "email", "url")
LIMITS: dict[str, tuple[tuple[str, ...], str]] = {  # property: the types where it means something, what to do elsewhere
    "min": (("number", "integer", "date"), "for text there are maxLength and pattern"),
    "max": (("number", "integer", "date"), "for text there are maxLength and pattern"),
    "maxLength": (TEXTS, "for numbers there are min and max"),
    "pattern": (TEXTS, "for other types there is check"),
    "options": (("select",), "make it a select"),
    "maxSize": (("file",), "make it a file, or use maxLength"),
    "mimeTypes": (("file",), "make it a file"),
    "thumbs": (("file",), "make it a file"),
}
MIME_TYPE = re.compile(r"[a-z]+/(\*|[A-Za-z0-9][A-Za-z0-9.+_-]*)", re.IGNORECASE)
LARGEST_THUMB = 4000  # pixels
KEY_TYPES = ("text", "email", "url", "number", "integer", "date", "select", "relation")
USAGES: dict[str, tuple[str, ...]] = {
    "record_uid": ("text", "integer", "number", "select", "relation"),
    "record_created": ("date",),
    "record_updated": ("date",),
    "auth_username": ("text",),
    "auth_email": ("text", "email"),
    "auth_email_verified": ("bool",),
    "auth_password": ("text", "password"),
    "auth_password_salt": ("text", "password"),
    "auth_name": ("text",),
    "auth_avatar": ("file", "text", "url"),
    "auth_audience": ("text", "select", "json"),
    "auth_metadata": ("json",),
}
OPTION_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "text": ((str,), "strings: put numbers in quotes, or give a sqlType"),
    "integer": ((int,), "integers, since its sqlType is integer"),
    "real": ((int, float), "numbers, since its sqlType is real"),
}
Problem = tuple[str, str]  # property, sentence


def check_field(field: schema.Field, path: Path, report: Report) -> None:
    """Reports what is wrong in one field."""
    for name, message in _problems(field):
        at = (*path, name)
        report.error("E006", at, message)


def storage_of(field: schema.Field) -> schema.SqlType:
    """The storage, or the type's own where a wrong one is written."""
    allowed = schema.SQL_TYPES[field.type]
    return field.storage if field.storage in allowed else allowed[0]


def _problems(field: schema.Field) -> Iterator[Problem]:
    allowed = schema.SQL_TYPES[field.type]
    if field.storage not in allowed:
        told = f"A field of type {field.type} is stored as {' or '.join(allowed)}, not {field.storage}"
        yield "sqlType", f"{told}: leave sqlType out for {allowed[0]}."
        return
    yield from _misplaced(field)
    yield from _of_keys(field)
    yield from _of_usage(field)
    yield from _of_limits(field)
    yield from _of_options(field)
    yield from _of_files(field)
    try:
        default_of(field)
    except ValueError as error:
        yield "default", str(error)


def _misplaced(field: schema.Field) -> Iterator[Problem]:
    """Limits on types that have none of the kind."""
    for name, (types, advice) in LIMITS.items():
        attribute = re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)
        if getattr(field, attribute) is not None and field.type not in types:
            yield name, f"`{name}` has no meaning on a field of type {field.type}, only on {', '.join(types)}: {advice}."
    if field.collate != "BINARY" and (field.storage != "text" or field.type in ("date", "json", "file")):
        yield "collate", f"`collate` has no meaning on a field of type {field.type}: only text is collated."


def _of_keys(field: schema.Field) -> Iterator[Problem]:
    if field.auto_increment and not (
        field.primary and field.type in ("integer", "number") and field.storage in ("integer", "int")
    ):
        yield "autoIncrement", "`autoIncrement` stands only on a primary field of type integer."
    elif field.auto_increment and field.default is not None:
        yield "default", "An autoIncrement field has no default: the database counts."
    if field.primary and field.type not in KEY_TYPES:
        yield "primary", f"A field of type {field.type} cannot be the primary key: take text, integer or another plain type."


def _of_usage(field: schema.Field) -> Iterator[Problem]:
    if field.usage and field.type not in USAGES[field.usage]:
        yield "usage", f"`{field.usage}` needs a field of type {' or '.join(USAGES[field.usage])}, this one is {field.type}."
    elif field.usage == "record_uid" and not (field.primary or field.unique):
        yield "usage", "`record_uid` names one record: make the field primary or unique."


def _of_limits(field: schema.Field) -> Iterator[Problem]:
    if field.pattern is not None:
        try:
            with warnings.catch_warnings(action="ignore"):
                re.compile(field.pattern)
        except (re.error, RecursionError, OverflowError) as error:
            yield "pattern", f"This is no regular expression: {error}."
    if field.type not in ("number", "integer", "date"):
        return
    bounds = [(name, value) for name, value in (("min", field.min), ("max", field.max)) if value is not None]
    wrong = [(name, value) for name, value in bounds if not _is_bound(value, field)]
    for name, _ in wrong:
        yield name, f"`{name}` of a field of type {field.type} is {'an ISO 8601 date' if field.type == 'date' else 'a number'}."
    if len(bounds) == 2 and not wrong and sorted(bounds, key=lambda each: _bound(each[1], field)) != bounds:
        yield "max", "`max` is below `min`: no value fits."


def _is_bound(value: int | float | str, field: schema.Field) -> bool:
    try:
        _bound(value, field)
    except ValueError:
        return False
    return True


def _bound(value: int | float | str, field: schema.Field) -> Any:
    """A limit as it compares; ValueError where it is none."""
    if isinstance(value, str) != (field.type == "date"):
        raise ValueError(value)
    return dates.canonical(DATE_KINDS[field.storage], value) if isinstance(value, str) else value


def _of_options(field: schema.Field) -> Iterator[Problem]:
    if field.options is None or field.type != "select":
        return
    types, kinds = OPTION_KINDS[field.storage]
    if not all(isinstance(option, types) for option in field.options):
        yield "options", f"The options of this select are {kinds}."
    elif len(set(field.options)) < len(field.options):
        twice = next(option for option in field.options if field.options.count(option) > 1)
        yield "options", f"The option `{twice}` is there twice."


def _of_files(field: schema.Field) -> Iterator[Problem]:
    for number, name in enumerate(field.mime_types or ()):
        if not MIME_TYPE.fullmatch(name):
            yield "mimeTypes", f"Item {number} is no type of a file: write `image/png`, or `image/*`."
    for size in field.thumbs or ():
        width, height = map(int, re.findall(r"\d+", size))
        if not (width or height) or max(width, height) > LARGEST_THUMB or (size.endswith("f") and not (width and height)):
            yield "thumbs", f"`{size}` is no size: `200x200`, `200x0`, `0x200` or `200x200f`, each side {LARGEST_THUMB} at most."
