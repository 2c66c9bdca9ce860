"""How each operation is written in SQL, one template a database.

`{0}` is the first argument, `{*}` all of them with commas; a literal percent sign is doubled. An argument may stand several times:
compile.py reads it once, in a subquery, unless it is a plain column or value. No value of a row raises an error: a result
past its range is null, where PostgreSQL would raise and SQLite would answer something else.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.literals import number_text

BIGINT = "BETWEEN -9223372036854775808 AND 9223372036854775807"
MAX = "1.7976931348623157e308"
C = ' COLLATE "C"'


@dataclass(frozen=True, slots=True)
class Template:
    """The SQL of an operation on each database; `plain` is what a CHECK constraint has, which allows no functions of ours."""

    sqlite: str
    postgresql: str
    plain: str = ""

    def of(self, vendor: str, plain: bool = False) -> str:
        """The text for a database."""
        if plain and self.plain:
            return self.plain
        return self.sqlite if vendor == "sqlite" else self.postgresql


def both(text: str) -> Template:
    """One text for both databases."""
    return Template(text, text)


def _integer(operator: str) -> Template:
    exact = f"{{0}}::numeric {operator} {{1}}::numeric"
    return Template(
        f"CASE WHEN typeof({{0}} {operator} {{1}}) = 'integer' THEN {{0}} {operator} {{1}} END",
        f"CASE WHEN {exact} {BIGINT} THEN ({exact})::bigint END",
        f"({{0}} {operator} {{1}})",
    )


def _real(operator: str, beyond: str, below: str = "FALSE") -> Template:
    """PostgreSQL raises where a double overflows or underflows: `beyond` and `below` say when, of operands x and y."""
    x, y = "({0})::float8", "({1})::float8"
    guards = f"WHEN {beyond} THEN NULL WHEN {below} THEN 0".replace("x", x).replace("y", y).replace("MAX", MAX)
    return Template(
        f"CASE WHEN abs(CAST({{0}} AS REAL) {operator} {{1}}) <= {MAX} THEN CAST({{0}} AS REAL) {operator} {{1}} END",
        f"CASE {guards} ELSE {x} {operator} {y} END",
        f"({{0}} {operator} {{1}})",
    )


FAR = "abs(x) > 8e307 AND abs(y) > 8e307"
QUOTIENT = "div({0}::numeric, NULLIF({1}, 0)::numeric)"
DIVISION = {
    Kind.INTEGER: Template(
        "CASE WHEN typeof({0} / {1}) = 'integer' THEN {0} / {1} END",
        f"CASE WHEN {QUOTIENT} {BIGINT} THEN ({QUOTIENT})::bigint END",
        "({0} / NULLIF({1}, 0))",
    ),
    Kind.NUMBER: _real(
        "/",
        "y = 0 OR (abs(y) < 1 AND abs(x) > MAX * abs(y))",
        "x <> 0 AND abs(y) > 1 AND abs(x) / 1e16 < 1e-308 AND log(abs(x)::numeric) - log(abs(y)::numeric) < -323.6",
    ),
}
ARITHMETIC: dict[tuple[str, Kind], Template] = {
    ("+", Kind.INTEGER): _integer("+"),
    ("-", Kind.INTEGER): _integer("-"),
    ("*", Kind.INTEGER): _integer("*"),
    ("/", Kind.INTEGER): DIVISION[Kind.INTEGER],
    ("+", Kind.NUMBER): _real("+", f"{FAR} AND sign(x) = sign(y) AND abs(x) > MAX - abs(y)"),
    ("-", Kind.NUMBER): _real("-", f"{FAR} AND sign(x) <> sign(y) AND abs(x) > MAX - abs(y)"),
    ("*", Kind.NUMBER): _real(
        "*", "abs(y) > 1 AND abs(x) > MAX / abs(y)", "abs(x) < 1 AND abs(y) < 1 AND y <> 0 AND abs(x) < 5e-324 / abs(y)"
    ),
    ("/", Kind.NUMBER): DIVISION[Kind.NUMBER],
}

ROUND_TO = "CASE WHEN {1} > 15 THEN ({0})::float8 WHEN {1} >= -308 THEN round(({0})::numeric, ({1})::int)::float8 WHEN {1} < -308 THEN 0 END"
SUBSTRING = (
    f"substr(({{0}}){C}, GREATEST(LEAST({{1}}, 2000000000), -2000000000)::int, GREATEST(LEAST({{2}}, 1000000000), 0)::int)"
)
TRAILING = "CASE WHEN (length({1}) - length(rtrim({1}, '\\'))) %% 2 = 1 THEN {1} || '\\' ELSE {1} END"
ITEMS = "jsonb_array_elements(CASE jsonb_typeof({0}) WHEN 'array' THEN {0} ELSE '[]'::jsonb END)"
HIGH, LOW = "(sum({0} >> 32) + (sum({0} & 4294967295) >> 32))", "(sum({0} & 4294967295) & 4294967295)"
HALF = "BETWEEN -2147483648 AND 2147483647"

TEMPLATES: dict[str, Template] = {
    # conditions
    "true": Template("1", "TRUE"),
    "false": Template("0", "FALSE"),
    "is_true": both("({0}) IS TRUE"),
    "is_not_true": both("({0}) IS NOT TRUE"),
    "not": both("NOT ({0})"),
    "is_null": both("{0} IS NULL"),
    "is_not_null": both("{0} IS NOT NULL"),
    "same": Template("{0} IS {1}", "{0} IS NOT DISTINCT FROM {1}"),
    "differs": Template("{0} IS NOT {1}", "{0} IS DISTINCT FROM {1}"),
    "=": both("{0} = {1}"),
    "<>": both("{0} <> {1}"),
    "<": both("{0} < {1}"),
    "<=": both("{0} <= {1}"),
    ">": both("{0} > {1}"),
    ">=": both("{0} >= {1}"),
    "~": Template("{0} LIKE {1} ESCAPE '\\'", "{0} ILIKE {1} ESCAPE '\\'"),
    "~ column": Template(
        "{0} LIKE pocket_pattern({1}) ESCAPE '\\'", f"{{0}} ILIKE ({TRAILING}) ESCAPE '\\'", f"{{0}} LIKE {{1}} ESCAPE '\\'"
    ),
    "holds": Template("pocket_json_holds({0}, {1})", f"EXISTS (SELECT 1 FROM {ITEMS} AS item WHERE item.value = {{1}})"),
    "truth text": both("{0} <> ''"),
    "truth number": both("{0} <> 0"),
    "truth bool": both("{0}"),
    "truth date": both("{0} IS NOT NULL"),
    "truth blob": Template("length({0}) > 0", "octet_length({0}) > 0"),
    "truth json": Template("json_extract({0}, '$') NOT IN (0, '')", "{0} NOT IN ('null', 'false', '0', '\"\"')"),
    # collations
    "NOCASE": Template("({0} COLLATE NOCASE)", f"lower(({{0}}){C})"),
    "RTRIM": Template("({0} COLLATE RTRIM)", f"rtrim(({{0}}){C}, ' ')"),
    "BINARY": Template("({0} COLLATE BINARY)", "{0}"),
    # columns whose storage is not their kind's own
    "column bool integer": both("({0} <> 0)"),
    "column json text": Template("{0}", "({0})::jsonb"),
    "column number numeric": Template("{0}", "({0})::float8"),
    "column date text": Template(
        "{0}", "CASE WHEN {0} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9:.]+Z$' THEN ({0})::timestamptz END"
    ),
    # numbers
    "as_integer": Template("({0})", "({0})::int::bigint"),
    "negative integer": Template(
        "CASE WHEN typeof(-({0})) = 'integer' THEN -({0}) END", "CASE WHEN {0} > -9223372036854775808 THEN -({0}) END", "(-({0}))"
    ),
    "negative number": Template("(-({0}))", "(-({0}))"),
    "abs integer": Template(
        "CASE WHEN {0} > -9223372036854775808 THEN abs({0}) END",
        "CASE WHEN {0} > -9223372036854775808 THEN abs({0}) END",
        "abs({0})",
    ),
    "abs number": both("abs({0})"),
    "round": Template("pocket_round({0}, 0)", ROUND_TO.replace("{1}", "0")),
    "round to": Template("pocket_round({0}, {1})", ROUND_TO),
    "written integer": Template("CAST({0} AS TEXT)", f"({{0}})::text{C}"),
    "written number": Template("pocket_written({0})", f"({{0}})::float8::text{C}"),
    # text
    "||": Template("({0} || {1})", f"({{0}} || {{1}}){C}"),
    "lower": Template("lower({0})", f"lower(({{0}}){C})"),
    "upper": Template("upper({0})", f"upper(({{0}}){C})"),
    "length": Template("length({0})", "char_length({0})::bigint", "length({0})"),
    "trim": Template("trim({0})", f"btrim(({{0}}){C})"),
    "replace": Template(
        "pocket_replace({0}, {1}, {2})",
        "CASE WHEN char_length({1}) = 0 THEN {0} WHEN char_length({0})::bigint * (1 + char_length({2})) < 50000000 THEN replace({0}, {1}, {2}) END",
        "replace({0}, {1}, {2})",
    ),
    "substring": Template("pocket_substring({0}, {1}, {2})", SUBSTRING, "substr({0}, {1}, {2})"),
    # any kind
    "coalesce": both("COALESCE({*})"),
    "min": Template("min({*})", "CASE WHEN num_nulls({*}) = 0 THEN LEAST({*}) END"),
    "max": Template("max({*})", "CASE WHEN num_nulls({*}) = 0 THEN GREATEST({*}) END"),
    # aggregates
    "agg:count": both("COUNT({0})"),
    "agg:count rows": both("COUNT(*)"),
    "agg:sum integer": Template(
        f"CASE WHEN {HIGH} {HALF} THEN ({HIGH} << 32) | {LOW} END", f"CASE WHEN SUM({{0}}) {BIGINT} THEN SUM({{0}})::bigint END"
    ),
    "agg:sum number": Template(f"CASE WHEN abs(SUM({{0}})) <= {MAX} THEN SUM({{0}}) END", "SUM({0})"),
    "agg:avg": Template(f"CASE WHEN abs(AVG({{0}})) <= {MAX} THEN AVG({{0}}) END", "AVG({0})::float8"),
    "agg:min": both("MIN({0})"),
    "agg:max": both("MAX({0})"),
    "agg:min bool": Template("MIN({0})", "bool_and({0})"),
    "agg:max bool": Template("MAX({0})", "bool_or({0})"),
    # JSON
    "canonical": Template("pocket_json_canonical({0})", "{0}"),
    "json_length": Template(
        "CASE json_type({0}) WHEN 'array' THEN json_array_length({0}) END",
        "CASE jsonb_typeof({0}) WHEN 'array' THEN jsonb_array_length({0})::bigint END",
    ),
    "to_json text": Template("json_quote({0})", "to_jsonb(({0})::text)"),
    "to_json number": Template("pocket_json_number({0})", "to_jsonb({0})"),
    "to_json bool": Template("CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END", "to_jsonb({0})"),
    "to_json null": Template("NULL", "NULL::jsonb"),
    # dates
    "midnight": Template("({0} || 'T00:00:00.000Z')", "(({0})::timestamp AT TIME ZONE 'UTC')"),
    "date text timestamp": Template("{0}", f"to_char(({{0}}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'){C}"),
    "date text day": Template("{0}", f"to_char({{0}}, 'YYYY-MM-DD'){C}"),
    "date text time": Template("{0}", f"to_char({{0}}, 'HH24:MI:SS.MS'){C}"),
}

# `->>` by the kind that it meets: the JSON type that counts, and its value
JSON_VALUES: dict[Kind, Template] = {
    Kind.TEXT: Template(
        "CASE json_type({0}, {1}) WHEN 'text' THEN json_extract({0}, {1}) END",
        f"CASE jsonb_typeof({{0}}) WHEN 'string' THEN ({{0}} #>> '{{{{}}}}'){C} END",
    ),
    Kind.NUMBER: Template(
        "CASE WHEN json_type({0}, {1}) IN ('integer', 'real') THEN json_extract({0}, {1}) END",
        f"CASE jsonb_typeof({{0}}) WHEN 'number' THEN CASE WHEN abs(({{0}})::numeric) <= {MAX}::numeric THEN ({{0}})::numeric::float8 END END",
    ),
    Kind.BOOL: Template(
        "CASE json_type({0}, {1}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        "CASE jsonb_typeof({0}) WHEN 'boolean' THEN ({0})::boolean END",
    ),
    Kind.JSON: Template("NULLIF({0} -> {1}, 'null')", "NULLIF({0}, 'null'::jsonb)"),
}

# A moment is a canonical text on SQLite and a timestamp without zone, in UTC, on PostgreSQL

MOMENTS = {
    Kind.TIMESTAMP: Template("{0}", "(({0}) AT TIME ZONE 'UTC')"),
    Kind.DAY: Template("{0}", "({0})::timestamp"),
    Kind.TIME: Template("('2000-01-01T' || {0} || 'Z')", "(DATE '2000-01-01' + ({0}))"),
    Kind.NUMBER: Template(
        "{0}", "CASE WHEN abs({0}) < 253402300800 THEN (TIMESTAMP 'epoch' + ({0})::float8 * INTERVAL '1 second') END"
    ),
}
MOMENTS[Kind.INTEGER] = MOMENTS[Kind.NUMBER]
NOW = Template(
    "strftime('%%Y-%%m-%%dT%%H:%%M:%%fZ', 'now')", "date_trunc('milliseconds', statement_timestamp() AT TIME ZONE 'UTC')"
)
SQLITE_FORMATS = {"date": "%Y-%m-%d", "time": "%H:%M:%f", "datetime": "%Y-%m-%dT%H:%M:%fZ", "unixepoch": "%s"}
FROM_MOMENT = {
    "date": "({0})::date",
    "time": "date_trunc('milliseconds', {0})::time",
    "datetime": "(date_trunc('milliseconds', {0}) AT TIME ZONE 'UTC')",
    "unixepoch": "floor(extract(epoch FROM {0}))::bigint",
}
PARTS = {"Y": "YYYY", "m": "MM", "d": "DD", "H": "HH24", "M": "MI", "S": "SS", "f": "SS.MS", "j": "DDD"}
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
MOST_SECONDS = 400_000_000_000
MOST_MONTHS = 120_000
WITHIN_YEARS = "CASE WHEN {0} >= TIMESTAMP '0001-01-01' AND {0} < TIMESTAMP '10000-01-01' THEN {0} END"
VALID_DATE = (
    "{0} ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{{1,9}})?)?"
    " ?([Zz]|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)?)?$' AND {0} >= '0001'"
    " AND CASE WHEN substr({0}, 9, 2) <= '28' THEN TRUE ELSE substr({0}, 9, 2) <= to_char((substr({0}, 1, 7) || '-01')::date + INTERVAL '1 month - 1 day', 'DD') END"
)
TEMPLATES["parse_date"] = Template(
    "pocket_parse_date({0})",
    f"CASE WHEN {VALID_DATE} THEN date_trunc('milliseconds', ({{0}} || CASE WHEN {{0}} ~ '[T ].*([Zz]|[+-][0-9:]+)$' THEN '' ELSE 'Z' END)::timestamptz) END",
)


def months_later(moment: str, months: int) -> str:
    """A moment some months on, where days past a month's end run into the next month."""
    start = f"date_trunc('month', {moment})"
    return f"{start} + INTERVAL '{months} months' + ({moment} - {start})"


