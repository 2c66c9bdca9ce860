"""Both databases hold the same characters for letters, and bring words to the same forms: FTS5 and PostgreSQL are both asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from django.db.backends.base.base import BaseDatabaseWrapper

from pocketapi.tables.search import TOKENIZERS
from tests.conftest import UseConfig
from tests.tables.explaining import explained
from tests.tables.structure import ask
from tests.tables.test_search import BASE

# A whole plane takes long: the blocks that are written in, and symbols that are young.
BLOCKS = [(1, 0x3100), (0xA640, 0xA800), (0xAB30, 0xAC10), (0xFB00, 0xFFFE), (0x10400, 0x10500), (0x1F000, 0x1FB00)]
CHARACTERS = [code for first, end in BLOCKS for code in range(first, end)]
STEMS = [
    "walk",
    "possib",
    "assemb",
    "archaeolo",
    "nation",
    "hope",
    "happi",
    "run",
    "agree",
    "motor",
    "univers",
    "relat",
    "condition",
    "vil",
    "sky",
    "fly",
    "s",
    "ties",
    "ye",
]
ENDINGS = [
    "s",
    "es",
    "ed",
    "ing",
    "ly",
    "y",
    "ies",
    "ied",
    "ness",
    "ful",
    "ize",
    "ization",
    "ation",
    "al",
    "able",
    "ibility",
    "ility",
    "ment",
    "er",
    "le",
    "les",
    "gy",
    "gies",
    "gical",
    "ous",
    "ously",
    "ive",
]


def by_fts5(texts: Iterable[str], tokenize: str) -> list[list[str]]:
    """The words of texts, as FTS5 has them."""
    database = sqlite3.connect(":memory:")
    database.execute(f'CREATE VIRTUAL TABLE t USING fts5(x, tokenize="{TOKENIZERS[tokenize]}")')
    database.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, 'instance')")
    given = list(texts)
    database.executemany("INSERT INTO t (rowid, x) VALUES (?, ?)", enumerate(given))
    found: list[list[str]] = [[] for _ in given]
    for number, word in database.execute("SELECT doc, term FROM v ORDER BY doc, offset"):
        found[number].append(word)
    database.close()
    return found


def by_functions(connection: BaseDatabaseWrapper, texts: list[str], tokenize: str) -> list[str]:
    return [text for (text,) in ask(connection, "SELECT pocket_text(t, %s) FROM unnest(%s::text[]) t", [tokenize, texts])]


def test_characters(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(BASE)
    if connection.vendor != "postgresql":
        return
    texts = [f"q{chr(code)}q" for code in CHARACTERS]
    assert by_functions(connection, texts, "unicode61") == [f" {' '.join(words)} " for words in by_fts5(texts, "unicode61")]
    thrice = [chr(code) * 3 for code in CHARACTERS]
    assert by_functions(connection, thrice, "trigram") == ["".join(words) for words in by_fts5(thrice, "trigram")]


def test_stems(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(BASE)
    if connection.vendor != "postgresql":
        return
    words = sorted({stem + ending for stem in STEMS for ending in ENDINGS} | {"é" * 3, "naïvely", "x" * 70 + "ing", "running2"})
    assert by_functions(connection, words, "porter") == [f" {' '.join(found)} " for found in by_fts5(words, "porter")]


def test_a_search_goes_by_its_index(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    use_config(BASE)
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    ask(connection, f"{numbers} INSERT INTO notes (id, title) SELECT CAST(i AS text), 'w' || i || ' common' FROM n")
    ask(connection, "ANALYZE")
    told = explained(connection, "notes @@ 'w77'")
    if connection.vendor == "postgresql":
        assert "fts_notes" in told
        assert "Seq Scan" not in told
    else:
        assert "VIRTUAL TABLE INDEX 0:M" in told
        assert "SCAN notes" not in told
        assert "SCAN k" not in told
