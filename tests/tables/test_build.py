"""The config's tables in the database."""

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.config.constraint_names import names_of
from pocketapi.tables.build import keys
from pocketapi.tables.removals import FileTrigger, UserTrigger
from pocketapi.tables.table import model_of
from tests.conftest import HERE, UseConfig


def test_a_row_goes_in_and_comes_out(use_config: UseConfig) -> None:
    use_config("tables: [{name: notes, fields: [{name: id, type: text, primary: true}, {name: title, type: text}]}]")
    notes = model_of("notes")
    notes.objects.create(id="a", title="Grüße")
    assert list(notes.objects.values_list("id", "title")) == [("a", "Grüße")]


RULED = """
tables:
  - name: notes
    autoIndex: true
    fields:
      - baseFields
      - {name: owner, type: text, collate: NOCASE}
      - {name: slug, type: text, unique: true}
      - {name: state, type: text}
      - {name: part, type: text}
      - {name: second, type: integer}
      - {name: body, type: editor}
      - {name: meta, type: json}
      - {name: untouched, type: text}
    indexes: [{fields: [state, second]}, {fields: part, where: part != 'x'}]
    extensions:
      - name: rules
        listRule: owner == auth.uid & slug == 'a' & state == 'b' & part == 'c' & body == 'd' & second > 5 & id == 'e'
        createRule: untouched == 'x'
        updateRule: owner == auth.uid & created > '2025-01-01'
"""


def test_auto_index_serves_what_rules_compare(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(RULED)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "notes")
    made = {"ix_notes_owner", "ix_notes_part", "ix_notes_second", "ix_notes_created"}
    assert {name for name in found if name.startswith("ix_")} == made


def test_an_index_of_the_config_takes_the_place_of_an_automatic_one(use_config: UseConfig) -> None:
    use_config(RULED.replace("indexes: [", "indexes: [{fields: owner}, "))
    names = {index.name for index in model_of("notes")._meta.indexes}
    assert {"notes_owner_idx", "ix_notes_part"} <= names
    assert "ix_notes_owner" not in names


def test_without_auto_index_there_is_none(use_config: UseConfig) -> None:
    use_config(RULED.replace("autoIndex: true", "autoIndex: false"))
    assert [index.name for index in model_of("notes")._meta.indexes if index.name.startswith("ix_")] == []


def test_what_an_automatic_index_serves_is_indexed(use_config: UseConfig) -> None:
    """Rules with OR are counted part by part where each part has an index."""
    notes = use_config(RULED).tables["notes"]
    assert notes.indexed == {"id", "slug", "state", "owner", "part", "second", "created"}


@pytest.mark.parametrize("name", ["desk", "files", "papers", "types", "panel", "guard"])
def test_the_config_knows_every_name_that_a_model_brings(use_config: UseConfig, name: str) -> None:
    """It could not tell that two things have one name otherwise."""
    config = use_config(HERE / "configs" / f"{name}.yaml")
    targets = {(key.table, key.column) for table in config.tables.values() for key in keys(table)}
    for table in config.tables.values():
        if table.is_model:
            continue
        options = model_of(table.name)._meta
        hidden = {index.name for index in options.indexes if isinstance(index, FileTrigger | UserTrigger)}
        written = {index.name for index in table.indexes}
        brought = {each.name for each in (*options.constraints, *options.indexes)} - hidden - written
        known = {each.name for each in names_of(table, (), targets)}
        by_postgresql = {each for each in known if each.endswith(("_pkey", "_seq"))}
        assert known - by_postgresql == brought
