"""A template: the SQL of an operation on each database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """`{0}` is the first argument, `{*}` all of them with commas; braces and percent signs of SQL itself are doubled.

    `plain` is what a CHECK constraint has, which allows no functions of ours and no subqueries. `single` has each argument
    once: for aggregates, which cannot be computed before.
    """

    sqlite: str
    postgresql: str
    plain: str = ""
    single: Template | None = None

    def of(self, vendor: str, plain: bool = False, single: bool = False) -> str:
        """The text for a database."""
        if plain and self.plain:
            return self.plain
        if single and self.single:
            return self.single.of(vendor)
        return self.sqlite if vendor == "sqlite" else self.postgresql


def both(text: str) -> Template:
    """One text for both databases."""
    return Template(text, text)
