"""The one write path: insert, update, edit and delete, for the API, the panel, actions and commands.

Each verb is a sequence, one line a step, in the order in which the contract wants refusals: the null rule, names and
expressions, fields that may not be written, values, the rule, the record, the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from pocketapi.config import link
from pocketapi.errors import BadRequest, Forbidden, NotFound, PocketError, ValidationFailed, field_error
from pocketapi.expressions import literals
from pocketapi.expressions.fold import TRUE, Environment, fold
from pocketapi.expressions.shape import cut
from pocketapi.expressions.typed import Output, Typed
from pocketapi.records import conflicts, drafts, fields, judge, queries, requests, statements
from pocketapi.records.changes import reference
from pocketapi.records.integrity import Refused, answering, explained, with_data
from pocketapi.records.plans import Statement
from pocketapi.records.read import both, condition_of, is_key, prepared_of
from pocketapi.records.selection import Selection, everything, is_aggregate, outputs_of
from pocketapi.records.statements import Records
from pocketapi.records.updates import Target, Update, transaction_of
from pocketapi.rules.policy import may_write, rule_of
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import client_scope
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

Row = dict[str, Any]
Outputs = tuple[Output, ...]

CONFLICT = 409
WRAPPED = ": post the fields themselves, without the wrapper setValues."
DELETES: Cache[tuple[Any, ...]] = Cache()
STATEMENTS: Cache[Statement] = Cache()


# insert


def insert(table: link.Table, ask: requests.Ask[requests.Insert], caller: Caller) -> Records:
    """Insert rows, all or none; answer what `returning` asks for."""
    may_write(caller)
    rule = rule_of(table, "create", caller)
    request = ask()
    outputs = returning_of(table, request.returning, caller)
    rows = checked(table, request.values, caller, request.single)
    made = drafts.drafts(table, rows, request.single)
    judge.judge(table, rule, drafts.with_sql_defaults(table, rule, made), caller)
    return _store(table, drafts.hash_passwords(table, made), outputs, request.mode, request.single, caller)


def returning_of(table: link.Table, text: str | None, caller: Caller, star: bool = False) -> Outputs:
    """What a write answers: nothing without a text, unless `star`."""
    scope = client_scope(table, caller.is_admin)
    if text is None:
        return everything(scope.columns) if star else ()
    outputs = outputs_of(text, scope, aggregates=True)
    if any(is_aggregate(output.value) for output in outputs):
        raise BadRequest("returning takes no aggregates.")
    return outputs


def checked(table: link.Table, rows: Sequence[Mapping[str, Any]], caller: Caller, single: bool) -> list[fields.Posted]:
    """Posted rows whose fields are there and may be inserted."""
    found = [fields.posted(table, row) for row in rows]
    unknown = {index: fields.unknown(table, row.values) for index, row in enumerate(found)}
    if wrong := {index: errors for index, errors in unknown.items() if errors}:
        raise ValidationFailed(
            fields.in_rows(wrong, single), " ".join(error["message"] for errors in wrong.values() for error in errors.values())
        )
    for row in found:
        fields.check_allowed(table, row.values, caller, "insert")
    return found


def _store(table: link.Table, rows: list[Row], outputs: Outputs, mode: str | None, single: bool, caller: Caller) -> Records:
    if not rows:
        return []
    if mode == "FAIL":
        return conflicts.insert_until(table, rows, outputs, single)
    with located(table, rows, single), explained(table, rows), transaction_of(len(rows) > 1 or mode is not None):
        if mode == "REPLACE":
            return conflicts.insert_replacing(table, rows, outputs, caller)
        return statements.insert(table, rows, outputs, ignore=mode == "IGNORE")


class located:  # noqa: N801 - read as a with statement
    """Names the row of a refused batch, by inserting row by row until one is refused, and undoing that."""

    def __init__(self, table: link.Table, rows: Sequence[Row], single: bool) -> None:
        self.table, self.rows, self.single = table, rows, single

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Refused):
            index = 0 if self.single else self._index()
            data = fields.in_rows({index: error.fields}, self.single) if error.fields else {}
            raise with_data(error.error, data) from error

    def _index(self) -> int:
        at = 0
        try:
            with explained(self.table), transaction.atomic(queries.DATABASE):
                for at, row in enumerate(self.rows):  # noqa: B007 - read after the loop
                    statements.insert(self.table, [row], ())
                transaction.set_rollback(True, queries.DATABASE)
        except (Refused, PocketError):
            return at
        return 0


# update and edit


def update(table: link.Table, ask: requests.Ask[requests.Update], caller: Caller) -> Records:
    """Change the rows that match `where` and the updateRule."""
    may_write(caller)
    rule = rule_of(table, "update", caller)
    request = ask()
    row = fields.posted(table, request.values)
    outputs = returning_of(table, request.returning, caller)
    return _update(table, rule, Target(request.where), row, request.expressions, outputs, caller).run(request.mode, row)


def edit(table: link.Table, uid: str, ask: requests.Ask[requests.Edit], caller: Caller) -> Row:
    """Change one record; the mode INSERT inserts it where it is missing. NotFound where the caller has no such record."""
    may_write(caller)
    request = _ask_edit(table, ask, caller)
    if request.mode == "INSERT":
        return _upsert(table, uid, request, caller)
    rule = rule_of(table, "update", caller)
    row = fields.posted(table, request.values)
    outputs = returning_of(table, request.returning, caller) or uid_outputs(table)
    change = _update(table, rule, Target(uid=uid), row, {}, outputs, caller)
    found = change.run(request.mode, row) if is_key(table, uid) else []
    if not found:
        raise NotFound(f"There is no such record in {table.name}.")
    return found[0]


def uid_outputs(table: link.Table) -> Outputs:
    """What edit answers by default."""
    return (Output(table.uid.name, reference(table, table.uid.name)),)


def _update(
    table: link.Table,
    rule: Typed,
    target: Target,
    row: fields.Posted,
    expressions: Mapping[str, str],
    outputs: Outputs,
    caller: Caller,
) -> Update:
    """An update ready to run: refusals in the contract's order, names, expressions, fields, values."""
    names = [*row.values, *expressions]
    fields.check_known(table, names, WRAPPED if target.uid is not None and "setValues" in names else "")
    stamped = dict.fromkeys((*row.values, *drafts.stamps(table, names)))
    prepared = Update(table, caller, rule, target, stamped, expressions, outputs)
    fields.check_allowed(table, names, caller, "update")
    return prepared.with_values({**drafts.cleaned(table, row), **drafts.stamps(table, names)})


