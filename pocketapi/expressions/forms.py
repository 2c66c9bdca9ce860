"""How the fields of existing models store their values, where columns of our own store them in another way.

A column with a form is read through its template. Where an index should serve a comparison, the value that is compared is brought
to the stored form instead. No Django here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pocketapi.expressions import dates
from pocketapi.expressions.templates import Template

Fit = Callable[[Any], Any]
C = ' COLLATE "C"'


@dataclass(frozen=True, slots=True)
class Form:
    """One way to store values: `exact` where equal values are stored alike, `ordered` where what is stored sorts as they do.

    `fit` brings a value to the form, if that can be done.
    """

    read: Template
    exact: bool = False
    ordered: bool = False
    fit: Fit | None = None
    write: Template | None = None  # of a column of our own, which refers to one of the form


def uuid_text(text: str) -> str:
    """A UUID in its one textual form; ValueError where it is none."""
    return str(UUID(text))


def uuid_hex(text: str | None) -> str | None:
    """A UUID as SQLite stores it and PostgreSQL reads it, null where it is none."""
    try:
        return None if text is None else UUID(text).hex
    except ValueError:
        return None


def moment(text: str | None) -> str | None:
    """A timestamp in Django's text, such that what is stored of that millisecond is not less."""
    return None if text is None else _written(text, timedelta())


def following(text: str | None) -> str | None:
    """The millisecond after a timestamp, in Django's text."""
    return None if text is None else _written(text, timedelta(milliseconds=1))


def _written(text: str, later: timedelta) -> str:
    try:
        found = dates.format_timestamp(dates.parse_timestamp(text) + later)
    except OverflowError:
        return "9999-12-31 23:59:59.9999999"  # after all that is stored
    return found[:-1].replace("T", " ").rstrip("0").rstrip(".")


def _padded(clock: str, fraction: str) -> str:
    """Milliseconds of SQLite's text, in which Django leaves a fraction of zero out."""
    return f"{clock} || '.' || substr({fraction} || '000', 1, 3)"


DASHED = " || '-' || ".join(f"substr({{0}}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12)))
FORMS: dict[str, Form] = {
    # PostgreSQL compares by the database's collation, and so not by bytes
    "text": Form(Template("{0}", f"({{0}}){C}"), exact=True),
    "file": Form(Template("NULLIF({0}, '')", f"(NULLIF({{0}}, '')){C}")),  # no file is the empty text
    "collated": Form(Template("({0} COLLATE BINARY)", f"({{0}}){C}")),
    "uuid": Form(
        Template(f"({DASHED})", f"(({{0}})::text){C}"),
        exact=True,
        ordered=True,
        fit=uuid_hex,
        write=Template("replace({0}, '-', '')", "({0})::uuid"),
    ),
    "address": Form(Template("{0}", f"host({{0}}){C}")),
    # Django keeps microseconds: `2025-03-11 10:00:00.123456` in SQLite's text
    "moment": Form(
        Template(
            f"(substr({{0}}, 1, 10) || 'T' || {_padded('substr({0}, 12, 8)', 'substr({0}, 21)')} || 'Z')",
            "date_trunc('milliseconds', {0})",
        ),
        fit=moment,
    ),
    "clock": Form(
        Template(f"({_padded('substr({0}, 1, 8)', 'substr({0}, 10)')})", "date_trunc('milliseconds', {0})::time"),
    ),
    "seconds": Form(Template("({0} / 1000000.0)", "extract(epoch FROM {0})::float8")),
    "json": Form(Template("NULLIF({0}, 'null')", "NULLIF({0}, 'null'::jsonb)")),  # one that is null within
}


CASTS: Mapping[Fit | None, str] = {
    uuid_hex: "({0})::uuid",
    **dict.fromkeys((moment, following), "(({0})::timestamp AT TIME ZONE 'UTC')"),
}


def as_stored(form: str, value: Any) -> Any:
    """A value as a parameter beside a column of a form."""
    fit = FORMS[form].fit if form in FORMS else None
    return fit(value) if fit and isinstance(value, str) else value
