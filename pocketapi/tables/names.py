"""The names of constraints and indexes: stable, at most 63 characters, and readable back to a table and columns."""

from __future__ import annotations

from hashlib import sha256

LONGEST = 63  # PostgreSQL cuts what is longer


def constraint_name(kind: str, table: str, *columns: str) -> str:
    """`ck_posts_title`; past 63 characters the end gives way to 8 hex digits of a hash."""
    name = "_".join((kind, table, *columns))
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"