def _upsert(table: link.Table, uid: str, request: requests.Edit, caller: Caller) -> Row:
    """edit with or=INSERT: update the record that is there, insert the one that is missing."""
    create, change = _rule_or_never(table, "create", caller), _rule_or_never(table, "update", caller)
    outputs = returning_of(table, request.returning, caller) or uid_outputs(table)
    row = _without_uid(table, uid, fields.posted(table, request.values), caller)
    updating = _update(table, change or TRUE, Target(uid=uid), row, {}, outputs, caller)
    for _ in range(2):  # a record that appears after the update is updated in the second round
        found = updating.run(None, row) if change is not None else []
        if found:
            return found[0]
        if (inserted := _insert_missing(table, uid, row, outputs, create, caller)) is not None:
            return inserted
    raise NotFound(f"There is no such record in {table.name}.")


def _without_uid(table: link.Table, uid: str, row: fields.Posted, caller: Caller) -> fields.Posted:
    """A posted uid is checked like any field, and must be the path's."""
    name = table.uid.name
    if not is_key(table, uid):
        raise NotFound(f"There is no such record in {table.name}.")
    if name not in row.values:
        return row
    fields.check_allowed(table, [name], caller, "update")
    if str(row.values[name]) != uid:
        raise ValidationFailed({name: field_error("mismatch", "This is another id than the path's.")})
    return fields.Posted({key: value for key, value in row.values.items() if key != name}, row.confirm, row.current)


def _insert_missing(
    table: link.Table, uid: str, row: fields.Posted, outputs: Outputs, create: Typed | None, caller: Caller
) -> Row | None:
    """Insert a record under the key that the path names; None where it is there already."""
    if create is None or (table.auth and not caller.is_admin):
        raise Forbidden(f"There is no record of {table.name} that you may change, and you may not create one.")
    fields.check_allowed(table, row.values, caller, "insert")
    key = {table.uid.name: literals.convert(uid, table.uid.column.kind)}
    made = drafts.drafts(table, [row], True, key)
    judge.judge(table, create, drafts.with_sql_defaults(table, create, made), caller)
    try:
        with explained(table, made):
            return statements.insert(table, drafts.hash_passwords(table, made), outputs)[0]
    except Refused as refused:
        if refused.fields.keys() == {table.uid.name} and refused.error.status == CONFLICT:
            return None
        raise with_data(refused.error, refused.fields) from refused


def _ask_edit(table: link.Table, ask: requests.Ask[requests.Edit], caller: Caller) -> requests.Edit:
    """The request of edit, unless the null rules refuse first: both of them where the record may be inserted."""
    if _rule_or_never(table, "update", caller) is None and _rule_or_never(table, "create", caller) is None:
        raise Forbidden(f"Only admins may update records of {table.name}.")
    return ask()


def _rule_or_never(table: link.Table, verb: str, caller: Caller) -> Typed | None:
    try:
        return rule_of(table, verb, caller)
    except Forbidden:
        return None


# delete


def delete(table: link.Table, ask: requests.Ask[requests.Delete], caller: Caller) -> Records:
    """Delete the rows that match `where` and the deleteRule; answer them as they were."""
    may_write(caller)
    rule = rule_of(table, "delete", caller)
    request = ask()
    text = cut(request.where)
    key = ("delete", table.name, caller.is_admin, text.shape, request.returning, queries.vendor())
    prepared, outputs = DELETES.get(current(), key, lambda: _prepare_delete(table, rule, request, caller))
    env = Environment({"where": text.literals}, caller.variables, {"where": request.where})
    read = tuple(env.literals[slot.source][slot.index] for slot in prepared.statics)
    full = (*key, read, prepared.outline.key(env))
    statement = STATEMENTS.get(current(), full, lambda: statements.delete_sql(table, fold(prepared.condition, env), outputs))
    with answering(), explained(table, deleting=True):
        return statements.run(statement, env, outputs) if statement.sql else []


def _prepare_delete(table: link.Table, rule: Typed, request: requests.Delete, caller: Caller) -> tuple[Any, ...]:
    where, statics = condition_of(request.where, table, caller)
    outputs = returning_of(table, request.returning, caller)
    return prepared_of(both(where, rule), Selection(()), statics), outputs
