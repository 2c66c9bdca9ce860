"""How stored values become those of another type: SQL that is null for each value that has no counterpart.

Numbers convert only where they stay what they are, text only where it is written as the new type is. What a type cannot hold
at all (the time of a timestamp that becomes a day) is dropped; losses.py asks first.
"""

from __future__ import annotations

from typing import Any

from pocketapi.expressions.forms import FORMS
from pocketapi.expressions.fragments import parts_of
from pocketapi.expressions.functions import BIGINT, CLOCK, IN_MILLISECONDS, MAX, TEMPLATES, Template, both
from pocketapi.tables import fields

Class = type[Any]
Text, Integer, Number, Numeric = fields.TextField, fields.IntegerField, fields.NumberField, fields.NumericField
Counted, Bool, Flag = fields.AutoIncrementField, fields.BoolField, fields.BoolIntegerField
Timestamp, TextTimestamp, Day, Time = fields.TimestampField, fields.TextTimestampField, fields.DayField, fields.TimeField
Json, JsonText, Uuid = fields.JsonField, fields.JsonTextField, fields.UuidField

SAME = both("{0}")
EXACT = 2**53  # up to here every integer is a double
WHOLE = "^(0|-?[1-9][0-9]{{0,18}})$"
DECIMAL = "^-?(0|[1-9][0-9]{{0,250}})(\\.[0-9]{{1,250}})?([eE][+-]?[0-9]{{1,3}})?$"
TINY = "5e-324"

INTEGER_OF_TEXT = Template(
    "CASE WHEN CAST(CAST({0} AS INTEGER) AS TEXT) = {0} THEN CAST({0} AS INTEGER) END",
    f"CASE WHEN {{0}} ~ '{WHOLE}' THEN CASE WHEN ({{0}})::numeric {BIGINT} THEN ({{0}})::bigint END END",
)
SQLITE_NUMBER = (  # JSON writes numbers as DECIMAL does
    "CASE WHEN json_valid({0}) AND {0} NOT GLOB '*[^-+.0-9eE]*' THEN"
    f" CASE WHEN abs(CAST({{0}} AS REAL)) <= {MAX} THEN CAST({{0}} AS REAL) END END"
)
NUMBER_OF_TEXT = Template(
    SQLITE_NUMBER,
    f"CASE WHEN {{0}} ~ '{DECIMAL}' THEN CASE WHEN abs(({{0}})::numeric) <= {MAX} THEN"
    f" CASE WHEN abs(({{0}})::numeric) < {TINY} THEN 0 ELSE ({{0}})::float8 END END END",
)
NUMERIC_OF_TEXT = Template(SQLITE_NUMBER, f"CASE WHEN {{0}} ~ '{DECIMAL}' THEN ({{0}})::numeric END")
NUMBER_OF_INTEGER = Template(
    f"CASE WHEN {{0}} BETWEEN -{EXACT} AND {EXACT} THEN CAST({{0}} AS REAL) END",
    f"CASE WHEN {{0}} BETWEEN -{EXACT} AND {EXACT} THEN ({{0}})::float8 END",
)
FLAG_OF_NUMBER = both("CASE {0} WHEN 1 THEN 1 WHEN 0 THEN 0 END")
BOOL_OF_NUMBER = Template(FLAG_OF_NUMBER.sqlite, "CASE {0} WHEN 1 THEN TRUE WHEN 0 THEN FALSE END")
FLAG_OF_TEXT = both("CASE {0} WHEN 'true' THEN 1 WHEN '1' THEN 1 WHEN 'false' THEN 0 WHEN '0' THEN 0 END")
BOOL_OF_TEXT = Template(
    FLAG_OF_TEXT.sqlite, "CASE {0} WHEN 'true' THEN TRUE WHEN '1' THEN TRUE WHEN 'false' THEN FALSE WHEN '0' THEN FALSE END"
)
TEXT_OF_FLAG = both("CASE {0} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END")

