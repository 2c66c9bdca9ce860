"""Existing models as tables, over HTTP: rules, relations, validation, signals, on_delete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management.color import no_style
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import signals

from tests.api.answers import SERVICE, Api, matches, run_sql
from tests.conftest import UseConfig
from tests.shop.models import Item, Maker, Review

OPEN = "{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}"
CONFIG = f"""
tables:
  - name: makers
    model: shop.Maker
    fields: [{{name: hidden, noSelect: true}}, {{name: land, noUpdate: true}}]
    extensions:
      - {{name: rules, listRule: open, viewRule: open, createRule: 'true', updateRule: 'true', deleteRule: 'true'}}
  - name: items
    model: shop.Item
    fields: [{{name: note, maxLength: 8}}]
    extensions:
      - name: rules
        listRule: 'true'
        viewRule: 'true'
        createRule: "state != 'bad' & made_by.name != 'eve' & made > '2020-01-01'"
        updateRule: "state != 'gone' & new.stock < 100"
        deleteRule: "stock != 7"
  - {{name: reviews, model: shop.Review, extensions: [{OPEN}]}}
  - name: notes
    fields:
      - {{name: id, type: integer, primary: true, autoIncrement: true}}
      - {{name: item, type: relation, sqlType: integer, foreignKey: {{table: items, column: id, onDelete: RESTRICT}}}}
      - {{name: review, type: relation, foreignKey: {{table: reviews, column: id, onDelete: CASCADE}}}}
    extensions: [{OPEN}]
"""
UUIDS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(6)]
QUIET = CONFIG.replace("model: shop.Item", "model: shop.Item\n    signals: false").replace(
    "model: shop.Review,", "model: shop.Review, signals: false,"
)


@pytest.fixture(params=[CONFIG, QUIET], ids=["signals", "quiet"])
def shop(request: pytest.FixtureRequest, use_config: UseConfig, settings: Any, connection: BaseDatabaseWrapper) -> Api:
    """A shop of two makers (a closed one, too), three items, a chain of reviews and two notes."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(request.param)
    for number, name in enumerate(("ann", "bob", "eve"), 1):
        Maker.objects.create(id=number, name=name, open=name != "eve", country="de" if name == "ann" else "")
    for number, (title, stock) in enumerate((("Hammer", 3), ("Nail", 0), ("Saw", 7)), 1):
        Item.objects.create(id=number, title=title, stock=stock, maker_id=1, slug=title.lower(), price="1.10", spare_id=2)
    parent = None
    for number, uid in enumerate(UUIDS[:3]):
        parent = Review.objects.create(id=uid, item_id=1 if number == 2 else None, parent=parent, words=f"w{number}")
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Maker, Item]):
            cursor.execute(statement)
    api = Api()
    for note in ({"item": 2}, {"review": UUIDS[1]}):
        api("POST notes/insert", {"values": note}).expect(200)
    return api


