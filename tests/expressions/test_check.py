"""Texts checked: what kind they have, and what is refused, naming kinds, places and the right spelling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions import check, grammar
from pocketapi.expressions.check import Checker, slots_of
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.nodes import Node
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Slot, Typed, Variable
from tests.expressions.things import SCOPE, typed


def written(tree: Typed) -> str:
    """A tree as `operation(args)`, literals as values, each with its kind where that is not plain."""
    match tree:
        case Const(value=value, slot=slot):
            return f"?{slot.index}:{tree.kind.value}" if slot else f"{'-' if tree.negative else ''}{value!r}"
        case ColumnRef():
            return tree.column.name if not tree.row else f"{tree.row}.{tree.column.name}"
        case Variable(path=path):
            return f"{'.'.join(map(str, path))}:{tree.kind.value}"
        case Operation(name=name, args=args, detail=detail):
            kind = f":{tree.kind.value}" if name == "->>" else ""
            return f"{name}{kind}({', '.join([*map(written, args), *(repr(part) for part in detail)])})"
        case _:
            raise TypeError(tree)


TREES = [
    ("qty == '5'", "==(qty, 5)"),
    ("'5' == qty", "==(5, qty)"),
    ("name == 5", "==(name, '5')"),
    ("name == -1.50", "==(name, '-1.5')"),
    ("on_sale == 1", "==(on_sale, True)"),
    ("on_sale == 'FALSE'", "==(on_sale, False)"),
    ("price == 1", "==(price, 1.0)"),
    ("qty == 1.5", "==(qty, 1.5)"),
    ("day == '2025-01-31T10:00:00Z'", "==(day, '2025-01-31')"),
    ("day == created_at", "==(midnight(day), created_at)"),
    ("created_at > '2025-01-31'", ">(created_at, '2025-01-31T00:00:00.000Z')"),
    ("data == '{\"a\": 1}'", "==(data, '{\"a\":1}')"),
    ("data == 1", "==(data, '1')"),
    ("name == null", "==(name, None)"),
    ("1 == '1'", "==(1, 1)"),
    ("1.5 == 1", "==(1.5, 1.0)"),
    ("'a' == 'b'", "==('a', 'b')"),
    ("auth.uid == id", "==(auth.uid:text, id, 'caller')"),
    ("auth.uid == 1", "==(auth.uid:integer, 1, 'caller')"),
    ("auth.uid == auth.meta.x", "==(auth.uid:json, auth.meta.x:json, 'caller')"),
    ("data->>'a' == 1", "==(->>:number(data, 'a'), 1.0)"),
    ("data->>'a' == 'b'", "==(->>:text(data, 'a'), 'b')"),
    ("data->>'a' == auth.uid", "==(->>:json(data, 'a'), auth.uid:json, 'caller')"),
    (
        "data->>'a' < data->>'b'",
        "or(<(->>:number(data, 'a'), ->>:number(data, 'b')), <(->>:text(data, 'a'), ->>:text(data, 'b')))",
    ),
    ("data->'a'->>'$.b[0]' == on_sale", "==(->>:bool(data, 'a', 'b', 0), on_sale)"),
    ("data->0", "->(data, 0)"),
    ("auth.meta->>'a' == qty", "==(->>:number(auth.meta:json, 'a'), qty, 'caller')"),
    ("coalesce(data->>'a', auth.meta.x) == qty", "==(coalesce(->>:number(data, 'a'), auth.meta.x:integer), qty, 'caller')"),
    ("!name", "not(truth(name))"),
    ("!(qty == 1)", "not(==(qty, 1))"),
    ("qty == 1 | name | on_sale", "or(==(qty, 1), truth(name), truth(on_sale))"),
    ("qty & name & (qty & name)", "and(truth(qty), truth(name), and(truth(qty), truth(name)))"),
    ("-qty", "negative(qty)"),
    ("+qty", "qty"),
    ("-on_sale", "negative(as_integer(on_sale))"),
    ("--1", "1"),
    ("qty + true", "+(qty, as_integer(True))"),
    ("qty + '1'", "+(qty, 1.0)"),
    ("qty / 2", "/(qty, 2)"),
    ("name || qty", "||(name, written(qty))"),
    ("name || 1.0", "||(name, '1')"),
    ("name ~ auth.uid", "~(name, auth.uid:text)"),
    ("name in ('a', 5, null)", "in(name, 'a', '5', None)"),
    ("5 in (qty, price)", "in(5.0, qty, price)"),
    ("day in (created_at, day)", "in(midnight(day), created_at, midnight(day))"),
    ("name in auth.role", "in(name, auth.role:text)"),
    ("name !in data", "!holds(data, to_json(name))"),
    ("data->'a' in extra", "holds(extra, ->(data, 'a'))"),
    ("auth.uid in data->'a'", "holds(->(data, 'a'), auth.uid:json)"),
    ("json_contains(data, day)", "holds(data, to_json(day))"),
    ("lower(5)", "lower('5')"),
    ("length(name)", "length(name)"),
    ("substring(name, data->>'n')", "substring(name, to_integer(->>:number(data, 'n')))"),
    ("substring(name, auth.meta.n)", "substring(name, auth.meta.n:integer)"),
    ("concat(name, qty, data->>'a')", "concat(name, written(qty), ->>:text(data, 'a'))"),
    ("coalesce(qty, 1.5)", "coalesce(qty, 1.5)"),
    ("coalesce(1, price)", "coalesce(1.0, price)"),
    ("coalesce(null, name)", "coalesce(None, name)"),
    ("coalesce(qty, auth.meta.n)", "coalesce(qty, auth.meta.n:number)"),
    ("coalesce(created_at, day)", "coalesce(created_at, midnight(day))"),
    ("coalesce(day, created_at)", "coalesce(midnight(day), created_at)"),
    ("coalesce(data->>'a', 'x')", "coalesce(->>:text(data, 'a'), 'x')"),
    ("min(qty, '5')", "min(qty, 5)"),
    ("round(qty, 1)", "round(qty, 1)"),
    ("abs(on_sale)", "abs(as_integer(on_sale))"),
    ("date('now')", "date()"),
    ("date(day, '+1  DAYS')", "date(day, '+1 days')"),
    ("date(name)", "date(parse_date(name))"),
    ("date(data->>'a')", "date(parse_date(->>:text(data, 'a')))"),
    ("datetime(qty, 'unixepoch', '-1 month')", "datetime(qty, 'unixepoch', '-1 month')"),
    ("datetime(auth.meta.n, 'unixepoch')", "datetime(auth.meta.n:number, 'unixepoch')"),
    ("strftime('%Y%%', day, 'start of year')", "strftime(day, '%Y%%', 'start of year')"),
    ("json_set(data, '$.a', 'x')", "json_set(data, to_json('x'), ('a',))"),
    ("json_patch(data, '{}')", "json_patch(data, '{}')"),
    ("json_length(data->'a')", "json_length(->(data, 'a'))"),
    ("things.qty", "qty"),
    ("auth.uid", "auth.uid:json"),
]


@pytest.mark.parametrize(("text", "tree"), [pytest.param(*case, id=case[0]) for case in TREES])
def test_tree(text: str, tree: str) -> None:
    assert written(typed(text)) == tree


KINDS = [
    ("qty + 1", Kind.INTEGER),
    ("qty + 1.0", Kind.NUMBER),
    ("qty / price", Kind.NUMBER),
    ("on_sale + on_sale", Kind.INTEGER),
    ("data->>'a' + 1", Kind.NUMBER),
    ("name || name", Kind.TEXT),
    ("qty == 1", Kind.BOOL),
    ("round(qty)", Kind.NUMBER),
    ("abs(qty)", Kind.INTEGER),
    ("coalesce(qty, price)", Kind.NUMBER),
    ("coalesce(null)", Kind.NULL),
    ("coalesce(auth.uid)", Kind.JSON),
    ("max(day, created_at)", Kind.TIMESTAMP),
    ("date(day)", Kind.DAY),
    ("time(opens)", Kind.TIME),
    ("datetime(day)", Kind.TIMESTAMP),
    ("unixepoch(day)", Kind.INTEGER),
    ("strftime('%Y', day)", Kind.TEXT),
    ("json_contains(data, 1)", Kind.BOOL),
    ("null", Kind.NULL),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kind(text: str, kind: Kind) -> None:
    assert typed(text).kind is kind


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("count()", "agg:count()"),
        ("count(data)", "agg:count(data)"),
        ("sum(on_sale)", "agg:sum(as_integer(on_sale))"),
        ("avg(qty + 1)", "agg:avg(+(qty, 1))"),
        ("min(name)", "agg:min(name)"),
        ("max(qty, views)", "max(qty, views)"),
        ("round(sum(price), 2) + count()", "+(round(agg:sum(price), 2), agg:count())"),
    ],
)
def test_aggregate(text: str, tree: str) -> None:
    assert written(typed(text, aggregates=True)) == tree


REFUSED = [
    ("name == qty", "`==` compares values of one kind: name is text and qty is number.", 8),
    ("on_sale == qty", "`==` compares values of one kind: on_sale is bool and qty is number.", 11),
    ("lower(name) < day", "`<` compares values of one kind: `lower` is text and day is date.", 14),
    ("opens == day", "`==` compares values of one kind: opens is time and day is day.", 9),
    ("data == name", "`==` compares values of one kind: data is json and name is text.", 8),
    ("data < extra", "`<` takes text, numbers and dates, and data is json.", 0),
    ("data->'a' < 1", "`<` takes text, numbers and dates, and `->` is json. `->` gives JSON", 4),
    ("data < auth.uid", "`<` takes text, numbers and dates, and data is json.", 0),
    ("qty == 'many'", "qty: 'many' is not an integer.", 7),
    ("qty == ' 5'", "qty: ' 5' is not an integer.", 7),
    ("qty == '99999999999999999999'", "qty: 99999999999999999999 is beyond 64 bits.", 7),
    ("price == 'x'", "price: 'x' is not a number.", 9),
    ("price == '1e999'", "price: 1e999 is beyond double precision.", 9),
    ("on_sale == 2", "on_sale: 2 is neither true nor false.", 11),
    ("on_sale == 'maybe'", "on_sale: 'maybe' is neither true nor false.", 11),
    ("name == true", "name: true is not text.", 8),
    ("created_at > 'soon'", "created_at: 'soon' is not a date.", 13),
    ("created_at > 5", "created_at: 5 is not a date.", 13),
    ("opens > '10'", "opens: '10' is not a time.", 8),
    ("data == 'x'", "data: 'x' is not JSON.", 8),
    ("1 == 'x'", "the literal: 'x' is not an integer.", 5),
    ("name + 1", "`+` takes numbers, and name is text.", 0),
    ("1 - day", "`-` takes numbers, and day is date.", 4),
    ("-name", "`-` takes numbers, and name is text.", 1),
    ("-'x'", "`-`: 'x' is not a number.", 1),
    ("qty ~ 'a'", "`~` takes text, and qty is number.", 0),
    ("data->'a' ~ 'a'", "`~` takes text, and `->` is json. `->` gives JSON: `->>` gives the value in it.", 4),
    ("name || on_sale", "`||` takes text and numbers, and on_sale is bool. For OR write `|`.", 8),
    ("name || day", "`||` takes text and numbers, and day is date.", 8),
    ("name->>'a'", "`->>` takes JSON, and name is text.", 0),
    ("data->>name", "The right of `->>` is a literal path, as in meta->>'$.a.b[0]'.", 7),
    ("data->1.5", "The right of `->` is a literal path, as in meta->>'$.a.b[0]'.", 6),
    ("data->'$.a['", "'$.a[' is not a JSON path: write it as '$.a.b[0]'.", 6),
    ("data->'a\"b'", "a key in a JSON path has no double quote, backslash or control character.", 6),
    ("data->9999999999", "an index in a JSON path is at most 999999999.", 6),
    ("name in qty", "`in` takes a list or JSON, and qty is number: write `==`.", 8),
    ("name in (qty)", "`in` takes a list or JSON, and qty is number: write `==`.", 9),
    ("qty in (1, 'x')", "qty: 'x' is not an integer.", 11),
    ("qty in (name, 1)", "`in` compares values of one kind: qty is number and name is text.", 8),
    ("nosuch(name)", "There is no function `nosuch`.", 0),
    ("lenght(name)", "There is no function `lenght`: did you mean `length`?", 0),
    ("name.lower(name)", "There is no function `name.lower`", 0),
    ("lower()", "`lower` takes 1 argument, not 0.", 0),
    ("replace(name, name)", "`replace` takes 3 arguments, not 2.", 0),
    ("substring(name)", "`substring` takes 2 to 3 arguments, not 1.", 0),
    ("lower(qty)", "`lower` takes text, and qty is number.", 6),
    ("substring(name, price)", "`substring` takes integers, and price is number.", 16),
    ("substring(name, 1.5)", "`substring` takes integers, and a literal is number.", 16),
    ("concat(data)", "`concat` takes text and numbers, and data is json.", 7),
    ("coalesce(name, qty)", "`coalesce` compares values of one kind: name is text and qty is number.", 15),
    ("min(data, extra)", "`min` takes text, numbers, booleans and dates, and data is json.", 4),
    ("max(data->>'a', data->>'b')", "`max` takes text, numbers, booleans and dates, and `->>` is json.", 8),
    ("min(auth.uid, auth.email)", "`min` takes text, numbers, booleans and dates, and auth.uid is json.", 4),
    ("json_length(name)", "`json_length` takes JSON, and name is text.", 12),
    ("json_set(data, name, 1)", "`json_set` takes a literal path, as '$.a.b[0]'.", 15),
    ("json_set(data, '$.', 1)", "'$.' is not a JSON path: write it as '$.a.b[0]'.", 15),
    ("date(on_sale)", "`date` takes dates (a number with 'unixepoch'), and on_sale is bool.", 5),
    ("date(qty)", "`date` takes dates (a number with 'unixepoch'), and qty is number.", 5),
    ("date(day, 'unixepoch')", "`date` takes a number of seconds with 'unixepoch', and day is date.", 5),
    ("date(day, 'nonsense')", "'nonsense' is no modifier", 10),
    ("date(day, 5)", "A modifier of `date` is literal text, as '+1 days'.", 10),
    ("date(day, name)", "A modifier of `date` is literal text, as '+1 days'.", 10),
    ("date(qty, '+1 days', 'unixepoch')", "'unixepoch' stands first among the modifiers.", 21),
    ("strftime('%Q', day)", "`%Q` is no part of a format: use %Y %m %d %H %M %S %f %j %w %s %%.", 9),
    ("strftime('%', day)", "`%` is no part of a format: use %Y %m %d %H %M %S %f %j %w %s %%.", 9),
    ("strftime(name, day)", "The format of `strftime` is literal text, as '%Y-%m-%d'.", 9),
    ("strftime('%Y')", "`strftime` takes 2 to 100 arguments, not 1.", 0),
    ("count()", "`count` is an aggregate: it stands only in select, and not inside another.", 0),
    ("max(qty)", "`max` is an aggregate: it stands only in select, and not inside another.", 0),
    ("count(*)", "`count` is an aggregate", 0),
    ("lower(*)", "`*` stands only alone in select and returning; to count rows write `count()`.", 6),
    ("lower(name => n)", "An alias stands only in select and returning.", 6),
    ("nope == 1", "`nope` is no column of things: did you mean `opens`?", 0),
    ("nam == 1", "`nam` is no column of things: did you mean `name`?", 0),
    ("qty @@ 'x'", "`qty` is not in the fullTextSearch of things: name, code, tag are.", 0),
    ("new.name @@ 'x'", "`new.name` is no column of things", 0),
    ("lower(name) @@ 'x'", "The left of `@@` is things, or one of its columns.", 0),
    ("name == code @@ 'x'", "The left of `@@` is things, or one of its columns.", 5),
    ("name @@ code", "The right of `@@` is a text or a variable.", 8),
]


@pytest.mark.parametrize(("text", "message", "position"), [pytest.param(*case, id=case[0]) for case in REFUSED])
def test_refused(text: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionError) as caught:
        typed(text)
    assert caught.value.message.startswith(message)
    assert caught.value.data == {"position": position, "caret": f"{text}\n{' ' * position}^"}


@pytest.mark.parametrize("text", ["sum(sum(qty))", "count(max(qty))", "sum(name)", "avg(day)"])
def test_aggregates_refuse_what_they_cannot_add_and_each_other(text: str) -> None:
    with pytest.raises(ExpressionError):
        typed(text, aggregates=True)


def test_literals_become_slots_and_constants_stay() -> None:
    text = "qty in (1, '2') & true & data->>'x' == -3 & name"
    tree = Checker(SCOPE, slots_of(text, "where")).condition(grammar.parse(text))
    assert written(tree) == "and(in(qty, ?0:integer, ?1:integer), truth(True), ==(->>:number(data, 'x'), ?2:number), truth(name))"
    assert slots_of(text, "where")[8] == Slot("where", 0)


def test_condition_and_value_carry_their_text() -> None:
    assert written(check.condition("name", SCOPE)) == "truth(name)"
    assert written(check.value("name", SCOPE)) == "name"
    for checked in (check.condition, check.value):
        with pytest.raises(ExpressionError) as caught:
            checked("nope", SCOPE)
        assert caught.value.text == "nope"


def test_an_alias_stands_for_what_it_names() -> None:
    scope = replace(SCOPE, aliases={"n": typed("lower(name)"), "other": "no tree"})
    assert written(typed("n == 'x'", scope)) == "==(lower(name), 'x')"
    with pytest.raises(ExpressionError):
        typed("other", scope)


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(ExpressionError, match=r"This is no value\."):
        Checker(SCOPE).value(Node())
