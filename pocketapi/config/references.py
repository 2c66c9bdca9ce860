"""Foreign keys: what they point to, and whether they can."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from pocketapi.config import schema
from pocketapi.config.fields import storage_of
from pocketapi.config.report import Path, Report

SAME_STORAGE = {"int": "integer", "float": "real", "datetime": "timestamp"}
Columns = Mapping[str, Mapping[str, schema.Field] | None]  # by table; None: not known


def named(name: str, known: Mapping[str, object], noun: str, where: str = "") -> str:
    """A sentence: there is no such thing, but one that is much like it."""
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"There is no {noun} `{name}`{where}" + (f": did you mean `{near[0]}`?" if near else ".")


def check_foreign_key(field: schema.Field, path: Path, columns: Columns, report: Report, doubtful: Collection[str] = ()) -> None:
    """One field's foreign key, if it has one. What a column of a doubtful table is, is not asked."""
    key = field.foreign_key
    if key is None:
        return
    at = (*path, "foreignKey")
    for name, action in (("onDelete", key.on_delete), ("onUpdate", key.on_update)):
        _check_action(field, action, (*at, name), report)
    if key.table not in columns:
        report.error("E005", (*at, "table"), named(key.table, columns, "table"))
        return
    known = columns[key.table]
    if known is None:
        return
    if key.column not in known:
        report.error("E005", (*at, "column"), named(key.column, known, "field", f" in {key.table}"))
        return
    if key.table not in doubtful:
        _check_target(field, known[key.column], at, report)


def _check_action(field: schema.Field, action: schema.KeyAction, path: Path, report: Report) -> None:
    if action == "SET NULL" and (field.not_null or field.primary):
        report.error("E005", path, f"SET NULL needs a field that can be null: leave out notNull, or take another {path[-1]}.")
    if action == "SET DEFAULT" and field.default is None:
        report.error("E005", path, f"SET DEFAULT needs a default: add one, or take another {path[-1]}.")


def _check_target(field: schema.Field, target: schema.Field, path: Path, report: Report) -> None:
    key = field.foreign_key
    assert key is not None  # noqa: S101 - for the type checker
    name = f"{key.table}.{key.column}"
    mine, theirs = storage_of(field), storage_of(target)
    if not (target.primary or target.unique):
        report.error("E005", (*path, "column"), f"`{name}` is neither primary nor unique: a key points to one row.")
    elif target.collate != "BINARY":
        report.error(
            "E005",
            (*path, "column"),
            f"`{name}` has the collation {target.collate}: a key points to a column that is compared exactly.",
        )
    if SAME_STORAGE.get(mine, mine) != SAME_STORAGE.get(theirs, theirs):
        report.error("E005", path, f"`{field.name}` is stored as {mine} and `{name}` as {theirs}: give both the same sqlType.")
