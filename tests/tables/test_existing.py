"""Existing models as the config sees them, and why some cannot be tables."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.config import link
from pocketapi.errors import ConfigError, MigrationRefused
from pocketapi.tables import databases, migrate, plan
from pocketapi.tables.existing import Existing, columns_of_constraint, describe
from pocketapi.tables.table import current
from tests.conftest import load_config
from tests.shop.models import Item, Kinds, Maker, Review
from tests.tables.conftest import Change
from tests.tables.structure import ask

ROOT = Path(__file__).resolve().parents[2]

REFUSED = [
    # (a table, where, what is said)
    ("model: shop.Itm", "model", "There is no model `shop.Itm`: did you mean `shop.Item`?"),
    ("model: nowhere.Item", "model", "There is no model `nowhere.Item`"),
    ("model: shop.Stamped", "model", "There is no model `shop.Stamped`"),
    ("model: shop.Rare", "model", "shop.Rare shares its rows with shop.Maker (multi-table inheritance)"),
    ("model: shop.Label", "model", "`items` of shop.Label is many-to-many, and no column: expose its pairs, too, as a table `{name: label_items, model: shop.Label_items}`."),
    ("model: shop.Pair", "model", "shop.Pair has a primary key of several columns"),
    ("model: shop.Swapped", "model", "shop.Swapped is swapped for shop.Maker, and has no table: expose `shop.Maker`."),
    ("model: pocketapi.Session", "model", "pocketapi.Session is this package's own"),
    ("model: shop.Odd", "model", "`loud` is a Shouting, whose from_db_value makes other values of what is stored"),
    ("model: shop.Odd", "model", "The column `two words` has a name that expressions cannot have"),
    ("model: shop.Odd", "model", "`ranges` is a Ranges, which is no type of a column"),
    ("model: shop.Maker, fields: [{name: nme}]", "fields[0].name", "There is no column `nme` in shop.Maker: did you mean `name`?"),
    ("model: shop.Maker, fields: [{name: open, maxLength: 5}]", "fields[0].maxLength", "`maxLength` has no meaning on a field of type bool"),
    ("model: shop.Maker, fields: [{name: name, usage: auth_metadata}]", "fields[0].usage", "`auth_metadata` needs a field of type json"),
    ("model: shop.Maker, fields: [{name: name, usage: auth_name}, {name: hidden, usage: auth_name}]", "fields[1].usage", "`name` has the usage auth_name already"),
    ("model: shop.Maker, autoSetUid: true", "autoSetUid", "autoSetUid needs a field with usage record_uid"),
    ("model: shop.Maker, fullTextSearch: {fields: [name]}", "fullTextSearch", "There is no property `fullTextSearch` here"),
    ("model: shop.Maker, extensions: [{name: rules, listRule: country == 'de'}]", "extensions[0].listRule", "`country` is no column of t"),
    ("model: shop.Maker, extensions: [{name: auth, jwtSecret: x, jwtTokenDuration: 1, maxTokenRefresh: 1}]", "extensions[0]", "The auth extension needs a field with usage auth_password"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "path", "told"), REFUSED)
def test_what_cannot_be_a_table_is_refused_with_its_place(tmp_path: Path, table: str, path: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(f"tables:\n  - {{name: t, {table}}}\n", tmp_path)
    assert any(each.path == f"tables[0].{path}" and told in each.message and each.line == 4 for each in caught.value.problems), (
        caught.value
    )


def test_a_many_to_many_field_is_the_table_of_its_pairs(tmp_path: Path) -> None:
    text = "tables: [{name: labels, model: shop.Label}, {name: pairs, model: shop.Label_items}, {name: items, model: shop.Item}]"
    config = load_config(text, tmp_path)
    assert {name: column.key for name, column in config.tables["pairs"].columns.items()} == {
        "id": None,
        "label_id": ("labels", "id"),
        "item_id": ("items", "id"),
    }


def test_a_model_is_a_table_once_and_its_proxy_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"shop\.Item is a table already, in line 3"):
        load_config("tables: [{name: a, model: shop.Item}, {name: b, model: shop.item}]", tmp_path)
    text = "tables: [{name: cheap, model: shop.Cheap}, {name: items, model: shop.Item}, {name: reviews, model: shop.Review}]"
    config = load_config(text, tmp_path)
    assert config.tables["reviews"].columns["item_id"].key == ("items", "id")
    assert list(config.tables["cheap"].columns) == list(config.tables["items"].columns)
    only = load_config("tables: [{name: cheap, model: shop.Cheap}, {name: reviews, model: shop.Review}]", tmp_path)
    assert only.tables["reviews"].columns["item_id"].key == ("cheap", "id")


def test_a_key_to_a_model_that_is_no_table_is_a_plain_column(tmp_path: Path) -> None:
    column = load_config("tables: [{name: items, model: shop.Item}]", tmp_path).tables["items"].columns["made_by"]
    assert (column.key, column.storage) == (None, "integer")


KEYS = [
    ("{name: k, type: relation, sqlType: integer, foreignKey: {table: items, column: id}}", None),
    ("{name: k, type: relation, foreignKey: {table: reviews, column: id}}", None),
    ("{name: k, type: relation, foreignKey: {table: items, column: slug}}", None),
    ("{name: k, type: relation, foreignKey: {table: items, column: id}}", "`k` is stored as text and `items.id` as integer"),
    ("{name: k, type: relation, foreignKey: {table: items, column: title}}", "`items.title` is neither primary nor unique"),
    ("{name: k, type: relation, foreignKey: {table: items, column: maker}}", "There is no field `maker` in items"),
    ("{name: k, type: date, foreignKey: {table: points, column: at}}", "`points.at` is stored as Django stores it"),
]


@pytest.mark.parametrize(("field", "told"), KEYS)
def test_keys_to_models(tmp_path: Path, field: str, told: str | None) -> None:
    text = (
        "tables: [{name: items, model: shop.Item}, {name: reviews, model: shop.Review}, {name: points, model: shop.Point}, "
        f"{{name: ours, fields: [{{name: id, type: text, primary: true}}, {field}]}}]"
    )
    if told:
        with pytest.raises(ConfigError, match=told):
            load_config(text, tmp_path)
    else:
        load_config(text, tmp_path)


def test_indexes_of_a_model_count(tmp_path: Path) -> None:
    rules = "extensions: [{name: rules, listRule: title == 'a' & price > 1 & slug == 'a' & made_by == 1 & state == 'x'}]"
    config = load_config(f"tables: [{{name: items, model: shop.Item, {rules}}}]", tmp_path)
    assert config.tables["items"].indexed >= {"id", "slug", "price", "made_by", "spare_id"}
    told = [(warning.path, warning.message) for code, warning in config.warnings if code == "pocketapi.W004"]
    assert [path for path, _ in told] == ["tables[0].model"] * 2
    assert "`title`" in told[0][1] or "`state`" in told[0][1]


@pytest.mark.parametrize(("model", "name", "columns"), [
    (Item, "price_is_no_debt", ["price"]),
    (Item, "one_note", ["note"]),
    (Item, "shop_price", ["price", "stock"]),
    (Item, "nothing", []),
    (Maker, "nothing", []),
])  # fmt: skip
def test_columns_of_constraints(model: type[models.Model], name: str, columns: list[str]) -> None:
    assert columns_of_constraint(model, name) == columns


def test_models_are_listed_for_near_names_without_our_own() -> None:
    found = list(Existing())
    assert "shop.Item" in found
    assert len(Existing()) == len(found)
    assert not [label for label in found if label.startswith(("pocket_tables.", "pocketapi."))]


def test_points_in_time_need_a_zone(settings: Any) -> None:
    settings.USE_TZ = False
    assert describe(Kinds).problems == ("`moment` has points in time without zone, since USE_TZ is off: turn it on.",)


def bring(fresh: BaseDatabaseWrapper) -> list[str]:
    """Brings a database that may not be made yet to the config."""
    if not databases.exists(fresh):
        databases.create(fresh)
    return migrate.apply(fresh)


def test_tables_of_models_are_never_migrated(fresh: BaseDatabaseWrapper, change: Change) -> None:
    change("tables: [{name: types, model: contenttypes.ContentType}, {name: items, model: shop.Item}]")
    bring(fresh)
    assert migrate.pending(fresh) == []
    assert not [migration for migration in plan.fresh_loader(fresh).graph.nodes if migration[0] in ("pocket_tables", "shop")]


KEYED = """
tables:
  - {name: types, model: contenttypes.ContentType}
  - {name: reviews, model: shop.Review}
  - name: ours
    fields:
      - {name: id, type: integer, primary: true}
      - {name: type, type: relation, sqlType: integer, foreignKey: {table: types, column: id, onDelete: CASCADE}}
