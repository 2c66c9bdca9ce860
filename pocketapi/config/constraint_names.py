"""The names of constraints, indexes and triggers: stable, at most 63 characters, each that of one thing.

A name is made of a table and a column, which may have underscores themselves: `uq_user_group_name` is that of `user.group_name`
and of `user_group.name`. A database has it once, so a config that needs it twice is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from pocketapi.config import schema
from pocketapi.config.link import Field, Table
from pocketapi.config.report import Path, Report

LONGEST = 63  # PostgreSQL cuts what is longer
CONSTRAINTS = ("ck", "fk")  # on PostgreSQL, too, an index may have the name of one of these
MEANT = {
    "uq": "the unique values of",
    "ck": "the check of",
    "fk": "the foreign key of",
    "ix": "the index of",
    "fx": "the index of",
    "fts": "the search of",
    "tr": "the trigger",
}


def constraint_name(kind: str, table: str, *columns: str) -> str:
    """`ck_posts_title`; past 63 characters the end gives way to 8 hex digits of a hash."""
    name = "_".join((kind, table, *columns))
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 9]}_{sha256(name.encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Named:
    """Something that has a name in the database: what it is, and where the config says so."""

    name: str
    told: str
    path: Path
    is_constraint: bool = False


def check_constraint_names(tables: Mapping[Path, Table], report: Report) -> Mapping[str, str]:
    """Report names that two things would have; what has each name already that an index may not have, by its lower case."""
    seen = {(False, table.name.lower()): Named(table.name, "a table", path) for path, table in tables.items()}
    targets = {
        (key.table, key.column) for table in tables.values() for field in table.fields.values() if (key := field.spec.foreign_key)
    }
    for each in (named for path, table in tables.items() for named in names_of(table, path, targets)):
        before = seen.setdefault((each.is_constraint, each.name.lower()), each)
        if before.told.lower() != each.told.lower():  # names that differ in case only are told of already
            told = (
                f"`{each.name}` would be the name of {before.told} and of {each.told}: call a table or a column something else."
            )
            report.error("E004", each.path, told)
    return {name: each.told for (is_constraint, name), each in seen.items() if not is_constraint}


def names_of(table: Table, path: Path, targets: Collection[tuple[str, str]]) -> Iterator[Named]:
    """Everything that gets a name here or from the database; `targets` are the columns that keys point to.

    Triggers that see what goes with a row are left out: their names have two underscores, which no table's has.
    """
    spec = table.spec
    if not isinstance(spec, schema.Table):
        return
    for name, what in _given_by_postgresql(table):
        if len(name) <= LONGEST:
            yield Named(name, what, (*path, "name"))
    for number, field in enumerate(spec.fields):
        for kind, *more in _kinds(table, table.fields[field.name], is_target=(table.name, field.name) in targets):
            yield _named(kind, table.name, [field.name, *more], field.name, (*path, "fields", number))
    if table.searched:
        yield _named("fts", table.name, [], "", (*path, "fullTextSearch"))
    for number, trigger in enumerate(_triggers(spec.triggers)):
        yield _named("tr", table.name, [trigger], trigger, (*path, "triggers", number))


def _named(kind: str, table: str, columns: Iterable[str], what: str, path: Path) -> Named:
    told = f"{MEANT[kind]} {table}{what and '.'}{what}"
    return Named(constraint_name(kind, table, *columns), told, path, is_constraint=kind in CONSTRAINTS)


def _given_by_postgresql(table: Table) -> Iterator[tuple[str, str]]:
    yield f"{table.name}_pkey", f"the primary key of {table.name}"
    for field in table.fields.values():
        if field.spec.auto_increment:
            yield f"{table.name}_{field.name}_seq", f"the numbers of {table.name}.{field.name}"


def _kinds(table: Table, field: Field, *, is_target: bool) -> Iterator[tuple[str, ...]]:
    """The kinds of names that a field has, with what stands behind the column."""
    spec, folded = field.spec, field.spec.collate != "BINARY"
    if spec.unique and not spec.primary and (is_target or not folded):
        yield ("uq",)
    if folded and (spec.unique or spec.primary):
        yield "uq", spec.collate.lower()
    if field.check or field.check_sql:
        yield ("ck",)
    if spec.foreign_key:
        yield ("fk",)
    if isinstance(table.spec, schema.Table) and table.spec.auto_index and field.name in table.unserved:
        yield ("ix",)
    if spec.type == "file" and not table.spec.id_in_r2:
        yield ("fx",)


BUILT_IN = {"raise_on_created_update": "createdTrigger", "update_updated_on_update": "updatedTrigger"}


def _triggers(given: Iterable[schema.Trigger | str]) -> Iterator[str]:
    """The names of triggers; those of the original go by ours."""
    for each in given:
        name = each if isinstance(each, str) else each.name
        yield BUILT_IN.get(name, name)
