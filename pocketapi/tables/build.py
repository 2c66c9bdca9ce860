"""The config's tables as Django models."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.constraints import BaseConstraint

from pocketapi.config import link, schema
from pocketapi.config.constraint_names import constraint_name
from pocketapi.expressions.forms import as_stored
from pocketapi.models import OF_USERS
from pocketapi.tables import fields
from pocketapi.tables.conditions import Condition, Portable
from pocketapi.tables.constraints import Check, Folded
from pocketapi.tables.defaults import Default, LiteralSql, NowSql, RawSql
from pocketapi.tables.foreign_keys import ForeignKeyConstraint, ForeignKeyField
from pocketapi.tables.indexes import ColumnIndex
from pocketapi.tables.removals import EVENTS, FileTrigger, UserTrigger
from pocketapi.tables.search import SearchIndex
from pocketapi.tables.triggers import CreatedTrigger, Trigger, UpdatedTrigger

LABEL = "pocket_tables"
MODULE = "pocketapi.tables.models"
Model = type[models.Model]

FIELDS: dict[tuple[str, str], type[models.Field[Any, Any]]] = {
    ("bool", "boolean"): fields.BoolField,
    ("bool", "integer"): fields.BoolIntegerField,
    ("date", "text"): fields.TextTimestampField,
    ("json", "json"): fields.JsonField,
    ("json", "text"): fields.JsonTextField,
}
STORAGES: dict[str, type[models.Field[Any, Any]]] = {
    "text": fields.TextField,
    "integer": fields.IntegerField,
    "int": fields.IntegerField,
    "real": fields.NumberField,
    "float": fields.NumberField,
    "numeric": fields.NumericField,
    "timestamp": fields.TimestampField,
    "datetime": fields.TimestampField,
    "date": fields.DayField,
    "time": fields.TimeField,
    "blob": fields.BlobField,
}


def build(config: link.Config) -> dict[str, Model]:
    """A model for each table that is ours, by name; `model:` tables have one already."""
    targets = {(key.table, key.column) for table in config.tables.values() for key in keys(table)}
    return {
        name: build_model(table, config, {column for target, column in targets if target == name})
        for name, table in config.tables.items()
        if isinstance(table.spec, schema.Table)
    }


def keys(table: link.Table) -> list[schema.ForeignKey]:
    """The foreign keys of a table."""
    return [field.spec.foreign_key for field in table.fields.values() if field.spec.foreign_key]


def build_model(table: link.Table, config: link.Config, targets: Collection[str] = ()) -> Model:
    """The model of one table, registered with Django under its name; `targets` are the columns that keys point to."""
    columns = {name: build_field(field, config) for name, field in table.fields.items()}
    options = {
        "app_label": LABEL,
        "db_table": table.name,
        "constraints": constraints(table, config, targets),
        "indexes": [
            *(build_index(index, table) for index in table.indexes),
            *auto_indexes(table),
            *file_indexes(table),
            *triggers(table),
            *removals(table),
            *searches(table),
        ],
    }
    meta = type("Meta", (), options)
    attributes: dict[str, Any] = {**columns, "Meta": meta, "__module__": MODULE, "__str__": _shown(table)}
    return type(table.name, (models.Model,), attributes)


def _shown(table: link.Table) -> Callable[[models.Model], str]:
    uid = table.uid.name
    return lambda row: str(getattr(row, uid))


def build_field(field: link.Field, config: link.Config) -> models.Field[Any, Any]:
    """The column of one field."""
    spec = field.spec
    if spec.auto_increment:
        return fields.AutoIncrementField(primary_key=True)
    options: dict[str, Any] = {"null": not field.not_null, "primary_key": spec.primary}
    options["blank"] = bool(options["null"] or field.default)
    if field.default:
        options["db_default"] = database_default(field.default, spec, field.column.form)
    kind = field_class(spec, field.column.form)
    if spec.foreign_key:
        return ForeignKeyField(*target(spec.foreign_key, config), stored=kind, **options)
    if issubclass(kind, fields.TextField):
        options["collate"] = spec.collate
    return kind(**options)


def field_class(spec: schema.Field, form: str = "") -> type[models.Field[Any, Any]]:
    """The class for a type and its sqlType, or for the form of the existing model's column that a key points to."""
    if form == "uuid":
        return fields.UuidField
    return FIELDS.get((spec.type, spec.storage)) or STORAGES[spec.storage]


