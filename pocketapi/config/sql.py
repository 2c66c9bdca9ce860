"""SQL of the config, parted at its parameters: `id = {:post_id}` is bound, never written into the text.

What is quoted is found first: a placeholder there would be no parameter but a piece of text that a value could break out of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PART = re.compile(
    r"""
    \{:(?P<name>\w*)\}
    | (?P<broken>\{:)
    | (?P<quoted>
        \b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
        | '(?:[^']|'')*(?:'|\Z)
        | "(?:[^"]|"")*(?:"|\Z)
        | `[^`]*(?:`|\Z)
        | --[^\n]*
        | /\*.*?(?:\*/|\Z)
        | \$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z)
    )
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
INSIDE = re.compile(r"\{:\w*\}")
COMMENTS = ("--", "/*")
WHOLE = re.compile(r"""[eE]?'.*'|".*"|`.*`|\$(\w*)\$.*\$\1\$|--.*|/\*(?:(?!/\*).)*\*/""", re.DOTALL)
TRANSACTIONS = re.compile(r"\s*(begin|start|commit|end|rollback|abort|savepoint|release|prepare|attach|detach)\b", re.IGNORECASE)
HINT = "Parameters stand in SQL as `{:name}`."


class SqlError(ValueError):
    """SQL that cannot be used as it is; `position` counts characters from 0."""

    def __init__(self, message: str, position: int) -> None:
        self.position = position
        super().__init__(message)


@dataclass(frozen=True)
class Sql:
    """Texts and, between them, the names of parameters."""

    texts: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def only(self) -> str | None:
        """The one parameter that this is, if it is no more."""
        return self.names[0] if len(self.names) == 1 and not "".join(self.texts).strip() else None


def parse(text: str, whole: bool = False) -> Sql:
    """SQL at its parameters; SqlError where it could not be bound, or is more than one statement. `whole` is no fragment."""
    texts, names, at = [""], list[str](), 0
    for found in PART.finditer(text):
        texts[-1] += text[at : found.start()]
        at = found.end()
        if found["name"] is not None:
            names.append(found["name"])
            texts.append("")
            continue
        _check(found, text, whole)
        texts[-1] += " " if found["end"] or found[0].startswith(COMMENTS) else found[0]
    texts[-1] += text[at:]
    if whole and (word := TRANSACTIONS.match(text)):
        raise SqlError(f"`{word[1]}` is not for actions: an action is one transaction.", word.start(1))
    return Sql(tuple(texts), tuple(names))


def _check(found: re.Match[str], text: str, whole: bool) -> None:
    if found["broken"]:
        raise SqlError(HINT, found.start())
    if found["end"]:
        if not whole or PART.sub("", text[found.end() :]).strip():
            raise SqlError("One statement at a time: nothing may follow a `;`, and a fragment has none.", found.start())
        return
    if inside := INSIDE.search(found[0]):
        message = "Nothing is bound in quotes and comments: a parameter stands by itself."
        raise SqlError(message, found.start() + inside.start())
    if not WHOLE.fullmatch(found[0]):
        raise SqlError("These quotes or this comment do not end, or hold another comment.", found.start())


@dataclass(frozen=True)
class Fragment:
    """A piece of SQL by vendor ("" is any), with values of its own; or a literal alone."""

    texts: dict[str, str]
    values: dict[str, Any]
    literal: Any = None

    @property
    def is_literal(self) -> bool:
        return not self.texts

    def of(self, vendor: str) -> str | None:
        """The text for a database; none where it is not written."""
        return self.texts.get(vendor, self.texts.get(""))


def fragment(value: Any) -> Fragment:
    """A fragment as it may be written: text is SQL, `{q: ..., p: ...}`, too; `{l: ...}` and what is no text are literals."""
    if isinstance(value, str):
        return Fragment({"": value}, {})
    if not isinstance(value, dict):
        return Fragment({}, {}, value)
    if value.keys() == {"l"}:
        return Fragment({}, {}, value["l"])
    given, values = value.get("q"), value.get("p") or {}
    texts: Any = {"": given} if isinstance(given, str) else given
    known = isinstance(texts, dict) and texts and texts.keys() <= {"", "sqlite", "postgresql"}
    if not known or not all(isinstance(text, str) for text in texts.values()) or value.keys() - {"q", "p"}:
        raise SqlError("SQL is text or `{q: SQL, p: {name: value}}`, a value `{l: value}`.", 0)
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise SqlError("`p` is a mapping of names to values.", 0)
    return Fragment(texts, values)
