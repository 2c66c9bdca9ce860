"""Configs that load, and what is made of them."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pocketapi.config.link import Config, Default, IndexColumn, Key, LiteralDefault, Model, Now, SqlDefault
from pocketapi.config.loader import load
from pocketapi.config.scaffolds import SCAFFOLDS
from pocketapi.config.schema import SqlText
from pocketapi.errors import ConfigError
from pocketapi.expressions.kinds import Kind
from tests.config.wrong import FIELDS, HEAD, TABLE, load_text

EXAMPLE = Path(__file__).parent.parent / "configs" / "example.yaml"
SECRETS = {"JWT_SECRET": "j" * 40, "JWT_SECRET_USERS": "u" * 40}


@pytest.fixture(scope="module")
def example() -> Config:
    return load(EXAMPLE, environ=SECRETS)


def notes(fields: str = "", table: str = "") -> Any:
    """The table of the frames with more in it."""
    text = (FIELDS + "".join(f"      - {field}\n" for field in fields.splitlines())) if fields else TABLE + table
    return load_text(text).tables["notes"]


def test_the_example(example: Config) -> None:
    assert list(example.tables) == ["users", "posts"]
    assert list(example.tables["posts"].fields) == ["id", "created", "updated", "author_id", "title", "body", "published", "tags"]
    assert example.fingerprint == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()[:8]
    posts = example.tables["posts"]
    rule = posts.rule("list")
    assert rule is not None
    assert rule.text == "published == true | auth.uid == author_id"
    assert posts.uid.name == posts.primary.name == "id"
    assert posts.compared == ("published", "author_id")
    users = example.tables["users"]
    assert users.auth is not None
    assert users.auth.jwt_secret == "u" * 40
    assert users.rule("delete") is None
    assert users.columns["password"].secret


def test_json_is_a_config_too(example: Config) -> None:
    document = yaml.safe_load(EXAMPLE.read_text())
    again = load_text(json.dumps(document), environ=SECRETS)
    assert again.spec == example.spec
    assert again.tables == example.tables


def test_scaffolds_in_whole_and_in_part() -> None:
    config = load_text(f"{HEAD}tables: [{{name: a, fields: [baseFields.id, authFields.email, {{name: x, type: text}}]}}]")
    assert list(config.tables["a"].fields) == ["id", "email", "x"]


@pytest.mark.parametrize("name", SCAFFOLDS)
def test_every_field_of_a_scaffold_stands_alone(name: str) -> None:
    for field in SCAFFOLDS[name]:
        key = "" if field.get("primary") else "{name: key, type: text, primary: true}, "
        config = load_text(f"{HEAD}tables: [{{name: a, fields: [{key}{name}.{field['name']}]}}]")
        assert field["name"] in config.tables["a"].fields


def test_a_field_after_scaffolds_keeps_its_own_place() -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(f"{HEAD}tables:\n  - name: a\n    fields:\n      - baseFields\n      - {{name: x, type: text, default: 5}}\n")
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (7, "tables[0].fields[3].default")


DEFAULTS: list[tuple[str, Default | None]] = [
    ("{name: x, type: text}", None),
    ("{name: x, type: text, default: null}", None),
    ("{name: x, type: text, default: a}", LiteralDefault("a")),
    ("{name: x, type: text, default: {l: a}}", LiteralDefault("a")),
    ("{name: x, type: text, default: CURRENT_TIMESTAMP}", LiteralDefault("CURRENT_TIMESTAMP")),
    ("{name: x, type: integer, default: 5.0}", LiteralDefault(5)),
    ("{name: x, type: number, default: 5}", LiteralDefault(5)),
    ("{name: x, type: number, default: 1.5}", LiteralDefault(1.5)),
    ("{name: x, type: bool, default: 1}", LiteralDefault(value=True)),
    ("{name: x, type: bool, default: false}", LiteralDefault(value=False)),
    ("{name: x, type: select, options: [a], default: a}", LiteralDefault("a")),
    ("{name: x, type: select, sqlType: integer, options: [1], default: 1}", LiteralDefault(1)),
    ("{name: x, type: json, default: []}", LiteralDefault([])),
    ("{name: x, type: json, default: '[1, 2]'}", LiteralDefault([1, 2])),
    ("{name: x, type: json, default: {a: 1}}", LiteralDefault({"a": 1})),
    ("{name: x, type: json, default: {l: {q: 1}}}", LiteralDefault({"q": 1})),
    ("{name: x, type: blob, default: aGk=}", LiteralDefault("aGk=")),
    ("{name: x, type: date, default: 2025-03-11}", LiteralDefault("2025-03-11T00:00:00.000Z")),
    ("{name: x, type: date, sqlType: date, default: 2025-03-11}", LiteralDefault("2025-03-11")),
    ("{name: x, type: date, sqlType: time, default: '10:00'}", LiteralDefault("10:00:00.000")),
    ("{name: x, type: date, default: {q: CURRENT_TIMESTAMP}}", Now()),
    ("{name: x, type: date, default: {q: ( current_timestamp )}}", Now()),
    ("{name: x, type: date, default: CURRENT_TIMESTAMP}", Now()),
    ("{name: x, type: date, default: now}", Now()),
    ("""{name: x, type: date, default: {q: "datetime('now')"}}""", Now()),
    ("""{name: x, type: date, default: {q: "(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"}}""", Now()),
    ("""{name: x, type: date, default: {q: {sqlite: "datetime('now')", postgresql: now()}}}""", Now()),
    ("{name: x, type: date, default: {q: \"datetime('now', '+1 day')\"}}", SqlDefault(SqlText(q="datetime('now', '+1 day')"))),
    ("{name: x, type: text, default: {q: lower('A')}}", SqlDefault(SqlText(q="lower('A')"))),
    (
        "{name: x, type: text, default: {q: {sqlite: '1', postgresql: '2'}}}",
        SqlDefault(SqlText(q={"sqlite": "1", "postgresql": "2"})),
    ),
]


@pytest.mark.parametrize(("field", "default"), DEFAULTS)
def test_defaults(field: str, default: Default | None) -> None:
    found = notes(fields=field).fields["x"].default
    assert found == default
    assert not isinstance(found, LiteralDefault) or type(found.value) is type(default.value)  # type: ignore[union-attr]


def test_raw_sql_by_vendor() -> None:
    assert SqlText(q="1").of("sqlite") == "1"
    assert SqlText(q={"sqlite": "1"}).of("postgresql") is None


CHECKS: list[tuple[str, bool, bool]] = [
    ("{name: x, type: number, check: x > 0}", True, False),
    ("{name: x, type: number, check: {q: x > 0}}", False, True),
    ("{name: x, type: json, check: json_valid(x)}", False, False),
    ('{name: x, type: json, check: {q: "(json_valid(\\"x\\"))"}}', False, False),
    ("{name: x, type: json, check: {q: json_valid(y)}}", False, True),
    ("{name: x, type: json, check: {q: {sqlite: json_valid(x)}}}", False, True),
    ("{name: x, type: text}", False, False),
]


@pytest.mark.parametrize(("field", "is_tree", "is_sql"), CHECKS)
def test_checks(field: str, is_tree: bool, is_sql: bool) -> None:
    found = notes(fields=field).fields["x"]
    assert (found.check is not None, found.check_sql is not None) == (is_tree, is_sql)


INDEXES: list[tuple[str, str, list[IndexColumn], bool]] = [
    ("{fields: title}", "notes_title_idx", [IndexColumn("title")], False),
    ("{fields: 'title, views'}", "notes_title_views_idx", [IndexColumn("title"), IndexColumn("views")], False),
    ("{fields: [title], unique: true}", "notes_title_uniq", [IndexColumn("title")], True),
    ("{fields: title, name: by_title}", "by_title", [IndexColumn("title")], False),
    ("{fields: title collate nocase desc}", "notes_title_idx_3ca074f3", [IndexColumn("title", "NOCASE", descending=True)], False),
    ("{fields: views ASC}", "notes_views_idx", [IndexColumn("views")], False),
]


@pytest.mark.parametrize(("index", "name", "columns", "unique"), INDEXES)
def test_indexes(index: str, name: str, columns: list[IndexColumn], unique: bool) -> None:
    (found,) = notes(table=f"    indexes: [{index}]\n").indexes
    assert (found.name, list(found.columns), found.unique) == (name, columns, unique)


def test_partial_indexes() -> None:
    table = notes(
        table="    indexes: [{fields: title, where: views > 5}, {fields: title, where: {q: views > 5}}, {fields: title}]\n"
    )
    tree, sql, plain = table.indexes
    assert tree.where.text == "views > 5"
    assert sql.where_sql == SqlText(q="views > 5")
    assert (plain.where, plain.where_sql) == (None, None)
    assert len({tree.name, sql.name, plain.name}) == 3


def test_long_index_names_are_cut_and_stay_apart() -> None:
    names = ["a" * 40 + letter for letter in "bc"]
    fields = ", ".join(f"{{name: {name}, type: text}}" for name in names)
    indexes = ", ".join(f"{{fields: [id, {name}]}}" for name in names)
    text = f"{HEAD}tables: [{{name: {'t' * 30}, fields: [baseFields.id, {fields}], indexes: [{indexes}]}}]"
    found = [index.name for index in load_text(text).tables["t" * 30].indexes]
    assert [len(name) for name in found] == [63, 63]
    assert len(set(found)) == 2
    assert found == [index.name for index in load_text(text).tables["t" * 30].indexes]


def test_columns_as_expressions_see_them() -> None:
    table = notes(
        fields="{name: slug, type: text, collate: nocase, noSelect: true}\n"
        "{name: parent, type: relation, foreignKey: {table: notes, column: id, onDelete: set null}}"
    )
    assert not table.columns["id"].nullable
    assert table.fields["id"].not_null
    slug = table.columns["slug"]
    assert (slug.kind, slug.collation, slug.hidden, slug.nullable) == (Kind.TEXT, "NOCASE", True, True)
    assert table.columns["parent"].key == ("notes", "id")
    assert table.fields["parent"].spec.foreign_key.on_delete == "SET NULL"


def test_the_uid_is_the_primary_key_where_none_is_declared() -> None:
    assert notes().uid.name == "id"


def test_triggers_of_the_original_are_those_of_the_api() -> None:
    custom = "{name: mine, event: update, seq: after, body: {sqlite: x, postgresql: y}, updateOf: title, when: {q: '1'}}"
    old = "{name: raise_on_created_update, event: UPDATE, seq: BEFORE, body: x}"
    table = notes(table=f"    triggers: [createdTrigger, {custom}, {old}]\n")
    assert [trigger.name for trigger in table.triggers] == ["mine"]


BODIES: list[tuple[str, str | dict[str, str]]] = [
    ("SELECT 1", "SELECT 1"),
    ("{q: SELECT 1}", "SELECT 1"),
    ("[SELECT 1, {q: SELECT 2}]", "SELECT 1;\nSELECT 2"),
    ("{sqlite: SELECT 1, postgresql: PERFORM 1;}", {"sqlite": "SELECT 1", "postgresql": "PERFORM 1;"}),
]


@pytest.mark.parametrize(("body", "sql"), BODIES)
def test_bodies_of_triggers(body: str, sql: str | dict[str, str]) -> None:
    (trigger,) = notes(table=f"    triggers: [{{name: a, event: INSERT, seq: AFTER, forEach: ROW, body: {body}}}]\n").triggers
    assert trigger.body == sql


def test_the_path_counts_the_fields_of_scaffolds_as_inspect_shows_them() -> None:
    text = EXAMPLE.read_text().replace("{table: users,", "{table: user,")
    with pytest.raises(ConfigError) as caught:
        load_text(text, environ=SECRETS)
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("tables[1].fields[3].foreignKey.table", 16)


def test_rules_may_be_left_out_one_by_one() -> None:
    table = notes(table="    extensions: [{name: rules, viewRule: 'true'}, {name: crud}]\n")
    assert [verb for verb, rule in table.rules.items() if rule] == ["view"]


def test_min_and_max_of_dates_and_numbers() -> None:
    table = notes(
        fields="{name: a, type: date, min: '2025-01-01', max: '2025-01-01'}\n"
        "{name: b, type: number, min: 0.5, max: 2}\n{name: c, type: select, options: [1, 2], sqlType: real}"
    )
    assert list(table.fields) == ["id", "a", "b", "c"]


def test_settings_of_the_original_load() -> None:
    text = f"""{HEAD}jwtAllowedIssuers: [x]