"""
REVIEW = "      - {name: review, type: relation, foreignKey: {table: reviews, column: id, onDelete: SET NULL}}\n"
UUID = "0b6e7f1c54a44f0e9a550d2f1c3b4a59"


def test_migrations_wait_for_the_models_that_keys_point_to(fresh: BaseDatabaseWrapper, change: Change) -> None:
    change(KEYED)
    (written,) = plan.make_plan(None, current()).written
    assert ("contenttypes", "0002_remove_content_type_name") in written.dependencies
    assert [name for name in bring(fresh) if name.startswith("pocket_tables")] == ["pocket_tables.0001_initial"]
    with fresh.schema_editor() as editor:
        for model in (Maker, Item, Review):
            editor.create_model(model)
    change(KEYED + REVIEW)
    migrate.apply(fresh)
    ask(fresh, f"INSERT INTO shop_review (id, words) VALUES ('{UUID}', '')")
    ask(fresh, f"INSERT INTO ours (id, review) VALUES (1, '{UUID}')")
    ask(fresh, "DELETE FROM shop_review")
    assert ask(fresh, "SELECT review FROM ours") == [(None,)]
    change(KEYED + REVIEW.replace("type: relation, foreignKey: {table: reviews, column: id, onDelete: SET NULL}", "type: text"))
    migrate.apply(fresh)
    assert migrate.pending(fresh) == []


def test_a_model_that_is_in_no_migration_is_refused(
    fresh: BaseDatabaseWrapper, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(KEYED)
    state = plan.fresh_loader(None).project_state()
    del state.models["contenttypes", "contenttype"]
    monkeypatch.setattr("django.db.migrations.loader.MigrationLoader.project_state", lambda *_, **__: state)
    with pytest.raises(
        MigrationRefused, match=r"ContentType is in no migration yet: run `manage.py makemigrations contenttypes`"
    ):
        plan.make_plan(None, current())


# Projects of their own: what depends on how Django starts

SETTINGS = """
SECRET_KEY = "x"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [APPS]
POCKETAPI = {"CONFIG": __import__("pathlib").Path(__file__).with_name("pocketapi.yaml"), "MIGRATIONS_DIR": __import__("pathlib").Path(__file__).with_name("m")}
"""
MODELS = """
from django.db import models


