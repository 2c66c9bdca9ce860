"""Existing models as tables: their columns as the config names and restricts them, their keys as keys between tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pocketapi.config import schema
from pocketapi.config.demands import check_uid, check_usages
from pocketapi.config.fields import check_field
from pocketapi.config.link import Field, Index, Key, Model, Models
from pocketapi.config.references import named
from pocketapi.config.report import Path, Report
from pocketapi.expressions.kinds import kind_of

KEY_FORMS = ("uuid",)  # what a column of our own has, too, if it points there


@dataclass(frozen=True)
class Adopted:
    """A model that is a table: what the database calls it, its columns and its indexes."""

    model: Model
    fields: Mapping[str, Field]

    @property
    def relation(self) -> str:
        return self.model.relation

    @property
    def indexes(self) -> tuple[Index, ...]:
        return self.model.indexes


def adopt(spec: schema.Config, models: Models | None, report: Report) -> dict[str, Adopted]:
    """The models that can be tables, by table; what is wrong with the others is reported."""
    found: dict[str, tuple[Path, schema.ModelTable, Model]] = {}
    for index, table in enumerate(spec.tables):
        if isinstance(table, schema.ModelTable) and (model := _model(table, ("tables", index), models, report)):
            found[table.name] = ("tables", index), table, model
    _check_once(found, report)
    by_model: dict[str, str] = {}
    for name, (_, _, model) in sorted(found.items(), key=lambda each: each[1][2].label != each[1][2].concrete):
        by_model.setdefault(model.concrete, name)
    for path, _, model in found.values():
        _check_joins(model, by_model, path, report)
    tables = {table.name: table for table in spec.tables if isinstance(table, schema.Table)}
    return {
        name: Adopted(model, _fields(path, table, model, by_model, tables, report))
        for name, (path, table, model) in found.items()
    }


def _model(table: schema.ModelTable, path: Path, models: Models | None, report: Report) -> Model | None:
    if models is None:
        told = f"The columns of {table.model} were not checked: `manage.py pocketapi check` does."
        report.warn("W007", (*path, "model"), told)
        return None
    found = models.get(table.model)
    if found is None:
        report.error("E005", (*path, "model"), named(table.model, dict.fromkeys(models), "model"))
        return None
    for problem in found.problems:
        report.error("E005", (*path, "model"), problem)
    return None if found.problems else found


def _check_once(found: Mapping[str, tuple[Path, schema.ModelTable, Model]], report: Report) -> None:
    first: dict[str, Path] = {}
    for path, _, model in found.values():
        before = first.setdefault(model.label, path)
        if before != path:
            told = f"{model.label} is a table already, in line {report.places.of(before)[0]}: for another view, take a proxy."
            report.error("E004", (*path, "model"), told)


def _check_joins(model: Model, by_model: Mapping[str, str], path: Path, report: Report) -> None:
    """A many-to-many field is no column: its pairs are rows of a table of their own."""
    for name, through in model.joins.items():
        if through not in by_model:
            table = through.split(".")[1].lower()
            told = f"`{name}` of {model.label} is many-to-many, and no column: expose its pairs, too"
            report.error("E005", (*path, "model"), f"{told}, as a table `{{name: {table}, model: {through}}}`.")


# Columns


def _fields(
    path: Path,
    table: schema.ModelTable,
    model: Model,
    by_model: Mapping[str, str],
    tables: Mapping[str, schema.Table],
    report: Report,
) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for field in model.fields:
        placed = replace(field, column=replace(field.column, table=table.name))
        key = model.keys.get(field.name)
        fields[field.name] = _keyed(placed, key, by_model, tables, path, report) if key else placed
    for index, said in enumerate(table.fields):
        at = (*path, "fields", index)
        if said.name in fields:
            fields[said.name] = _told(fields[said.name], said, at, report)
        else:
            report.error("E005", (*at, "name"), named(said.name, fields, "column", f" in {table.model}"))
    used = [((*path, "fields", index), fields[said.name].spec) for index, said in enumerate(table.fields) if said.name in fields]
    check_usages(used, report)
    check_uid(table, [field.spec for field in fields.values()], path, report)
    return fields


def _keyed(
    field: Field, key: Key, by_model: Mapping[str, str], tables: Mapping[str, schema.Table], path: Path, report: Report
) -> Field:
    """A key whose target is a table; to other models it is a plain column."""
    if key.is_table:
        return _to_table(field, key, tables, path, report)
    name = by_model.get(key.target)
    return _with_key(field, name, key.column or "", key) if name else field


def _to_table(field: Field, key: Key, tables: Mapping[str, schema.Table], path: Path, report: Report) -> Field:
    """A key to a table of the config has the type and the storage of what it points to."""
    table = next((each for each in tables.values() if each.name.lower() == key.target.lower()), None)
    target = (
        next((each for each in table.fields if (each.name == key.column if key.column else each.primary)), None)
        if table
        else None
    )
    if table is None or target is None:
        told = f"`{field.name}` points to the table {key.target}, which the config does not have"
        report.error("E005", (*path, "model"), f"{told}: add it, or change the model.")
        return field
    storage = target.storage
    typed = "relation" if storage in schema.SQL_TYPES["relation"] else target.type
    spec = field.spec.model_copy(update={"type": typed, "sql_type": storage, "max_length": None})
    column = replace(field.column, kind=kind_of(typed, storage), storage=storage, form="")
    return _with_key(replace(field, spec=spec, column=column, accept=None), table.name, target.name, key)


def _with_key(field: Field, table: str, column: str, key: Key) -> Field:
    pointing = schema.ForeignKey(table=table, column=column, on_delete=key.on_delete)
    return replace(
        field,
        spec=field.spec.model_copy(update={"foreign_key": pointing}),
        column=replace(field.column, key=(table, column)),
    )


def _told(field: Field, said: schema.ModelField, path: Path, report: Report) -> Field:
    """A column with what the config says of it."""
    given = {name: getattr(said, name) for name in said.model_fields_set}
    spec = field.spec.model_copy(update=given)
    check_field(spec, path, report)
    secret = spec.usage in ("auth_password", "auth_password_salt")
    return replace(field, spec=spec, column=replace(field.column, hidden=spec.no_select, secret=secret))