READS = [
    # (request, parameters, by, answer)
    ("makers/select", {}, None, [{"id": 1, "name": "ann", "land": "de", "open": True}, {"id": 2, "name": "bob", "land": "", "open": True}]),
    ("makers/select", {"where": "hidden == 'secret'"}, None, 400),
    ("makers/select", {"where": "hidden == 'secret'", "select": "id,hidden"}, "admin", [{"id": number, "hidden": "secret"} for number in (1, 2, 3)]),
    ("makers/select", {"where": "country == 'de'"}, None, 400),
    ("makers/select", {"where": "land == 'de' & name ~ 'A%'", "select": "name"}, None, [{"name": "ann"}]),
    ("makers/select", {"order": "-name", "select": "name, items.made_by(title)"}, None, [{"name": "bob", "items": []}, {"name": "ann", "items": [{"title": "Hammer"}, {"title": "Nail"}, {"title": "Saw"}]}]),
    ("items/select", {"where": "made_by.name == 'ann' & price == 1.1", "select": "id, made_by(name) => m, total"}, None, [{"id": 1, "m": {"name": "ann"}, "total": 6}, {"id": 2, "m": {"name": "ann"}, "total": 0}, {"id": 3, "m": {"name": "ann"}, "total": 14}]),
    ("items/select", {"group": "state", "select": "state, count() => n, sum(price) => s"}, None, [{"state": "new", "n": 3, "s": 3.3000000000000003}]),
    ("items/select", {"distinct": True, "select": "price"}, None, [{"price": 1.1}]),
    ("items/list", {"where": "title > 'I' | id == 1", "select": "id", "order": "-title"}, None, {"items": [{"id": 3}, {"id": 2}, {"id": 1}], "total": 3}),
    ("items/select", {"where": "exists(notes, item == outer.id)", "select": "id, notes(id)"}, None, [{"id": 2, "notes": [{"id": 1}]}]),
    ("items/select", {"where": "exists(reviews, item_id == outer.id & parent_id.words == 'w1')", "select": "id"}, None, [{"id": 1}]),
    ("reviews/select", {"where": f"id == '{UUIDS[1]}'", "select": "id, parent_id(words) => p"}, None, [{"id": UUIDS[1], "p": {"words": "w0"}}]),
    ("reviews/select", {"where": f"id == '{UUIDS[1].upper()}'", "select": "words"}, None, [{"words": "w1"}]),
    ("reviews/select", {"where": "id == 'none'"}, None, []),
    ("reviews/select", {"where": "id != 'none'", "select": "words"}, None, [{"words": "w0"}, {"words": "w1"}, {"words": "w2"}]),
    ("reviews/select", {"where": f"id in ('none', '{UUIDS[2]}')", "select": "words"}, None, [{"words": "w2"}]),
    ("reviews/select", {"where": f"id !in ('none', '{UUIDS[2]}')", "select": "words"}, None, [{"words": "w0"}, {"words": "w1"}]),
    ("reviews/select", {"where": "id ~ '%0001' & parent_id == parent_id", "select": "words"}, None, [{"words": "w1"}]),
    ("reviews/select", {"where": "parent_id == null", "select": "words"}, None, [{"words": "w0"}]),
    ("reviews/select", {"where": "parent_id != kept_id", "select": "words"}, None, [{"words": "w1"}, {"words": "w2"}]),
    ("reviews/select", {"where": "parent_id.parent_id.words == 'w0'", "select": "words, item_id.made_by.name => maker", "order": "-id"}, None, [{"words": "w2", "maker": "ann"}]),
    ("notes/select", {"where": f"review == '{UUIDS[1]}'", "select": "review, review(words) => r, review.parent_id.words => p"}, None, [{"review": UUIDS[1], "r": {"words": "w1"}, "p": "w0"}]),
    ("notes/select", {"where": "exists(reviews, id == outer.review & words == 'w1')", "select": "id"}, None, [{"id": 2}]),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "parameters", "by", "answer"), READS, ids=range(len(READS)))
def test_reads(shop: Api, request_: str, parameters: Any, by: str | None, answer: Any) -> None:
    found = shop(f"POST {request_}", parameters, by)
    if isinstance(answer, int):
        found.expect(answer)
    else:
        assert found.body == answer


@pytest.mark.parametrize(("path", "status"), [
    ("items/view/1", 200),
    ("items/view/9", 404),
    ("items/view/x", 404),
    ("makers/view/3", 404),
    (f"reviews/view/{UUIDS[0]}", 200),
    (f"reviews/view/{UUIDS[0].replace('-', '')}", 200),
    (f"reviews/view/{UUIDS[5]}", 404),
    ("reviews/view/x", 404),
])  # fmt: skip
def test_views(shop: Api, path: str, status: int) -> None:
    shop(f"GET {path}").expect(status)