class Event(models.Model):
    entry = models.ForeignKey("pocket_tables.entries", models.CASCADE, null=True)
    place = models.ForeignKey("far.Place", models.PROTECT, null=True)
"""
FAR = """
from django.db import models


class Root(models.Model):
    code = models.UUIDField(primary_key=True)


class Place(models.Model):
    root = models.OneToOneField("Root", models.CASCADE, primary_key=True)
"""
YAML = """
appUrl: http://localhost
jwtSecret: only-for-tests-only-for-tests-only-for-tests
tables:
  - {name: events, model: near.Event, extensions: [{name: rules, listRule: "entry_id.title == 'a' & exists(places, root_id == outer.place_id)"}]}
  - {name: places, model: far.Place}
  - name: entries
    fields: [{name: id, type: integer, primary: true, autoIncrement: true}, {name: title, type: text}, {name: place, type: relation, foreignKey: {table: places, column: root_id}}]
"""
VISIT = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from pocketapi.records import requests, write, read
from pocketapi.rules.principal import SYSTEM
from pocketapi.tables.table import current
from pocketapi.tables import models as tables
if tables.REPORT: raise SystemExit(str(tables.REPORT))
call_command("migrate", run_syncdb=True, verbosity=0)
with connection.schema_editor() as editor: editor.create_model(tables.MODELS["entries"])
from near.models import Event
from far.models import Place, Root
root = Root.objects.create(code="0b6e7f1c-54a4-4f0e-9a55-0d2f1c3b4a59")
Place.objects.create(root=root)
config = current()
entries, events = config.tables["entries"], config.tables["events"]
ask = requests.Insert(({"title": "a", "place": str(root.code)},), single=True, returning="id")
(entry,) = write.insert(entries, lambda: ask, SYSTEM)
write.insert(events, lambda: requests.Insert(({"entry_id": entry["id"], "place_id": str(root.code)},), single=True), SYSTEM)
page = read.select(events, lambda: requests.Read(where="entry_id.title == 'a'", select="entry_id(title), place_id"), SYSTEM)
print(page.rows.decode())
print(write.delete(entries, lambda: requests.Delete(where="id > 0", returning="title"), SYSTEM), Event.objects.count())
"""
APPS = ["django.contrib.contenttypes", "django.contrib.auth", "pocketapi", "pocketapi.tables", "near", "far"]


