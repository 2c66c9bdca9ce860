"""The same data in a table of an existing model and in one of the config: every request answers alike, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import SERVICE, Api
from tests.conftest import UseConfig

CONFIG = """
tables:
  - {name: theirs, model: shop.Kinds}
  - name: ours
    fields:
      - {name: code, type: text, primary: true, noUpdate: true}
      - {name: text, type: text}
      - {name: mail, type: email}
      - {name: url, type: url}
      - {name: number, type: number}
      - {name: exact, type: number, sqlType: numeric}
      - {name: whole, type: integer}
      - {name: short, type: integer}
      - {name: flag, type: bool}
      - {name: moment, type: date}
      - {name: day, type: date, sqlType: date}
      - {name: clock, type: date, sqlType: time}
      - {name: length, type: number}
      - {name: address, type: text}
      - {name: uuid, type: text}
      - {name: data, type: json}
      - {name: raw, type: blob}
      - {name: file, type: text}
"""
UUID = "0b6e7f1c-54a4-4f0e-9a55-0d2f1c3b4a59"
ROWS: list[dict[str, Any]] = [
    {"code": "a", "text": "Über", "mail": "a@b.example", "url": "https://a.example/x?y=%s", "number": 0.1, "exact": 12345.678,
     "whole": 2**62, "short": -3, "flag": True, "moment": "2025-03-11T10:00:00.123Z", "day": "2025-03-11", "clock": "10:00:00.120",
     "length": 90.5, "address": "10.0.0.1", "uuid": UUID, "data": {"a": [1, "x"], "b": None}, "raw": "AP8="},
    {"code": "B", "text": "zeta'\"%", "number": -1e300, "exact": -0.5, "whole": -1, "short": 0, "flag": False,
     "moment": "2025-03-11T10:00:00Z", "day": "0001-01-01", "clock": "00:00:00", "length": 0, "address": "2001:db8::1",
     "uuid": UUID.replace("0b", "ff"), "data": [], "raw": ""},
    {"code": "c", "text": "", "number": 7, "exact": 100, "whole": 5, "short": 5, "flag": True,
     "moment": "2025-03-11T10:00:00.100Z", "day": "2024-02-29", "clock": "23:59:59.999", "length": 1e-6, "data": "\"text\""},
    {"code": "d", "moment": "9999-12-31T23:59:59.999Z", "data": 5},
    {"code": "e", "moment": "2025-03-11T10:00:00.124Z", "data": False, "text": "über"},
    {"code": "f"},
]  # fmt: skip
MOMENTS = ("2025-03-11T10:00:00Z", "2025-03-11T10:00:00.1Z", "2025-03-11T10:00:00.123Z", "2025-03-11", "9999-12-31T23:59:59.999Z")
WHERES = [
    *(f"moment {operator} '{moment}'" for moment in MOMENTS for operator in ("==", "!=", "<", "<=", ">", ">=")),
    *(f"'{MOMENTS[2]}' {operator} moment" for operator in ("==", "<", "<=", ">", ">=")),
    *(f"{name} {operator} {name}" for name in ("moment", "uuid", "text", "clock") for operator in ("==", "=", "!=")),
    f"moment in ('{MOMENTS[0]}', '{MOMENTS[2]}')",
    f"moment !in ('{MOMENTS[0]}', '{MOMENTS[2]}')",
    "moment in (null)",
    "!(moment > '2025-03-11T10:00:00.1Z')",
    "moment > day",
    "moment == null | data == null",
    "!moment",
    "datetime(moment, '+1 days') > '2025-03-12T10:00:00.1Z'",
    "strftime('%H:%M:%f', moment) == '10:00:00.123'",
    "unixepoch(moment) == 1741687200",
    "date(moment) == day",
    "time(moment) < clock",
    "clock > '10:00:00.119'",
    "clock == '10:00:00.12'",
    "day < '2025-01-01'",
    f"uuid == '{UUID}'",
    f"uuid != '{UUID}'",
    f"uuid in ('{UUID}', 'x')",
    "uuid ~ '0b6e7f1c-%'",
    f"uuid > '{UUID}'",
    "uuid == text",
    "uuid == coalesce(uuid, text)",
    "lower(uuid) == uuid",
    "length(uuid) == 36",
    "address == '10.0.0.1'",
    "address ~ '2001:%'",
    "address > '10.0.0.0'",
    "length > 1",
    "length == 0.000001",
    "length + 1 == 91.5",
    "exact == 12345.678",
    "exact / 2 == -0.25",
    "exact > 50 & exact < 101",
    "exact in (100, -0.5)",
    "short + whole == 10",
    "short == whole",
    "whole == 4611686018427387904",
    "flag",
    "!flag",
    "flag == false",
    "data->>'a' == null",
    "data->'a' == '[1, \"x\"]'",
    "json_contains(data->'a', 1)",
    "json_length(data) == 0",
    'data == \'{"b": null, "a": [1, "x"]}\'',
    "data == 5",
    "data != null",
    "text > 'Z'",
    "text == 'Über'",
    "text ~ 'üB%'",
    "text < code",
    "text in ('', 'Über')",
    "text || code == 'a'",
    "concat(text, short, exact) == '50100' | concat(text, short) == 'Über-3'",
    "max(text, code) == 'über'",
    "mail ~ '%@%' & url ~ 'https%'",
    "raw == null",
    "raw",
]
SELECTS: list[dict[str, Any]] = [
    {},
    *({"order": f"{sign}{name}, code", "select": f"code, {name}"} for name in ("text", "moment", "clock", "uuid", "length", "exact", "address", "flag") for sign in "+-"),
    {"select": "min(moment) => a, max(moment) => b, min(text) => c, max(text) => d, sum(exact) => e, avg(length) => f, max(short) => g, sum(whole) => h, count(uuid) => i, min(uuid) => j"},
    {"group": "flag", "select": "flag, count() => n, max(clock) => c", "order": "flag"},
    {"group": "date(moment)", "select": "date(moment), count() => n", "order": "n, date"},
    {"distinct": True, "select": "flag, day > '2000-01-01' => late", "order": "flag, late"},
    {"select": "code, exact * 2 => a, length / 3 => b, whole - 1 => c, short * 2 => d, coalesce(text, code) => e, data->'a' => f, lower(text) => g", "order": "coalesce(text, code), code"},
]  # fmt: skip


@pytest.fixture
def both(use_config: UseConfig, settings: Any) -> Api:
    """The rows in both tables."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(CONFIG)
    api = Api()
    answers = [
        api(f"POST {table}/insert", {"values": ROWS, "returning": "*"}, "admin").expect(200) for table in ("ours", "theirs")
    ]
    for ours, theirs in zip(*answers, strict=True):
        assert {name: (ours[name], theirs[name]) for name in ours if ours[name] != theirs[name]} == {}
    return api


