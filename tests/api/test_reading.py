"""select, list and view: parameters, limits, order, groups, and what rules and hidden columns leave."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.api.answers import Api, run_sql

ROWS = [
    {"name": "apple", "price": 1.5, "qty": 3, "code": "a"},
    {"name": "pear", "price": 2, "qty": 1, "code": "b"},
    {"name": "fig", "qty": 7},
    {"name": "plum", "price": 0.5, "qty": 3},
]


@pytest.fixture
def items(api: Api) -> Api:
    api("POST items/insert", {"values": ROWS}).expect(200)
    posts = [
        {"id": f"p{n}", "author_id": "ann", "title": f"t{n}", "published": n > 1, "note": f"n{n}", "code": f"c{n}"}
        for n in (1, 2, 3)
    ]
    api("POST posts/insert", {"values": posts}, "ann").expect(200)
    return api


def names(found: Any) -> Any:
    return [row["name"] for row in found]


# parameters, names in order
ORDERED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["apple", "pear", "fig", "plum"]),
    ({"order": "-price"}, ["pear", "apple", "plum", "fig"]),
    ({"order": "price"}, ["plum", "apple", "pear", "fig"]),
    ({"order": "+name"}, ["apple", "fig", "pear", "plum"]),
    ({"order": "name DESC"}, ["plum", "pear", "fig", "apple"]),
    ({"order": ["qty", "-name"]}, ["pear", "plum", "apple", "fig"]),
    ({"order": "qty desc, name asc"}, ["fig", "apple", "plum", "pear"]),
    ({"order": "qty"}, ["pear", "apple", "plum", "fig"]),
    ({"order": "-qty"}, ["fig", "apple", "plum", "pear"]),
    ({"order": "-id"}, ["plum", "fig", "pear", "apple"]),
    ({"order": "qty * -1, -id"}, ["fig", "plum", "apple", "pear"]),
    ({"sort": "-name"}, ["plum", "pear", "fig", "apple"]),
    ({"order": ""}, ["apple", "pear", "fig", "plum"]),
    ({"order": [], "sort": "name"}, ["apple", "fig", "pear", "plum"]),
    ({"limit": 2}, ["apple", "pear"]),
    ({"limit": "2", "offset": "1"}, ["pear", "fig"]),
    ({"limit": 0}, []),
    ({"limit": None, "offset": None, "where": None, "select": None, "distinct": None, "group": None}, ["apple", "pear", "fig", "plum"]),
    ({"limit": "", "offset": "", "where": "", "order": "", "group": "", "distinct": ""}, ["apple", "pear", "fig", "plum"]),
    ({"where": "  "}, ["apple", "pear", "fig", "plum"]),
    ({"offset": 3}, ["plum"]),
    ({"offset": 2**62}, []),
    ({"where": "qty >= 3 & price != null", "order": "-price"}, ["apple", "plum"]),
    ({"where": "true | false"}, ["apple", "pear", "fig", "plum"]),
    ({"where": "false"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "wanted"), ORDERED)
def test_rows_in_their_order(items: Api, parameters: dict[str, Any], wanted: list[str]) -> None:
    assert names(items("POST items/select", parameters).expect(200)) == wanted
    found = items("POST items/list", parameters).expect(200)
    assert found.keys() == {"items", "total"}
    assert names(found["items"]) == wanted
    texts = {
        name: ",".join(value) if isinstance(value, list) else str(value)
        for name, value in parameters.items()
        if value is not None
    }
    assert names(items("GET items/select", query=texts).expect(200)) == wanted
    total = len(names(items("POST items/select", {"where": parameters.get("where")}).body))
    assert found["total"] == total


# parameters, rows
SELECTED: list[tuple[dict[str, Any], Any]] = [
    ({"select": "name", "limit": 1}, [{"name": "apple"}]),
    ({"select": ["name", "qty"], "limit": 1}, [{"name": "apple", "qty": 3}]),
    ({"select": "name => n, qty + 1 as more", "limit": 1}, [{"n": "apple", "more": 4}]),
    ({"select": "items.name", "limit": 1}, [{"name": "apple"}]),
    ({"select": "upper(name)", "limit": 1}, [{"upper": "APPLE"}]),
    ({"select": "*, upper(name) => name", "where": "id == 1"}, [{"id": 1, "name": "APPLE", "code": "a", "price": 1.5, "qty": 3, "data": None}]),
    ({"select": "count()"}, [{"count": 4}]),
    ({"select": "count(price) => n, sum(qty) => q, max(price) => p, min(name) => m, avg(qty) => a"}, [{"n": 3, "q": 14, "p": 2, "m": "apple", "a": 3.5}]),
    ({"select": "count() => n", "where": "false"}, [{"n": 0}]),
    ({"select": "count() => n, sum(qty) => s", "where": "id > 99"}, [{"n": 0, "s": None}]),
    ({"select": "qty", "distinct": True, "order": "qty"}, [{"qty": 1}, {"qty": 3}, {"qty": 7}]),
    ({"select": "qty", "distinct": "1", "order": "-qty", "limit": 1}, [{"qty": 7}]),
    ({"select": "qty", "distinct": 0, "limit": 1}, [{"qty": 3}]),
    ({"select": "qty => q", "distinct": True, "order": "q"}, [{"q": 1}, {"q": 3}, {"q": 7}]),
    ({"select": "qty, count() => n", "group": "qty", "order": "qty"}, [{"qty": 1, "n": 1}, {"qty": 3, "n": 2}, {"qty": 7, "n": 1}]),
    ({"select": "qty, count() => n", "group": ["qty"], "order": "-n, qty"}, [{"qty": 3, "n": 2}, {"qty": 1, "n": 1}, {"qty": 7, "n": 1}]),
    ({"select": "qty > 2 => big, count() => n", "group": "big", "order": "big"}, [{"big": False, "n": 1}, {"big": True, "n": 3}]),
    ({"select": "count() => n", "group": "qty > 2", "order": "n"}, [{"n": 1}, {"n": 3}]),
    ({"group": "qty", "order": "qty"}, [{"qty": 1}, {"qty": 3}, {"qty": 7}]),
    ({"select": "qty, sum(price) => p", "group": "qty", "order": "-p"}, [{"qty": 3, "p": 2}, {"qty": 1, "p": 2}, {"qty": 7, "p": None}]),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "rows"), SELECTED)
def test_what_is_selected(items: Api, parameters: dict[str, Any], rows: Any) -> None:
    found = items("POST items/select", parameters).expect(200)
    if parameters.get("order") == "-p":
        found, rows = sorted(found, key=str), sorted(rows, key=str)
    assert found == rows
    assert [list(row) for row in found] == [list(row) for row in rows]
    listed = items("POST items/list", {**parameters, "limit": None}).expect(200)
    assert listed["total"] == len(listed["items"])


REFUSED: list[dict[str, Any]] = [
    *({"limit": value} for value in (-1, "-1", 1.5, "1.5", "ten", "1e3", " 1", "+1", True, [], {}, 2**63, "9" * 30, "٣")),
    *({"offset": value} for value in (-1, "x", 2.0, 2**63 - 1 + 1, "9" * 5000)),
    *({"distinct": value} for value in ("yes", 2, 1.0, [], {}, "TRUE!")),
    *({"where": value} for value in (5, [], {}, True, "id ==", "nothing == 1", "name + 1 == 2", "x" * 4001, "(" * 40 + "1" + ")" * 40)),
    *({"select": value} for value in (5, [5], {}, "nothing", "name, name", "qty + 1", "name => a, qty => a", "count(), name", "sum(name)", "a b", "name => 5", 'name => "a"')),
    *({"order": value} for value in (5, [5], {}, "nothing", "-qty desc", "+qty asc", "qty up", "data", ",")),
    {"order": "name", "sort": "name"},
    {"select": "qty", "distinct": True, "order": "name"},
    {"select": "qty, count() => n", "group": "qty", "order": "name"},
    {"select": "count() => n", "order": "name"},
    {"select": "name, count() => n"},
    {"select": "name, count() => n", "group": "qty"},
    {"select": "*", "group": "qty"},
    {"group": "*"}, {"group": "count()"}, {"group": "nothing"}, {"group": "qty + 1"},
    {"lmit": 1}, {"WHERE": "true"}, {"where ": "true"}, {"values": {}}, {"or": "IGNORE"}, {"returning": "*"},
]  # fmt: skip


@pytest.mark.parametrize("parameters", REFUSED, ids=range(len(REFUSED)))
def test_parameters_that_make_no_sense_are_refused(items: Api, parameters: dict[str, Any]) -> None:
    for verb in ("select", "list"):
        found = items(f"POST items/{verb}", parameters).expect(400, {"code": 400})
        assert found["message"]


@pytest.mark.parametrize(("name", "nearest"), [("lmit", "limit"), ("oder", "order"), ("selct", "select"), ("wher", "where")])
def test_an_unknown_parameter_names_the_nearest(items: Api, name: str, nearest: str) -> None:
    assert f"`{nearest}`" in items("GET items/select", query={name: "1"}).expect(400)["message"]


# path and query, caller, status, answer
VIEWS: list[tuple[str, str | None, int, Any]] = [
    ("items/view/1", None, 200, {"id": 1, "name": "apple", "qty": 3}),
    ("items/view/1/", None, 200, {"id": 1}),
    ("items/view/1?select=name,qty", None, 200, {"name": "apple", "qty": 3}),
    ("items/view/1?select=count() => n", None, 400, None),
    ("items/view/1?where=qty == 3", None, 200, {"id": 1}),
    ("items/view/1?where=qty == 4", None, 404, None),
    ("items/view/1?where=nothing", None, 400, None),
    ("items/view/1?limit=1", None, 400, None),
    ("items/view/1?order=id", None, 400, None),
    *((f"items/view/{uid}", None, 404, None) for uid in ("9", "x", "1.5", "99999999999999999999", "-1", "%00", "1%00", "%20", "%ff", "1 OR 1=1", "'")),
    *((f"posts/view/{uid}", "ann", 404, None) for uid in ("x", "%00", "%ff", "'", "p1%0A", "%F0%9F%98%80")),
    ("posts/view/p1", "ann", 200, {"title": "t1"}),
    ("posts/view/p1", "bob", 404, None),
    ("posts/view/p1", None, 404, None),
    ("posts/view/p2", None, 200, {"title": "t2", "published": True, "tags": None}),
    ("posts/view/p1", "admin", 200, {"note": "n1"}),
    ("bare/view/x", "ann", 403, None),
    ("posts/view/", None, 404, None),
    ("posts/view", None, 404, None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "by", "status", "answer"), VIEWS)
def test_view(items: Api, path: str, by: str | None, status: int, answer: Any) -> None:
    items(f"GET {path}", by=by).expect(status, answer)


def test_a_filter_widens_no_rule(items: Api) -> None:
    for where in ("true | true", "published == false", "id != null", "true) | (true", "1 == 1 | published == false"):
        found = items("POST posts/select", {"where": where, "select": "id"})
        if found.status == 200:
            assert {row["id"] for row in found.body} <= {"p2", "p3"}
    items("POST posts/list", {}).expect(200, {"total": 2})
    items("POST posts/list", {}, "ann").expect(200, {"total": 3})
    items("POST posts/select", {"select": "count() => n"}, "bob").expect(200, [{"n": 2}])


# every way to name a column; note is hidden, nothing is not there
NAMED = [
    ("select", {"select": "{}"}), ("select", {"select": "{} => x"}), ("select", {"select": "upper({})"}), ("select", {"select": "max({})"}),
    ("select", {"select": "posts.{}"}), ("select", {"where": "{} == 'n1'"}), ("select", {"where": "{} ~ 'n%'"}), ("select", {"where": "{}"}),
    ("select", {"where": "false & {} == null"}), ("select", {"order": "{}"}), ("select", {"order": "-{}"}), ("select", {"order": "length({})"}),
    ("select", {"group": "{}", "select": "count() => n"}), ("select", {"group": "{}"}), ("select", {"select": "count({}) => n"}),
    ("list", {"select": "{}", "distinct": True}), ("list", {"where": "exists(posts, {} == 'x')"}), ("list", {"where": "author_id.{} == 'x'"}),
    ("update", {"where": "{} == 'n1'", "setValues": {"title": "x"}}), ("update", {"where": "new.{} == 'n1'", "setValues": {"title": "x"}}),
    ("update", {"where": "true", "set": {"title": "{}"}}), ("update", {"where": "true", "set": {"title": "new.{}"}}),
    ("update", {"where": "true", "setValues": {"title": "x"}, "returning": "{}"}),
    ("delete", {"where": "{} == 'n1'"}), ("delete", {"where": "true", "returning": "{}"}),
    ("insert", {"values": {"author_id": "ann", "title": "x"}, "returning": "{}"}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "body"), NAMED)
def test_a_hidden_column_does_not_exist(items: Api, verb: str, body: Any) -> None:
    def named(name: str) -> Any:
        return json.loads(json.dumps(body).replace("{}", name))

    hidden = items(f"POST posts/{verb}", named("note"), "ann")
    missing = items(f"POST posts/{verb}", named("nope"), "ann")
    hidden.expect(400)
    reasons = [answer["message"].split(":")[0].rstrip(".").replace("note", "nope") for answer in (hidden.body, missing.body)]
    assert reasons[0] == reasons[1]
    secret = items(f"POST users/{verb}", named("password"), "admin").expect(400)
    assert "argon2" not in str(secret)


def test_hidden_columns_are_written_and_not_shown(items: Api) -> None:
    visible = items("GET posts/view/p2").body.keys()
    assert not visible & {"note", "code"}
    items("POST posts/update", {"where": "id == 'p1'", "setValues": {"note": "new"}, "returning": "*"}, "ann").expect(
        200, [{"id": "p1"}]
    )
    items("POST posts/update", {"where": "id == 'p2'", "set": {"note": "title"}, "returning": "*"}, "ann").expect(
        200, [{"id": "p2"}]
    )
    items("POST posts/edit/p3?returning=*", {"note": "new"}, "ann").expect(200, {"id": "p3"})
    assert run_sql("SELECT note FROM posts ORDER BY id") == [("new",), ("t2",), ("new",)]
    items("POST posts/select", {"select": "id", "where": "note == 'new'"}, "admin").expect(200, [{"id": "p1"}, {"id": "p3"}])


def test_limits_cut_and_say_so(items: Api, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MAX_LIMIT": 2}
    for request, cut in (
        ("items/select", True), ("items/select?limit=2", False), ("items/select?limit=3", True), ("items/list", True), ("items/list?limit=1", False),
        ("items/select?offset=2", False), ("items/select?offset=1", True), ("items/list?offset=2", False), ("items/list?where=id < 3", False),
        ("items/select?select=count()", False), ("items/select?select=qty&distinct=1", True), ("items/select?limit=0", False), ("items/list?where=false", False),
    ):  # fmt: skip
        found = items(f"GET {request}")
        rows = found.expect(200)["items"] if "list" in request else found.body
        assert len(rows) <= 2
        assert found.headers.get("X-Limit") == ("2" if cut else None), request
    assert len(items("GET items/select", by="admin").body) == 4
    assert len(items("GET items/select?limit=3", by="admin").body) == 3
    assert items("GET items/list").body["total"] == 4


def test_an_etag_saves_the_body(items: Api) -> None:
    for path in ("items/list", "items/view/1"):
        first = items(f"GET {path}")
        tag = first.headers["ETag"]
        for sent in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
            again = items(f"GET {path}", headers={"If-None-Match": sent})
            assert (again.status, again.body, again.headers["ETag"]) == (304, None, tag), sent
            assert again.headers["Vary"] == "Authorization, X-Authorization, Cookie"
            assert again.headers["Cache-Control"] == "private, no-cache"
        assert items(f"GET {path}", headers={"If-None-Match": '"x"'}).status == 200
        assert items(f"GET {path}", headers={"If-None-Match": tag[2:-3]}).status == 200
        items("POST items/edit/1", {"name": f"other {path}"}).expect(200)
        assert items(f"GET {path}", headers={"If-None-Match": tag}).status == 200
    assert "ETag" not in items("POST items/list", {}).headers
    assert "ETag" not in items("GET items/view/99").headers


def test_head_answers_without_a_body(items: Api) -> None:
    for path in ("items/select", "items/list", "items/view/1"):
        found = items.client.head(f"/api/v1/table/{path}")
        assert (found.status_code, found.content) == (200, b"")
    assert items.client.head("/api/v1/health").status_code == 200
    assert items.client.head("/api/v1/table/items/insert").status_code == 405


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("deflate, gzip;q=1.0", True),
        ("", False),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0", False),
    ],
)
def test_gzip_where_it_is_accepted_and_pays(items: Api, accepted: str, packed: bool) -> None:
    items("POST items/insert", {"values": [{"name": "x" * 100}] * 20}).expect(200)
    found = items.client.get("/api/v1/table/items/select", headers={"Accept-Encoding": accepted})
    assert found.headers.get("Content-Encoding") == ("gzip" if packed else None)
    rows = json.loads(gzip.decompress(found.content) if packed else found.content)
    assert len(rows) == 24
    small = items.client.get("/api/v1/table/items/view/1", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in small.headers
