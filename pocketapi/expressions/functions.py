"""How each operation is written in SQL, one template a database.

An argument may stand several times: fragments.py computes it once, before, unless it is a plain column or value. No value of a
row raises an error: a result past its range is null, where PostgreSQL would raise and SQLite would answer something else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pocketapi.expressions import json_changes, routines
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.templates import Template, both

__all__ = ["ARITHMETIC", "JSON_TYPES", "JSON_VALUES", "SQLITE_FUNCTIONS", "TEMPLATES", "Template", "both"]

SQLITE_FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = routines.FUNCTIONS
BIGINT = "BETWEEN -9223372036854775808 AND 9223372036854775807"
MAX = "1.7976931348623157e308"
PAST = "1.7976931348623158e308"  # the next number of its length
SAFE = "1.797693134862315e308"  # an operand within it overflows no more by a rounding
C = ' COLLATE "C"'


def _between(low: str, value: str, high: str) -> str:
    """SQL of a value that is null unless it lies between two others, the value standing once."""
    return f"NULLIF(NULLIF(LEAST(GREATEST({value}, {low}), {high}), {low}), {high})"


def _bigint(exact: str) -> str:
    """A numeric of PostgreSQL as an integer, null past 64 bits."""
    return f"{_between('-9223372036854775809', exact, '9223372036854775808')}::bigint"


def _integer(sqlite: str, exact: str, plain: str = "") -> Template:
    """SQLite answers a fraction where an integer overflows."""
    return Template(
        f"CASE WHEN typeof({sqlite}) = 'integer' THEN {sqlite} END",
        _bigint(exact),
        plain or f"({sqlite})",
        single=Template(f"pocket_integer({sqlite})", _bigint(exact)),
    )


def _real(operator: str, beyond: str, below: str = "FALSE") -> Template:
    """PostgreSQL raises where a double overflows or underflows: `beyond` and `below` say when, of operands x and y."""
    x, y = "({0})::float8", "({1})::float8"
    guards = f"WHEN {beyond} THEN NULL WHEN {below} THEN 0".replace("x", x).replace("y", y).replace("SAFE", SAFE)
    divisor = "NULLIF({1}, 0)" if operator == "/" else "{1}"
    exact = f"round(({{0}})::text::numeric {operator} ({divisor})::text::numeric, 320)"
    return Template(
        f"CASE WHEN abs(CAST({{0}} AS REAL) {operator} {{1}}) <= {MAX} THEN CAST({{0}} AS REAL) {operator} {{1}} END",
        f"CASE {guards} ELSE {x} {operator} {y} END",
        f"({{0}} {operator} {{1}})",
        single=Template(
            f"pocket_finite(CAST({{0}} AS REAL) {operator} {{1}})",
            f"{_between(f'-{PAST}', exact, PAST)}::float8",
        ),
    )


FAR = "abs(x) > 8e307 AND abs(y) > 8e307"
ARITHMETIC: dict[tuple[str, Kind], Template] = {
    **{
        (operator, Kind.INTEGER): _integer(f"{{0}} {operator} {{1}}", f"{{0}}::numeric {operator} {{1}}::numeric")
        for operator in "+-*"
    },
    ("/", Kind.INTEGER): _integer("{0} / {1}", "div({0}::numeric, NULLIF({1}, 0)::numeric)", "({0} / NULLIF({1}, 0))"),
    ("+", Kind.NUMBER): _real("+", f"{FAR} AND sign(x) = sign(y) AND abs(x) > SAFE - abs(y)"),
    ("-", Kind.NUMBER): _real("-", f"{FAR} AND sign(x) <> sign(y) AND abs(x) > SAFE - abs(y)"),
    ("*", Kind.NUMBER): _real(
        "*", "abs(y) > 1 AND abs(x) > SAFE / abs(y)", "abs(x) < 1 AND abs(y) < 1 AND y <> 0 AND abs(x) < 5e-324 / abs(y)"
    ),
    ("/", Kind.NUMBER): _real(
        "/",
        "y = 0 OR (abs(y) < 1 AND abs(x) > SAFE * abs(y))",
        "x <> 0 AND abs(y) > 1 AND abs(x) < 5e-324 * abs(y)",
    ),
}

# Texts that are dates, as dates.py has them, and what they are: PostgreSQL raises for others
CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{{1,9}})?)?"
ZONE = "([Zz]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
DATE_TEXT = f"[0-9]{{{{4}}}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])([T ]{CLOCK}{ZONE}?)?"
LAST_DAY = "extract(day FROM (substr({0}, 1, 7) || '-01')::date + INTERVAL '1 month - 1 day')"
IN_MILLISECONDS = "regexp_replace({0}, '(\\.[0-9]{{3}})[0-9]+', '\\1')"
ZONED = f"{IN_MILLISECONDS} || CASE WHEN {{0}} ~ '[T ].*{ZONE}$' THEN '' ELSE 'Z' END"
YEAR_0, YEAR_10000 = "TIMESTAMPTZ '0001-12-31 23:59:59.999Z BC'", "TIMESTAMPTZ '10000-01-01Z'"
DATE_OF_TEXT = (
    (
        f"CASE WHEN {{0}} !~ '^{DATE_TEXT}$' OR {{0}} < '0001' THEN NULL"
        f" WHEN substr({{0}}, 9, 2) > '28' AND substr({{0}}, 9, 2)::int > {LAST_DAY} THEN NULL"
        f" ELSE NULLIF(NULLIF(LEAST(GREATEST(({ZONED})::timestamptz, {{low}}), {{high}}), {{low}}), {{high}}) END"
    )
    .replace("{low}", "TIMESTAMPTZ '0001-12-31 23:59:59.999Z BC'")
    .replace("{high}", "TIMESTAMPTZ '10000-01-01Z'")
)

PARSE_DATE = (
    f"CASE WHEN {{0}} ~ '^{CLOCK}$' THEN ('2000-01-01T' || {IN_MILLISECONDS} || 'Z')::timestamptz ELSE {DATE_OF_TEXT} END"
)
SUBSTRING = (
    f"CASE WHEN {{2}} >= 0 AND {{1}} >= {-routines.FAR} THEN"
    f" substr(({{0}}){C}, LEAST({{1}}, {2 * routines.FAR})::int, LEAST({{2}}, 2147483647)::int) END"
)
TRAILING = "CASE WHEN (length({1}) - length(rtrim({1}, '\\'))) %% 2 = 1 THEN {1} || '\\' ELSE {1} END"
DOUBLE = f"CASE WHEN abs({{0}}) <= {MAX} THEN ({{0}})::float8 END"
ITEMS = "jsonb_array_elements(CASE jsonb_typeof({0}) WHEN 'array' THEN {0} ELSE '[]'::jsonb END)"
HIGH, LOW = "(sum({0} >> 32) + (sum({0} & 4294967295) >> 32))", "(sum({0} & 4294967295) & 4294967295)"
HALF = "BETWEEN -2147483648 AND 2147483647"
# PostgreSQL raises where a sum of doubles overflows: large ones are added as numeric
LARGE = "abs({0}) >= 1e290"
SMALL_SUM = f"SUM({{0}}) FILTER (WHERE NOT {LARGE})"
LARGE_SUM = f"SUM(({{0}})::text::numeric) FILTER (WHERE {LARGE})"
WHOLE_SUM = f"{LARGE_SUM} + COALESCE({SMALL_SUM}, 0)::text::numeric"
SUM = f"CASE WHEN {LARGE_SUM} IS NULL THEN {SMALL_SUM} WHEN abs({WHOLE_SUM}) <= {MAX} THEN ({WHOLE_SUM})::float8 END"

TEMPLATES: dict[str, Template] = {
    # conditions
    "true": Template("1", "TRUE"),
    "false": Template("0", "FALSE"),
    "is_true": both("(({0}) IS TRUE)"),
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
    "within": both("({0} >= {1} AND {0} < {2})"),
    "~": Template("{0} LIKE {1} ESCAPE '\\'", f"({{0}}){C} ILIKE {{1}} ESCAPE '\\'", "{0} LIKE {1} ESCAPE '\\'"),
    "~ column": Template(
        "{0} LIKE pocket_pattern({1}) ESCAPE '\\'", f"({{0}}){C} ILIKE ({TRAILING}) ESCAPE '\\'", "{0} LIKE {1} ESCAPE '\\'"
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
    "column number numeric": Template("{0}", DOUBLE),
    "column date text": Template("{0}", DATE_OF_TEXT),
    # numbers
    "to_integer": Template(
        "CASE WHEN {0} = CAST({0} AS INTEGER) THEN CAST({0} AS INTEGER) END",
        "CASE WHEN {0} = floor({0}) AND abs({0}) < 9.2233720368547748e18 THEN ({0})::bigint END",
    ),
    "as_double": Template("CAST({0} AS REAL)", "({0})::float8", "{0}"),
    "as_integer": Template("({0})", "({0})::int::bigint"),
    "negative integer": _integer("-({0})", "-({0})::numeric"),
    "negative number": Template("(-({0}))", "(-({0}))"),
    "abs integer": Template(
        "CASE WHEN {0} > -9223372036854775808 THEN abs({0}) END",
        _bigint("abs({0}::numeric)"),
        "abs({0})",
        single=Template("abs(NULLIF({0}, -9223372036854775808))", _bigint("abs({0}::numeric)")),
    ),
    "abs number": both("abs({0})"),
    "round": Template(
        "pocket_round({0}, {1})",
        "CASE WHEN {1} IS NOT NULL THEN round(({0})::text::numeric, GREATEST(LEAST({1}, 400), -400)::int) END",
    ),
    "double": Template("{0}", DOUBLE),  # of a numeric
    "written integer": Template("CAST({0} AS TEXT)", f"({{0}})::text{C}"),
    "written number": Template("pocket_written({0})", f"(({{0}})::float8 + 0)::text{C}"),
    # text
    "||": Template("({0} || {1})", f"({{0}} || {{1}}){C}"),
    "lower": Template("lower({0})", f"lower(({{0}}){C})"),
    "upper": Template("upper({0})", f"upper(({{0}}){C})"),
    "length": Template("length({0})", "char_length({0})::bigint", "length({0})"),
    "trim": Template("trim({0})", f"btrim(({{0}}){C})"),
    "replace": Template(
        "pocket_replace({0}, {1}, {2})",
        "CASE WHEN char_length({1}) = 0 AND {2} IS NOT NULL THEN {0}"
        f" WHEN char_length({{0}})::bigint * (1 + char_length({{2}})) < {routines.MOST_CHARACTERS}"
        " THEN replace({0}, {1}, {2}) END",
        "replace({0}, {1}, {2})",
    ),
    "parse_date": Template("pocket_parse_date({0})", PARSE_DATE),
    "substring": Template("pocket_substring({0}, {1}, {2})", SUBSTRING, "substr({0}, {1}, {2})"),
    # any kind
    "coalesce": both("COALESCE({*})"),
    "least": Template("min({*})", "CASE WHEN num_nulls({*}) = 0 THEN LEAST({*}) END"),
    "greatest": Template("max({*})", "CASE WHEN num_nulls({*}) = 0 THEN GREATEST({*}) END"),
    # aggregates
    "agg:count": both("COUNT({0})"),
    "agg:count rows": both("COUNT(*)"),
    "agg:sum integer": Template(f"CASE WHEN {HIGH} {HALF} THEN ({HIGH} << 32) | {LOW} END", _bigint("SUM({0})")),
    "agg:sum number": Template(f"CASE WHEN abs(SUM({{0}})) <= {MAX} THEN SUM({{0}}) END", SUM),
    "agg:avg integer": Template(f"(CAST({HIGH} AS REAL) * 4294967296 + {LOW}) / NULLIF(COUNT({{0}}), 0)", "AVG({0})::float8"),
    "agg:avg number": Template(f"CASE WHEN abs(AVG({{0}})) <= {MAX} THEN AVG({{0}}) END", f"({SUM}) / NULLIF(COUNT({{0}}), 0)"),
    **{f"agg:min {kind}": both("MIN({0})") for kind in ("text", "integer", "number", "date")},
    **{f"agg:max {kind}": both("MAX({0})") for kind in ("text", "integer", "number", "date")},
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
    "json_patch": json_changes.JSON_PATCH,
    # dates
    "midnight": Template("({0} || 'T00:00:00.000Z')", "(({0})::timestamp AT TIME ZONE 'UTC')"),
    "date text timestamp": Template("{0}", f"to_char(({{0}}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'){C}"),
    "date text day": Template("{0}", f"to_char({{0}}, 'YYYY-MM-DD'){C}"),
    "date text time": Template("{0}", f"to_char({{0}}, 'HH24:MI:SS.MS'){C}"),
}

# `->` and `->>` by the kind that is met: what counts is of that type in JSON. {1} is the path as SQLite has it, {2} as PostgreSQL
STEP = "jsonb_path_query_first({0}, {2}::jsonpath, '{{}}', true)"
JSON_VALUES: dict[Kind, Template] = {
    Kind.TEXT: Template(
        "CASE json_type({0}, {1}) WHEN 'text' THEN json_extract({0}, {1}) END",
        f"({STEP} #>> '{{{{}}}}'){C}",
    ),
    Kind.NUMBER: Template(
        "CASE WHEN json_type({0}, {1}) IN ('integer', 'real') THEN CAST(json_extract({0}, {1}) AS REAL) END",
        f"{STEP}::numeric::float8",
    ),
    Kind.BOOL: Template(
        "CASE json_type({0}, {1}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        f"{STEP}::boolean",
    ),
    Kind.JSON: Template("NULLIF({0} -> {1}, 'null')", f"NULLIF({STEP}, 'null'::jsonb)"),
}
# Conditions of those paths on PostgreSQL. A number past double precision counts as none.
JSON_TYPES: dict[Kind, str] = {
    Kind.TEXT: ' ? (@.type() == "string")',
    Kind.NUMBER: f' ? (@.type() == "number" && @.abs() <= {MAX} && (@ == 0 || @.abs() >= 5e-324))',
    Kind.BOOL: ' ? (@.type() == "boolean")',
    Kind.JSON: "",
}