def agree(both: Api, parameters: dict[str, Any]) -> None:
    ours, theirs = (both(f"POST {table}/list", parameters, "admin") for table in ("ours", "theirs"))
    assert ours.status == 200, ours.body
    assert theirs.body == ours.body, parameters


def test_reads(both: Api) -> None:
    for parameters in SELECTS:
        agree(both, parameters)
    for where in WHERES:
        agree(both, {"where": where, "select": "code"})


def test_pages(both: Api) -> None:
    for order in ("moment", "-moment", "uuid", "-text", "exact", "-clock"):
        pages = []
        for table in ("ours", "theirs"):
            cursor, seen = "*", list[str]()
            while cursor:
                page = both(
                    f"GET {table}/list", by="admin", query={"order": order, "limit": 2, "cursor": cursor, "select": "code"}
                ).expect(200)
                seen += [row["code"] for row in page["items"]]
                cursor = page["next"]
            pages.append(seen)
        assert pages[0] == pages[1]
        assert len(pages[0]) == len(ROWS)


UPDATES: list[dict[str, Any]] = [
    {"set": {"whole": "short", "number": "exact + 1", "text": "code", "flag": "!flag", "moment": "datetime(day)", "day": "date(moment)"}},
    {"set": {"clock": "time(moment)", "length": "length * 2", "address": "address", "uuid": "uuid", "data": "json_set(data, '$.a', 1)", "raw": "raw"}},
    {"set": {"exact": "exact * 2", "short": "short + 1"}, "where": "short != null"},
    {"setValues": ROWS[0], "where": "code == 'f'"},
    {"setValues": dict.fromkeys(ROWS[0]), "where": "code == 'a'"},
]  # fmt: skip


def test_writes(both: Api) -> None:
    for change in UPDATES:
        given = {**change, "where": change.get("where", "true"), "returning": "*"}
        given["setValues"] = {name: value for name, value in change.get("setValues", {}).items() if name != "code"}
        answers = [both(f"POST {table}/update", given, "admin") for table in ("ours", "theirs")]
        assert [answer.status for answer in answers] == [200, 200], (answers[0].body, answers[1].body)
        rows = [sorted(answer.body, key=lambda row: row["code"]) for answer in answers]
        assert rows[0] == rows[1]
    agree(both, {})
    where = {"where": "moment < '2025-03-12'", "returning": "code"}
    gone = [
        sorted(row["code"] for row in both(f"POST {table}/delete", where, "admin").expect(200)) for table in ("ours", "theirs")
    ]
    assert gone[0] == gone[1] != []
    agree(both, {})


BAD = [
    {"mail": "x"}, {"url": "x"}, {"number": "1"}, {"exact": True}, {"whole": 1.5}, {"whole": 2**63}, {"flag": "yes"},
    {"moment": "yesterday"}, {"day": 5}, {"clock": "25:00"}, {"length": "1"}, {"data": "{"}, {"raw": "*"},
]  # fmt: skip


@pytest.mark.parametrize("values", BAD, ids=str)
def test_what_neither_takes(both: Api, values: dict[str, Any]) -> None:
    answers = [both(f"POST {table}/insert", {"values": {"code": "z", **values}}, "admin") for table in ("ours", "theirs")]
    assert answers[0].status == 400
    assert answers[0].body["data"] == answers[1].body["data"]


@pytest.mark.parametrize(
    "values", [{"uuid": "x"}, {"address": "x"}, {"exact": 0.0001}, {"short": 40000}, {"code": "longer"}], ids=str
)
def test_what_only_the_model_refuses(both: Api, values: dict[str, Any]) -> None:
    found = both("POST theirs/insert", {"values": {"code": "z", **values}}, "admin").expect(400)
    assert list(found["data"]) == list(values)


def test_forms_are_converted(both: Api) -> None:
    fields = {"values.code": "z", "values.flag": "true", "values.exact": "1.5", "values.moment": "2025-01-01", "values.uuid": ""}
    for table in ("ours", "theirs"):
        both(f"POST {table}/insert", "&".join(f"{name}={value}" for name, value in fields.items()), "admin",
             content_type="application/x-www-form-urlencoded").expect(200)  # fmt: skip
    agree(both, {"where": "code == 'z'", "select": "flag, exact, moment"})
