"""Warnings: what is allowed and doubtful. The ids are in report.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pocketapi.config import schema
from pocketapi.config.accounts import auth_of
from pocketapi.config.link import Table
from pocketapi.config.part import Part
from pocketapi.config.report import Path, Report
from pocketapi.config.rules import names_in

OF_THE_ORIGINAL = {
    "config": {
        "jwtAllowedIssuers": "jwt_allowed_issuers",
        "disableTablesEdit": "disable_tables_edit",
        "_kvTableName": "kv_table_name",
    },
    "search": {
        "migrateTableQuery": "migrate_table_query",
        "contentless": "contentless",
        "content_rowid": "content_rowid",
        "columnsize": "columnsize",
        "detail": "detail",
    },
    "auth": {
        "authCookie": "auth_cookie",
        "usernameField": "username_field",
        "emailField": "email_field",
        "emailVerifiedField": "email_verified_field",
        "passwordField": "password_field",
        "passwordSaltField": "password_salt_field",
        "nameField": "name_field",
        "avatarField": "avatar_field",
        "audienceField": "audience_field",
        "metadataField": "metadata_field",
    },
    "mailgun": {"MAILGUN_WEBHOOK_ID": "webhook_id", "DISCORD_MAILGUN_NOTIFY_WEBHOOK": "discord"},
    "resend": {"RESEND_WEBHOOK_ID": "webhook_id", "DISCORD_RESEND_NOTIFY_WEBHOOK": "discord"},
}


def notice(spec: schema.Config, tables: Mapping[int, Table], report: Report) -> None:
    """All warnings of a config; `tables` are the linked ones by their index in it."""
    _ignored(spec, (), OF_THE_ORIGINAL["config"], report)
    _mails(spec.email, report)
    _shared_uids(tables, report)
    for index, table in enumerate(spec.tables):
        path = ("tables", index)
        _table(table, path, report)
        if isinstance(table, schema.Table):
            _own_table(table, path, report)
        if found := auth_of(table):
            _auth(found[1], (*path, "extensions", found[0]), report)
            _unconstrained(table, _said(table, tables[index], path), report)
        if index in tables:
            _indexes(table, tables[index], path, report)


def _ignored(part: Part, path: Path, names: Mapping[str, str], report: Report) -> None:
    for name, attribute in names.items():
        if attribute in part.model_fields_set:
            report.warn("W008", (*path, name), f"`{name}` of the original has no meaning here and is passed over.")


def _mails(email: schema.Email | None, report: Report) -> None:
    for name in ("mailgun", "resend"):
        if provider := getattr(email, name, None):
            _ignored(provider, ("email", name), OF_THE_ORIGINAL[name], report)


def _table(table: schema.TableBase, path: Path, report: Report) -> None:
    if not any(isinstance(extension, schema.Rules) for extension in table.extensions):
        told = f"`{table.name}` has no rules: only admins reach it. If that is meant, add `{{name: rules}}` to its extensions."
        report.warn("W001", path, told)
    if "for_each" in table.model_fields_set:
        report.warn("W008", (*path, "forEach"), "`forEach` of the original has no meaning here and is passed over.")


def _own_table(table: schema.Table, path: Path, report: Report) -> None:
    if table.full_text_search:
        _ignored(table.full_text_search, (*path, "fullTextSearch"), OF_THE_ORIGINAL["search"], report)
    for index, field in enumerate(table.fields):
        if field.type == "file":
            _file(field, (*path, "fields", index), report)
    for index, trigger in enumerate(table.triggers):
        if isinstance(trigger, schema.Trigger):
            _ignored(trigger, (*path, "triggers", index), {"forEach": "for_each"}, report)


def _said(table: schema.TableBase, linked: Table, path: Path) -> list[tuple[Path, schema.Field]]:
    """The fields that a table of the config names, each with its place."""
    listed: list[schema.Field | schema.ModelField] = getattr(table, "fields", [])
    return [
        ((*path, "fields", index), linked.fields[field.name].spec)
        for index, field in enumerate(listed)
        if field.name in linked.fields
    ]


def _file(field: schema.Field, path: Path, report: Report) -> None:
    if field.mime_types is None:
        report.warn(
            "W005", path, f"The file field `{field.name}` takes every kind of file: list those that it should in mimeTypes."
        )


def _auth(auth: schema.Auth, path: Path, report: Report) -> None:
    _ignored(auth, path, OF_THE_ORIGINAL["auth"], report)


def _unconstrained(table: schema.TableBase, fields: Sequence[tuple[Path, schema.Field]], report: Report) -> None:
    """A role that a caller may give himself."""
    rules = next((extension for extension in table.extensions if isinstance(extension, schema.Rules)), None)
    if rules is None:
        return
    created, updated = list(names_in(rules.create_rule)), list(names_in(rules.update_rule))
    for path, field in fields:
        if field.usage not in ("auth_audience", "auth_metadata"):
            continue
        open_to = [
            name
            for name, text, closed, constrained in (
                ("createRule", rules.create_rule, field.no_insert, any(parts[-1] == field.name for parts in created)),
                ("updateRule", rules.update_rule, field.no_update, ("new", field.name) in updated),
            )
            if text is not None and not closed and not constrained
        ]
        if open_to:
            told = f"Whoever passes {' or '.join(open_to)} may set `{field.name}`: {_advice(open_to, field.name)}."
            report.warn("W002", path, told)


def _advice(open_to: list[str], name: str) -> str:
    conditions = {"createRule": f"`{name} == null` to createRule", "updateRule": f"`{name} == new.{name}` to updateRule"}
    return f"add {' and '.join(conditions[each] for each in open_to)}, or noInsert and noUpdate to the field"


def _shared_uids(tables: Mapping[int, Table], report: Report) -> None:
    counted = [(("tables", index), table) for index, table in tables.items() if table.auth and _has_integer_key(table)]
    for path, table in counted[1:]:
        told = f"`{counted[0][1].name}` and `{table.name}` both count their accounts: `auth.uid == 1` is true for one of each."
        report.warn("W003", path, told)


def _has_integer_key(table: Table) -> bool:
    fields = [field.spec for field in table.fields.values()]
    uid = next((field for field in fields if field.usage == "record_uid"), None)
    key = uid or next((field for field in fields if field.primary), None)
    return key is not None and key.storage in ("integer", "int")


def _indexes(spec: schema.TableBase, table: Table, path: Path, report: Report) -> None:
    if isinstance(spec, schema.Table) and spec.auto_index:
        return
    for name in table.unserved:
        if isinstance(spec, schema.ModelTable):
            told = f"Rules compare `{name}`, which has no index: give the model's field `db_index=True`, or the model an index."
            report.warn("W004", (*path, "model"), told)
            continue
        told = f"Rules compare `{name}`, which has no index: add `{{fields: {name}}}` to indexes, or `autoIndex: true`."
        report.warn("W004", (*path, "fields", list(table.fields).index(name)), told)
