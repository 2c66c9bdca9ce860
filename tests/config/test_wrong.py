"""Every way to be wrong, from wrong.yaml: the smallest config, and exactly what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pocketapi.config.loader import load
from pocketapi.config.report import ERRORS
from pocketapi.errors import ConfigError
from tests.config.wrong import HEAD, load_text, problems_of, text_of

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "wrong.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{next(iter(case))}" for number, case in enumerate(CASES)])
def test_every_problem_names_its_place_and_says_what_to_do(case: dict[str, Any]) -> None:
    assert problems_of(case) == case["problems"]
    assert case["problems"], text_of(case)


def test_every_id_has_a_case() -> None:
    seen = {f"pocketapi.{problem[-5:-1]}" for case in CASES for problem in case["problems"]}
    assert set(ERRORS) - seen == set()


def test_mistakes_of_every_layer_stand_in_one_report() -> None:
    text = f"""{HEAD}colour: red
appName: $GONE
tables:
  - name: notes
    fields:
      - baseFields
      - {{name: title, type: texts}}
      - {{name: title2, type: text, unqiue: true}}
      - {{name: parent, type: relation, foreignKey: {{table: nots, column: id}}}}
    extensions:
      - {{name: rules, listRule: title == , viewRule: 5}}
  - name: Notes
    fields: [baseFields]
    extensions: [{{name: rules, listRule: nobody == 1}}]
actions:
  - {{name: go, sql: 5}}
  - {{name: stop}}
"""
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    assert [f"{each.line} {each.path} {each.id[-4:]}" for each in caught.value.problems] == [
        "3 colour E003",
        "4 appName E002",
        "9 tables[0].fields[3].type E003",
        "10 tables[0].fields[4].unqiue E003",
        "11 tables[0].fields[5].foreignKey.table E005",
        "13 tables[0].extensions[0].listRule E007",
        "13 tables[0].extensions[0].viewRule E003",
        "14 tables[1].name E004",
        "16 tables[1].extensions[0].listRule E007",
        "18 actions[0].sql E003",
        "19 actions[1] E010",
    ]


def test_a_misspelt_property_hides_no_wrong_rule() -> None:
    text = f"""{HEAD}tables:
  - name: notes
    fields:
      - baseFields
      - {{name: title, type: text, unqiue: true}}
    indexes: [{{fields: titel}}]
    extensions:
      - {{name: rules, listRule: titel == 'x'}}
"""
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    assert [f"{each.line} {each.path}" for each in caught.value.problems] == [
        "7 tables[0].fields[3].unqiue",
        "8 tables[0].indexes[0].fields",
        "10 tables[0].extensions[0].listRule",
    ]


def test_a_field_of_unknown_type_makes_no_rule_wrong() -> None:
    fields = "{name: id, type: text, primary: yes}, {name: views, type: integr}"
    rules = "{name: rules, listRule: views > 5 & unknown == 1}"
    with pytest.raises(ConfigError) as caught:
        load_text(f"{HEAD}tables: [{{name: notes, fields: [{fields}], extensions: [{rules}]}}]")
    assert [each.path for each in caught.value.problems] == ["tables[0].fields[0].primary", "tables[0].fields[1].type"]


def test_a_table_that_cannot_be_read_spoils_no_other() -> None:
    text = f"""{HEAD}tables:
  - {{fields: [{{name: id, type: text, primary: true}}], name: 5}}
  - name: notes
    fields:
      - baseFields
      - {{name: parent, type: relation, foreignKey: {{table: nots, column: id}}}}
"""
    with pytest.raises(ConfigError) as caught:
        load_text(text)
    assert [each.path for each in caught.value.problems] == ["tables[0].name", "tables[1].fields[3].foreignKey.table"]


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (b"appName: a\nappUrl: \xff\n", 2, 9, "The file is not UTF-8: save it with that encoding."),
        (b"appName: a\nappUrl: \x07\n", 2, 9, "The character '\\x07' cannot stand in YAML."),
        ("appName: a\n".encode("utf-16"), 1, 1, "The file is not UTF-8: save it with that encoding."),
    ],
)
def test_bytes_that_are_no_text(data: bytes, line: int, column: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_text(data)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.message) == (line, column, message)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no such file: `manage\.py pocketapi init` writes one to start from"):
        load(tmp_path / "pocketapi.yaml")
    with pytest.raises(ConfigError, match="The file cannot be read: Is a directory"):
        load(tmp_path)


DEEP = {
    "brackets": "a: " + "[" * 1_000_000,
    "a few brackets": "tables: " + "[" * 100 + "]" * 100,
    "dashes": "- " * 100_000,
    "indents": "\n".join(" " * depth + "a:" for depth in range(3000)),
    "laughs": "a: &a [x]\n"
    + "\n".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "a number of 5000 digits": "version: " + "9" * 5000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_a_hostile_file_is_refused_in_good_time(text: str) -> None:
    with pytest.raises(ConfigError):
        load_text(text)


def test_the_text_of_a_variable_is_never_in_a_message() -> None:
    text = (
        "appUrl: $SECRET\njwtSecret: $SECRET\nversion: $SECRET\njwtAlgorithm: $SECRET\ntables: $SECRET\ncorsOrigins: [$SECRET]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_text(text, environ={"SECRET": "hush"})
    assert "hush" not in str(caught.value)
    assert len(caught.value.problems) == 6


def test_a_literal_secret_is_never_in_a_message() -> None:
    with pytest.raises(ConfigError) as caught:
        load_text("appUrl: http://x\njwtSecret: hush\ntables: []\nauthProviders: [{name: a, clientSecret: [hush]}]\n")
    assert "hush" not in str(caught.value)


def test_a_short_secret_is_a_warning_in_debug() -> None:
    text = "appUrl: http://x\njwtSecret: short\ntables: []\n"
    with pytest.raises(ConfigError, match="The jwtSecret has 5 bytes, and needs 32"):
        load_text(text)
    assert [identity for identity, _ in load_text(text, debug=True).warnings] == ["pocketapi.W006"]


def test_the_global_secret_is_not_that_of_admins() -> None:
    with pytest.raises(ConfigError, match="equals ADMIN_JWT_SECRET"):
        load_text(f"{HEAD}tables: []\n", admin_jwt_secret="global-global-global-global-global-global")
