"""Full-text search through the API, on both databases: what each query finds, where `@@` may stand, and what follows a row."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import SERVICE, Api
from tests.conftest import UseConfig

OPEN = "{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}"


def searched(tokenize: str, more: str = "") -> str:
    return f"""
tables:
  - name: texts
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: title, type: text}}
      - {{name: body, type: editor}}
      - {{name: views, type: integer}}
    fullTextSearch: {{fields: [title, body], tokenize: {tokenize}{more}}}
    extensions: [{OPEN}]
  - name: others
    fields: [{{name: id, type: integer, primary: true}}, {{name: title, type: text}}]
    extensions: [{OPEN}]
"""


def client(use_config: UseConfig, settings: Any, text: str) -> Api:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(text)
    return Api()


def fill(api: Api, texts: dict[str, str | tuple[str | None, str | None]]) -> None:
    pairs = {key: (text, None) if isinstance(text, str) else text for key, text in texts.items()}
    rows = [{"id": key, "title": title, "body": body} for key, (title, body) in pairs.items()]
    api("POST texts/insert", {"values": rows}).expect(200)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def found(api: Api, query: str, left: str = "texts") -> str:
    """The keys of the rows that answer a query."""
    rows = api("POST texts/list", {"where": f"{left} @@ {quoted(query)}", "select": "id"}).expect(200)
    assert rows["total"] == len(rows["items"])
    return "".join(sorted(row["id"] for row in rows["items"]))


WORDS = {
    "a": "Running shoes",
    "b": ("Cooking", "how to run a kitchen"),
    "c": ("The Crème Brûlée of São Tomé", "a long walk; walks are long"),
    "d": ("E-mail me at joe@example.com", "C++ and c#, 3.14 and 1e5"),
    "e": ("Straße, naïve façade — ÅNGSTRÖM İstanbul", "Привет МИР, καλημέρα, 日本語"),
    "f": ("love🤔pizza", "re\u0301sume\u0301 x-ray don't _under_score_"),
    "g": ("possibly assemblies", "the archaeology of runners"),
    "h": ("", ""),
    "i": (None, None),
    "j": ("walk long", "or and not near"),
    "k": ("x" * 700, "y" * 520 + "1 " + "y" * 520 + "2"),
}
# the tokenizer, a query, what it finds
CASES = [
    ("unicode61", "run", "b"),
    ("unicode61", "RUNNING", "a"),
    ("unicode61", "running shoes", "a"),
    ("unicode61", "shoes running", "a"),
    ("unicode61", "running kitchen", ""),
    ("unicode61", "cooking run", "b"),
    ("unicode61", "running OR cooking", "ab"),
    ("unicode61", "running shoes OR run kitchen", "ab"),
    ("unicode61", "running OR OR run", "ab"),
    ("unicode61", "OR run OR", "b"),
    ("unicode61", "or", "j"),
    ("unicode61", "and not near", "j"),
    ("unicode61", "AND", "dj"),
    ("unicode61", "OR", ""),
    ("unicode61", "-run", ""),
    ("unicode61", "-run -cooking", ""),
    ("unicode61", "the -crème", "g"),
    ("unicode61", "the -creme -archaeology", ""),
    ("unicode61", "run OR -cooking", "b"),
    ("unicode61", "walk -\"long walk\"", "j"),
    ("unicode61", "walk -\"walk long\"", "c"),
    ("unicode61", '"long walk"', "c"),
    ("unicode61", '"walk long"', "j"),
    ("unicode61", '"walks long"', ""),
    ("unicode61", '"cooking how"', ""),
    ("unicode61", '"long walk" OR "walk long"', "cj"),
    ("unicode61", '"long walk', "c"),
    ("unicode61", '""', ""),
    ("unicode61", '"', ""),
    ("unicode61", "run*", "abg"),
    ("unicode61", "RUN* -runners", "ab"),
    ("unicode61", "walk -run*", "cj"),
    ("unicode61", "wal*", "cj"),
    ("unicode61", "how to ru*", "b"),
    ("unicode61", "walk. long*", "cj"),
    ("unicode61", "*", ""),
    ("unicode61", "creme brulee", "c"),
    ("unicode61", "CRÈME BRÛLÉE", "c"),
    ("unicode61", "cre\u0300me", "c"),
    ("unicode61", "resume", "f"),
    ("unicode61", "résumé", "f"),
    ("unicode61", "sao tome", "c"),
    ("unicode61", "angstrom", "e"),
    ("unicode61", "Istanbul", "e"),
    ("unicode61", "strasse", ""),
    ("unicode61", "STRAßE", "e"),
    ("unicode61", "мир привет", "e"),
    ("unicode61", "ΚΑΛΗΜΈΡΑ", "e"),
    ("unicode61", "日本*", "e"),
    ("unicode61", "日本", ""),
    ("unicode61", "pizza", "f"),
    ("unicode61", "🤔", ""),
    ("unicode61", "love 🤔 pizza", "f"),
    ("unicode61", "love🤔pizza", "f"),
    ("unicode61", "mail", "d"),
    ("unicode61", "e-mail", "d"),
    ("unicode61", "mail-e", ""),
    ("unicode61", "joe@example.com", "d"),
    ("unicode61", "example.com", "d"),
    ("unicode61", "c", "d"),
    ("unicode61", "C++ C#", "d"),
    ("unicode61", "3.14", "d"),
    ("unicode61", "3", "d"),
    ("unicode61", "1e5", "d"),
    ("unicode61", "1E*", "d"),
    ("unicode61", "don't", "f"),
    ("unicode61", "don", "f"),
    ("unicode61", "under score", "f"),
    ("unicode61", "x-ray", "f"),
    ("unicode61", "a", "bc"),
    ("unicode61", "the", "cg"),
    ("unicode61", "x" * 700, "k"),
    ("unicode61", "x" * 699, ""),
    ("unicode61", "x" * 699 + "*", "k"),
    ("unicode61", "x" * 500 + "*", "k"),
    ("unicode61", "y" * 520 + "1", "k"),
    ("unicode61", "y" * 520 + "3", ""),
    ("unicode61", "y" * 520 + "* -x*", ""),
    ("unicode61", "y" * 520 + "* -" + "x" * 699, "k"),
    ("unicode61", "", ""),
    ("unicode61", "  \t\n", ""),
    ("unicode61", "run\"* AND (", ""),
    ("unicode61", "run) NEAR(2", ""),
    ("unicode61", "^run : {title} + - * ~ \\ / | & ! ' ; --", ""),
    ("unicode61", "(run", "b"),
    ("unicode61", "run)", "b"),
    ("unicode61", "c0 : run", ""),
    ("unicode61", "title:run", ""),
    ("ascii", "run", "b"),
    ("ascii", "creme", ""),
    ("ascii", "Crème", "c"),
    ("ascii", "CRÈME", ""),
    ("ascii", "love", ""),
    ("ascii", "love🤔pizza", "f"),
    ("ascii", "lo*", "cfj"),
    ("ascii", '"long walk"', "c"),
    ("porter", "run", "ab"),
    ("porter", "runs", "ab"),
    ("porter", "walking", "cj"),
    ("porter", '"long walks"', "c"),
    ("porter", '"walks are longed"', "c"),
    ("porter", "kitchens cook", "b"),
    ("porter", "possible", "g"),
    ("porter", "assemble", "g"),
    ("porter", "archaeological", "g"),
    ("porter", "assembl*", "g"),
    ("porter", "walkin*", ""),
    ("porter", "walking*", "cj"),
    ("porter", "cremes", "c"),
    ("porter", "shoe -walk", "a"),
    ("porter", "x" * 700, "k"),
    ("trigram", "unning", "a"),
    ("trigram", "UNNING sho", "a"),
    ("trigram", "g s", ""),
    ("trigram", '"g s"', "a"),
    ("trigram", "ru", ""),
    ("trigram", "run", "abg"),
    ("trigram", "run*", "abg"),
    ("trigram", "run -ing", "g"),
    ("trigram", "run -in", "abg"),
    ("trigram", "unning OR kitch", "ab"),
    ("trigram", "C++", "d"),
    ("trigram", "c++", "d"),
    ("trigram", "(kitchen", ""),
    ("trigram", "creme", ""),
    ("trigram", "CRÈME", "c"),
    ("trigram", "риве", "e"),
    ("trigram", "РИВЕ", "e"),
    ("trigram", "日本語", "e"),
    ("trigram", "e🤔p", "f"),
    ("trigram", "%_%", ""),
    ("trigram", "er_s", "f"),
    ("trigram", "\\\\\\", ""),
    ("trigram", "-run", ""),
    ("trigram", "((", ""),
    ("trigram", "run ((", "abg"),
    ("trigram", "shoeshow", ""),
    ("trigram", '"s\x1fh"', ""),
]  # fmt: skip


@pytest.mark.parametrize("tokenize", ["unicode61", "ascii", "porter", "trigram"])
def test_what_a_query_finds(use_config: UseConfig, settings: Any, tokenize: str) -> None:
    api = client(use_config, settings, searched(tokenize, ", prefix: '2 3'"))
    fill(api, WORDS)
    wrong = [(query, keys, got) for kind, query, keys in CASES if kind == tokenize and (got := found(api, query)) != keys]
    assert not wrong