def database_default(default: link.Default, spec: schema.Field, form: str = "") -> Default:
    """A default as the database keeps it."""
    match default:
        case link.Now():
            return NowSql(spec.storage)
        case link.SqlDefault(sql):
            return RawSql(per_vendor(sql))
        case link.LiteralDefault(value):
            return LiteralSql(as_stored(form, stored(value, spec)))
        case _:
            raise TypeError(default)  # of an existing model, whose columns are not made


def stored(value: Any, spec: schema.Field) -> str | float | bytes:
    """A literal of the config as the column stores it."""
    match spec.type:
        case "json":
            # A percent sign may not stand in a default of PostgreSQL's; JSON has another way to write it.
            return json.dumps(value, ensure_ascii=False).replace("%", "\\u0025")
        case "blob":
            return base64.b64decode(value)
        case "bool":
            return bool(value) if spec.storage == "boolean" else int(value)
        case _:
            return value  # type: ignore[no-any-return]


def target(key: schema.ForeignKey, config: link.Config) -> tuple[str, str]:
    """The model and the field that a key points to, as Django names them."""
    spec = config.tables[key.table].spec
    if isinstance(spec, schema.ModelTable):
        model = apps.get_model(spec.model, require_ready=False)
        return spec.model, next(field.name for field in model._meta.concrete_fields if field.column == key.column)
    return f"{LABEL}.{key.table}", key.column


def target_table(key: schema.ForeignKey, config: link.Config) -> str:
    """The name of the database's table that a key points to."""
    spec = config.tables[key.table].spec
    return apps.get_model(spec.model, require_ready=False)._meta.db_table if isinstance(spec, schema.ModelTable) else key.table


def constraints(table: link.Table, config: link.Config, targets: Collection[str]) -> list[BaseConstraint]:
    """Every constraint that has a name of its own."""
    return [
        *(unique for field in table.fields.values() for unique in uniques(table.name, field.spec, field.name in targets)),
        *(check for field in table.fields.values() for check in checks(table.name, field)),
        *(foreign_key(table.name, name, key, config) for name, field in table.fields.items() if (key := field.spec.foreign_key)),
    ]


def uniques(table: str, spec: schema.Field, is_target: bool) -> Iterator[models.UniqueConstraint]:
    """Unique as the collation compares; the target of a key needs it of the bare column, too."""
    folded = spec.collate != "BINARY"
    if spec.unique and not spec.primary and (is_target or not folded):
        yield models.UniqueConstraint(fields=[spec.name], name=constraint_name("uq", table, spec.name))
    if folded and (spec.unique or spec.primary):
        name = constraint_name("uq", table, spec.name, spec.collate.lower())
        yield models.UniqueConstraint(Folded(spec.name, spec.collate), name=name)


def checks(table: str, field: link.Field) -> Iterator[Check]:
    """The check of a field, by whichever language it is written in."""
    name = constraint_name("ck", table, field.name)
    if field.check_sql:
        yield Check(name=name, condition=per_vendor(field.check_sql))
    elif field.check and isinstance(field.spec.check, str):
        yield Check(name=name, condition=Portable(field.spec.check))


def foreign_key(table: str, column: str, key: schema.ForeignKey, config: link.Config) -> ForeignKeyConstraint:
    """The key of a column."""
    return ForeignKeyConstraint(
        name=constraint_name("fk", table, column),
        column=column,
        to_table=target_table(key, config),
        to_column=key.column,
        on_delete=key.on_delete,
        on_update=key.on_update,
    )


def build_index(index: link.Index, table: link.Table) -> ColumnIndex:
    """An index; a column without a collation of its own there has that of the table's."""
    columns = [
        (column.name, column.collate or _folding(table.fields[column.name].spec.collate), column.descending)
        for column in index.columns
    ]
    where: Condition | None = None
    if index.where_sql:
        where = per_vendor(index.where_sql)
    elif index.where:
        where = Portable(index.where.text)
    return ColumnIndex(name=index.name, columns=columns, unique=index.unique, where=where)