NEW = {"made_by": 1, "title": "Vice"}
WRITES = [
    # (request, body, by, status, answer)
    ("items/insert", {"values": NEW, "returning": "title, price, size, note, meta, state, total, spare_id"}, None, 200, [{"title": "Vice", "price": 9.9, "size": 1, "note": "", "meta": {}, "state": "new", "total": 0, "spare_id": None}]),
    ("items/insert", {"values": [{**NEW, "stock": 2, "meta": {"a": [1]}, "price": 2.5, "slug": ""}, {"made_by": 2, "title": "Axe"}], "returning": "title, total, meta, price, slug, made_by(name) => m"}, None, 200, [{"title": "Vice", "total": 4, "meta": {"a": [1]}, "price": 2.5, "slug": "", "m": {"name": "ann"}}, {"title": "Axe", "total": 0, "m": {"name": "bob"}}]),
    ("items/insert", {"values": NEW}, None, 200, []),
    ("items/insert", {"values": {"made_by": 1}}, None, 400, {"data": {"title": {"code": "required"}}}),
    ("items/insert", {"values": {**NEW, "title": ""}}, None, 400, {"data": {"title": {"code": "blank"}}}),
    ("items/insert", {"values": {**NEW, "title": "v1"}}, None, 400, {"data": {"title": {"code": "letters", "message": "Letters only."}}}),
    ("items/insert", {"values": {**NEW, "title": "far too long"}}, None, 400, {"data": {"title": {"code": "max_length"}}}),
    ("items/insert", {"values": {**NEW, "note": "longer than 8"}}, None, 400, {"data": {"note": {"code": "max_length"}}}),
    ("items/insert", {"values": {**NEW, "slug": "no slug"}}, None, 400, {"data": {"slug": {"code": "invalid"}}}),
    ("items/insert", {"values": {**NEW, "price": 1.234}}, None, 400, {"data": {"price": {"code": "max_decimal_places"}}}),
    ("items/insert", {"values": {**NEW, "price": 1234567}}, None, 400, {"data": {"price": {"code": "max_whole_digits"}}}),
    ("items/insert", {"values": {**NEW, "price": "1"}}, None, 400, {"data": {"price": {"code": "invalid"}}}),
    ("items/insert", {"values": {**NEW, "stock": -1}}, None, 400, {"data": {"stock": {"code": "min"}}}),
    ("items/insert", {"values": {**NEW, "stock": 40000}}, None, 400, {"data": {"stock": {"code": "max"}}}),
    ("items/insert", {"values": {**NEW, "size": 3}}, None, 400, {"data": {"size": {"code": "invalid_choice"}}}),
    ("items/insert", {"values": {**NEW, "made_by": None}}, None, 400, {"data": {"made_by": {"code": "null"}}}),
    ("items/insert", {"values": {**NEW, "made_by": 99}}, None, 400, {"data": {"made_by": {"code": "missing"}}}),
    ("items/insert", {"values": {**NEW, "made_by": 3}}, "admin", 400, {"data": {"made_by": {"code": "missing"}}}),
    ("items/insert", {"values": {**NEW, "made_by": 3}}, None, 403, None),
    ("items/insert", {"values": {**NEW, "state": "bad"}}, None, 403, None),
    ("items/insert", {"values": {**NEW, "made": "2025-01-01"}}, None, 403, {"message": "Cannot insert made field"}),
    ("items/insert", {"values": {**NEW, "total": 1}}, "admin", 403, {"message": "Cannot insert total field"}),
    ("items/insert", {"values": {**NEW, "maker_id": 1}}, None, 400, {"data": {"maker_id": {"code": "unknown"}}}),
    ("items/insert", {"values": {**NEW, "price": -1}}, None, 400, {"data": {"price": {"code": "check"}}}),
    ("items/insert", {"values": {**NEW, "slug": "saw"}}, None, 409, {"data": {"slug": {"code": "unique"}}}),
    ("items/insert", {"values": {**NEW, "title": "Saw"}}, None, 409, {"data": {"made_by": {"code": "unique"}, "title": {"code": "unique"}}}),
    ("items/insert", {"values": [{**NEW, "note": "one"}, {**NEW, "title": "Axe", "note": "ONE"}]}, None, 409, {"data": {"rows": {"1": {"note": {"code": "unique"}}}}}),
    ("items/insert", {"values": {**NEW, "id": 1}}, None, 409, {"data": {"id": {"code": "unique"}}}),
    ("items/insert", {"values": [NEW, {**NEW, "title": "Saw"}], "or": "IGNORE", "returning": "title"}, None, 200, [{"title": "Vice"}]),
    ("items/insert", {"values": [NEW, {**NEW, "title": "Nail"}], "or": "FAIL"}, None, 409, {"data": {"rows": {"1": {"title": {"code": "unique"}}}}}),
    ("items/insert", {"values": {**NEW, "slug": "hammer"}, "or": "REPLACE"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("items/insert", {"values": {**NEW, "title": "Saw"}, "or": "REPLACE"}, None, 403, None),
    ("items/insert", {"values": {**NEW, "title": "Saw", "slug": "new"}, "or": "REPLACE", "returning": "slug"}, "admin", 200, [{"slug": "new"}]),
    ("makers/insert", {"values": {"name": "zoe", "land": "it"}}, None, 400, {"data": {"land": {"code": "invalid_choice"}}}),
    ("makers/insert", {"values": {"name": "zoe", "land": "", "hidden": "x"}, "returning": "*"}, None, 200, [{"name": "zoe", "land": "", "open": True}]),
    ("reviews/insert", {"values": {"id": UUIDS[4].upper(), "parent_id": UUIDS[0]}, "returning": "id, parent_id"}, None, 200, [{"id": UUIDS[4], "parent_id": UUIDS[0]}]),
    ("reviews/insert", {"values": {"id": "x"}}, None, 400, {"data": {"id": {"code": "invalid"}}}),
    ("reviews/insert", {"values": {"parent_id": UUIDS[5]}}, None, 400, {"data": {"parent_id": {"code": "missing"}}}),
    ("reviews/insert", {"values": {"item_id": 10**12}}, None, 400, {"data": {"item_id": {"code": "missing"}}}),
    ("notes/insert", {"values": {"review": UUIDS[5]}}, None, 400, {"data": {"review": {"code": "missing"}}}),
    ("notes/insert", {"values": {"review": "x"}}, None, 400, {"data": {"review": {"code": "invalid"}}}),
    ("notes/insert", {"values": {"review": UUIDS[2].replace("-", "")}, "returning": "review"}, None, 200, [{"review": UUIDS[2]}]),
    ("notes/update", {"where": "true", "set": {"review": f"'{UUIDS[2]}'"}, "returning": "review"}, None, 200, [{"review": UUIDS[2]}] * 2),
    ("notes/update", {"where": "true", "setValues": {"review": UUIDS[0]}, "returning": "review.words => w"}, None, 200, [{"w": "w0"}] * 2),
    ("items/update", {"where": "id == 1", "setValues": {"title": "Mallet", "meta": {"b": 1}}, "returning": "title, meta, stock"}, None, 200, [{"title": "Mallet", "meta": {"b": 1}, "stock": 3}]),
    ("items/update", {"where": "stock > 0", "set": {"stock": "stock + 1", "price": "price * 2"}, "returning": "id, stock, price, total"}, None, 200, [{"id": 1, "stock": 4, "price": 2.2, "total": 8}, {"id": 3, "stock": 8, "price": 2.2, "total": 16}]),
    ("items/update", {"where": "true", "set": {"stock": "stock + 93"}, "returning": "id"}, None, 200, [{"id": 1}, {"id": 2}]),
    ("items/update", {"where": "id == 1", "set": {"price": "price / 3"}, "returning": "price"}, None, 200, [{"price": 0.37}]),
    ("items/update", {"where": "id == 1", "set": {"price": "price * 1000000"}}, None, 400, {"data": {"price": {"code": "max_whole_digits"}}}),
    ("items/update", {"where": "true", "set": {"slug": "title || '!'"}}, None, 400, {"data": {"slug": {"code": "invalid"}}}),
    ("items/update", {"where": "new.title == title & id == 2", "setValues": {"note": "x"}, "returning": "note"}, None, 200, [{"note": "x"}]),
    ("items/update", {"where": "id == 2", "setValues": {"made_by": 2}, "returning": "made_by.name => m"}, None, 200, [{"m": "bob"}]),
    ("items/update", {"where": "id == 2", "setValues": {"made_by": 9}}, None, 400, {"data": {"made_by": {"code": "missing"}}}),
    ("items/update", {"where": "id == 2", "set": {"made_by": "9"}}, None, 400, {"data": {"made_by": {"code": "missing"}}}),
    ("items/update", {"where": "id == 2", "setValues": {"slug": "saw"}}, None, 409, {"data": {"slug": {"code": "unique"}}}),
    ("items/update", {"where": "true", "setValues": {"slug": "same"}, "or": "IGNORE", "returning": "id"}, None, 200, [{"id": 1}]),
    ("items/update", {"where": "id == 3", "setValues": {"slug": "nail"}, "or": "REPLACE"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("items/update", {"where": "id == 1", "setValues": {"price": -1}}, None, 400, {"data": {"price": {"code": "check"}}}),
    ("items/update", {"where": "true", "setValues": {"id": 5}}, "admin", 403, {"message": "Cannot update id field"}),
    ("items/update", {"where": "true", "setValues": {"made": "2025-01-01"}}, None, 403, None),
    ("items/update", {"where": "false", "setValues": {"title": "x"}, "returning": "*"}, None, 200, []),
    ("items/update", {"where": "id == 99", "setValues": {"title": "x"}, "returning": "*"}, None, 200, []),
    ("makers/update", {"where": "true", "setValues": {"land": "fr"}}, None, 403, None),
    ("items/edit/1", {"title": "Mallet"}, None, 200, {"id": 1}),
    ("items/edit/9", {"title": "Mallet"}, None, 404, None),
    ("items/edit/1", {}, None, 200, {"id": 1}),
    ("items/edit/9?or=INSERT&returning=title", {**NEW}, None, 200, {"title": "Vice"}),
    ("items/edit/1?or=INSERT&returning=title", {"title": "Mallet"}, None, 200, {"title": "Mallet"}),
    (f"reviews/edit/{UUIDS[4]}?or=INSERT", {"words": "new"}, None, 200, {"id": UUIDS[4]}),
    (f"reviews/edit/{UUIDS[1]}?returning=words", {"words": "new"}, None, 200, {"words": "new"}),
    ("items/delete", {"where": "id == 1"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("items/delete", {"where": "id == 2"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("items/delete", {"where": "id == 3", "returning": "title"}, None, 200, []),
    ("items/delete", {"where": "id == 3", "returning": "title, made_by(name) => m"}, "admin", 200, [{"title": "Saw", "m": {"name": "ann"}}]),
    ("items/delete", {"where": "false", "returning": "title"}, None, 200, []),
    ("makers/delete", {"where": "name == 'ann'"}, None, 400, {"data": {"id": {"code": "restricted"}}}),
    ("makers/delete", {"where": "name == 'eve'"}, None, 200, []),
    ("reviews/delete", {"where": f"id == '{UUIDS[0]}'", "returning": "words"}, None, 200, [{"words": "w0"}]),
    ("reviews/delete", {"where": "true", "returning": "words"}, None, 200, [{"words": "w0"}, {"words": "w1"}, {"words": "w2"}]),
]  # fmt: skip
TABLES = ("shop_maker", "shop_item", "shop_review", "notes")


@pytest.mark.parametrize(("request_", "body", "by", "status", "answer"), WRITES, ids=range(len(WRITES)))
def test_writes(shop: Api, request_: str, body: Any, by: str | None, status: int, answer: Any) -> None:
    before = [run_sql(f"SELECT * FROM {name} ORDER BY 1") for name in TABLES]
    found = shop(f"POST {request_}", body, by)
    found.expect(status, answer)
    if status != 200 and body.get("or") != "FAIL":
        assert [run_sql(f"SELECT * FROM {name} ORDER BY 1") for name in TABLES] == before


def test_what_refers_goes_as_the_model_says(shop: Api) -> None:
    Review.objects.filter(id=UUIDS[2]).update(item=None)
    shop("POST notes/delete", {"where": "item != null"}).expect(200)
    shop("POST makers/delete", {"where": "id == 2"}).expect(200)  # spare: SET NULL
    assert shop("POST items/select", {"select": "spare_id"}).body == [{"spare_id": None}] * 3
    shop("POST makers/delete", {"where": "id == 1"}).expect(200)  # maker: CASCADE
    assert not Item.objects.exists()
    shop("POST reviews/delete", {"where": f"id == '{UUIDS[0]}'"}).expect(200)  # parent: CASCADE, and the notes of the database
    assert not Review.objects.exists()
    assert run_sql("SELECT count(*) FROM notes") == [(0,)]


def test_a_restricted_review_goes_with_what_restricts_it_only(shop: Api) -> None:
    Review.objects.filter(id=UUIDS[2]).update(kept_id=UUIDS[0], parent=None)
    shop("POST reviews/delete", {"where": f"id == '{UUIDS[0]}'"}).expect(400, {"data": {"id": {"code": "restricted"}}})
    assert Review.objects.count() == 3


def test_update_stamps_and_database_defaults(shop: Api) -> None:
    before = shop("GET items/view/1").body
    assert before["seen"] is not None
    (after,) = shop("POST items/update", {"where": "id == 1", "setValues": {"note": "x"}, "returning": "*"}).body
    assert after == {**before, "note": "x", "changed": after["changed"]}
    assert after["changed"] > before["changed"]


@contextmanager
def sent(sender: Any) -> Iterator[list[str]]:
    """The signals of a model that are sent meanwhile."""
    found: list[str] = []
    receivers = {
        name: lambda name=name, **_: found.append(name) for name in ("pre_save", "post_save", "pre_delete", "post_delete")
    }
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, sender=sender)
    yield found
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver, sender=sender)


@pytest.mark.parametrize(("request_", "body", "names"), [
    ("items/insert", {"values": [NEW, {**NEW, "title": "Axe"}]}, ["pre_save", "post_save"] * 2),
    ("items/update", {"where": "id < 3", "setValues": {"note": ""}}, ["pre_save", "post_save"] * 2),
    ("items/update", {"where": "id == 9", "setValues": {"note": ""}}, []),
    ("items/edit/1", {}, []),
    ("items/delete", {"where": "id == 4"}, ["pre_delete", "post_delete"]),
])  # fmt: skip
def test_signals(shop: Api, request: pytest.FixtureRequest, request_: str, body: Any, names: list[str]) -> None:
    Item.objects.create(title="Free", maker_id=1)
    with sent(Item) as found:
        shop(f"POST {request_}", body).expect(200)
    assert found == ([] if "quiet" in request.node.name else names)


def test_one_that_went_with_another_is_deleted_once(shop: Api, request: pytest.FixtureRequest) -> None:
    Review.objects.filter(id=UUIDS[2]).update(item=None)
    with sent(Review) as found:
        shop("POST reviews/delete", {"where": "true"}).expect(200)
    quiet = "quiet" in request.node.name
    assert found.count("pre_delete") == (0 if quiet else 3)
    assert not Review.objects.exists()


OVERRIDES = [
    ("items/insert", {"values": {**NEW, "title": "never"}}, 400, {"data": {"title": {"code": "invalid", "message": "Never."}}}),
    ("items/insert", {"values": {**NEW, "note": "shout"}, "returning": "note"}, 200, [{"note": "SHOUT"}]),
    ("items/update", {"where": "id == 1", "setValues": {"note": "shout"}, "returning": "note"}, 200, [{"note": "SHOUT"}]),
    ("items/delete", {"where": "note == 'keep'"}, 400, {"message": "This one stays.", "data": {}}),
    ("items/delete", {"where": "title == 'No'"}, 403, {"message": "Not this one."}),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "status", "answer"), OVERRIDES, ids=range(len(OVERRIDES)))
def test_what_the_model_itself_does(shop: Api, request: Any, request_: str, body: Any, status: int, answer: Any) -> None:
    Item.objects.create(title="Keep", maker_id=1, note="keep")
    Item.objects.create(title="No", maker_id=1)
    found = shop(f"POST {request_}", body)
    if "quiet" in request.node.name:
        assert found.status == 200  # save() and delete() are not called
        assert not matches(answer, found.body)
    else:
        found.expect(status, answer)


def test_pages_by_cursor_go_through_what_was_made_in_one_millisecond(shop: Api) -> None:
    Item.objects.update(seen="2025-01-01T10:00:00.123456Z")
    Item.objects.filter(id=1).update(seen="2025-01-01T10:00:00.123999Z")
    seen, cursor = [], "*"
    while cursor:
        page = shop("GET items/list", query={"order": "-seen", "select": "id", "limit": 1, "cursor": cursor}).expect(200)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert seen == [1, 2, 3]


def test_a_rule_reads_what_the_database_gives_a_new_row(shop: Api, use_config: UseConfig) -> None:
    use_config(CONFIG.partition("  - {name: reviews")[0].replace("state != 'bad'", "state == 'new' & seen > '2020-01-01'"))
    shop("POST items/insert", {"values": NEW, "returning": "state"}).expect(200, [{"state": "new"}])
    shop("POST items/insert", {"values": {**NEW, "title": "Axe", "state": "old"}}).expect(403)


def test_settings_name_the_tables_as_the_config_does(shop: Api) -> None:
    tables = shop("GET /settings?raw=true", by="admin").expect(200)["tables"]
    assert [table["name"] for table in tables] == ["makers", "items", "reviews", "notes"]
    assert "made_by" in [column["name"] for column in tables[1]["columns"]]