disableTablesEdit: true
_kvTableName: kv
tables:
  - name: users
    forEach: x
    fields: [baseFields, authFields]
    fullTextSearch:
      {{fields: 'username, name', contentless: true, content_rowid: id, columnsize: 0, detail: full, migrateTableQuery: x}}
    extensions:
      - {{name: auth, jwtSecret: u, jwtTokenDuration: 60, maxTokenRefresh: 0,
         authCookie: {{name: a}}, usernameField: u, avatarField: a}}
"""
    ignored = [warning.path for identity, warning in load_text(text).warnings if identity == "pocketapi.W008"]
    assert sorted(ignored) == [
        "_kvTableName",
        "disableTablesEdit",
        "jwtAllowedIssuers",
        "tables[0].extensions[0].authCookie",
        "tables[0].extensions[0].avatarField",
        "tables[0].extensions[0].usernameField",
        "tables[0].forEach",
        "tables[0].fullTextSearch.columnsize",
        "tables[0].fullTextSearch.content_rowid",
        "tables[0].fullTextSearch.contentless",
        "tables[0].fullTextSearch.detail",
        "tables[0].fullTextSearch.migrateTableQuery",
    ]


def test_model_tables_know_their_columns_from_the_project(example: Config) -> None:
    text = (
        f"{HEAD}tables: [{{name: members, model: club.Member, fields: [{{name: email, noSelect: true}}], "
        "extensions: [{name: rules, listRule: username == auth.uid}]}]"
    )
    fields = tuple(example.tables["users"].fields.values())
    known = {"club.Member": Model("club.Member", "club_member", fields=fields)}
    table = load_text(text, models=known).tables["members"]
    assert table.columns["email"].hidden
    assert table.rule("list") is not None
    with pytest.raises(ConfigError, match=r"There is no model `club\.Member`"):
        load_text(text, models={"club.Group": known["club.Member"]})
    with pytest.raises(ConfigError, match=r"There is no column `email` in club\.Member"):
        load_text(text, models={"club.Member": replace(known["club.Member"], fields=fields[:4])})
    unknown = load_text(text)
    assert "pocketapi.W007" in [identity for identity, _ in unknown.warnings]
    assert unknown.tables["members"].rule("list") is None


def test_a_key_to_a_model_table_is_checked_where_its_columns_are_known(example: Config) -> None:
    text = (
        f"{HEAD}tables:\n  - {{name: members, model: club.Member}}\n"
        "  - {name: a, fields: [baseFields, {name: b, type: relation, foreignKey: {table: members, column: nick}}]}\n"
    )
    load_text(text)
    with pytest.raises(ConfigError, match="There is no field `nick` in members"):
        load_text(text, models={"club.Member": Model("", "", fields=tuple(example.tables["users"].fields.values()))})


def test_a_big_config_loads_in_good_time() -> None:
    columns = "".join(f"      - {{{{name: f{number}, type: text, notNull: true, default: abc}}}}\n" for number in range(17))
    rules = "listRule: f1 == auth.uid & f3 == '{0}', createRule: auth.uid != null & f2 == '{0}', updateRule: f1 == new.f1"
    head = "  - name: t{0}\n    fields:\n      - baseFields\n"
    tables = "".join(
        f"{head}{columns}    extensions:\n      - {{{{name: rules, {rules}}}}}\n".format(number) for number in range(200)
    )
    started = time.perf_counter()
    assert len(load_text(f"{HEAD}tables:\n{tables}").tables) == 200
    assert time.perf_counter() - started < 5  # 0.5 s on an idle machine


def test_rules_that_look_at_a_model_whose_columns_are_not_known_are_not_judged() -> None:
    text = (
        f"{HEAD}tables:\n  - {{name: members, model: club.Member, extensions: [{{name: rules, listRule: nick == 'a'}}]}}\n"
        "  - {name: a, fields: [baseFields, {name: b, type: relation, foreignKey: {table: members, column: id}}],\n"
        "     extensions: [{name: rules, listRule: 'exists(members, nick == outer.id)', viewRule: b.nick == 'x'}]}\n"
    )
    assert {code for code, _ in load_text(text).warnings} == {"pocketapi.W007"}
    with pytest.raises(ConfigError, match="There is no table `nobody`"):
        load_text(text.replace("exists(members", "exists(nobody"))


@pytest.mark.parametrize(("key", "found"), [
    (Key("Entries", None, "CASCADE", is_table=True), ("entries", "id", Kind.INTEGER)),
    (Key("entries", "at", "SET NULL", is_table=True), ("entries", "at", Kind.DAY)),
    (Key("entries", "nothing", "CASCADE", is_table=True), "points to the table entries, which the config does not have"),
    (Key("others", None, "CASCADE", is_table=True), "points to the table others, which the config does not have"),
])  # fmt: skip
def test_a_models_key_to_a_table_has_the_kind_of_what_it_points_to(example: Config, key: Key, found: Any) -> None:
    fields = tuple(example.tables["users"].fields.values())
    models = {"club.Member": Model("club.Member", "club_member", fields=fields, keys={"name": key})}
    text = (
        f"{HEAD}tables:\n  - {{name: members, model: club.Member}}\n  - name: entries\n    fields: [{{name: id, type: integer, "
        "primary: true}, {name: at, type: date, sqlType: date, unique: true}]\n"
    )
    if isinstance(found, str):
        with pytest.raises(ConfigError, match=found):
            load_text(text, models=models)
        return
    column = load_text(text, models=models).tables["members"].columns["name"]
    assert (*(column.key or ()), column.kind) == found