def auto_indexes(table: link.Table) -> list[ColumnIndex]:
    """With `autoIndex`, an index for each column that rules compare and that has none; long texts and JSON make none."""
    if not isinstance(table.spec, schema.Table) or not table.spec.auto_index:
        return []
    return [
        build_index(link.Index(constraint_name("ix", table.name, name), (link.IndexColumn(name),)), table)
        for name in table.unserved
    ]


def searches(table: link.Table) -> list[SearchIndex]:
    """The index of the full-text search, if the table has one."""
    if table.searched is None or not isinstance(table.spec, schema.Table) or table.spec.full_text_search is None:
        return []
    name, columns = constraint_name("fts", table.name), [column.name for column in table.searched.columns]
    prefix = table.spec.full_text_search.lengths
    return [SearchIndex(name=name, key=table.searched.key.name, columns=columns, tokenize=table.searched.tokenize, prefix=prefix)]


def file_indexes(table: link.Table) -> list[ColumnIndex]:
    """An index for each file column, by which the rows that name a file are found before it is deleted."""
    if table.spec.id_in_r2:
        return []  # they are found by their key
    return [
        ColumnIndex(
            name=constraint_name("fx", table.name, field.name),
            columns=[(field.name, None, False)],
            where=Portable(f"{field.name} != null"),
        )
        for field in table.files
    ]


def removals(table: link.Table) -> list[Trigger]:
    """The triggers that see what goes with a row; their names have two underscores, which those of the config cannot have."""
    found: list[Trigger] = []
    by = table.uid.name if table.spec.id_in_r2 else None
    for field in table.files if table.spec.auto_delete_r2_files else ():
        for event in EVENTS:
            name = constraint_name("tf", table.name, "", field.name, event.lower())
            found.append(FileTrigger(name=name, column=field.name, event=event, base=table.base, by=by))
    rows = [model._meta.db_table for model in OF_USERS]
    for event in EVENTS if table.auth else ():
        name = constraint_name("tu", table.name, "", event.lower())
        found.append(UserTrigger(name=name, column=table.uid.name, event=event, users=table.name, rows=rows))
    return found


def triggers(table: link.Table) -> list[Trigger]:
    """The custom triggers, and those that keep the stamps; on SQLite the name of a trigger is one of the whole database."""
    found: dict[str, Trigger] = {}
    for each in table.spec.triggers if isinstance(table.spec, schema.Table) else ():
        trigger = stamp_trigger(table, each if isinstance(each, str) else each.name) or custom_trigger(table, each)
        if trigger:
            found.setdefault(trigger.name, trigger)
    return list(found.values())


def stamp_trigger(table: link.Table, name: str) -> Trigger | None:
    """createdTrigger or updatedTrigger, by its name or that of the original; none for others, or without such a column."""
    created, updated = table.with_usage("record_created"), table.with_usage("record_updated")
    if name in ("createdTrigger", "raise_on_created_update") and created:
        return CreatedTrigger(name=constraint_name("tr", table.name, "createdTrigger"), column=created.name)
    if name in ("updatedTrigger", "update_updated_on_update") and updated:
        name = constraint_name("tr", table.name, "updatedTrigger")
        return UpdatedTrigger(name=name, column=updated.name, key=table.primary.name, storage=updated.spec.storage)
    return None


def custom_trigger(table: link.Table, spec: schema.Trigger | str) -> Trigger | None:
    """A trigger in raw SQL."""
    if isinstance(spec, str) or spec.is_built_in:
        return None
    return Trigger(
        name=constraint_name("tr", table.name, spec.name),
        column=table.primary.name,
        seq=spec.seq,
        event=spec.event,
        body=spec.body if isinstance(spec.body, str) else {str(vendor): sql for vendor, sql in spec.body.items()},
        update_of=spec.update_of or () if spec.event == "UPDATE" else (),
        when=per_vendor(spec.when) if isinstance(spec.when, schema.SqlText) else spec.when,
    )


def _folding(collate: str) -> str | None:
    return None if collate == "BINARY" else collate


def per_vendor(text: schema.SqlText) -> str | dict[str, str]:
    """Raw SQL as constraints and defaults keep it."""
    return text.q if isinstance(text.q, str) else {str(vendor): sql for vendor, sql in text.q.items()}
