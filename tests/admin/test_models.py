"""Models of the project that the config exposes: sections like any other, unless it has its own."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.management import create_permissions
from django.core.management.color import no_style
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from pocketapi.admin import groups, site
from pocketapi.tables.table import current
from tests.admin.conftest import client_of, routes, sign_up
from tests.admin.pages import errors, text
from tests.shop.models import Item, Kinds, Maker, Review

pytestmark = pytest.mark.django_db
SHOP = "/pocket/shop/"
CONFIG = """
tables:
  - name: makers
    model: shop.Maker
    fields: [{name: hidden, noSelect: true}]
  - {name: items, model: shop.Item, fields: [{name: note, maxLength: 8}]}
  - {name: reviews, model: shop.Review}
  - {name: kinds, model: shop.Kinds}
  - name: notes
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: title, type: text}
      - {name: item, type: relation, sqlType: integer, foreignKey: {table: items, column: id, onDelete: RESTRICT}}
"""
ITEM = {"made_by": "1", "title": "Axe", "price": "2.5", "stock": "4", "size": "1", "note": "", "meta": "{}", "state": "new"}
REVIEW = "00000000-0000-4000-8000-000000000001"


@pytest.fixture
def editor(mounted: Any, connection: BaseDatabaseWrapper) -> Client:
    """An editor, over two makers of which one is closed, an item and a review of it."""
    mounted(CONFIG)
    create_permissions(apps.get_app_config("shop"), verbosity=0)
    groups.keep()
    sign_up()
    for number, name in enumerate(("ann", "eve"), 1):
        Maker.objects.create(id=number, name=name, open=name == "ann", country="de")
    Item.objects.create(id=1, title="Hammer", maker_id=1, price="1.10", stock=3)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Maker, Item]):
            cursor.execute(statement)
    return client_of("ed")


def test_models_are_sections_in_the_order_of_the_config(editor: Client) -> None:
    page = text(editor, "/pocket/")
    places = [page.index(f'href="{path}"') for path in (f"{SHOP}maker/", f"{SHOP}item/", "/pocket/pocket_tables/notes/")]
    assert places == sorted(places)
    listed = text(editor, f"{SHOP}item/", where="made_by.name == 'ann'", q="amm")
    assert "Hammer" in listed
    assert f'<a href="{SHOP}maker/1/change/">ann</a>' in listed
    assert "secret" not in text(editor, f"{SHOP}maker/")


def test_a_row_is_added_changed_and_deleted_as_by_the_api(editor: Client) -> None:
    assert "Axe" not in text(editor, f"{SHOP}item/add/", made_by="1")
    response = editor.post(f"{SHOP}item/add/", {**ITEM, "note": "shout"})
    assert (response.status_code, errors(response.content.decode())) == (302, [])
    axe = Item.objects.get(title="Axe")
    assert (axe.note, axe.total, str(axe.price)) == ("SHOUT", 8, "2.50")  # its save() was called, and the database computed
    url = f"{SHOP}item/{axe.pk}/change/"
    page = text(editor, url)
    assert 'name="made"' not in page
    before = Item.objects.values().get(pk=axe.pk)
    assert editor.post(url, {**ITEM, "note": "SHOUT", "seen": before["seen"].isoformat()}).status_code == 302
    assert Item.objects.values().get(pk=axe.pk) == before
    assert editor.post(url, {**ITEM, "note": "SHOUT", "stock": "5", "seen": before["seen"].isoformat()}).status_code == 302
    axe.refresh_from_db()
    assert (axe.stock, axe.total, axe.changed > before["changed"]) == (5, 10, True)
    assert editor.post(f"{SHOP}item/{axe.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Item.objects.filter(title="Axe").exists()
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("id")] == [
        "Added.",
        "No fields changed.",
        "Changed Stock.",
        "",
    ]


# (the field, what is typed, the error at it)
REFUSED = [
    ("title", "Axe 2", "Letters only."),
    ("title", "never", "Never."),
    ("title", "Hammer", "already exists"),
    ("made_by", "2", "There is no record of makers with this id."),
    ("price", "-1", "This value is not allowed here."),
    ("size", "3", "This is none of 1, 2."),
    ("note", "too long a note", "This is longer than 8 characters."),
]


@pytest.mark.parametrize(("name", "typed", "error"), REFUSED)
def test_what_the_model_refuses_stands_at_its_field(editor: Client, name: str, typed: str, error: str) -> None:
    response = editor.post(f"{SHOP}item/add/", {**ITEM, name: typed})
    found = errors(response.content.decode())
    assert response.status_code == 200
    assert len(found) >= 1, response.content.decode()
    assert error in " ".join(found)
    assert Item.objects.count() == 1


def test_what_holds_on_to_a_row_or_forbids_it_is_told(editor: Client) -> None:
    Review.objects.create(id=REVIEW, item_id=1, words="Good")
    Item.objects.create(id=9, title="Kept", maker_id=1, note="keep")
    for number in (1, 9):
        response = editor.post(f"{SHOP}item/{number}/delete/", {"post": "yes"}, follow=True)
        assert "messagelist" in response.content.decode()
    assert Item.objects.count() == 2
    assert not LogEntry.objects.exists()


def test_a_row_goes_by_a_key_of_any_kind(editor: Client) -> None:
    Review.objects.create(id=REVIEW, item_id=1, words="Good")
    url = f"{SHOP}review/{REVIEW}/change/"
    assert "Hammer" in text(editor, url)
    assert editor.post(url, {"item_id": "1", "words": "Better"}).status_code == 302
    assert Review.objects.get().words == "Better"
    assert "/pocket/shop/review/add/?item_id=1" in html.unescape(text(editor, f"{SHOP}item/1/change/"))
    Kinds.objects.create(code="k", whole=3)
    page = text(editor, f"{SHOP}kinds/k/change/")
    assert 'value="3"' in page
    assert (
        editor.post(f"{SHOP}kinds/k/change/", {"number": "1.5", "exact": "2.250", "length": "60", "flag": "true"}).status_code
        == 302
    )
    kinds = Kinds.objects.get()
    assert (kinds.number, str(kinds.exact), kinds.length.seconds, kinds.flag, kinds.whole) == (1.5, "2.250", 60, True, None)


def test_viewers_read_models_and_write_none(editor: Client) -> None:
    viewer = client_of("vi")
    assert "Hammer" in text(viewer, f"{SHOP}item/1/change/")
    for path, posted in (("item/add/", ITEM), ("item/1/change/", ITEM), ("item/1/delete/", {"post": "yes"})):
        assert viewer.post(SHOP + path, posted).status_code == 403
    assert [item.title for item in Item.objects.all()] == ["Hammer"]


class OwnAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """How a project wants its makers."""

    list_display = ("name", "country")
    search_fields = ("name",)
    fields = ("name",)


def test_a_model_that_the_project_registers_is_left_to_it(editor: Client, settings: Any) -> None:
    site.register(Maker, OwnAdmin)
    try:
        site.show(current())
        settings.ROOT_URLCONF = routes()
        page = text(editor, "/pocket/")
        places = [page.index(f'href="{path}"') for path in (f"{SHOP}maker/", f"{SHOP}item/")]
        assert places == sorted(places)
        form = text(editor, f"{SHOP}maker/1/change/")
        assert 'name="name"' in form
        assert 'name="land"' not in form
        assert editor.post(f"{SHOP}maker/1/change/", {"name": "anna"}).status_code == 302
        assert Maker.objects.get(pk=1).name == "anna"
        with pytest.raises(admin.exceptions.AlreadyRegistered):
            site.register(Maker, OwnAdmin)
    finally:
        site.unregister(Maker)
