"""Writes by instances: how many statements they take, and who has to be asked before a delete."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

from pocketapi.records import instances, requests, write
from pocketapi.rules.principal import SYSTEM
from tests.conftest import UseConfig
from tests.shop.models import Item, Kinds, Maker, Review

CONFIG = """
tables:
  - {name: items, model: shop.Item}
  - {name: quiet, model: shop.Maker, signals: false}
  - {name: ours, fields: [{name: id, type: integer, primary: true}]}
"""


REFERRED = [(Maker, True), (Item, True), (Review, True), (Kinds, False), (ContentType, True)]


@pytest.mark.parametrize(("model", "referred"), REFERRED)
def test_who_is_referred_to(model: type[models.Model], referred: bool) -> None:
    assert instances.is_referred(model) is referred


def test_only_models_and_what_they_refer_to_are_deleted_by_instances(use_config: UseConfig) -> None:
    tables = use_config(CONFIG).tables
    assert {name: instances.deletes(table) for name, table in tables.items()} == {"items": True, "quiet": True, "ours": False}
    assert {name: instances.sends_signals(table) for name, table in tables.items()} == {
        "items": True,
        "quiet": False,
        "ours": False,
    }


def insert(table: Any) -> Any:
    rows = tuple({"title": title, "made_by": 1} for title in ("a", "b", "c"))
    return write.insert(table, lambda: requests.Insert(rows, single=False, returning="*"), SYSTEM)


def update(table: Any) -> Any:
    ask = requests.Update("stock == 0", {"note": ""}, {"stock": "stock + 1"}, returning="stock")
    return write.update(table, lambda: ask, SYSTEM)


def delete(table: Any) -> Any:
    return write.delete(table, lambda: requests.Delete("stock == 1", returning="title"), SYSTEM)


def test_statements_of_writes(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    """Each row is saved and deleted by itself; what is around that does not grow with the rows."""
    table = use_config(CONFIG).tables["items"]
    Maker.objects.create(id=1, name="ann")
    counts = []
    for verb in (insert, update, delete):
        with CaptureQueriesContext(connection) as found:
            assert len(verb(table)) == 3
        counts.append(len([each for each in found if "SAVEPOINT" not in each["sql"]]))
    insertion, change, deletion = 2 + 3, 3 + 3, 2 + 3 * 3  # keys and answer; choice, instances and answer; choice and instances
    assert counts == [insertion, change, deletion]
