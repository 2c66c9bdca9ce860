"""What can be configured, called and reported is documented, and nothing that is not there."""

from __future__ import annotations

import argparse
import inspect
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from pocketapi import conf, urls
from pocketapi.config import schema, statements
from pocketapi.config.report import ERRORS, WARNINGS
from pocketapi.expressions.kinds import FUNCTIONS
from pocketapi.management.commands.pocketapi import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path.name: path.read_text("utf-8") for path in (ROOT / "docs").glob("*.md")}
PAGES = {**DOCS, **{path.name: path.read_text("utf-8") for path in ROOT.glob("*.md")}}

# (the section of config.md, what it describes)
SECTIONS: list[tuple[str, tuple[type[schema.Part], ...]]] = [
    ("Top level", (schema.Config,)),
    ("Tables", (schema.Table, schema.ModelTable)),
    ("Fields", (schema.Field, schema.ModelField)),
    ("Foreign keys", (schema.ForeignKey,)),
    ("Indexes", (schema.Index,)),
    ("Rules", (schema.Rules,)),
    ("Accounts", (schema.Auth,)),
    ("Triggers", (schema.Trigger,)),
    ("Full-text search", (schema.FullTextSearch,)),
    ("Actions", (statements.Action,)),
    ("Identity providers", (schema.AuthProvider,)),
    ("The cookie", (schema.AuthCookie,)),
    ("Mails", (schema.Email,)),
    ("A mail server", (schema.Smtp,)),
    ("Mailgun", (schema.Mailgun,)),
    ("Resend", (schema.Resend,)),
]
PARTS = (statements.Param, statements.SqlStatement, statements.Step, schema.Mapping, schema.EmailTemplate, schema.EmailTemplates)


def section(page: str, title: str) -> str:
    """The text below a heading, down to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", DOCS[page], re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {title}"
    return found[1]


def first_column(text: str) -> set[str]:
    """The names in backticks that start the rows of tables."""
    rows = re.findall(r"^\| (`[^|]*?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def properties(*parts: type[schema.Part], ignored: bool = False) -> set[str]:
    """The properties of parts of the schema by their names in the file; `ignored`: those of the original that mean nothing."""
    return {
        info.alias or to_camel(name)
        for part in parts
        for name, info in part.model_fields.items()
        if bool(info.exclude) == ignored
    }


@pytest.mark.parametrize(("title", "parts"), SECTIONS)
def test_each_property_of_the_config_is_documented_and_no_other(title: str, parts: tuple[type[schema.Part], ...]) -> None:
    assert first_column(section("config.md", title)) == properties(*parts)


def test_parts_without_a_section_and_what_is_passed_over_are_named() -> None:
    everything = {part for _, parts in SECTIONS for part in parts}
    wanted = properties(*PARTS) | properties(*everything, *PARTS, ignored=True)
    assert not {name for name in wanted if f"`{name}`" not in DOCS["config.md"]}


def test_every_part_of_the_schema_is_looked_at() -> None:
    classes = {each for module in (schema, statements) for _, each in inspect.getmembers(module, inspect.isclass)}
    known = {part for _, parts in SECTIONS for part in parts} | {*PARTS}
    small = {schema.Part, schema.TableBase, schema.SqlText, schema.LiteralValue, schema.Crud, statements.SqlSelect}
    assert {each for each in classes if issubclass(each, schema.Part)} == known | small


def test_types_and_usages_are_documented() -> None:
    assert first_column(section("config.md", "Types")) == set(schema.SQL_TYPES)
    assert first_column(section("config.md", "Usages")) == set(schema.Usage.__args__)  # type: ignore[attr-defined]


def test_settings_are_documented() -> None:
    assert first_column(section("settings.md", "The dict POCKETAPI")) == set(conf.SETTINGS)


def test_the_environment_of_the_demo_is_documented() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', (ROOT / "project" / "settings.py").read_text("utf-8")))
    assert first_column(section("settings.md", "The demo project's environment")) == read


def test_checks_are_documented() -> None:
    raised = set(re.findall(r'"(pocketapi\.[EW]\d+)"', (ROOT / "pocketapi" / "checks.py").read_text("utf-8")))
    assert first_column(DOCS["checks.md"]) == {*ERRORS, *WARNINGS, *raised}


def test_endpoints_are_documented() -> None:
    paths = {
        re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", str(each.pattern)).strip("^$").removesuffix("/?") for each in urls.urlpatterns
    }
    documented = {
        path.replace("{id}", "{uid}").removeprefix("/") for path in first_column(DOCS["api.md"]) if path.startswith("/")
    }
    assert documented == {path.removeprefix("^").removesuffix("/?\\Z") for path in paths if "*" not in path}


def test_functions_are_documented() -> None:
    table = " ".join(first_column(section("expressions.md", "Functions")))
    assert set(re.findall(r"(\w+)\(", table)) | {"json_insert", "json_replace"} == set(FUNCTIONS)


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_and_their_options_are_documented(name: str) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    COMMANDS[name].add_arguments(parser)
    options = {option for action in parser._actions for option in action.option_strings}
    told = "\n".join(line for line in DOCS["commands.md"].splitlines() if line.startswith(f"| `{name}"))
    assert told
    told += section("commands.md", name) if f"\n## {name}\n" in DOCS["commands.md"] else ""
    assert not {option for option in options if f"`{option}" not in told}


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    folder = ROOT / "docs" if page in DOCS else ROOT
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", PAGES[page]):
        path = folder / target if target else folder / page
        assert path.exists(), f"{page}: {target}"
        if anchor:
            titles = re.findall(r"^#+ (.*)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in {title.lower().replace(" ", "-") for title in titles}, f"{page}: #{anchor}"


def test_what_pyproject_asks_for_is_locked() -> None:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    demo = [*project["project"]["dependencies"], *groups["demo"], *project["project"]["optional-dependencies"]["postgres"]]
    test = [each for each in groups["test"] if isinstance(each, str)]
    locked = {name: (ROOT / name).read_text("utf-8") for name in ("requirements.txt", "requirements-test.txt")}
    assert not names(demo) - names(locked["requirements.txt"].splitlines())
    assert not names(test) - names("\n".join(locked.values()).splitlines())


def names(lines: list[str]) -> set[str]:
    """The projects of requirements."""
    found = (re.match(r"[\w.-]+", line) for line in lines)
    return {re.sub(r"[._-]+", "-", each[0]).lower() for each in found if each}
