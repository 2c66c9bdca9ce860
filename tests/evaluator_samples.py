"""Values at random that SQLite and PostgreSQL can both store. generators.py makes rows of them, evaluator_texts.py literals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st

# Pools make it likely that a row's value meets a literal or a variable that is equal to it.

FIRST, LAST = datetime(1900, 1, 1), datetime(2100, 12, 31)  # noqa: DTZ001  hypothesis wants them naive
TEXTS = (
    *(
        "",
        "a",
        "A",
        "b",
        "alpha",
        "Beta",
        "a ",
        " a",
        "  ",
        "5",
        "05",
        "10",
        "true",
        "u1",
        "u2",
        "admin",
        "2025-01-31",
        "2025-02-30",
    ),
    *("it's", 'say "hi"', "a\\b", "\\", "100%_sure", "%", "_", "{}", "[1]", "null", "a\nb", "\t", "' OR 1=1 --", "?", "%s", "$1"),
    *(
        "é",
        "e\u0301",
        "É",
        "ß",
        "İ",
        "ı",
        "Ω",
        "😀",
        "a😀b",
        "\u200d",
        "\ufeff",
        "\U0010ffff",
        "2025-01-31T10:00:00.500Z",
        "10:30",
    ),
)
INTEGERS = (0, 1, 2, -1, 3, 5, 10, -7, 86400, 2**31 - 1, 2**31, -(2**31), 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63 - 1))
FRACTIONS = (0.0, 1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 10.0, 20.5, 0.1, 0.1 + 0.2, 2.675, 0.005, 1e10, -0.0, 1e308, -1e308, 1e-300)
PATTERNS = ("%", "_", "a%", "%A%", "alph_", "%\\%%", "%\\_%", "\\", "%\\", "\\\\%", "a\\b", "É", "%😀%", "__", "", "%a", "it's%")
STAMPS = ("2025-01-31T10:00:00.000", "2024-02-29T23:59:59.999", "1969-12-31T23:59:59.500", "1970-01-01T00:00:00.000")
KEYS = (*("kind", "n", "list", "flag") * 3, "deep", "owner", "odd key", "é", "0")
JSON_TEXTS = (
    '{"kind":"a"}',
    '{"n": 1.0, "kind": "a"}',
    "{}",
    "[]",
    "[1, 2]",
    '["a", null]',
    "5",
    "1.0",
    "true",
    "false",
    '"a"',
    '""',
)

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
text_values = st.sampled_from(TEXTS) | st.text(characters, max_size=8) | st.text("aAbB%_\\'\" é", max_size=6)
integer_values = st.sampled_from((*INTEGERS, -(2**63))) | st.integers(-20, 20) | st.integers(-(2**63), 2**63 - 1)
fraction_values = (
    st.sampled_from(FRACTIONS)
    | st.integers(-2000, 2000).map(lambda cents: cents / 100)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
)
bool_values = st.booleans()
day_values = st.sampled_from([date.fromisoformat(text[:10]) for text in STAMPS]) | st.dates(FIRST.date(), LAST.date())
time_values = st.sampled_from((time(10, 30), time(0), time(23, 59, 59))) | st.times().map(
    lambda clock: clock.replace(microsecond=0)
)


def to_milliseconds(stamp: datetime) -> datetime:
    return stamp.replace(microsecond=stamp.microsecond // 1000 * 1000, tzinfo=UTC)


stamp_values = st.sampled_from(list(map(datetime.fromisoformat, STAMPS))).map(to_milliseconds) | st.datetimes(FIRST, LAST).map(
    to_milliseconds
)

json_scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from((0, 1, 2, 5, -1, 2**31, 2**53 - 1, 0.5, 1.0, -2.25, 100.25))
    | st.sampled_from(("", "a", "A", "b", "5", "u1", "it's", "é", "😀", "a\\b", '"', "%", "true", "null"))
)
json_lists = st.lists(json_scalars, max_size=4)
json_objects = st.fixed_dictionaries(
    {},
    optional={
        "kind": json_scalars,
        "n": st.integers(-5, 20) | json_scalars,
        "flag": st.booleans() | json_scalars,
        "list": json_lists | json_scalars,
        "deep": st.fixed_dictionaries({"x": st.lists(st.fixed_dictionaries({"y": json_scalars}), max_size=2)}) | json_scalars,
        "owner": st.sampled_from(("u1", "u2", None)) | json_scalars,
        "odd key": json_scalars,
        "é": json_scalars,
        "0": json_scalars,
    },
)
json_values = json_objects | json_objects | json_lists | json_scalars

VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "text": text_values,
    "integer": integer_values,
    "number": fraction_values,
    "bool": bool_values,
    "timestamp": stamp_values,
    "day": day_values,
    "time": time_values,
    "json": json_values,
}
