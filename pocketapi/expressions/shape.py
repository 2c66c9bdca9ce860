"""The words of an expression's text, found by one regular expression: what the grammar's limits and prepared plans read.

`cut` parts a text into its shape and its literals: `views > 10 & slug == 'x'` and `views > 5 & slug == 'y'` share the shape
`views > ?i & slug == ?s`, so what was prepared for one serves the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SPACE = " \t\r\n"
STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
FRACTION = r"\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![A-Za-z0-9_.])"
INTEGER = r"\d+(?![A-Za-z0-9_.])"
NAME = r"[A-Za-z_][A-Za-z0-9_]*"

TOKEN = re.compile(
    rf"(?P<space>[{SPACE}]+)|(?P<string>{STRING})|(?P<fraction>{FRACTION})|(?P<integer>{INTEGER})|(?P<name>{NAME})"
    r"|(?P<operator>(?i:!in)(?![A-Za-z0-9_])|->>|\|\||->|==|!=|!~|=>|<=|>=|@@|[|&=~<>+\-*/!()\[\],.])|(?P<other>.)",
    re.DOTALL | re.ASCII,
)
LITERAL = re.compile(
    rf"(?P<string>{STRING})|(?<![A-Za-z0-9_.])(?:(?P<fraction>{FRACTION})|(?P<integer>{INTEGER}))", re.DOTALL | re.ASCII
)
MARKS = {"string": "?s", "fraction": "?f", "integer": "?i"}
BLANKS = re.compile(rf"[{SPACE}]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: its group in TOKEN, its text and where it starts."""

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order, blanks left out."""
    for found in TOKEN.finditer(text):
        if found.lastgroup and found.lastgroup != "space":
            yield Token(found.lastgroup, found[0], found.start())


def literal_value(kind: str, text: str) -> int | float | str:
    """What a string, fraction or integer token stands for; a backslash escapes the token's own quote and itself only."""
    if kind == "integer":
        return int(text)
    if kind == "fraction":
        return float(text)
    quote = text[0]
    return re.sub(rf"\\([\\{quote}])", r"\1", text[1:-1]) if "\\" in text else text[1:-1]


@dataclass(frozen=True, slots=True)
class Cut:
    """A text parted: the shape, and its literals in their order."""

    shape: str
    literals: tuple[int | float | str, ...]


def cut(text: str) -> Cut:
    """Part a text into shape and literals. Texts of one shape parse to trees that differ in their literals' values only."""
    literals: list[int | float | str] = []

    def take(found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        literals.append(literal_value(kind, found[0]))
        return MARKS[kind]

    return Cut(LITERAL.sub(take, text), tuple(literals))
