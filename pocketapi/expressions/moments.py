"""The SQL of date, time, datetime, unixepoch and strftime.

On the way a moment is a text in the one textual form on SQLite, and a timestamp without zone, in UTC, on PostgreSQL. It changes
modifier by modifier; past the years 1 to 9999 it is null.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pocketapi.expressions.functions import C
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.templates import Template

LOW, HIGH = "TIMESTAMP '0001-12-31 23:59:59.999 BC'", "TIMESTAMP '10000-01-01'"
FULL = "'%%Y-%%m-%%dT%%H:%%M:%%fZ'"
NOW = Template(f"strftime({FULL}, 'now')", "date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC')")
SECONDS = "TIMESTAMP 'epoch' + (floor(({0})::float8 * 1000) + 0.5) * INTERVAL '1 millisecond'"
EPOCH = Template(
    "pocket_since_epoch({0})",
    f"CASE WHEN {{0}} BETWEEN -62135596800 AND 253402300799.9999 THEN date_trunc('milliseconds', {SECONDS}) END",
)
STARTS = {
    Kind.TIMESTAMP: Template("{0}", "(({0}) AT TIME ZONE 'UTC')"),
    Kind.DAY: Template("({0} || 'T00:00:00.000Z')", "({0})::timestamp"),
    Kind.TIME: Template("('2000-01-01T' || {0} || 'Z')", "(DATE '2000-01-01' + ({0}))"),
    Kind.INTEGER: EPOCH,
    Kind.NUMBER: EPOCH,
}
RESULTS = {
    "date": Template("strftime('%%Y-%%m-%%d', {0})", "({0})::date"),
    "time": Template("strftime('%%H:%%M:%%f', {0})", "({0})::time"),
    "datetime": Template("{0}", "(({0}) AT TIME ZONE 'UTC')"),
    "unixepoch": Template("CAST(strftime('%%s', {0}) AS INTEGER)", "floor(extract(epoch FROM {0}))::bigint"),
}
PARTS = {
    "Y": "to_char({0}, 'YYYY')",
    "m": "to_char({0}, 'MM')",
    "d": "to_char({0}, 'DD')",
    "H": "to_char({0}, 'HH24')",
    "M": "to_char({0}, 'MI')",
    "S": "to_char({0}, 'SS')",
    "f": "to_char({0}, 'SS.MS')",
    "j": "to_char({0}, 'DDD')",
    "w": "extract(dow FROM {0})::int::text",
    "s": "floor(extract(epoch FROM {0}))::bigint::text",
    "%": "'%%'",
}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
MOST_SECONDS = 400_000_000_000  # beyond every date there is
MOST_MONTHS = 120_000
ABSURD = Template("NULL", "NULL::timestamp")


def step(modifier: str) -> Template:
    """What a modifier does to a moment."""
    if modifier.startswith("start of "):
        return _within(f"'{modifier}'", f"date_trunc('{modifier.removeprefix('start of ')}', {{0}})")
    number, unit = modifier.split(" ")
    amount, unit = int(number), unit.removesuffix("s")
    if unit in UNITS:
        absurd = abs(amount) * UNITS[unit] > MOST_SECONDS
        later = f"({{0}} + {amount} * INTERVAL '1 {unit}')"
    else:
        amount, unit = amount * (12 if unit == "year" else 1), "month"
        absurd = abs(amount) > MOST_MONTHS
        start = "date_trunc('month', {0})"  # days past a month's end run into the next month
        later = f"({start} + {amount} * INTERVAL '1 month' + ({{0}} - {start}))"
    return ABSURD if absurd else _within(f"'{amount:+} {unit}s'", later)


def _within(modifier: str, later: str) -> Template:
    """A step that answers null past the years that there are.

    SQLite knows years before 1: `0001!` sorts after them and before year 1, and is no date.
    """
    return Template(
        f"strftime({FULL}, max({{0}}, '0001!'), {modifier})",
        f"NULLIF(NULLIF(LEAST(GREATEST({later}, {LOW}), {HIGH}), {LOW}), {HIGH})",
    )


def result(name: str, changed: bool) -> Template:
    """The answer of a function; a moment that modifiers changed may be before the year 1 on SQLite."""
    if not changed:
        return RESULTS[name]
    if name == "datetime":
        return Template(f"strftime({FULL}, max({{0}}, '0001!'))", RESULTS[name].postgresql)
    return Template(RESULTS[name].sqlite.replace("{0}", "max({0}, '0001!')"), RESULTS[name].postgresql)


def formatted(pattern: str) -> tuple[Template, Sequence[str]]:
    """The template of strftime, and the texts that follow the moment as arguments: no text of a client stands in SQL."""
    pieces, texts = [], [pattern]
    for piece in re.findall(r"%.|[^%]+", pattern, re.DOTALL):
        if piece[0] == "%":
            pieces.append(PARTS[piece[1]])
        else:
            texts.append(piece)
            pieces.append(f"{{{len(texts)}}}")
    written = " || ".join(pieces) or "''"
    return Template("strftime({1}, max({0}, '0001!'))", f"CASE WHEN {{0}} IS NOT NULL THEN ({written}){C} END"), texts