def start(folder: Path, apps: list[str], **files: str) -> subprocess.CompletedProcess[str]:
    (folder / "settings.py").write_text(SETTINGS.replace("[APPS]", repr(apps)))
    (folder / "pocketapi.yaml").write_text(files.pop("yaml", YAML))
    for name, text in {"near": MODELS, "far": FAR, **files}.items():
        (folder / name).mkdir()
        (folder / name / "__init__.py").touch()
        (folder / name / "models.py").write_text(textwrap.dedent(text))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{folder}:{ROOT}", "DJANGO_SETTINGS_MODULE": "settings"}
    command = [sys.executable, "-c", VISIT]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("apps", [APPS, [*APPS[:2], "far", "near", *APPS[2:4]], [*APPS[:2], "near", *APPS[2:4], "far"]])
def test_the_order_of_the_apps_does_not_matter(tmp_path: Path, apps: list[str]) -> None:
    done = start(tmp_path, apps)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [
        '{"entry_id":{"title":"a"},"place_id":"0b6e7f1c-54a4-4f0e-9a55-0d2f1c3b4a59"}',
        "[{'title': 'a'}] 0",
    ]


BROKEN = [
    ("import pocketapi.tables.models\n" + MODELS, YAML, "near.models imports pocketapi before it has made Event"),
    (MODELS, YAML.replace("  - name: entries", "  - name: other"), "`entry_id` points to the table entries, which the config does not have"),
]  # fmt: skip


@pytest.mark.parametrize(("near", "yaml", "told"), BROKEN)
def test_what_cannot_start_says_why(tmp_path: Path, near: str, yaml: str, told: str) -> None:
    done = start(tmp_path, [*APPS[:2], "near", "far", *APPS[2:4]], near=near, yaml=yaml)
    assert done.returncode != 0
    assert told in done.stderr + done.stdout


def test_a_described_model_knows_its_table() -> None:
    found: link.Model = Existing()["shop.maker"]
    assert (found.label, found.relation, found.concrete) == ("shop.Maker", "shop_maker", "shop.Maker")
