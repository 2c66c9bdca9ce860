"""What the properties of a table ask of its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pocketapi.config import schema
from pocketapi.config.fields import TEXTS
from pocketapi.config.references import named
from pocketapi.config.report import Path, Report

BASE = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
SEARCHED = (*TEXTS, "select", "relation")
MOST_PREFIXES = 31  # of FTS5


def check_table(table: schema.Table, path: Path, report: Report) -> None:
    """Reports what a table lacks."""
    _check_primary(table, path, report)
    check_usages([((*path, "fields", index), field) for index, field in enumerate(table.fields)], report)
    check_uid(table, table.fields, path, report)
    _check_files(table, path, report)
    if table.full_text_search:
        _check_search(table, table.full_text_search, (*path, "fullTextSearch", "fields"), report)
        _check_prefix(table.full_text_search, (*path, "fullTextSearch", "prefix"), report)


def _check_primary(table: schema.Table, path: Path, report: Report) -> None:
    keys = [index for index, field in enumerate(table.fields) if field.primary]
    if not keys:
        told = f"The table `{table.name}` has no primary field: add `primary: true` to one, or the scaffold baseFields."
        report.error("E009", (*path, "fields"), told)
    for index in keys[1:]:
        told = f"A table has one primary field, and `{table.fields[keys[0]].name}` is it already: make this one unique at most."
        report.error("E009", (*path, "fields", index, "primary"), told)


def check_usages(fields: Iterable[tuple[Path, schema.Field]], report: Report) -> None:
    """Reports a usage that two fields have, each with its place."""
    first: dict[str, str] = {}
    for path, field in fields:
        if field.usage is None or field.usage == "auth_audience":
            continue
        if field.usage in first:
            told = f"`{first[field.usage]}` has the usage {field.usage} already: one field of a table has it."
            report.error("E009", (*path, "usage"), told)
        first.setdefault(field.usage, field.name)


def check_uid(table: schema.TableBase, fields: Sequence[schema.Field], path: Path, report: Report) -> None:
    """Reports ids that cannot be what the table says of them."""
    uid = next((field for field in fields if field.usage == "record_uid"), None)
    if table.auto_set_uid and uid is None:
        report.error("E009", (*path, "autoSetUid"), "autoSetUid needs a field with usage record_uid: baseFields has one.")
    elif table.auto_set_uid and uid and uid.type != "text":
        told = f"autoSetUid makes text, and `{uid.name}` is {uid.type}: leave autoSetUid out, or make the field text."
        report.error("E009", (*path, "autoSetUid"), told)
    key = uid or next((field for field in fields if field.primary), None)
    if table.id_in_r2 and key and not key.no_update:
        told = f"idInR2 puts the key in the names of stored files: add `noUpdate: true` to `{key.name}`."
        report.error("E009", (*path, "idInR2"), told)
    if table.id_in_r2 and key and (key.auto_increment or isinstance(key.default, schema.SqlText)):
        told = f"idInR2 needs the key before the row is there, and the database makes `{key.name}`: take text with autoSetUid."
        report.error("E009", (*path, "idInR2"), told)


def _check_files(table: schema.Table, path: Path, report: Report) -> None:
    if table.r2_base is not None and not BASE.fullmatch(table.r2_base):
        told = f"`{table.r2_base}` is no prefix of keys: letters, digits, `-`, `_` and `.`, in parts between single slashes."
        report.error("E004", (*path, "r2Base"), told)
    if table.allow_multiple_file_ref and table.id_in_r2:
        report.error(
            "E009", (*path, "allowMultipleFileRef"), "idInR2 ties a file to one row: leave out idInR2 or allowMultipleFileRef."
        )
    if table.allow_multiple_file_ref and table.auto_delete_r2_files:
        told = "allowMultipleFileRef lets several rows name one file: add `autoDeleteR2Files: false`, or files vanish under them."
        report.error("E009", (*path, "allowMultipleFileRef"), told)


def _check_search(table: schema.Table, search: schema.FullTextSearch, path: Path, report: Report) -> None:
    known = {field.name: field for field in table.fields}
    for index, name in enumerate(search.fields):
        at = (*path, index) if (*path, index) in report.places.keys else path
        field = known.get(name)
        if field is None:
            report.error("E005", at, named(name, known, "field"))
        elif field.type not in SEARCHED or field.storage != "text":
            report.error("E005", at, f"`{name}` is {field.type}: only text is searched.")
        elif field.no_select or field.usage in ("auth_password", "auth_password_salt"):
            report.error("E005", at, f"`{name}` is hidden: a search would give its words away.")
        elif name in search.fields[:index]:
            report.error("E005", at, f"`{name}` is searched already.")


def _check_prefix(search: schema.FullTextSearch, path: Path, report: Report) -> None:
    try:
        right = all(1 <= length < 1000 for length in search.lengths) and len(search.lengths) <= MOST_PREFIXES
    except ValueError:
        right = False
    if not right:
        report.error("E003", path, f"`prefix` has up to {MOST_PREFIXES} lengths of beginnings from 1 to 999, as in `2 3`.")
