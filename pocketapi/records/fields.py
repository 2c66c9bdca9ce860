"""Which fields a caller may write, and what of an account's fields a write treats in its own way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.config import link
from pocketapi.errors import Forbidden, ValidationFailed, field_error
from pocketapi.expressions.scope import nearest
from pocketapi.records import attachments
from pocketapi.rules.principal import Caller


@dataclass(frozen=True)
class Posted:
    """Posted fields of one row, without the two words that only prove a password."""

    values: Mapping[str, Any]
    confirm: Any = None
    current: Any = None


def posted(table: link.Table, values: Mapping[str, Any]) -> Posted:
    """Part `passwordConfirm` and `passwordCurrent` from the fields, and leave out the files that stay as they are."""
    confirm, current = proofs(table)
    fields = {name: value for name, value in values.items() if name not in (confirm, current)}
    if table.files:
        fields = attachments.without_unchanged(table, fields)
    return Posted(fields, values.get(confirm or ""), values.get(current or ""))


def proofs(table: link.Table) -> tuple[str | None, str | None]:
    """The names of the repeated and of the current password, where the table asks for them."""
    password = table.with_usage("auth_password") if table.auth else None
    if table.auth is None or password is None:
        return None, None
    suffixes = (table.auth.password_confirm_suffix, table.auth.password_current_suffix)
    confirm, current = (password.name + suffix if suffix else None for suffix in suffixes)
    return confirm, current


def unknown(table: link.Table, names: Iterable[str], more: str = "") -> dict[str, dict[str, str]]:
    """The fields that are not there, each with what to do."""
    return {
        name: field_error("unknown", f"There is no field {name}{more or nearest(name, table.fields)}")
        for name in names
        if name not in table.fields
    }


def check_known(table: link.Table, names: Iterable[str], more: str = "") -> None:
    """Refuse fields that are not there, all at once."""
    if errors := unknown(table, names, more):
        raise ValidationFailed(errors, " ".join(error["message"] for error in errors.values()))


def check_allowed(table: link.Table, names: Iterable[str], caller: Caller, verb: str) -> None:
    """Refuse fields that the caller may not insert or update."""
    for name in names:
        if not may_write(table, table.fields[name], caller, verb):
            raise Forbidden(f"Cannot {verb} {name} field")


def may_write(table: link.Table, field: link.Field, caller: Caller, verb: str) -> bool:
    """Whether a caller may set a field."""
    spec = field.spec
    if field.generated or (field.fixed and verb == "update"):
        return False
    if spec.usage == "auth_password_salt" and table.auth:
        return False
    if caller.is_admin:
        return True
    if table.auth and field is table.uid:
        return False
    if caller.unruled:
        return True
    if table.auth and spec.usage == "auth_email_verified":
        return False
    return not (spec.no_insert if verb == "insert" else spec.no_update)


def in_rows(errors: Mapping[int, Mapping[str, Any]], single: bool) -> dict[str, Any]:
    """Errors by row as an error's data: of one object by field, of a list under `rows`."""
    if single:
        return dict(errors[0])
    return {"rows": {str(index): dict(fields) for index, fields in errors.items()}}
