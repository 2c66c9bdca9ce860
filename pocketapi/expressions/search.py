"""The query of a full-text search: words, `"a phrase"`, `prefix*`, `a OR b`, `-word`; and how each database is asked for it.

A query is choices between which OR stands, each of terms that all must be there, or must not. A choice that only says what must
not be there finds nothing. Punctuation parts words and means nothing else: what adjoins, as in `e-mail`, is a phrase.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pocketapi.expressions.letters import words

TRIGRAM = "trigram"
SHORTEST = 3  # characters that a trigram index finds
LONGEST = 500  # characters of a word that PostgreSQL's index keeps: it takes 2,046 bytes
LETTERS = 26
BETWEEN = "\x1f"  # between the columns of one text
NOTHING = '""'
VECTOR = "search$"  # the column of PostgreSQL: names of the config hold no `$`
CHUNK = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"?|(?P<plain>(?:(?!-")[^\s"\x1f])+)|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand one after the other, the last of them perhaps only begun; in a trigram index any piece of text."""

    text: str
    begun: bool = False
    negated: bool = False


Choice = tuple[Term, ...]


@lru_cache(maxsize=1024)
def choices(query: str, tokenize: str) -> tuple[Choice, ...]:
    """The choices of a query that can be fulfilled."""
    found: list[list[Term | None]] = [[]]
    for chunk in CHUNK.finditer(query):
        if chunk["plain"] == "OR":
            found.append([])
        elif chunk["plain"] is not None or chunk["phrase"] is not None:
            found[-1] += _terms(chunk, tokenize)
    possible = [tuple(term for term in each if term) for each in found if None not in each]
    return tuple(choice for choice in possible if not all(term.negated for term in choice))


def _terms(chunk: re.Match[str], tokenize: str) -> list[Term | None]:
    """The term of a chunk, if it is one; None for one that no row fulfils."""
    if chunk["phrase"] is not None:
        return _term(chunk["phrase"], tokenize, begun=False, negated=bool(chunk["minus"]))
    text = chunk["plain"] if tokenize == TRIGRAM else chunk["plain"].lstrip("(")
    negated, begun = len(text) > 1 and text.startswith("-"), text.endswith("*")
    return _term(text[negated : len(text) - begun], tokenize, begun=begun, negated=negated)


def _term(text: str, tokenize: str, *, begun: bool, negated: bool) -> list[Term | None]:
    found = words(text, tokenize)
    if tokenize != TRIGRAM:
        # `wor*` begins a word, in `wor.*` it has ended.
        return [Term(" ".join(found), begun and text.endswith(found[-1]), negated)] if found else []
    piece = text.replace(BETWEEN, " ")
    if len(piece) >= SHORTEST:
        return [Term(piece, negated=negated)]
    return [None] if found and not negated else []


# SQLite


def words_table(table: str) -> str:
    """The FTS5 table of a table's search."""
    return f"{table}$search"


def keys_table(table: str) -> str:
    """The table that tells which record each row of the FTS5 table is of."""
    return f"{table}$keys"


def fts5(query: str | None, tokenize: str, columns: Sequence[str] = ()) -> str:
    """What FTS5 is asked for, in some of its columns or all."""
    found = " OR ".join(map(_fts5_choice, choices(query or "", tokenize)))
    if not found:
        return NOTHING
    return f"{{{' '.join(columns)}}} : ({found})" if columns else found


def _fts5_choice(choice: Choice) -> str:
    wanted = " AND ".join(_fts5_term(term) for term in choice if not term.negated)
    unwanted = " OR ".join(_fts5_term(term) for term in choice if term.negated)
    return f"(({wanted}) NOT ({unwanted}))" if unwanted else f"({wanted})"


def _fts5_term(term: Term) -> str:
    quoted = term.text.replace('"', '""')
    return f'"{quoted}"{" *" if term.begun else ""}'


# PostgreSQL: the functions of tables/search_functions.py read these


def marks(places: Iterable[int]) -> str:
    """What stands before a word of a column in the one vector of all columns, as SQL has it."""
    return f"ARRAY[{', '.join(repr(chr(ord('A') + place) if place < LETTERS else chr(256 + place)) for place in places)}]"


def document(query: str | None, tokenize: str) -> str:
    """The choices as JSON: lists of terms, each its sign, its words, and whether the last of them is only begun."""
    return json.dumps(
        [[["-" if term.negated else "+", term.text, term.begun] for term in choice] for choice in choices(query or "", tokenize)]
    )


def exact(query: str | None, tokenize: str) -> str | None:
    """The choices as JSON where an index of words cannot decide: on phrases, and on words that are longer than it keeps."""
    terms = [term for choice in choices(query or "", tokenize) for term in choice]
    hard = any(" " in term.text or len(term.text) > LONGEST for term in terms)
    return document(query, tokenize) if hard else None


def part(query: str | None, tokenize: str) -> str:
    """A LIKE pattern that every row which is found fulfils: an index of trigrams knows it."""
    found = choices(query or "", tokenize)
    wanted = [term.text for choice in found if len(found) == 1 for term in choice if not term.negated]
    piece = max(wanted, key=len, default="")
    return "%" + re.sub(r"([\\%_])", r"\\\1", piece) + "%"


def pieces(query: str | None, tokenize: str) -> str | None:
    """A regular expression of what is wanted, to see how much of a text that is."""
    wanted = [term.text for choice in choices(query or "", tokenize) for term in choice if not term.negated]
    return "|".join(re.sub(r"(\W)", r"\\\1", piece, flags=re.ASCII) for piece in wanted) or None
