"""What a query says, and what each database is asked for it."""

from __future__ import annotations

import pytest

from pocketapi.expressions.search import document, exact, fts5, marks, part, pieces

# a query, what FTS5 is asked
QUERIES = [
    ("long walk", '("long" AND "walk")'),
    ('"long walk"', '("long walk")'),
    ("e-mail", '("e mail")'),
    ("wal* x", '("wal" * AND "x")'),
    ("wal.* x", '("wal" AND "x")'),
    ("e-ma*", '("e ma" *)'),
    ("a OR b c", '("a") OR ("b" AND "c")'),
    ("a or b", '("a" AND "or" AND "b")'),
    ("OR a OR OR b OR", '("a") OR ("b")'),
    ("a -b -c", '(("a") NOT ("b" OR "c"))'),
    ('a -"b c"', '(("a") NOT ("b c"))'),
    ("a -b* OR -c", '(("a") NOT ("b" *))'),
    ("(-a) b", '(("b") NOT ("a"))'),
    ("a - b", '("a" AND "b")'),
    ("-a", '""'),
    ("", '""'),
    ('"', '""'),
    ("OR", '""'),
    ("((", '""'),
    ('a"b c', '("a" AND "b c")'),
    ('a-"b c"', '(("a") NOT ("b c"))'),
    ("a^b:c{d}", '("a b c d")'),
]


@pytest.mark.parametrize(("query", "asked"), QUERIES)
def test_a_query_of_words(query: str, asked: str) -> None:
    assert fts5(query, "unicode61") == asked


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("abc", '("abc")'),
        ("ab", '""'),
        ("abc ab", '""'),
        ("abc -ab", '("abc")'),
        ("abc --", '("abc")'),
        ("C++ -c#x", '(("C++") NOT ("c#x"))'),
        ('"a b c" OR abc*', '("a b c") OR ("abc")'),
    ],
)
def test_a_query_of_trigrams(query: str, asked: str) -> None:
    assert fts5(query, "trigram") == asked


def test_columns_are_named_before_the_query() -> None:
    assert fts5("a OR b", "unicode61", ("c1",)) == '{c1} : (("a") OR ("b"))'
    assert fts5(None, "unicode61", ("c1",)) == '""'
    assert marks([0, 25, 26]) == "ARRAY['A', 'Z', '\u011a']"


def test_what_postgresql_reads() -> None:
    assert document("a -b* OR é", "unicode61") == '[[["+", "a", false], ["-", "b", true]], [["+", "\\u00e9", false]]]'
    assert document(None, "unicode61") == "[]"
    assert exact("a b -c d*", "unicode61") is None
    assert exact("a-b", "unicode61") == document("a-b", "unicode61")
    assert exact("x" * 501, "unicode61") is not None


def test_what_an_index_of_trigrams_is_asked() -> None:
    assert part("abc 50%_x -longer", "trigram") == "%50\\%\\_x%"
    assert part("abc OR def", "trigram") == part("", "trigram") == "%%"
    assert pieces("a.c OR (d)", "trigram") == "a\\.c|\\(d\\)"
    assert pieces("", "trigram") is None
