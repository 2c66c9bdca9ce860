"""The words of an expression's text, found by one regular expression: what the grammar's limits and prepared plans read.

`cut` parts a text into its shape and its literals: `views > 10 & slug == 'x'` and `views > 5 & slug == 'y'` share the shape
`views > ?i & slug == ?s`, so what was prepared for one serves the other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 4000
LIMIT = 2**63
SPACE = " \t\r\n"
STRING = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
FRACTION = r"\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?![A-Za-z0-9_.])"
INTEGER = r"\d+(?![A-Za-z0-9_.])"
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
NAMED = re.compile(NAME, re.ASCII)

TOKEN = re.compile(
    rf"(?P<space>[{SPACE}]+)|(?P<string>{STRING})|(?P<fraction>{FRACTION})|(?P<integer>{INTEGER})|(?P<name>{NAME})"
    r"|(?P<operator>(?i:!in)(?![A-Za-z0-9_])|->>|\|\||->|==|!=|!~|=>|<=|>=|@@|[|&=~<>+\-*/!()\[\],.])|(?P<other>\d+|.)",
    re.DOTALL | re.ASCII,
)
LITERAL = re.compile(
    rf"(?P<string>{STRING})|(?<![A-Za-z0-9_.])(?:(?P<fraction>{FRACTION})|(?P<integer>{INTEGER}))"
    rf"|->>?[{SPACE}(]*(?:{STRING}|{INTEGER})",  # a path, which is of no group
    re.DOTALL | re.ASCII,
)
# Functions whose literals the compiler reads, and which of their arguments are such: none names all
READING: dict[str, int | None] = {
    **dict.fromkeys(("date", "time", "datetime", "unixepoch", "strftime")),
    **dict.fromkeys(("json_set", "json_insert", "json_replace"), 1),
}
READING_CALL = re.compile(rf"\b(?:{'|'.join(READING)})[{SPACE}]*\(")
MARKS = {"string": "?s", "fraction": "?f", "integer": "?i"}


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


def is_beyond(kind: str, text: str) -> bool:
    """Whether an integer token is past 64 bits, or a fraction past double precision."""
    if kind == "fraction":
        return math.isinf(float(text))
    digits = text.lstrip("0")
    return len(digits) > 19 or int(digits or "0") >= LIMIT


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
    """Part a text into shape and literals. Texts of one shape parse to trees that differ in their literals' values only.

    A text that the grammar refuses for what is no part of its shape has a shape that no other text has: its length, a number
    past its kind, and a question mark, which is a mark of shapes only.
    """
    if len(text) > MAX_LENGTH:
        return Cut(f"??{text}", ())
    pieces: list[str] = []
    values: list[int | float | str] = []
    at = 0
    for found in literals(text):
        kind = found.lastgroup or ""
        if kind != "string" and is_beyond(kind, found[0]):
            return Cut(f"??{text}", ())
        pieces += text[at : found.start()], MARKS[kind]
        values.append(literal_value(kind, found[0]))
        at = found.end()
    shape = "".join([*pieces, text[at:]])
    return Cut(shape if shape.count("?") == len(values) else f"??{text}", tuple(values))


def literals(text: str) -> Iterator[re.Match[str]]:
    """The literals of a text that may differ within a shape: all but those that the compiler reads."""
    read = _read(text) if READING_CALL.search(text) else frozenset()
    for found in LITERAL.finditer(text):
        if found.lastgroup and found.start() not in read:
            yield found


def _read(text: str) -> frozenset[int]:
    """Where literals start that are formats, modifiers or paths in a call, or may be."""
    calls: list[tuple[str, int]] = [("", 0)]  # the function around, and the number of its argument
    found: set[int] = set()
    before = ""
    for word in tokens(text):
        function, index = calls[-1]
        if word.text in ("(", "["):
            calls.append((before, 0) if NAMED.fullmatch(before) else calls[-1])
        elif word.text in (")", "]"):
            calls = calls[:-1] or calls
        elif word.text == ",":
            calls[-1] = (function, index + 1)
        elif word.kind in MARKS and function in READING and READING[function] in (None, index):
            found.add(word.position)
        before = word.text
    return frozenset(found)
