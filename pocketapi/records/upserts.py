"""edit with or=INSERT: the record that is there is updated, the missing one inserted under the key that the path names."""

from __future__ import annotations

from pocketapi.config import link
from pocketapi.errors import Conflict, Forbidden, ValidationFailed, field_error
from pocketapi.expressions import literals
from pocketapi.expressions.fold import TRUE, Environment
from pocketapi.expressions.typed import Output, Typed
from pocketapi.records import accounts, attachments, drafts, fields, inserts, judge, queries, requests, values
from pocketapi.records.integrity import Refused, explained, with_data
from pocketapi.records.read import is_key
from pocketapi.records.updates import Target
from pocketapi.records.write import Row, no_record, returning_of, uid_outputs, update_of
from pocketapi.rules.policy import may_write, rule_of
from pocketapi.rules.principal import Caller

Outputs = tuple[Output, ...]
ROUNDS = 2  # a record that appears after the update is updated in the second round


def upsert(table: link.Table, uid: str, ask: requests.Ask[requests.Edit], caller: Caller) -> Row:
    """Update a record, or insert it; NotFound where it is there and the caller may not change it."""
    may_write(caller)
    create, change = _rule_or_never(table, "create", caller), _rule_or_never(table, "update", caller)
    if create is None and change is None:
        raise Forbidden(f"Only admins may update records of {table.name}.")
    request = ask()
    outputs = returning_of(table, request.returning, caller) or uid_outputs(table)
    row = _without_uid(table, uid, fields.posted(table, request.values), caller)
    updating = update_of(table, change or TRUE, Target(uid=uid), row, {}, outputs, caller)
    if not is_key(table, uid):
        raise no_record(table)
    for _ in range(ROUNDS):
        found = updating.run(None, row) if change is not None else []
        found = found or _insert_missing(table, uid, row, outputs, create, caller)
        if found:
            return found[0]
    raise no_record(table)


def _rule_or_never(table: link.Table, verb: str, caller: Caller) -> Typed | None:
    """A rule; where it is null, none: it denies."""
    try:
        return rule_of(table, verb, caller)
    except Forbidden:
        return None


def _without_uid(table: link.Table, uid: str, row: fields.Posted, caller: Caller) -> fields.Posted:
    """The fields but the uid: a posted one is checked like any field, and must be the path's."""
    name = table.uid.name
    if name not in row.values:
        return row
    fields.check_known(table, row.values)
    fields.check_allowed(table, row.values, caller, "update")
    if _is_other(table.uid, uid, row.values[name]):
        raise ValidationFailed({name: field_error("mismatch", "This is another id than the path's.")})
    return fields.Posted({key: value for key, value in row.values.items() if key != name}, row.confirm, row.current)


def _is_other(field: link.Field, uid: str, posted: object) -> bool:
    try:
        return bool(values.clean(field, posted) != literals.convert(uid, field.column.kind))
    except ValueError:
        return True


def _insert_missing(
    table: link.Table, uid: str, row: fields.Posted, outputs: Outputs, create: Typed | None, caller: Caller
) -> list[Row]:
    """Insert the record; nothing where it is there already."""
    if create is None or (table.auth and not caller.is_admin):
        raise Forbidden(f"There is no record of {table.name} that you may change, and you may not create one.")
    fields.check_allowed(table, [*row.values, table.uid.name], caller, "insert")
    key = {table.uid.name: literals.convert(uid, table.uid.column.kind)}
    made = drafts.drafts(table, [fields.Posted({**row.values, **key}, row.confirm)], single=True)
    judge.judge(table, create, drafts.with_sql_defaults(table, create, made), caller)
    try:
        with attachments.stored(table, made), explained(table, made), queries.transaction_of(several=table.is_model):
            env = Environment({}, caller.variables)
            inserted = inserts.insert(table, drafts.hash_passwords(table, made), outputs, env)
    except Refused as refused:
        if refused.fields.keys() == key.keys() and isinstance(refused.error, Conflict):
            return []
        raise with_data(refused.error, refused.fields) from refused
    accounts.forget(table, [key])
    return inserted
