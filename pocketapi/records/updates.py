"""Updates as prepared statements: one for each shape of filter, changed columns and answer."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, transaction

from pocketapi.config import link
from pocketapi.errors import BadRequest, Conflict
from pocketapi.expressions.fold import FALSE, TRUE, Environment, fold
from pocketapi.expressions.selection import Selection, folded
from pocketapi.expressions.shape import Cut, cut
from pocketapi.expressions.typed import ColumnRef, Output, Slot, Typed
from pocketapi.files import outbox
from pocketapi.records import accounts, attachments, conflicts, drafts, instances, queries, render, statements
from pocketapi.records.changes import check_computed, check_variables, expressions_of, guarded, is_limited, reference, substituted
from pocketapi.records.fields import Posted
from pocketapi.records.integrity import Refused, answering, explained
from pocketapi.records.judge import new_slot, new_value, ready
from pocketapi.records.plans import Statement
from pocketapi.records.read import Prepared, both, condition_of, is_record, prepared_of
from pocketapi.records.statements import Change, Records
from pocketapi.records.values import clean
from pocketapi.rules.principal import Caller
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

Outputs = tuple[Output, ...]
NO_CUT = Cut("", ())


@dataclass(frozen=True)
class Target:
    """Which rows: those of a filter, or the one record of a uid."""

    where: str | None = None
    uid: str | None = None


@dataclass(frozen=True)
class PreparedUpdate:
    """The checked trees of an update, and the fields whose computed values the config limits."""

    prepared: Prepared
    changes: tuple[Change, ...]
    computed: tuple[link.Field, ...]


UPDATES: Cache[PreparedUpdate] = Cache()
STATEMENTS: Cache[Statement] = Cache()


class Update:
    """One update of a table: cleaned values, expressions over the row, and what it answers of each changed row."""

    def __init__(
        self,
        table: link.Table,
        caller: Caller,
        rule: Typed,
        target: Target,
        values: Mapping[str, Any],
        expressions: Mapping[str, str],
        outputs: Outputs,
    ) -> None:
        self.table, self.caller, self.values, self.outputs = table, caller, values, outputs
        self.computed_keys = [name for name in expressions if name in table.fields and table.fields[name].spec.foreign_key]
        where = cut(target.where) if target.where is not None else NO_CUT
        cuts = {name: cut(text) for name, text in expressions.items()}
        shapes = tuple((name, found.shape) for name, found in cuts.items())
        self.key: tuple[Hashable, ...] = (
            "update",
            table.name,
            caller.sight,
            rule == TRUE,  # what a rule does not restrict may be written under the same names
            where.shape if target.uid is None else None,
            tuple(values),
            shapes,
            outputs,
            queries.vendor(),
        )
        self.parts = UPDATES.get(current(), self.key, lambda: self._prepare(rule, target, expressions))
        self.env = Environment(
            {"where": where.literals, "uid": (target.uid,), **{f"set.{name}": found.literals for name, found in cuts.items()}},
            caller.variables,
            {"where": target.where or "", **{f"set.{name}": text for name, text in expressions.items()}},
        )

    def with_values(self, values: Mapping[str, Any]) -> Update:
        """The update with its values, once they are known to be good."""
        self.values = {name: values[name] for name in self.values}
        self.env = replace(self.env, ready=ready(self.values, tuple(self.values)))
        return self

    def _prepare(self, rule: Typed, target: Target, expressions: Mapping[str, str]) -> PreparedUpdate:
        filter_, statics = (
            (is_record(self.table), set[Slot]())
            if target.uid is not None
            else condition_of(target.where, self.table, self.caller, update=True)
        )
        trees, read = expressions_of(self.table, expressions, self.caller)
        changes = [Change(self.table.fields[name], new_value(reference(self.table, name))) for name in self.values]
        changes += trees
        changes += accounts.more_changes(self.table, changes, self.caller)
        if not changes:  # an edit without fields: the record stays as it is, and is answered
            key = self.table.primary
            changes.append(Change(key, reference(self.table, key.name)))
        condition = substituted(both(filter_, rule), changes)
        selection = Selection((*(Output(change.field.name, change.value) for change in changes), *self.outputs))
        computed = tuple(change.field for change in trees if is_limited(self.table, change.field))
        return PreparedUpdate(prepared_of(condition, selection, statics | read), tuple(changes), computed)

    def run(self, mode: str | None = None, row: Posted | None = None) -> Records:
        """Carry it out; answer the outputs of the changed rows. `row` proves the right to a new password."""
        carry_out = self._with_files if attachments.has_incoming(self.table, self.values) else self._run
        records = carry_out(mode, row)
        outbox.settle(self.table, self.values)
        return records

    def _with_files(self, mode: str | None, row: Posted | None) -> Records:
        """Carry it out with files, which are stored only where there is a row to name them."""
        with answering(), explained(self.table):
            found = self._first_two()
        if not found:
            return []
        if len(found) > 1 and self.table.spec.id_in_r2:
            raise BadRequest("Files lie below the id of their record here: one is uploaded for one record at a time.")
        with attachments.stored(self.table, [{**self.values, self.table.uid.name: found[0]}]):
            return self._run(mode, row)

    def _first_two(self) -> list[Any]:
        """The uids of the first two rows that would be changed."""
        condition, column = self._condition(), self.table.uid.column
        if condition == FALSE:
            return []
        statement = queries.page(self.table, Selection((Output(column.name, ColumnRef(column.kind, column)),)), condition)
        with connections[queries.DATABASE].cursor() as cursor:
            cursor.execute(f"{statement.sql} LIMIT 2", statement.bind(self.env))
            return [uid for (uid,) in cursor.fetchall()]

    def _run(self, mode: str | None, row: Posted | None) -> Records:
        prepared = self.parts.prepared
        check_variables(self.parts.changes, self.env)
        answers = prepared.outline.key(self.env)
        secured = row is not None and accounts.changes_password(self.table, self.values)
        readdressed = accounts.changes_email(self.table, [change.field.name for change in self.parts.changes])
        each = mode in ("IGNORE", "REPLACE")
        found: accounts.Secured = {}
        if secured and row is not None:
            self.env, found = accounts.secure(self.table, self._condition(), self.env, row, self.caller)
        with (
            answering(),
            explained(self.table, [self.values], computed=self.computed_keys),
            queries.transaction_of(bool(self.parts.computed) or each or secured or readdressed or self.table.is_model),
        ):
            if readdressed:
                accounts.void_tokens(self.table, self._condition(), self.env)
            if secured:
                accounts.end_other_sessions(self.table, self._condition(), self.env, found, self.caller)
            if each:
                keys = conflicts.keys(self.table, self._condition(), self.env)
                return [record for key in keys for record in self._one(key, mode)]
            statics = tuple(self.env.literals[slot.source][slot.index] for slot in prepared.statics)
            key = (*self.key, statics, answers)
            return self._execute(STATEMENTS.get(current(), key, lambda: self._statement(self._condition())))

    def _condition(self) -> Typed:
        """The condition on the rows, folded for this caller."""
        return fold(self.parts.prepared.condition, self.env)

    def _one(self, key: Any, mode: str | None) -> Records:
        """IGNORE and REPLACE take the rows in the order of their keys, each under a savepoint."""
        is_key = conflicts.equals(self.table.primary, key)
        condition = fold(both(is_key, self.parts.prepared.condition), self.env)

        def write() -> Records:
            return self._execute(self._statement(condition))

        if mode == "REPLACE":
            return conflicts.replacing(self.table, write, lambda: self._new_row(condition), self.caller, but=key)
        try:
            with explained(self.table, [self.values]), transaction.atomic(queries.DATABASE):
                return write()
        except Refused as error:
            if isinstance(error.error, Conflict):
                return []
            raise

    def _new_row(self, condition: Typed) -> Mapping[str, Any]:
        """The unique values that a row will have."""
        written = {change.field.name: change.value for change in self.parts.changes}
        names = sorted({name for unique in conflicts.uniques(self.table) for name in unique.names})
        columns = self.table.columns
        outputs = tuple(Output(name, written.get(name) or ColumnRef(columns[name].kind, columns[name])) for name in names)
        statement = queries.page(self.table, Selection(outputs), condition)
        with connections[queries.DATABASE].cursor() as cursor:
            cursor.execute(statement.sql, statement.bind(self.env))
            row = cursor.fetchone()
        return dict(zip(names, row, strict=True)) if row else {}

    def _statement(self, condition: Typed) -> Statement:
        """The update of the rows that fulfil a folded condition; empty where no row can."""
        if condition == FALSE:
            return Statement("")
        changes = [replace(change, value=fold(change.value, self.env)) for change in self.parts.changes]
        if self.table.is_model:
            computed = self._computed(changes)
            values = [render.primitive(guarded(change), change.field.column.kind) for change in computed]
            return instances.chosen(self.table, condition, values)
        return statements.update_sql(self.table, changes, condition, folded(self._answers(), self.env), guarded)

    def _computed(self, changes: Sequence[Change]) -> list[Change]:
        """The changes whose values the database computes; a key that is set to itself changes nothing."""
        return [change for change in changes if change.field.name not in self.values and change.field is not self.table.primary]

    def _execute(self, statement: Statement) -> Records:
        """Run a statement of this update, and judge what it computed."""
        if not statement.sql:
            return []
        if self.table.is_model:
            return instances.update(self.table, self._changed(statement), self.outputs, self.env)
        computed = self.parts.computed
        records = statements.run(statement, self.env, self._answers())
        for record in records:
            check_computed(self.table, computed, {field.name: record.pop(_checked(field)) for field in computed})
        return records if self.outputs else []

    def _changed(self, statement: Statement) -> list[tuple[Any, Mapping[str, Any]]]:
        """The keys of an existing model's rows, each with its new values: those that are computed are judged like posted ones."""
        fields = [change.field for change in self._computed(self.parts.changes)]
        posted = {name: self.env.ready[new_slot(name)] for name in self.values}
        found: list[tuple[Any, Mapping[str, Any]]] = []
        for key, *values in instances.read_chosen(statement, self.env):
            record = {
                field.name: instances.fitted(self.table, field, drafts.plain(value, field))
                for field, value in zip(fields, values, strict=True)
            }
            check_computed(self.table, fields, record)
            found.append((key, {**posted, **{field.name: clean(field, record[field.name]) for field in fields}}))
        return found

    def _answers(self) -> Outputs:
        return (*self.outputs, *(Output(_checked(field), reference(self.table, field.name)) for field in self.parts.computed))


def _checked(field: link.Field) -> str:
    return f"={field.name}"
