"""Existing models as tables, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import SERVICE, Api
from tests.conftest import UseConfig

CONFIG = """
tables:
  - name: makers
    model: shop.Maker
    fields: [{name: hidden, noSelect: true}]
    extensions:
      - {name: rules, listRule: "open == true", viewRule: "open == true", createRule: 'true', updateRule: 'true', deleteRule: 'true'}
  - name: items
    model: shop.Item
    fields: [{name: note, maxLength: 8}]
    extensions:
      - name: rules
        listRule: 'true'
        viewRule: 'true'
        createRule: "state == 'new' & made_by.name != 'closed'"
        updateRule: "state != 'gone' & new.stock < 100"
        deleteRule: "stock == 0"
  - name: reviews
    model: shop.Review
    extensions: [{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
  - name: notes
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: text, type: text}
      - {name: item, type: relation, sqlType: integer, foreignKey: {table: items, column: id, onDelete: RESTRICT}}
      - {name: review, type: relation, foreignKey: {table: reviews, column: id, onDelete: CASCADE}}
    extensions: [{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}]
"""


@pytest.fixture
def shop(use_config: UseConfig, settings: Any) -> Api:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(CONFIG)
    api = Api()
    for name, extra in (("ann", {}), ("bob", {"land": "fr"}), ("closed", {"open": False})):
        api("POST makers/insert", {"values": {"name": name, **extra}}).expect(200)
    return api


def test_first(shop: Api) -> None:
    print(shop("GET makers/list", by="admin").body)
    found = shop("POST items/insert", {"values": {"made_by": 1, "title": "Hammer", "stock": 3}, "returning": "*"})
    print(found.body)
    print(shop("POST items/update", {"where": "title == 'Hammer'", "set": {"stock": "stock + 1"}, "returning": "*"}).body)
    print(shop("GET items/list", query={"select": "id,made_by(name),total,made_by.name => m"}).body)
    print(shop("GET makers/list", query={"select": "name,items.made_by(title)"}).body)
    r = shop("POST reviews/insert", {"values": {"item_id": 1, "words": "fine"}, "returning": "*"}).body
    print(r)
    rid = r[0]["id"]
    print(shop(f"GET reviews/view/{rid}").body)
    print(
        shop(
            "POST notes/insert", {"values": {"review": rid, "item": 1}, "returning": "*, review(words) => r, review.words => w"}
        ).body
    )
    print(shop("POST notes/select", {"where": f"review == '{rid}' & review.item_id.title == 'Hammer'"}).body)
    print(shop("POST reviews/select", {"where": "exists(notes, review == outer.id)", "select": "id, notes(id)"}).body)
    print(shop("POST items/delete", {"where": "true"}).body)
    print(shop("POST items/delete", {"where": "true"}, by="admin").body)
    print(shop("POST reviews/delete", {"where": "true", "returning": "words"}).body)
    print(shop("POST notes/select", {}).body)
