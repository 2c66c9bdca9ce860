"""The names that the config refuses are those that Django and the databases refuse."""

from __future__ import annotations

import pytest
from django.db import models

from pocketapi.config.names import MODEL, field_problem, table_problem


def test_every_attribute_of_a_model_is_refused() -> None:
    given = {name for name in dir(models.Model) if not name.endswith("_")}
    added = {"objects", "_state", "_default_manager", "_base_manager", "_meta", "_constraints", "_prefetched_objects_cache"}
    added |= {"DoesNotExist", "MultipleObjectsReturned", "NotUpdated"}
    assert given - MODEL == set()
    assert all(hasattr(models.Model, name) for name in given)
    assert added <= MODEL


@pytest.mark.parametrize("name", ["id", "order", "user", "group", "_private", "select", "Title", "x1"])
def test_fine_columns(name: str) -> None:
    assert field_problem(name) is None


@pytest.mark.parametrize("name", ["order", "user", "New", "author", "authors", "pgs", "t1"])
def test_fine_tables(name: str) -> None:
    assert table_problem(name) is None
