"""Writes of existing models by Django's own instances: their save() and delete(), signals and on_delete hold.

The rows are chosen, and locked, by the same condition as any update or delete, so that there is no gap between judging and
writing. With `signals: false` instances only carry values: neither save() nor delete() is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections, models, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError, get_candidate_relations_to_delete
from django.db.models.expressions import Expression
from django.db.models.sql import DeleteQuery

from pocketapi.config import link, schema
from pocketapi.errors import Conflict, Forbidden, ValidationFailed, field_error
from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.fold import Environment
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.order import ordering
from pocketapi.expressions.routines import rounded
from pocketapi.expressions.selection import Answer, Selection, folded
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Ordering, Output, Slot, Typed
from pocketapi.records import queries, render, statistics
from pocketapi.records.integrity import RESTRICTED, Refused, explained
from pocketapi.records.plans import Statement
from pocketapi.tables.cache import Cache
from pocketapi.tables.existing_values import canonical, python, told
from pocketapi.tables.table import current, model_of

Row = Mapping[str, Any]
Records = list[dict[str, Any]]
AT_ONCE = 500  # instances that are in memory together
NO_ACTION: Any = models.DO_NOTHING
REFERRED: Cache[bool] = Cache()
ANSWERS: Cache[Statement] = Cache()


def deletes(table: link.Table) -> bool:
    """Whether rows of a table are deleted by way of instances: those of models, and those that models refer to."""
    return table.is_model or REFERRED.get(current(), table.name, lambda: is_referred(model_of(table.name)))


def is_referred(model: type[models.Model]) -> bool:
    """Whether keys of other models, generic ones included, have an on_delete that Django itself carries out."""
    keys = get_candidate_relations_to_delete(model._meta)
    generic = any(hasattr(field, "bulk_related_objects") for field in model._meta.private_fields)
    return generic or any(relation.on_delete is not NO_ACTION for relation in keys)  # type: ignore[attr-defined]


def sends_signals(table: link.Table) -> bool:
    """Whether save() and delete() are called, which send signals."""
    return isinstance(table.spec, schema.ModelTable) and table.spec.signals


# insert


def insert(table: link.Table, rows: Sequence[Row], outputs: Sequence[Output], env: Environment, ignore: bool = False) -> Records:
    """Insert rows in their order; answer what `outputs` say of each that was inserted. `ignore` passes over unique conflicts."""
    check_keys(table, rows)
    keys = [key for row in rows for key in (_ignoring(table, row) if ignore else [_inserted(table, row)])]
    statistics.wrote(queries.db_table(table), len(keys))
    return answers(table, keys, outputs, env)


def _ignoring(table: link.Table, row: Row) -> list[Any]:
    try:
        with explained(table, [row]), transaction.atomic(queries.DATABASE):
            return [_inserted(table, row)]
    except Refused as refused:
        if isinstance(refused.error, Conflict):
            return []
        raise


def _inserted(table: link.Table, row: Row) -> Any:
    """The key of a new row."""
    instance = model_of(table.name)()
    assign(table, instance, row)
    with told_of(table):
        if sends_signals(table):
            instance.save(using=queries.DATABASE, force_insert=True)
        else:
            type(instance)._base_manager.using(queries.DATABASE).bulk_create([instance])
    return key_of(table, instance)


def assign(table: link.Table, instance: models.Model, row: Row) -> None:
    """Give an instance the values of a row."""
    for name, value in row.items():
        field, attribute = fields_of(table, name)
        setattr(instance, attribute, python(field, table.columns[name].kind, value))


def fields_of(table: link.Table, name: str) -> tuple[Any, str]:
    """Django's field of a column, and the attribute that holds its value."""
    field: Any = model_of(table.name)._meta.get_field(table.columns[name].field)
    return field, field.attname


def key_of(table: link.Table, instance: models.Model) -> Any:
    """The primary key of an instance."""
    return canonical(instance._meta.pk, table.primary.column.kind, instance.pk)


def check_keys(table: link.Table, rows: Sequence[Row]) -> None:
    """Refuse keys that point nowhere, or where limit_choices_to does not let them: the database looks at the commit only."""
    missing: dict[str, dict[str, str]] = {}
    for name in table.columns:
        values = {row[name] for row in rows if row.get(name) is not None}
        field, _ = fields_of(table, name)
        if values and isinstance(field, models.ForeignKey) and _missing(field, table.columns[name].kind, values):
            key = table.fields[name].spec.foreign_key
            there = f"{key.table} with this {key.column}" if key else f"{field.related_model._meta.verbose_name} with this key"
            missing[name] = field_error("missing", f"There is no record of {there}.")
    if missing:
        raise Refused(ValidationFailed({}), missing)


def _missing(field: Any, kind: Kind, values: set[Any]) -> bool:
    wanted = {python(field, kind, value) for value in values}
    target = field.target_field
    found = field.related_model._base_manager.using(queries.DATABASE).filter(**{f"{target.name}__in": wanted})
    limited = found.complex_filter(field.get_limit_choices_to()).values_list(target.attname, flat=True)
    return not wanted <= set(limited)


@contextmanager
def told_of(table: link.Table) -> Iterator[None]:
    """Turn what a model's own code refuses into what a caller reads."""
    try:
        yield
    except ValidationError as error:
        raise Refused(ValidationFailed({}, " ".join(error.messages)), _fields(table, error)) from error
    except PermissionDenied as error:
        raise Forbidden(str(error) or None) from error
    except (ProtectedError, RestrictedError) as error:
        raise Refused(ValidationFailed({}), {table.uid.name: RESTRICTED}) from error


