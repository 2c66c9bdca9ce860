"""What operators and functions answer, the same on both databases: values past every range included, and no error for any row."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from tests import generators
from tests.conftest import UseConfig
from tests.expressions.things import Refusal, Things, alike
from tests.generators import ANONYMOUS, COLUMNS

LARGE = 1.7976931348623157e308
ROW = {
    **dict.fromkeys(COLUMNS),
    "id": "a",
    "name": "Élan vital",
    "code": "Abc",
    "tag": "x ",
    "qty": 7,
    "views": 2**63 - 1,
    "price": 2.5,
    "weight": LARGE,
    "on_sale": True,
    "created_at": datetime(2024, 1, 31, 10, 20, 30, 456000, UTC),
    "day": date(2024, 2, 29),
    "opens": time(10, 30),
    "data": {"kind": "a", "n": 2, "half": 0.5, "list": [1, "a", None, {"x": 1}], "flag": False, "at": "2024-02-29", "null": None},
    "extra": [1, 2],
}
CALLER = {**ANONYMOUS, "uid": "u1", "role": ["a", "b"], "meta": {"n": 2, "o": {"x": [1]}}}

VALUES: list[tuple[str, Any]] = [
    # arithmetic
    ("qty / 2", 3),
    ("-qty / 2", -3),
    ("qty / 2.0", 3.5),
    ("qty / 0", None),
    ("price / 0", None),
    ("views + 1", None),
    ("-views - 2", None),
    ("views * 2", None),
    ("views + 1 - 1", None),
    ("-(-views - 1)", None),
    ("abs(-views - 1)", None),
    ("abs(-qty)", 7),
    ("weight + weight", None),
    ("weight * 2", None),
    ("weight / 0.5", None),
    ("weight * 0.5", LARGE / 2),
    ("weight - weight", 0),
    ("1e-300 * 1e-300", 0),
    ("1e-300 / 1e300", 0),
    ("1e-310 / 1e15", 0),
    ("0.1 + 0.2", 0.1 + 0.2),
    ("on_sale + on_sale", 2),
    ("null + 1", None),
    ("qty + null", None),
    ("'7' / 2", 3.5),
    # numbers
    ("round(price)", 3),
    ("round(-price)", -3),
    ("round(2.675, 2)", 2.68),
    ("round(2.4999999999999996)", 2),
    ("round(qty, -1)", 10),
    ("round(weight, -308)", None),
    ("round(1.5e-320, 320)", 2e-320),
    ("round(price, 400)", 2.5),
    ("round(price, -400)", 0),
    ("round(price, null)", None),
    ("price || ''", "2.5"),
    ("qty || '' || 10.0", "710"),
    ("1e15 || ''", "1e+15"),
    ("1234567890123456.5 || ''", "1.2345678901234565e+15"),
    ("-0.0 || ''", "0"),
    ("0.00001 || ''", "1e-05"),
    ("5e-324 || ''", "5e-324"),
    ("weight || ''", "1.7976931348623157e+308"),
    # text
    ("lower(name) || upper(name)", "Élan vitalÉLAN VITAL"),
    ("length(name)", 10),
    ("length('😀')", 1),
    ("trim('  a b\t ')", "a b\t"),
    ("substring(name, 2)", "lan vital"),
    ("substring(name, 1, 4)", "Élan"),
    ("substring(name, 0, 3)", "Él"),
    ("substring(name, -1, 4)", "Él"),
    ("substring(name, 3, 0)", ""),
    ("substring(name, 3, -1)", None),
    ("substring(name, 5000000000)", ""),
    ("substring(name, -5000000000, 6000000000)", None),
    ("substring(name, 1, views)", "Élan vital"),
    ("substring(name, data->>'n')", "lan vital"),
    ("substring(name, data->>'half')", None),
    ("replace(name, 'l', 'L')", "ÉLan vitaL"),
    ("replace(name, '', 'x')", "Élan vital"),
    ("replace(name, null, 'x')", None),
    ("replace(name, '', null)", None),
    ("concat(name, null, qty, price, 10.0)", "Élan vital72.510"),
    ("concat(null)", ""),
    ("name || null", None),
    ("'{0} %s $1 ?' || '{{}}%%'", "{0} %s $1 ?{{}}%%"),
    # any kind
    ("coalesce(null, data->>'kind', 'x')", "a"),
    ("coalesce(data->>'n', 'x')", "x"),
    ("coalesce(null, null)", None),
    ("coalesce(qty, 1.5)", 7),
    ("coalesce(code) == 'ABC'", False),
    ("code == 'ABC'", True),
    ("code in ('x', 'ABC')", True),
    ("name in (code, 'Élan vital')", True),
    ("tag == 'x'", True),
    ("min(code, 'a')", "Abc"),
    ("min(qty, 2.5, null)", None),
    ("max(qty, 8.5)", 8.5),
    ("max(day, created_at)", "2024-02-29T00:00:00.000Z"),
    ("max(on_sale, false)", True),
    ("coalesce(day, created_at)", "2024-02-29T00:00:00.000Z"),
    # conditions as values
    ("!(price > 3)", True),
    ("null == null", True),
    ("name ~ '%VITAL'", True),
    ("name ~ 'é%'", False),
    ("name ~ name", True),
    ("'a\\\\' ~ 'a\\\\'", True),
    ("(name || '\\\\') ~ (name || '\\\\')", True),
    ("on_sale == (qty > 1)", True),
    ("views == 9223372036854775808.0", True),
    ("views < 9223372036854775808.0", False),
    # JSON
    ("data->'list'", [1, "a", None, {"x": 1}]),
    ("data->>'$.list[3].x'", 1),
    ("data->'null'", None),
    ("data->'null' == null", True),
    ("data->'list'->1", "a"),
    ("data->>'kind' == 'a'", True),
    ("data->>'n' == 2", True),
    ("data->>'n' == '2'", False),
    ("data->>'flag' == false", True),
    ("data->>'flag' == 0", False),
    ("data->>'at' == day", True),
    ("data->>'at' < created_at", False),
    ("data->>'at' == opens", False),
    ("data->>'half' < data->>'n'", True),
    ("data->>'kind' < data->>'at'", False),
    ("data->>'kind' < data->>'n'", False),
    ("json_contains(data->'list', 'a')", True),
    ("json_contains(data->'list', null)", False),
    ("json_contains(data->'list', data->'$.list[3]')", True),
    ("json_contains(data, 1)", False),
    ("1.0 in extra", True),
    ("on_sale in extra", False),
    ("'a' !in data->'kind'", True),
    ("json_length(extra)", 2),
    ("json_length(data)", None),
    ("extra == '[1.0, 2]'", True),
    ("extra", [1, 2]),
    ("json_set(extra, '$[1]', 'x')", [1, "x"]),
    ("json_set(extra, '$[2]', day)", [1, 2, "2024-02-29"]),
    ("json_set(extra, '$[3]', 3)", [1, 2]),
    ("json_insert(extra, '$[0]', 3)", [1, 2]),
    ("json_replace(extra, '$[2]', 3)", [1, 2]),
    ("json_set('{}', '$.a.b[0].c', on_sale)", {"a": {"b": [{"c": True}]}}),
    ("json_set('{}', '$.a[1]', 1)", {}),
    ("json_set('{\"a\":null}', '$.a.b', 1)", {"a": None}),
    ("json_set('{\"a\":[]}', '$.a.b', 1)", {"a": []}),
    ("json_set('{\"0\":1}', '$.0', null)", {"0": None}),
    ("json_set('[5]', '$.0', 1)", [5]),
    ("json_set(extra, '$', 5)", 5),
    ("json_set(extra, '$', null)", None),
    ("json_insert(extra, '$', 5)", [1, 2]),
    ("json_set(null, '$', 5)", None),
    ("json_set('{}', 'a b', price)", {"a b": 2.5}),
    (
        'json_patch(\'{"a":1,"b":{"c":2}}\', \'{"a":null,"b":{"d":[null]},"e":{"f":null}}\')',
        {"b": {"c": 2, "d": [None]}, "e": {}},
    ),
    ("json_patch(extra, '{\"a\":1}')", {"a": 1}),
    ('json_patch(\'{"a":{"0":1}}\', \'{"a":{"0":null}}\')', {"a": {}}),
    ("json_patch(data, extra)", [1, 2]),
    ("json_patch(data, null)", None),
    ("json_patch(null, extra)", None),
    # dates
    ("created_at", "2024-01-31T10:20:30.456Z"),
    ("date(created_at, '+1 months')", "2024-03-02"),
    ("date('2023-01-31', '+1 months')", "2023-03-03"),
    ("date(day, '-1 years')", "2023-03-01"),
    ("date(day, 'start of month', '-1 days')", "2024-01-31"),
    ("datetime(created_at, 'start of day', '+90 minutes')", "2024-01-31T01:30:00.000Z"),
    ("datetime(created_at, 'START  of year', '1 hour')", "2024-01-01T01:00:00.000Z"),
    ("time(created_at)", "10:20:30.456"),
    ("time(opens, '+14 hours')", "00:30:00.000"),
    ("date(opens)", "2000-01-01"),
    ("unixepoch(created_at)", 1706696430),
    ("unixepoch('1969-12-31T23:59:59.500Z')", -1),
    ("datetime(qty, 'unixepoch')", "1970-01-01T00:00:07.000Z"),
    ("datetime(0.0019, 'unixepoch')", "1970-01-01T00:00:00.001Z"),
    ("datetime(-0.001, 'unixepoch', '+1 seconds')", "1970-01-01T00:00:00.999Z"),
    ("datetime(253402300799, 'unixepoch')", "9999-12-31T23:59:59.000Z"),
    ("datetime(253402300799, 'unixepoch', '+1 seconds')", None),
    ("datetime(-62135596800, 'unixepoch')", "0001-01-01T00:00:00.000Z"),
    ("datetime(-62135596800, 'unixepoch', '-1 seconds')", None),
    ("datetime(-62135596801, 'unixepoch')", None),
    ("datetime(views, 'unixepoch')", None),
    ("datetime(-views, 'unixepoch')", None),
    ("datetime(weight, 'unixepoch')", None),
    ("datetime(created_at, '-3000 years', '+3000 years')", None),
    ("datetime(created_at, '+99999999999999999999 days')", None),
    ("unixepoch(created_at, '+9999999999 months')", None),
    ("strftime('%Y', created_at, '+1000000 years')", None),
    ("strftime('%Y-%m-%d %H:%M:%S %f %j %w %%', created_at)", "2024-01-31 10:20:30 30.456 031 3 %"),
    ("strftime('%s', day)", "1709164800"),
    ("strftime('', day)", ""),
    ("strftime('%Y', null)", None),
    ("strftime('{0} \\' %%s', day)", "{0} ' %s"),
    ("date('2024-02-30')", None),
    ("date('2024-04-31')", None),
    ("date('soon')", None),
    ("date(' 2024-01-01')", None),
    ("date('0000-01-01')", None),
    ("date('2024-01-01T25:00')", None),
    ("datetime('2024-01-01T00:00+14:59')", "2023-12-31T09:01:00.000Z"),
    ("datetime('2024-01-01T00:00+15:00')", None),
    ("datetime('0001-01-01T00:00+01:00')", None),
    ("datetime('9999-12-31T23:59:59-01:00')", None),
    ("datetime('2024-01-01 00:00:00.9999999Z')", "2024-01-01T00:00:00.999Z"),
    ("datetime('10:30')", "2000-01-01T10:30:00.000Z"),
    ("date(data->>'at')", "2024-02-29"),
    ("date(data->>'kind')", None),
    # variables
    ("auth.uid", "u1"),
    ("auth.meta", {"n": 2, "o": {"x": [1]}}),
    ("auth.meta->'o'", {"x": [1]}),
    ("auth.meta.n + qty", 9),
    ("auth.email == null", True),
    ("'x'", "x"),
    ("null", None),
]


@pytest.fixture
def things(use_config: UseConfig) -> Things:
    return Things(use_config(generators.TABLE_YAML), [ROW])


def test_values(things: Things) -> None:
    found = {text: things.values(text, CALLER) for text, _ in VALUES}
    wrong = {
        text: found[text] if isinstance(found[text], Refusal) else found[text]["a"]
        for text, value in VALUES
        if isinstance(found[text], Refusal) or not alike(found[text]["a"], value)
    }
    assert not wrong


OTHERS = [
    {**ROW, "id": "b", "qty": None, "price": None, "weight": None, "name": None},
    {**ROW, "id": "c", "qty": 3, "code": "aBD", "on_sale": False, "weight": -LARGE, "price": 0.25},
]
AGGREGATES: list[tuple[str, Any]] = [
    ("count()", 3),
    ("count(qty)", 2),
    ("count(auth.meta)", 3),
    ("sum(qty)", 10),
    ("sum(views)", None),
    ("sum(views - views)", 0),
    ("sum(price)", 2.75),
    ("sum(weight)", 0),
    ("sum(weight * 0.5)", 0),
    ("sum(abs(weight))", None),
    ("sum(on_sale)", 2),
    ("avg(qty)", 5),
    ("avg(price)", 1.375),
    ("avg(weight)", 0),
    ("avg(abs(weight))", None),
    ("min(code)", "Abc"),
    ("max(code)", "aBD"),
    ("min(on_sale)", False),
    ("max(on_sale)", True),
    ("min(day)", "2024-02-29"),
    ("max(created_at)", "2024-01-31T10:20:30.456Z"),
    ("max(lower(trim(name)))", "Élan vital"),
    ("sum(qty) + 1 + 2 * 3 + count()", 20),
    ("sum(qty) * sum(qty) * sum(qty) * sum(qty) * sum(qty)", 100_000),
    ("sum(price) * 2 / count() - 0.5", 4 / 3),
    ("sum(price) / (count() - 3)", None),
    ("-sum(qty) - abs(sum(qty) - 20)", -20),
    ("-(sum(qty) - 9223372036854775807 - 11)", None),
    ("max(views) + 1", None),
    ("max(weight) * 10", None),
    ("round(avg(price + 1 + 2 + qty), 2)", 9.38),
    ("concat(min(name), '-', count(), '-', sum(price + 1 + 2))", "Élan vital-3-8.75"),
    ("strftime('%Y', max(created_at), '+1 years')", "2025"),
    ("coalesce(sum(qty + null), 0)", 0),
    ("sum(qty) > 5 & count() == 3", True),
]


def test_aggregates(things: Things) -> None:
    Things(type("Config", (), {"tables": {"things": things.table}}), OTHERS)  # type: ignore[arg-type]
    wrong = {}
    for text, value in AGGREGATES:
        found = things.read(CALLER, select=f"{text} => v")
        same = not isinstance(found, Refusal) and (
            alike(found[0]["v"], value) or (isinstance(value, float) and found[0]["v"] == pytest.approx(value, rel=1e-12))
        )
        if not same:
            wrong[text] = found
    assert not wrong


def test_nothing_is_added_of_no_rows(things: Things) -> None:
    texts = {
        "count()": 0,
        "sum(qty)": None,
        "avg(price)": None,
        "avg(qty)": None,
        "max(name)": None,
        "coalesce(sum(price), 0)": 0,
    }
    for text, value in texts.items():
        assert things.read(CALLER, select=f"{text} => v", where="false") == [{"v": value}]


def test_what_is_computed_of_aggregates_without_end_is_refused(things: Things) -> None:
    text = "round(" * 30 + "avg(price)" + ", 1)" * 30
    found = things.read(CALLER, select=f"{text} => v")
    assert isinstance(found, Refusal)
    assert found.message.startswith("Too much is computed here of aggregates")


@pytest.mark.parametrize("size", [60_000, 6_000_000])
def test_long_texts_raise_no_errors(size: int, things: Things) -> None:
    from pocketapi.tables import models as tables

    tables.MODELS["things"]._default_manager.filter(id="a").update(name="a" * size)
    assert things.values("name ~ name", CALLER)["a"] in (True, False)
    assert things.values("length(replace(name, 'a', 'aaaaaaaaa'))", CALLER) == {"a": 540_000 if size == 60_000 else None}


def test_deep_json_raises_no_errors(things: Things) -> None:
    from pocketapi.tables import models as tables

    value: Any = 1
    for _ in range(300):
        value = [value]
    tables.MODELS["things"]._default_manager.filter(id="a").update(data=value)
    assert things.ids("data == extra | data == data", CALLER) == {"a"}
    assert things.ids("json_contains(data, 1) | 1 in data", CALLER) == set()


def test_groups_are_computed_beside_aggregates(things: Things) -> None:
    Things(type("Config", (), {"tables": {"things": things.table}}), OTHERS)  # type: ignore[arg-type]
    select = "replace(lower(name), 'a', 'b') || count() => v, count() => n"
    found = things.read(CALLER, select=select, group="name", order="count()")
    assert sorted(found, key=str) == [{"v": "Élbn vitbl2", "n": 2}, {"v": None, "n": 1}]
    found = things.read(CALLER, select="(qty + 1) * 2 => v, count() => n", group="qty + 1", order="qty + 1")
    assert found == [{"v": 8, "n": 1}, {"v": 16, "n": 1}, {"v": None, "n": 1}]
