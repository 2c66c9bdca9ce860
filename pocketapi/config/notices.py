"""Warnings: what is allowed and doubtful, and what is accepted and not yet in force. The ids are in report.py."""

from __future__ import annotations

from collections.abc import Mapping

from pocketapi.config import schema
from pocketapi.config.accounts import auth_of
from pocketapi.config.link import Table
from pocketapi.config.part import Part
from pocketapi.config.report import Path, Report
from pocketapi.config.rules import names_in

LEFT_OUT = "is accepted and not yet in force."
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
}
FILES = {
    "r2Base": "r2_base",
    "idInR2": "id_in_r2",
    "autoDeleteR2Files": "auto_delete_r2_files",
    "allowMultipleFileRef": "allow_multiple_file_ref",
}
AUTH_PENDING = {
    "otp": ("otp", "W028"),
    "mfa": ("mfa", "W028"),
    "emailTemplates": ("email_templates", "W029"),
    "autoSendVerificationEmail": ("auto_send_verification_email", "W029"),
}
MAIL_PENDING = {
    "passwordResetTokenDuration": "password_reset_token_duration",
    "emailVerifyTokenDuration": "email_verify_token_duration",
    "passwordResetEmailDuration": "password_reset_email_duration",
    "emailVerifyEmailDuration": "email_verify_email_duration",
}
CONFIG_PENDING = {
    "authProviders": "W023",
    "allowedRedirectUrls": "W023",
    "authCookie": "W024",
    "email": "W025",
}


def notice(spec: schema.Config, tables: Mapping[int, Table], report: Report) -> None:
    """All warnings of a config; `tables` are the linked ones by their index in it."""
    _ignored(spec, (), OF_THE_ORIGINAL["config"], report)
    for name, code in CONFIG_PENDING.items():
        given: object = schema.property_of(spec, name)
        if given:
            report.warn(code, (name,), f"`{name}` {LEFT_OUT}")
    _shared_uids(spec, report)
    for index, table in enumerate(spec.tables):
        path = ("tables", index)
        _table(table, path, report)
        if isinstance(table, schema.Table):
            _own_table(table, path, report)
        if index in tables:
            _indexes(table, tables[index], path, report)


def _ignored(part: Part, path: Path, names: Mapping[str, str], report: Report) -> None:
    for name, attribute in names.items():
        if attribute in part.model_fields_set:
            report.warn("W008", (*path, name), f"`{name}` of the original has no meaning here and is passed over.")


def _table(table: schema.TableBase, path: Path, report: Report) -> None:
    if not any(isinstance(extension, schema.Rules) for extension in table.extensions):
        told = f"`{table.name}` has no rules: only admins reach it. If that is meant, add `{{name: rules}}` to its extensions."
        report.warn("W001", path, told)
    if "for_each" in table.model_fields_set:
        report.warn("W008", (*path, "forEach"), "`forEach` of the original has no meaning here and is passed over.")
    for name, attribute in FILES.items():
        if attribute in table.model_fields_set:
            report.warn("W032", (*path, name), f"`{name}` {LEFT_OUT}")
    if table.full_text_search:
        report.warn("W020", (*path, "fullTextSearch"), f"`fullTextSearch` {LEFT_OUT}")
        _ignored(table.full_text_search, (*path, "fullTextSearch"), OF_THE_ORIGINAL["search"], report)
    if isinstance(table, schema.ModelTable):
        report.warn("W027", (*path, "model"), f"`model` {LEFT_OUT}")


def _own_table(table: schema.Table, path: Path, report: Report) -> None:
    for index, field in enumerate(table.fields):
        if field.type == "file":
            _file(field, (*path, "fields", index), report)
    for index, trigger in enumerate(table.triggers):
        if isinstance(trigger, schema.Trigger):
            _ignored(trigger, (*path, "triggers", index), {"forEach": "for_each"}, report)
    if found := auth_of(table):
        _auth(found[1], (*path, "extensions", found[0]), report)
        _unconstrained(table, path, report)


def _file(field: schema.Field, path: Path, report: Report) -> None:
    report.warn("W026", (*path, "type"), f"The file field `{field.name}` {LEFT_OUT}")
    if field.mime_types is None:
        report.warn(
            "W005", path, f"The file field `{field.name}` takes every kind of file: list those that it should in mimeTypes."
        )


def _auth(auth: schema.Auth, path: Path, report: Report) -> None:
    _ignored(auth, path, OF_THE_ORIGINAL["auth"], report)
    for name, (attribute, code) in AUTH_PENDING.items():
        if getattr(auth, attribute):
            report.warn(code, (*path, name), f"`{name}` {LEFT_OUT}")
    for name, attribute in MAIL_PENDING.items():
        if attribute in auth.model_fields_set:
            report.warn("W029", (*path, name), f"`{name}` {LEFT_OUT}")
    if "save_identities" in auth.model_fields_set:
        report.warn("W023", (*path, "saveIdentities"), f"`saveIdentities` {LEFT_OUT}")
    if auth.password_type == "sha256":  # noqa: S105 - the name of a hash
        report.warn("W031", (*path, "passwordType"), f"`passwordType: sha256` {LEFT_OUT}")


def _unconstrained(table: schema.Table, path: Path, report: Report) -> None:
    """A role that a caller may give himself."""
    rules = next((extension for extension in table.extensions if isinstance(extension, schema.Rules)), None)
    if rules is None:
        return
    created, updated = list(names_in(rules.create_rule)), list(names_in(rules.update_rule))
    for index, field in enumerate(table.fields):
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
            report.warn("W002", (*path, "fields", index), told)


def _advice(open_to: list[str], name: str) -> str:
    conditions = {"createRule": f"`{name} == null` to createRule", "updateRule": f"`{name} == new.{name}` to updateRule"}
    return f"add {' and '.join(conditions[each] for each in open_to)}, or noInsert and noUpdate to the field"


def _shared_uids(spec: schema.Config, report: Report) -> None:
    counted = [(("tables", index), table) for index, table in enumerate(spec.tables) if _has_integer_key(table)]
    for path, table in counted[1:]:
        told = f"`{counted[0][1].name}` and `{table.name}` both count their accounts: `auth.uid == 1` is true for one of each."
        report.warn("W003", path, told)


def _has_integer_key(table: schema.Table | schema.ModelTable) -> bool:
    if not isinstance(table, schema.Table) or not auth_of(table):
        return False
    uid = next((field for field in table.fields if field.usage == "record_uid"), None)
    key = uid or next((field for field in table.fields if field.primary), None)
    return key is not None and key.storage in ("integer", "int")


def _indexes(spec: schema.TableBase, table: Table, path: Path, report: Report) -> None:
    if isinstance(spec, schema.Table) and spec.auto_index:
        return
    for name in without_index(table):
        told = f"Rules compare `{name}`, which has no index: add `{{fields: {name}}}` to indexes, or `autoIndex: true`."
        report.warn("W004", (*path, "fields", list(table.fields).index(name)), told)


def without_index(table: Table) -> list[str]:
    """The columns that rules compare and that no index serves, of those that can have one: keys, short texts and the like."""
    whole = [index for index in table.indexes if index.columns and not (index.where or index.where_sql)]
    served = {index.columns[0].name for index in whole}
    return [name for name in table.compared if name not in served and _is_indexable(table.fields[name].spec)]


def _is_indexable(field: schema.Field) -> bool:
    """Whether a field has no index of its own and may have one: what is long does not fit into those of PostgreSQL."""
    return not (field.primary or field.unique) and field.type not in ("editor", "json", "blob")