def _fields(table: link.Table, error: ValidationError) -> dict[str, dict[str, str]]:
    names = {name: column for column in table.columns for name in (column, table.columns[column].field)}
    errors = getattr(error, "error_dict", {})
    return {names[name]: field_error(*told(ValidationError(found))) for name, found in errors.items() if name in names}


# update and delete


def chosen(table: link.Table, condition: Typed, values: Sequence[Expression]) -> Statement:
    """The keys of the rows that fulfil a folded condition, with values beside each; the rows are locked."""
    query, key = queries.query_of(table, condition), ColumnRef(table.primary.column.kind, table.primary.column)
    query.add_annotation(render.output(key, Compiler()), render.alias(0))
    for index, value in enumerate(values, 1):
        query.add_annotation(value, render.alias(index))
    query.default_cols = False
    query.add_ordering(ordering(Ordering(key), Compiler()))
    found = queries.compiled(query)
    return found if queries.vendor() == "sqlite" else Statement(f"{found.sql} FOR UPDATE", found.params)


def read_chosen(statement: Statement, env: Environment) -> list[tuple[Any, ...]]:
    """The rows of a statement, first of all: what is done to them may change what it finds."""
    if not statement.sql:
        return []
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(env))
        return list(cursor.fetchall())


def update(table: link.Table, changed: Sequence[tuple[Any, Row]], outputs: Sequence[Output], env: Environment) -> Records:
    """Give the rows of keys their new values; answer the outputs of those that are still there."""
    check_keys(table, [row for _, row in changed])
    for some in batches(changed):
        instances = loaded(table, [key for key, _ in some])
        for key, row in some:
            if row and key in instances:
                assign(table, instances[key], row)
                _save(table, instances[key], row)
    return answers(table, [key for key, _ in changed], outputs, env)


def _save(table: link.Table, instance: models.Model, row: Row) -> None:
    with told_of(table):
        if sends_signals(table):
            instance.save(using=queries.DATABASE, force_update=True)
            return
        stamps = [field for field in instance._meta.concrete_fields if getattr(field, "auto_now", False)]
        written = {fields_of(table, name)[0] for name in row} | set(stamps)
        new = {field.attname: field.pre_save(instance, add=False) for field in written}
        type(instance)._base_manager.using(queries.DATABASE).filter(pk=instance.pk).update(**new)


def delete(table: link.Table, found: Sequence[tuple[Any, ...]]) -> None:
    """Delete the rows of keys, the first of each tuple, with what the models that refer to them say."""
    for some in batches(found):
        left = loaded(table, [row[0] for row in some])
        with told_of(table):
            if sends_signals(table):
                _delete_each(table, left)
            elif left:
                _delete_together(list(left.values()))


def _delete_each(table: link.Table, left: dict[Any, models.Model]) -> None:
    """Delete instances one by one; one that went with another is not deleted twice."""
    for key, instance in list(left.items()):
        if key not in left:
            continue
        gone = instance.delete(using=queries.DATABASE)
        if not gone or gone[0] != 1:
            left = loaded(table, list(left))


def _delete_together(instances: list[models.Model]) -> None:
    """Delete rows in one statement, after what refers to them: for this the models' own signals are sent."""
    model = type(instances[0])
    keys = [instance.pk for instance in instances]
    collector = Collector(using=queries.DATABASE)
    collector.collect(instances)
    data: dict[type[models.Model], Any] = collector.data
    data[model].difference_update(instances)
    if not data[model]:
        del data[model]
    collector.delete()
    DeleteQuery(model).delete_batch(keys, queries.DATABASE)


def fitted(table: link.Table, field: link.Field, value: Any) -> Any:
    """A computed value as its column holds it: a decimal is rounded to its places."""
    places = getattr(fields_of(table, field.name)[0], "decimal_places", None)
    if places is None or not isinstance(value, float):
        return value
    return rounded(value, places)


def loaded(table: link.Table, keys: Sequence[Any]) -> dict[Any, models.Model]:
    """Instances by their keys, in that order."""
    model = model_of(table.name)
    pk, kind = model._meta.pk, table.primary.column.kind
    found = model._base_manager.using(queries.DATABASE).filter(pk__in=[python(pk, kind, key) for key in keys])
    by_key = {key_of(table, instance): instance for instance in found}
    return {key: by_key[key] for key in keys if key in by_key}


def batches(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """As many rows at a time as there may be instances of."""
    waiting = iter(rows)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


# Answers


def answers(table: link.Table, keys: Sequence[Any], outputs: Sequence[Output], env: Environment) -> Records:
    """The outputs of the rows of keys, in that order, as they are now."""
    if not outputs:
        return []
    outputs = outputs if isinstance(outputs, Answer) else Answer.of(outputs)
    found: dict[Any, dict[str, Any]] = {}
    for some in batches(keys):
        found |= _answers(table, some, outputs, env)
    return [found[key] for key in keys if key in found]


def _answers(table: link.Table, keys: Sequence[Any], outputs: Answer, env: Environment) -> dict[Any, dict[str, Any]]:
    column = table.primary.column
    slots = [Slot("key", index) for index in range(len(keys))]
    items = tuple(Const(column.kind, slot=slot) for slot in slots)
    reference = ColumnRef(column.kind, column)

    def make() -> Statement:
        selection = Selection((Output("", reference), *folded(outputs, env)))
        return queries.page(table, selection, Operation(Kind.BOOL, "in", (reference, *items)))

    key = (table.name, outputs, outputs.outline.key(env), len(keys), queries.vendor())
    statement = ANSWERS.get(current(), key, make)
    bound = replace(env, ready={**env.ready, **dict(zip(slots, keys, strict=True))})
    with connections[queries.DATABASE].cursor() as cursor:
        cursor.execute(statement.sql, statement.bind(bound))
        return {row[0]: render.record(row[1:], outputs) for row in cursor.fetchall()}
