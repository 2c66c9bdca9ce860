"""The one write path: insert, update, edit and delete, for the API, the panel, actions and commands.

Each verb is a sequence, one line a step, in the order in which the contract wants refusals: the null rule, names and
expressions, fields that may not be written, values, the rule, the record, the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pocketapi.config import link
from pocketapi.errors import BadRequest, NotFound, ValidationFailed
from pocketapi.expressions.fold import Environment, fold
from pocketapi.expressions.selection import Answer, Selection, folded, is_aggregate, outputs_of
from pocketapi.expressions.shape import cut
from pocketapi.expressions.typed import Output, Slot, Typed
from pocketapi.files import outbox
from pocketapi.records import accounts, attachments, deletes, drafts, fields, inserts, instances, judge, queries, requests
from pocketapi.records.changes import reference
from pocketapi.records.integrity import answering, explained
from pocketapi.records.plans import Statement
from pocketapi.records.read import EMPTY, Prepared, both, condition_of, is_key, is_record, prepared_of
from pocketapi.records.statements import Records
from pocketapi.records.updates import Target, Update
from pocketapi.rules.policy import may_write, rule_of
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import scope_of
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

Row = dict[str, Any]
Outputs = tuple[Output, ...]
NOTHING: Outputs = ()

WRAPPED = ": post the fields themselves, without the wrapper setValues."
DELETES: Cache[tuple[Any, ...]] = Cache()
STATEMENTS: Cache[Statement] = Cache()
ANSWERS: Cache[Answer] = Cache()


# insert


def insert(table: link.Table, ask: requests.Ask[requests.Insert], caller: Caller, *, filled_by: Caller | None = None) -> Records:
    """Insert rows, all or none; answer what `returning` asks for.

    The rule judges the caller; whoever `filled_by` is may set the fields, where that is another.
    """
    may_write(caller)
    rule = rule_of(table, "create", caller)
    request = ask()
    outputs = returning_of(table, request.returning, caller)
    rows = checked(table, request.values, filled_by or caller, request.single)
    made = drafts.drafts(table, rows, request.single)
    judge.judge(table, rule, drafts.with_sql_defaults(table, rule, made), caller)
    with attachments.stored(table, made):
        records = inserts.store(table, drafts.hash_passwords(table, made), outputs, request.mode, request.single, caller)
    outbox.settle(table, ())
    accounts.forget(table, [row.values for row in rows])
    return records


def returning_of(table: link.Table, text: str | None, caller: Caller) -> Outputs:
    """What a write answers: nothing without a text."""
    if text is None:
        return NOTHING
    return ANSWERS.get(current(), (table.name, caller.sight, text), lambda: _returning(table, text, caller))


def _returning(table: link.Table, text: str, caller: Caller) -> Answer:
    outputs = outputs_of(text, scope_of(table, caller), aggregates=True)
    if any(is_aggregate(output.value) for output in outputs):
        raise BadRequest("returning takes no aggregates.")
    return Answer.of(outputs)


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


# update and edit


def update(table: link.Table, ask: requests.Ask[requests.Update], caller: Caller) -> Records:
    """Change the rows that match `where` and the updateRule."""
    may_write(caller)
    rule = rule_of(table, "update", caller)
    request = ask()
    row = fields.posted(table, request.values)
    outputs = returning_of(table, request.returning, caller)
    return update_of(table, rule, Target(request.where), row, request.expressions, outputs, caller).run(request.mode, row)


def edit(table: link.Table, uid: str, ask: requests.Ask[requests.Edit], caller: Caller) -> Row:
    """Change one record. NotFound where the caller has no such record."""
    may_write(caller)
    rule = rule_of(table, "update", caller)
    request = ask()
    row = fields.posted(table, request.values)
    outputs = returning_of(table, request.returning, caller) or uid_outputs(table)
    change = update_of(table, rule, Target(uid=uid), row, {}, outputs, caller)
    found = change.run(request.mode, row) if is_key(table, uid) else []
    if not found:
        raise no_record(table)
    return found[0]


def no_record(table: link.Table) -> NotFound:
    """The error where the caller has no such record."""
    return NotFound(f"There is no such record in {table.name}.")


def uid_outputs(table: link.Table) -> Outputs:
    """What edit answers by default."""
    return ANSWERS.get(current(), table.name, lambda: Answer.of([Output(table.uid.name, reference(table, table.uid.name))]))


def update_of(
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
    attachments.check_fixed(table, names)
    return prepared.with_values({**drafts.cleaned(table, row), **drafts.stamps(table, names)})


# delete


def delete(table: link.Table, ask: requests.Ask[requests.Delete], caller: Caller) -> Records:
    """Delete the rows that match `where` and the deleteRule; answer them as they were."""
    may_write(caller)
    rule = rule_of(table, "delete", caller)
    request = ask()
    text = cut(request.where) if request.uid is None else EMPTY
    named = None if request.uid is None else "uid"
    key = ("delete", table.name, caller.sight, named, text.shape, request.returning, queries.vendor())
    prepared, outputs = DELETES.get(current(), key, lambda: _prepare_delete(table, rule, request, caller))
    env = Environment({"where": text.literals, "uid": (request.uid,)}, caller.variables, {"where": request.where})
    read = tuple(env.literals[slot.source][slot.index] for slot in prepared.statics)
    full = (*key, read, prepared.outline.key(env))
    statement = STATEMENTS.get(current(), full, lambda: _delete_sql(table, prepared, env, outputs))
    with answering(), explained(table, deleting=True), queries.transaction_of(several=instances.deletes(table)):
        records = deletes.run(table, statement, env, outputs)
    outbox.settle(table)
    return records


def _prepare_delete(table: link.Table, rule: Typed, request: requests.Delete, caller: Caller) -> tuple[Any, ...]:
    one = request.uid is not None
    where, statics = (is_record(table), set[Slot]()) if one else condition_of(request.where, table, caller)
    outputs = returning_of(table, request.returning, caller)
    return prepared_of(both(where, rule), Selection(outputs), statics), outputs


def _delete_sql(table: link.Table, prepared: Prepared, env: Environment, outputs: Outputs) -> Statement:
    return deletes.statement(table, fold(prepared.condition, env), folded(outputs, env))