DIGIT = "[0-9]"
PARSED = f"CASE WHEN {{0}} GLOB '{DIGIT * 4}-*' THEN pocket_parse_date({{0}}) END"
CLOCKED = f"CASE WHEN {{0}} GLOB '{DIGIT * 2}:*' THEN substr(pocket_parse_date({{0}}), 12, 12) END"
MOMENT = TEMPLATES["column date text"].postgresql
TIMESTAMP_OF_TEXT = Template(PARSED, MOMENT)
WRITTEN_OF_TEXT = Template(PARSED, TEMPLATES["date text timestamp"].postgresql.replace("{0}", MOMENT))
WRITTEN_OF_DAY = Template(TEMPLATES["midnight"].sqlite, "to_char({0}, 'YYYY-MM-DD') || 'T00:00:00.000Z'")
DAY_OF_TIMESTAMP = Template("substr({0}, 1, 10)", "(({0}) AT TIME ZONE 'UTC')::date")
DAY_OF_TEXT = Template(f"substr({PARSED}, 1, 10)", f"(({MOMENT}) AT TIME ZONE 'UTC')::date")
TIME_OF_TIMESTAMP = Template("substr({0}, 12, 12)", "(({0}) AT TIME ZONE 'UTC')::time(3)")
TIME_OF_TEXT = Template(CLOCKED, f"CASE WHEN {{0}} ~ '^{CLOCK}$' THEN ({IN_MILLISECONDS})::time(3) END")
TIME_OF_WRITTEN = Template("substr({0}, 12, 12)", f"(({MOMENT}) AT TIME ZONE 'UTC')::time(3)")

IS_JSON = "pg_temp.pocket_is_json({0}) AND btrim({0}) <> 'null'"  # JSON null is stored as NULL
MAKE_IS_JSON = (  # PostgreSQL has one of its own from 16 on
    "CREATE OR REPLACE FUNCTION pg_temp.pocket_is_json(value text) RETURNS boolean LANGUAGE plpgsql AS $$"
    " BEGIN RETURN value::jsonb IS NOT NULL; EXCEPTION WHEN data_exception THEN RETURN false; END $$"
)
VALID_JSON = "CASE WHEN json_valid({0}) AND trim({0}) <> 'null' THEN {0} END"
TEXT_OF_JSON = Template("{0}", "({0})::text")

