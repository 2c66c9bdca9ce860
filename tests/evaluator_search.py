"""Full-text search as the reference evaluator has it: words by Unicode's own tables, and queries read character by character.

Stems and trigrams are not here. What a letter or an accent is beyond Latin, Greek and Cyrillic letters, CJK and common symbols is
Unspecified: the tables of databases differ in age.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from tests.evaluator_values import Unspecified

ACCENTS = {chr(code) for code in (*range(0x300, 0x305), *range(0x306, 0x30D), 0x30F, 0x327, 0x328)}
KNOWN = ((0x20, 0x250), (0x391, 0x3AA), (0x3B1, 0x3C2), (0x3C3, 0x3CA), (0x410, 0x419), (0x41A, 0x439), (0x43A, 0x450))
KNOWN += ((0x1F300, 0x1F650), (0x2010, 0x2028), (0x4E00, 0x9FA0))


def is_known(character: str) -> bool:
    """Whether everybody agrees on what the character is."""
    if character in "\t\n\r\u200d\ufeff" or character in ACCENTS:
        return True
    plain = bare(character)
    return any(first <= ord(character) < end for first, end in KNOWN) and (plain.isascii() or plain == character.lower())


def bare(character: str) -> str:
    """A character without case and accents."""
    parts = unicodedata.normalize("NFD", character)
    return "".join(part for part in parts if part not in ACCENTS).lower()


def words(text: str) -> list[str]:
    """The runs of letters and digits."""
    if not all(map(is_known, text)):
        raise Unspecified("letters of an alphabet that databases may not know")
    found, open_word = list[str](), False
    for character in text:
        if unicodedata.category(character)[0] in "LN":
            found = [*found[:-1], found[-1] + bare(character)] if open_word else [*found, bare(character)]
            open_word = True
        elif character not in ACCENTS:
            open_word = False
    return found


class Query:
    """A query: alternatives, each of what must be there and what must not. A term: words, and whether the last is begun."""

    def __init__(self, text: str) -> None:
        self.alternatives: list[tuple[list[tuple[list[str], bool]], list[tuple[list[str], bool]]]] = [([], [])]
        rest = text
        while rest:
            rest = self._take(rest)

    def _take(self, rest: str) -> str:
        """Reads one piece and answers what follows it."""
        if rest[0].isspace() or rest[0] == "\x1f":
            return rest[1:]
        negated = rest.startswith('-"')
        if rest[0] == '"' or negated:
            phrase, _, after = rest[1 + negated :].partition('"')
            self._add(phrase, begun=False, negated=negated)
            return after
        end = next(
            (at for at in range(len(rest)) if rest[at].isspace() or rest[at] in '"\x1f' or rest[at : at + 2] == '-"'), len(rest)
        )
        chunk = rest[:end]
        if chunk == "OR":
            self.alternatives.append(([], []))
        else:
            chunk = chunk.lstrip("(")
            negated = chunk.startswith("-") and chunk != "-"
            self._add(chunk, begun=chunk[-1:] == "*" and bool(words(chunk[-2:-1])), negated=negated)
        return rest[end:]

    def _add(self, text: str, *, begun: bool, negated: bool) -> None:
        if found := words(text):
            self.alternatives[-1][negated].append((found, begun))

    def finds(self, texts: Sequence[str | None]) -> bool:
        """Whether columns of these texts answer it."""
        columns = [words(text) for text in texts if text is not None]
        return any(
            wanted and all(has(columns, term) for term in wanted) and not any(has(columns, term) for term in unwanted)
            for wanted, unwanted in self.alternatives
        )


def has(columns: Sequence[Sequence[str]], term: tuple[list[str], bool]) -> bool:
    """Whether the words of a term stand in one column, one after the other."""
    wanted, begun = term
    return any(stands(column[at:], wanted, begun=begun) for column in columns for at in range(len(column)))


def stands(column: Sequence[str], wanted: Sequence[str], *, begun: bool) -> bool:
    if len(column) < len(wanted) or list(column[: len(wanted) - 1]) != list(wanted[:-1]):
        return False
    last = column[len(wanted) - 1]
    return last.startswith(wanted[-1]) if begun else last == wanted[-1]
