"""Every kind of column: what it takes, what it says of the rest, and what comes back, by either database alike."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api

SAME = object()

# column, posted, what comes back
TAKEN: list[tuple[str, Any, Any]] = [
    *((name, "", SAME) for name in ("text", "editor", "needed")),
    *((name, text, SAME) for name in ("text", "editor") for text in ("x", " ü😀\t\n\"'\\", "%", "a" * 5000, "{}", "null", "\x01\x1f\x7f\u2028")),
    *((name, "", None) for name in ("email", "url", "number", "integer", "bool", "stamp", "day", "time", "choice", "level", "json", "blob")),
    *((name, None, None) for name in ("text", "email", "number", "integer", "bool", "flag", "stamp", "day", "json", "jtext", "blob", "choice")),
    ("email", "a@b.cc", SAME), ("email", "A+x@B.cc", SAME),
    ("url", "https://example.com/x?y=1", SAME), ("url", "http://localhost:8000", SAME),
    ("number", 1.5, SAME), ("number", 5, 5), ("number", -0.1, SAME), ("number", 1e-300, SAME), ("number", 0.1 + 0.2, SAME), ("number", 1e22, SAME), ("number", 2**53 + 1.0, SAME),
    ("numeric", 0.1, SAME), ("numeric", 12345678.25, SAME),
    ("integer", 5, SAME), ("integer", 5.0, 5), ("integer", -(2**63), SAME), ("integer", 2**63 - 1, SAME), ("integer", 2**53 + 1, SAME),
    *((name, value, bool(value)) for name in ("bool", "flag") for value in (True, False, 1, 0)),
    ("stamp", "2025-03-11T10:00:00.000Z", SAME), ("stamp", "2025-03-11T12:00:00+02:00", "2025-03-11T10:00:00.000Z"), ("stamp", "2025-03-11 10:00", "2025-03-11T10:00:00.000Z"),
    ("stamp", "2025-03-11", "2025-03-11T00:00:00.000Z"), ("stamp", "2025-03-11T10:00:00.123456Z", "2025-03-11T10:00:00.123Z"), ("stamp", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ("stamp", "9999-12-31T23:59:59.999Z", SAME),
    ("written", "2025-03-11T12:00:00+02:00", "2025-03-11T10:00:00.000Z"),
    ("day", "2025-03-11", SAME), ("time", "10:30:00.000", SAME), ("time", "10:30", "10:30:00.000"),
    ("choice", "a", SAME), ("level", 2, SAME), ("level", 2.0, 2),
    *((name, value, SAME) for name in ("json", "jtext") for value in ({}, [], {"a": [1, {"b": None}], "ü": "😀\n"}, [1.5, True, None, -1], 5, True, 2**53 + 1, [[[[]]]])),
    *((name, text, value) for name in ("json", "jtext") for text, value in (('{"a": 1}', {"a": 1}), ('"x"', "x"), ("5", 5), ("null", None), (" [1] ", [1]))),
    ("blob", "aGVsbG8=", SAME), ("blob", "", None), ("blob", "AAECAw==", SAME),
    ("short", "abc", SAME), ("small", 1, SAME), ("small", 3, SAME), ("since", "2020-01-01", "2020-01-01T00:00:00.000Z"),
]  # fmt: skip

# column, posted, code
REFUSED: list[tuple[str, Any, str]] = [
    *((name, value, "invalid") for name in ("text", "editor", "email", "url") for value in (5, True, [], {})),
    ("needed", None, "null"),
    *(("email", value, "invalid") for value in ("x", "x@", "a b@c.dd", "a@b.cc\n", " a@b.cc")),
    *(("url", value, "invalid") for value in ("x", "javascript:alert(1)", "//x", "http://", "data:text/html,x")),
    *((name, value, "invalid") for name in ("number", "numeric") for value in ("5", True, [], "x")),
    *(("integer", value, "invalid") for value in ("5", 5.5, True, [], 1e300, 2.0**63)),
    *((name, value, "invalid") for name in ("bool", "flag") for value in ("true", 2, -1, "1", [], 0.5)),
    *(("stamp", value, "invalid") for value in ("x", "2025-13-01", "2025-02-30", 5, True, "10000-01-01", "2025-03-11T25:00", "now", "0000-01-01")),
    *(("day", value, "invalid") for value in ("x", "2025-02-30", 5, "10:00")),
    *(("time", value, "invalid") for value in ("x", "25:00", 5)),
    ("choice", "c", "invalid_choice"), ("choice", 1, "invalid"), ("level", 3, "invalid_choice"), ("level", "1", "invalid"),
    *((name, value, "invalid") for name in ("json", "jtext") for value in ("{broken", "x", '{"a": 1, "a": 2}', "[NaN]", "[1e999]", '"\\u0000"', '"\\ud800"', "[" * 100_000, "99999999999999999999")),
    *(("blob", value, "invalid") for value in ("x", "a b=", 5, "ü")),
    ("short", "abcd", "max_length"), ("short", "ABC", "pattern"), ("small", 0, "min"), ("small", 4, "max"), ("since", "2019-12-31", "min"),
]  # fmt: skip


def ids(cases: list[tuple[str, Any, Any]]) -> list[str]:
    return [f"{column}-{str(value)[:20]!a}" for column, value, _ in cases]


@pytest.mark.parametrize(("column", "posted", "answer"), TAKEN, ids=ids(TAKEN))
def test_a_value_comes_back(api: Api, column: str, posted: Any, answer: Any) -> None:
    wanted = posted if answer is SAME else answer
    found = api("POST kinds/insert", {"values": {"id": "k", column: posted}, "returning": column}).expect(200)
    read = [
        found[0],
        api("GET kinds/view/k", query={"select": column}).body,
        *api("GET kinds/select", query={"select": column}).body,
    ]
    read += api("POST kinds/update", {"where": "true", "setValues": {column: posted}, "returning": column}).expect(200)
    read += api("POST kinds/delete", {"where": "true", "returning": column}).expect(200)
    for row in read:
        assert row == {column: wanted}
        assert type(row[column]) is type(wanted) or {type(row[column]), type(wanted)} == {int, float}


@pytest.mark.parametrize(("column", "posted", "code"), REFUSED, ids=ids(REFUSED))
def test_a_value_is_refused(api: Api, column: str, posted: Any, code: str) -> None:
    found = api("POST kinds/insert", {"values": {"id": "k", column: posted}}).expect(400, {"data": {column: {"code": code}}})
    assert found["data"].keys() == {column}
    api("POST kinds/insert", {"values": {"id": "k"}}).expect(200)
    for request, body in (("edit/k", {column: posted}), ("update", {"where": "true", "setValues": {column: posted}})):
        assert api(f"POST kinds/{request}", body).expect(400)["data"] == found["data"]


def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    wrong = {column: posted for column, posted, _ in REFUSED}
    assert api("POST kinds/insert", {"values": {"id": "k", **wrong}}).expect(400)["data"].keys() == wrong.keys()


# column, expression, what is written, or the status
COMPUTED: list[tuple[str, str, Any]] = [
    ("integer", "integer + 1", 6), ("integer", "integer * 2 - 1 + 1", 10), ("integer", "integer / 2", 2), ("integer", "integer / 0", None),
    ("integer", "9223372036854775807 + integer", 400), ("integer", "-9223372036854775807 - integer", 400), ("integer", "null", None),
    ("integer", "number * 2", 3), ("integer", "number", 400), ("integer", "'7'", 7), ("integer", "'x'", 400), ("integer", "text", 400),
    ("integer", "nothing + 1", 400), ("integer", "integer +", 400), ("integer", "count()", 400),
    ("number", "integer + 0.5", 5.5), ("number", "integer", 5), ("number", "1e300 * 1e300", 400), ("number", "number / 0", None),
    ("small", "integer - 3", 2), ("small", "integer", 400), ("small", "small + 1", None),
    ("text", "text || '!'", "t!"), ("text", "upper(text)", "T"), ("text", "integer", 400), ("text", "concat(text, integer)", "t5"),
    ("short", "text || text", "tt"), ("short", "'long!'", 400), ("short", "'A'", 400),
    ("choice", "'b'", "b"), ("choice", "'c'", 400), ("level", "integer - 4", 1), ("level", "integer", 400),
    ("bool", "integer > 3", True), ("bool", "!bool", True), ("bool", "null", None), ("flag", "integer > 3", True), ("flag", "integer == null", False),
    ("stamp", "'2025-01-01'", "2025-01-01T00:00:00.000Z"), ("stamp", "datetime('2025-01-31', '+1 months')", "2025-03-03T00:00:00.000Z"), ("stamp", "day", None), ("written", "'2025-01-01'", "2025-01-01T00:00:00.000Z"),
    ("since", "'2019-01-01'", 400), ("day", "date('2025-01-01')", "2025-01-01"), ("day", "'x'", 400), ("time", "'10:00'", "10:00:00.000"),
    ("json", "'[1]'", [1]), ("json", "json_insert(json, '$.b', 2)", {"a": 1, "b": 2}), ("jtext", "json", {"a": 1}),
    ("email", "'a@b.cc'", "a@b.cc"), ("email", "'nobody'", 400), ("url", "text", 400), ("needed", "null", 400), ("needed", "email", 400),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "written"), COMPUTED)
def test_a_computed_value_is_written_as_a_posted_one_would_be(api: Api, column: str, text: str, written: Any) -> None:
    values = {"id": "k", "integer": 5, "number": 1.5, "text": "t", "json": {"a": 1}}
    api("POST kinds/insert", {"values": values}).expect(200)
    found = api("POST kinds/update", {"where": "true", "set": {column: text}, "returning": column})
    if written == 400 and not isinstance(written, bool):
        found.expect(400, {"code": 400})
        api("GET kinds/select", query={"select": "integer,number,text"}).expect(200, [{"integer": 5, "number": 1.5, "text": "t"}])
    else:
        found.expect(200, [{column: written}])
        api("GET kinds/view/k", query={"select": column}).expect(200, {column: written})
