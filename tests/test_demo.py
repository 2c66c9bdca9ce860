"""The demo: its config without a doubt, its rows on both databases, its migrations up to date."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pocketapi.actions import run
from pocketapi.commands import seed
from pocketapi.config import link
from pocketapi.records import read, requests
from pocketapi.rules.principal import SYSTEM, Caller, Principal
from pocketapi.tables.table import model_of
from tests.conftest import UseConfig

ROOT = Path(__file__).resolve().parents[1]
SECRETS = ("JWT_SECRET", "JWT_SECRET_USERS")
WRITTEN_BY_THE_DATABASE = {"sqlite": "group_concat(", "postgresql": "row_to_json("}
MIRA = Caller(Principal(uid="mira", sid="a session", cid="users"))

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(use_config: UseConfig, monkeypatch: pytest.MonkeyPatch) -> link.Config:
    """The demo's tables with their rows."""
    for name in SECRETS:
        monkeypatch.setenv(name, f"only-for-tests-only-for-tests-{name}")
    config = use_config(ROOT / "pocketapi.yaml")
    out = io.StringIO()
    assert seed.run(argparse.Namespace(file=ROOT / "seed.yaml", force=False), out) == 0, out.getvalue()
    return config


def count(config: link.Config, name: str, caller: Caller) -> int | None:
    return read.list_(config.tables[name], lambda: requests.Read(limit=1), caller).total


def test_its_config_has_nothing_to_warn_of(demo: link.Config) -> None:
    assert demo.warnings == ()


def test_every_table_has_rows_and_answers_by_the_json_of_the_database(demo: link.Config, connection: BaseDatabaseWrapper) -> None:
    for name, table in demo.tables.items():
        with CaptureQueriesContext(connection) as queries:
            page = read.list_(table, requests.Read, SYSTEM)
        assert [WRITTEN_BY_THE_DATABASE[connection.vendor] in query["sql"] for query in queries] == [True], name
        rows = json.loads(b"[%b]" % page.rows)
        assert len(rows) == page.total == model_of(name)._default_manager.count() > 0
        assert set(rows[0]) == {column for column, field in table.fields.items() if field.spec.usage != "auth_password"}


def test_there_are_some_hundred_rows(demo: link.Config) -> None:
    assert 300 < sum(count(demo, name, SYSTEM) or 0 for name in demo.tables) < 1000


# (table, what nobody in particular sees, what Mira sees)
SEEN = [("users", False, True), ("links", True, True), ("tags", True, True), ("comments", False, True), ("notes", False, True)]


@pytest.mark.parametrize(("name", "anonymous", "mira"), SEEN)
def test_who_sees_anything(demo: link.Config, name: str, anonymous: bool, mira: bool) -> None:
    assert (bool(count(demo, name, Caller())), bool(count(demo, name, MIRA))) == (anonymous, mira)


def test_what_is_private_is_for_its_owner_alone(demo: link.Config, client: Client) -> None:
    links, notes = (model_of(name)._default_manager for name in ("links", "notes"))
    assert count(demo, "notes", MIRA) == notes.filter(owner_id="mira").count()
    shared = links.filter(shared=True)
    assert count(demo, "links", Caller()) == shared.count()
    assert count(demo, "links", MIRA) == (shared | links.filter(owner_id="mira")).count()
    private = links.filter(shared=False).exclude(owner_id="mira").first()
    assert private is not None
    assert client.get(f"/api/v1/table/links/view/{private.pk}").status_code == 404


def test_what_refers_to_an_account_goes_or_stays_with_it_as_the_keys_say(demo: link.Config) -> None:
    model_of("users")._default_manager.filter(pk="mira").delete()
    assert not model_of("links")._default_manager.filter(owner_id="mira").exists()
    assert not model_of("notes")._default_manager.filter(owner_id="mira").exists()
    assert not model_of("comments")._default_manager.filter(author_id="mira").exists()
    assert model_of("comments")._default_manager.filter(author_id=None).exists()
    assert model_of("tags")._default_manager.filter(added_by=None).exists()


def test_a_link_that_is_opened_is_counted_by_whoever_may_see_it(demo: link.Config) -> None:
    links = model_of("links")._default_manager
    mine, shared, other = links.filter(owner_id="mira", shared=False)[0], links.filter(owner_id="jonas", shared=True)[0], None
    other = links.filter(owner_id="jonas", shared=False).first() or links.exclude(owner_id="mira").filter(shared=False)[0]
    for found, counted in ((mine, True), (shared, True), (other, False)):
        (rows,) = run("open_link", {"link": found.pk}, auth=MIRA)
        assert rows == ([{"url": found.url, "opened": found.opened + 1}] if counted else [])


def test_reminders_are_the_own_notes_whose_day_has_come(demo: link.Config) -> None:
    (rows,) = run("reminders", {"until": "2100-01-01"}, auth=MIRA)
    wanted = model_of("notes")._default_manager.filter(owner_id="mira", done=False, remind_on__isnull=False).order_by("remind_on")
    assert [row["id"] for row in rows] == [note.pk for note in wanted]
    assert len(rows) > 0
