"""The search of a list whose table has a full-text index: what is found, through the index, and whatever is typed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pocketapi.admin import pages
from tests.admin.conftest import client_of, sign_up
from tests.admin.pages import make

pytestmark = pytest.mark.django_db
CONFIG = """
tables:
  - name: texts
    fields:
      - {name: id, type: text, primary: true, usage: record_uid}
      - {name: title, type: text}
      - {name: body, type: editor}
    fullTextSearch: {fields: [title, body], tokenize: porter}
  - name: notes
    fields:
      - {name: id, type: integer, primary: true, autoIncrement: true}
      - {name: text_id, type: relation, foreignKey: {table: texts, column: id}}
"""
TEXTS = {"a": ("Running shoes", None), "b": ("Cooking", "how to run a kitchen"), "c": ("Crème Brûlée", "100% <b>sugar</b>")}
INDEXED = {"sqlite": " MATCH ", "postgresql": " @@ "}


@pytest.fixture
def client(mounted: Any) -> Client:
    """An editor, before three texts."""
    mounted(CONFIG)
    sign_up()
    for key, (title, body) in TEXTS.items():
        make("texts", id=key, title=title, body=body)
    return client_of("ed")


# (what is typed, the keys that are found)
FOUND = [
    ("run", "ab"),
    ("RUNNING", "ab"),
    ("sho", "a"),
    ("run kitchen", "b"),
    ("run sugar", ""),
    ("creme", "c"),
    ('"run a kitchen"', "b"),
    ('"kitchen run"', ""),
    ("kit*", "b"),
    ("", "abc"),
    ("   ", "abc"),
]


@pytest.mark.parametrize(("typed", "keys"), FOUND)
def test_words_are_found_through_the_index(client: Client, typed: str, keys: str) -> None:
    connection = connections["default"]
    with CaptureQueriesContext(connection) as queries:
        response = client.get("/pocket/pocket_tables/texts/", {"q": typed})
    assert "".join(sorted(row.pk for row in response.context["cl"].result_list)) == keys
    asked = [query["sql"] for query in queries if '"texts"' in query["sql"]]
    assert any(INDEXED[connection.vendor] in sql for sql in asked) == bool(typed.strip())
    assert not [sql for sql in asked if "LIKE" in sql]


ODD = ['"', '""', "*", "-", "AND", "NOT run", "run OR", "(", "title: x", "'", "\\", "%", "😀", "!&|<->"]


@pytest.mark.parametrize("typed", ODD)
def test_whatever_is_typed_is_no_failure(client: Client, typed: str) -> None:
    response = client.get("/pocket/pocket_tables/texts/", {"q": typed})
    assert response.status_code == 200


def test_a_search_is_narrowed_by_a_filter_and_counted_no_further_than_it_must(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = client.get("/pocket/pocket_tables/texts/", {"q": "run", "where": "id == 'b'"})
    assert [row.pk for row in response.context["cl"].result_list] == ["b"]
    monkeypatch.setattr(pages, "BOUND", 1)
    with CaptureQueriesContext(connections["default"]) as queries:
        response = client.get("/pocket/pocket_tables/texts/", {"q": "run"})
    assert str(response.context["cl"].result_count) == "more than 1"
    assert all("LIMIT 2" in query["sql"] for query in queries if "COUNT(" in query["sql"])


def test_a_relation_is_found_by_the_words_of_its_table(client: Client) -> None:
    query = {"app_label": "pocket_tables", "model_name": "notes", "field_name": "text_id", "term": "kitch"}
    assert [each["id"] for each in client.get("/pocket/autocomplete/", query).json()["results"]] == ["b"]
    for term in ('"', "a'b", "*"):
        assert client.get("/pocket/autocomplete/", {**query, "term": term}).status_code == 200