# SQL functions that SQLite lacks; tables/connection.py gives them to each connection


def _null_safe(compute: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any) -> Any:
        return None if None in args else compute(*args)

    return call


def written(value: float) -> str:
    """A number as PostgreSQL prints a double: 10, 0.1, 1e+20."""
    if isinstance(value, int):
        return str(value)
    if abs(value) < 1e15:
        return number_text(value)
    text = repr(value)
    if "e" in text:
        return text
    digits = text.split(".", maxsplit=1)[0].lstrip("-")
    mantissa = digits.rstrip("0")
    mantissa = mantissa[0] + ("." + mantissa[1:] if mantissa[1:] else "")
    return f"{'-' if value < 0 else ''}{mantissa}e+{len(digits) - 1}"


def rounded(value: float, places: int) -> float | None:
    """Rounded half away from zero, of the 15 digits that a double holds for sure."""
    if places > 15:
        return float(value)
    if places < -308:
        return 0.0
    try:
        return float(Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    except InvalidOperation:
        return float(value)


def replaced(text: str, old: str, new: str) -> str | None:
    """Text with `old` replaced; null past 50 million characters."""
    if not old:
        return text
    return text.replace(old, new) if len(text) * (1 + len(new)) < 50_000_000 else None


def parsed_date(text: str) -> str | None:
    """A text as a moment in the one textual form, null where it is none."""
    try:
        return dates.canonical(Kind.TIMESTAMP, text)
    except ValueError:
        return None


def substring(text: str, start: int, length: int) -> str:
    """Characters from `start` (the first is 1) on; what lies before the text counts."""
    end = start + max(length, 0)
    return text[max(start, 1) - 1 : max(end, 1) - 1]


def pattern(text: str) -> str:
    """A LIKE pattern in which a lone backslash at the end stands for itself."""
    return text + "\\" if (len(text) - len(text.rstrip("\\"))) % 2 else text


def canonical_json(text: str) -> str:
    """JSON text such that equal values have equal texts: sorted keys, 1 for 1.0."""
    return json.dumps(_canonical(json.loads(text)), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _canonical(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and math.isfinite(value):
        return int(value)
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return {key: _canonical(item) for key, item in value.items()} if isinstance(value, dict) else value


def json_holds(array: str, value: str) -> bool:
    """Whether a JSON array has an item equal to a JSON value."""
    items = json.loads(array)
    return isinstance(items, list) and canonical_json(value) in [canonical_json(json.dumps(item)) for item in items]


def json_number(value: float) -> str:
    """A number as JSON text."""
    return json.dumps(value)


def real(value: float) -> str:
    """A double as JSON with all its digits; what is not finite is null."""
    return repr(value) if math.isfinite(value) else "null"


SQLITE_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "pocket_written": (1, _null_safe(written)),
    "pocket_round": (2, _null_safe(rounded)),
    "pocket_substring": (3, _null_safe(substring)),
    "pocket_replace": (3, _null_safe(replaced)),
    "pocket_parse_date": (1, _null_safe(parsed_date)),
    "pocket_json_number": (1, _null_safe(json_number)),
    "pocket_real": (1, _null_safe(real)),
    "pocket_base64": (1, _null_safe(lambda value: base64.b64encode(value).decode())),
    "pocket_pattern": (1, _null_safe(pattern)),
    "pocket_json_canonical": (1, _null_safe(canonical_json)),
    "pocket_json_holds": (2, _null_safe(json_holds)),
}
