"""New rows: posted values checked, defaults filled in, so that what is judged is what is written."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connections

from pocketapi.config import link
from pocketapi.credentials import identities, passwords
from pocketapi.errors import REQUIRED, ValidationFailed, field_error
from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.typed import Typed, columns_of
from pocketapi.records import queries, values
from pocketapi.records.fields import Posted, in_rows, proofs
from pocketapi.tables.uids import new_uid

Row = dict[str, Any]
Errors = dict[str, dict[str, str]]


def now(kind: Kind) -> str:
    """This moment in the textual form of a date kind."""
    moment = datetime.now(UTC)
    if kind is Kind.DAY:
        return dates.format_day(moment.date())
    return dates.format_time(moment.time()) if kind is Kind.TIME else dates.format_timestamp(moment)


def drafts(table: link.Table, rows: list[Posted], single: bool) -> list[Row]:
    """Rows ready to be judged; ValidationFailed with what is wrong in all of them."""
    made = [draft(table, row) for row in rows]
    if wrong := {index: errors for index, (_, errors) in enumerate(made) if errors}:
        raise ValidationFailed(in_rows(wrong, single))
    return [row for row, _ in made]


def draft(table: link.Table, row: Posted) -> tuple[Row, Errors]:
    """One row with its defaults, and what is wrong with it."""
    cleaned, errors = cleaned_of(table, row)
    for name, field in table.fields.items():
        if name in errors or name in cleaned:
            continue
        given, value = default_of(table, field)
        if given:
            cleaned[name] = value
        elif field.not_null and not _by_database(field):
            errors[name] = REQUIRED
        elif not _by_database(field) and field.default is None:
            cleaned.setdefault(name, None)
    return cleaned, errors


def _by_database(field: link.Field) -> bool:
    """Whether the database itself gives a new row its value."""
    return field.spec.auto_increment or field.generated or isinstance(field.default, link.SqlDefault | link.Drawn)


def cleaned_of(table: link.Table, row: Posted) -> tuple[Row, Errors]:
    """The posted values of a row in the database's form, and what is wrong with the others."""
    cleaned, errors = values.errors_of([table.fields[name] for name in row.values], row.values)
    return cleaned, errors | account_errors(table, cleaned, row, errors)


def cleaned(table: link.Table, row: Posted) -> Row:
    """The posted values of an update in the database's form; ValidationFailed with all that is wrong."""
    found, errors = cleaned_of(table, row)
    password = table.with_usage("auth_password") if table.auth else None
    if password and password.name in found and found[password.name] is None:
        errors[password.name] = values.NULL
    if errors:
        raise ValidationFailed(errors)
    return found


def stamps(table: link.Table, names: Iterable[str]) -> Row:
    """What an update sets by itself: record_updated, unless it is written anyway."""
    updated = table.with_usage("record_updated")
    return {updated.name: now(updated.column.kind)} if updated and updated.name not in names else {}


def default_of(table: link.Table, field: link.Field) -> tuple[bool, Any]:
    """The value of a field that was not posted, where it is known before the insert."""
    if field is table.uid and table.spec.auto_set_uid:
        return True, new_uid()
    if field.spec.usage in ("record_created", "record_updated") or isinstance(field.default, link.Now):
        return True, now(field.column.kind)
    if isinstance(field.default, link.Computed):
        return True, field.default.make()
    if isinstance(field.default, link.LiteralDefault):
        return True, stored(field, field.default.value)
    return False, None


def stored(field: link.Field, value: Any) -> Any:
    """A default of the config in the database's form."""
    match field.column.kind:
        case Kind.JSON:
            return orjson.dumps(value).decode()
        case Kind.BOOL:
            return bool(value)
        case Kind.NUMBER:
            return float(value)
        case Kind.BLOB:
            return values.clean(field, value)
        case _:
            return value


def account_errors(table: link.Table, cleaned: Row, row: Posted, errors: Errors) -> Errors:
    """What is wrong with a uid and with the fields of an account; brings its email to the normal form."""
    found = _uid_errors(table, cleaned)
    return found | identity_errors(table, cleaned) | _password_errors(table, cleaned, row, errors)


def identity_errors(table: link.Table, cleaned: Row) -> Errors:
    """What is wrong with an account's name and address; brings the address to the form that is stored."""
    found: Errors = {}
    if table.auth is None:
        return found
    for usage, check in (("auth_username", identities.check_username), ("auth_email", identities.normal_email)):
        field = table.with_usage(usage)  # type: ignore[arg-type]
        if field and isinstance(cleaned.get(field.name), str):
            try:
                cleaned[field.name] = check(cleaned[field.name], table.auth)
            except ValueError as error:
                found[field.name] = field_error("invalid", str(error))
    return found


def _password_errors(table: link.Table, cleaned: Row, row: Posted, errors: Errors) -> Errors:
    password = table.with_usage("auth_password") if table.auth else None
    if password is None or cleaned.get(password.name) is None or password.name in errors:
        return {}
    found: Errors = {}
    confirm, _ = proofs(table)
    is_typed = not isinstance(cleaned[password.name], passwords.Unusable)
    if confirm and is_typed and row.confirm != row.values[password.name]:
        found[confirm] = field_error("mismatch", "The two passwords differ.") if row.confirm else REQUIRED
    if problem := passwords.problem(cleaned[password.name], identities.words(table, cleaned)):
        found[password.name] = field_error("invalid", problem)
    return found


def _uid_errors(table: link.Table, cleaned: Row) -> Errors:
    uid = table.uid
    posted = cleaned.get(uid.name)
    restricted = table.spec.auto_set_uid or table.spec.id_in_r2
    if restricted and isinstance(posted, str) and not values.UID.fullmatch(posted):
        return {uid.name: field_error("invalid", "An id has 1 to 64 letters, digits, `-` and `_`.")}
    return {}


def with_sql_defaults(table: link.Table, rule: Typed, rows: list[Row]) -> list[Row]:
    """The rows with the defaults of the database that a rule reads computed, so that what is judged is written."""
    read = columns_of(rule)
    for name, field in table.fields.items():
        if isinstance(field.default, link.Drawn) and name in read:
            for row in rows:
                if name not in row:
                    row[name] = field.default.draw()
        if isinstance(field.default, link.SqlDefault) and name in read:
            sql = field.default.sql.of(queries.vendor())
            for row in rows:
                if name not in row:
                    row[name] = _computed(sql, field) if sql else None
    return rows


def _computed(sql: str, field: link.Field) -> Any:
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(f"SELECT {sql}".replace("%", "%%"), [])
        value = cursor.fetchone()[0]
    if value is None:
        return None
    try:
        return values.clean(field, plain(value, field))
    except values.Invalid as error:
        raise ValidationFailed({field.name: error.error}) from None


def plain(value: Any, field: link.Field) -> Any:
    """A driver's value as JSON would bring it."""
    match value:
        case None:
            return None
        case Decimal():
            return float(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
        case _:
            return str(value) if field.column.kind is Kind.TEXT else value


def hash_passwords(table: link.Table, rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows with their passwords hashed."""
    password = table.with_usage("auth_password") if table.auth else None
    if password is None:
        return [dict(row) for row in rows]
    return [
        {**row, password.name: passwords.hashed(row[password.name])} if row.get(password.name) is not None else dict(row)
        for row in rows
    ]
