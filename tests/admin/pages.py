"""What a test says about the panel's pages."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db.models import Model
from django.test import Client

from pocketapi.tables.table import model_of

ROOT = "/pocket/pocket_tables/"
POST = {"title": "First", "kind": "news", "views": "0"}  # what a browser sends of an untouched form, and a title
PERSON = {
    "username": "ann",
    "name": "Ann",
    "email": "ann@example.com",
    "password": "an unusual one",
    "password-again": "an unusual one",
}


def rows(table: str) -> Any:
    """The rows of a table."""
    return model_of(table)._default_manager.order_by("pk")


def make(table: str, **values: Any) -> Model:
    """A row, written past every layer."""
    return model_of(table)._default_manager.create(**values)


def text(client: Client, path: str, **query: str) -> str:
    """A page as text."""
    response = client.get(path if path.startswith("/") else ROOT + path, query)
    assert response.status_code == 200, (path, response.status_code)
    return response.content.decode()


def send(client: Client, path: str, **posted: Any) -> Any:
    """The answer to a form; `password_again` stands for the name with a hyphen."""
    return client.post(ROOT + path, {name.replace("password_again", "password-again"): value for name, value in posted.items()})


def errors(page: str) -> list[str]:
    """The errors that a page shows."""
    found = re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page, re.DOTALL)
    return [html.unescape(each) for part in found for each in re.findall(r"<li>(.*?)</li>", part, re.DOTALL)]
