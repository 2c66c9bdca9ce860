"""A template: the SQL of an operation on each database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """`{0}` is the first argument, `{*}` all of them with commas; braces and percent signs of SQL itself are doubled.

    `plain` is what a CHECK constraint has, which allows no functions of ours and no subqueries.
    """

    sqlite: str
    postgresql: str
    plain: str = ""

    def of(self, vendor: str, plain: bool = False) -> str:
        """The text for a database."""
        if plain and self.plain:
            return self.plain
        return self.sqlite if vendor == "sqlite" else self.postgresql


def both(text: str) -> Template:
    """One text for both databases."""
    return Template(text, text)