CONVERSIONS: dict[tuple[Class, Class], Template] = {
    (Integer, Counted): SAME,
    (Counted, Integer): SAME,
    **{
        pair: template
        for counted in (Integer, Counted)
        for pair, template in {
            (counted, Text): TEMPLATES["written integer"],
            (counted, Number): NUMBER_OF_INTEGER,
            (counted, Numeric): Template(NUMBER_OF_INTEGER.sqlite, "({0})::numeric"),
            (counted, Bool): BOOL_OF_NUMBER,
            (counted, Flag): FLAG_OF_NUMBER,
            (Text, counted): INTEGER_OF_TEXT,
            (Number, counted): TEMPLATES["to_integer"],
            (Numeric, counted): TEMPLATES["to_integer"],
        }.items()
    },
    (Uuid, Text): FORMS["uuid"].read,
    (Text, Number): NUMBER_OF_TEXT,
    (Text, Numeric): NUMERIC_OF_TEXT,
    (Number, Text): TEMPLATES["written number"],
    (Numeric, Text): Template(TEMPLATES["written number"].sqlite, "({0})::text"),
    (Number, Numeric): Template("{0}", "({0})::text::numeric"),  # the shortest digits: a cast of its own keeps 15
    (Numeric, Number): TEMPLATES["double"],
    (Bool, Integer): TEMPLATES["as_integer"],
    (Bool, Number): Template("{0}", "({0})::int::float8"),
    (Bool, Numeric): Template("{0}", "({0})::int::numeric"),
    (Bool, Text): Template(TEXT_OF_FLAG.sqlite, "({0})::text"),
    (Bool, Flag): TEMPLATES["as_integer"],
    (Flag, Integer): SAME,
    (Flag, Number): Template("{0}", "({0})::float8"),
    (Flag, Numeric): Template("{0}", "({0})::numeric"),
    (Flag, Text): TEXT_OF_FLAG,
    (Flag, Bool): BOOL_OF_NUMBER,
    (Number, Bool): BOOL_OF_NUMBER,
    (Number, Flag): FLAG_OF_NUMBER,
    (Numeric, Bool): BOOL_OF_NUMBER,
    (Numeric, Flag): FLAG_OF_NUMBER,
    (Text, Bool): BOOL_OF_TEXT,
    (Text, Flag): FLAG_OF_TEXT,
    (Timestamp, Text): TEMPLATES["date text timestamp"],
    (Timestamp, TextTimestamp): TEMPLATES["date text timestamp"],
    (Timestamp, Day): DAY_OF_TIMESTAMP,
    (Timestamp, Time): TIME_OF_TIMESTAMP,
    (TextTimestamp, Text): SAME,
    (TextTimestamp, Timestamp): TIMESTAMP_OF_TEXT,
    (TextTimestamp, Day): DAY_OF_TEXT,
    (TextTimestamp, Time): TIME_OF_WRITTEN,
    (Day, Text): TEMPLATES["date text day"],
    (Day, Timestamp): TEMPLATES["midnight"],
    (Day, TextTimestamp): WRITTEN_OF_DAY,
    (Time, Text): TEMPLATES["date text time"],
    (Text, Timestamp): TIMESTAMP_OF_TEXT,
    (Text, TextTimestamp): WRITTEN_OF_TEXT,
    (Text, Day): DAY_OF_TEXT,
    (Text, Time): TIME_OF_TEXT,
    (Json, JsonText): TEXT_OF_JSON,
    (Json, Text): TEXT_OF_JSON,
    (JsonText, Json): Template("{0}", "({0})::jsonb"),
    (JsonText, Text): SAME,
    (Text, Json): Template(VALID_JSON, f"CASE WHEN {IS_JSON} THEN ({{0}})::jsonb END"),
    (Text, JsonText): Template(VALID_JSON, f"CASE WHEN {IS_JSON} THEN {{0}} END"),
}
LOSSLESS: dict[Class, set[Class]] = {  # types that hold every value of a type, or refuse it
    Counted: {Integer, Number, Numeric, Text},
    Integer: {Counted, Number, Numeric, Text},
    Bool: {Flag, Integer, Number, Numeric, Text},
    Flag: {Bool, Integer, Number, Numeric, Text},
    Uuid: {Text},
    Number: {Numeric, Text},
    Numeric: {Text},
    Timestamp: {TextTimestamp, Text},
    TextTimestamp: {Timestamp, Text},
    Day: {Timestamp, TextTimestamp, Text},
    Time: {Text},
    Json: {JsonText, Text},
    JsonText: {Json, Text},
}


def changes_type(old: Any, new: Any) -> bool:
    """Whether two states of a column, which migrations see as plain fields, differ in type."""
    return type(old) is not type(new)


def is_convertible(old: Any, new: Any) -> bool:
    """Whether there is a way from one type to the other."""
    return (type(old), type(new)) in CONVERSIONS


def converted(old: Any, new: Any, column: str, vendor: str) -> str:
    """The SQL of a column's values in the new type; `column` is quoted. NotImplementedError where there is no way."""
    if not changes_type(old, new):
        return column
    if not is_convertible(old, new):
        raise NotImplementedError(f"{noun(type(old))} to {noun(type(new))}")
    template = CONVERSIONS[type(old), type(new)].of(vendor)
    return parts_of(template).fill([(column, [])])[0] % ()


def is_same_storage(old: Any, new: Any) -> bool:
    """Whether the two types store every value alike."""
    return CONVERSIONS.get((type(old), type(new))) is SAME or not changes_type(old, new)


def is_lossless(old: Any, new: Any) -> bool:
    """Whether every value survives a change of type, or stops it."""
    return type(new) in LOSSLESS.get(type(old), ())


def noun(kind: Class) -> str:
    """A type's name for users."""
    return kind.__name__.removesuffix("Field").lower()
