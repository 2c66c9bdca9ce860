"""From the schema to a linked Config: every name resolved, every expression checked, every problem in the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pocketapi.config import schema
from pocketapi.config.accounts import auth_of, check_accounts, check_cookie, check_secrets, check_urls
from pocketapi.config.actions import link_action
from pocketapi.config.adoption import KEY_FORMS, Adopted, adopt
from pocketapi.config.constraint_names import check_constraint_names
from pocketapi.config.defaults import default_of
from pocketapi.config.demands import check_table
from pocketapi.config.fields import check_field, storage_of
from pocketapi.config.indexes import check_index_names, columns_of, index_name
from pocketapi.config.link import Action, Config, Default, Field, Index, Models, Rule, Table, searched
from pocketapi.config.mails import check_mails
from pocketapi.config.names import check_names
from pocketapi.config.notices import notice
from pocketapi.config.properties import Known
from pocketapi.config.providers import providers_of
from pocketapi.config.references import Columns, check_foreign_key
from pocketapi.config.repair import Doubt
from pocketapi.config.report import Path, Report
from pocketapi.config.rules import NotKnown, compared_columns, is_json_check, rule, rules_of, sought_columns
from pocketapi.expressions.kinds import kind_of
from pocketapi.expressions.scope import Column, Rows
from pocketapi.expressions.typed import TRUE, Typed

NOTHING: frozenset[str] = frozenset()


class Linker:
    """Links one config. Of tables that lost something to mistakes, it says only what is true all the same."""

    def __init__(self, spec: schema.Config, report: Report, models: Models | None, doubt: Doubt) -> None:
        self.spec, self.report, self.models = spec, report, models
        self.adopted: Mapping[str, Adopted] = {}
        self.doubtful: set[Path] = {("tables", index) for index in doubt.properties | doubt.columns}
        self.unknown: set[Path] = {("tables", index) for index in doubt.columns}

    def link(self, fingerprint: str, admin_secret: str | None, *, debug: bool) -> Config:
        """The linked config, as good as it is: the report says whether it may be used."""
        spec, report = self.spec, self.report
        check_names(spec, report)
        check_secrets(spec, admin_secret, report, debug=debug)
        check_urls(spec, report)
        check_cookie(spec.auth_cookie, report)
        check_mails(spec, report)
        self.adopted = adopt(spec, self.models, report)
        columns = self._columns()
        tables = {index: self._table(table, ("tables", index), columns) for index, table in enumerate(spec.tables)}
        sought = sought_columns(tables.values())
        tables = {index: replace(table, sought=tuple(sought.get(table.name, ()))) for index, table in tables.items()}
        by_name = {table.name: table for table in reversed(tables.values())}
        self._check_index_names(tables)
        actions = self._actions(by_name, columns)
        providers = providers_of(spec, report, debug=debug)
        notice(spec, tables, report)
        ordered = {table.name: table for table in tables.values()}
        warnings = tuple((warning.id, warning) for warning in sorted(set(report.warnings)))
        return Config(spec, ordered, fingerprint, dict(report.references), providers, actions, warnings)

    def _actions(self, tables: Mapping[str, Table], columns: Columns) -> Mapping[str, Action]:
        sure = {name for name, known in columns.items() if known is not None}
        known = Known(tables, sure, lambda name: self._rows(name, columns))
        linked = [link_action(action, ("actions", index), known, self.report) for index, action in enumerate(self.spec.actions)]
        return {action.spec.name: action for action in linked}

    def _columns(self) -> Columns:
        """The fields of every table by name; of those whose columns are not known, none."""
        found: dict[str, Mapping[str, schema.Field] | None] = {}
        for index, table in enumerate(self.spec.tables):
            if ("tables", index) in self.unknown:
                found[table.name] = None
            elif isinstance(table, schema.Table):
                found[table.name] = {field.name: field for field in table.fields}
            else:
                known = self.adopted.get(table.name)
                found[table.name] = {name: field.spec for name, field in known.fields.items()} if known else None
        return found

    def _rows(self, name: str, columns: Columns) -> Rows | None:
        """Another table as the config's own rules see it: every row and column."""
        if name in self.adopted:
            known = self.adopted[name]
            key = next((field.name for field in known.fields.values() if field.spec.primary), "")
            return Rows(known.relation, {field.name: field.column for field in known.fields.values()}, TRUE, primary=key)
        if name not in columns:
            return None
        fields = columns[name]
        if fields is None:
            raise NotKnown
        found = {field.name: self._column(name, field) for field in fields.values()}
        search = searched(next(table for table in self.spec.tables if table.name == name), found)
        return Rows(name, found, TRUE, search, next((field.name for field in fields.values() if field.primary), ""))

    def _column(self, table: str, field: schema.Field) -> Column:
        """A field of our own as expressions see it; a key to an existing model is stored as what it points to."""
        column = column_of(table, field)
        known = self.adopted.get(column.key[0]) if column.key else None
        target = known.fields.get(column.key[1]) if known and column.key else None
        return replace(column, form=target.column.form) if target and target.column.form in KEY_FORMS else column

    # Tables

    def _table(self, spec: schema.Table | schema.ModelTable, path: Path, columns: Columns) -> Table:
        adopted = self.adopted.get(spec.name)
        fields = self._fields(spec, path, columns) if isinstance(spec, schema.Table) else adopted.fields if adopted else {}
        known = None if path in self.unknown or not fields else {name: field.column for name, field in fields.items()}
        search = searched(spec, known) if known else None
        rules = rules_of(spec, known, path, self.report, lambda name: self._rows(name, columns), search)
        indexes = adopted.indexes if adopted else ()
        triggers: tuple[schema.Trigger, ...] = ()
        if isinstance(spec, schema.Table):
            indexes = tuple(self._indexes(spec, path, fields, known))
            triggers = tuple(each for each in spec.triggers if isinstance(each, schema.Trigger) and not each.is_built_in)
            if path not in self.doubtful:
                check_table(spec, path, self.report)
                check_accounts(spec, spec.fields, path, self.report)
        elif fields:
            check_accounts(spec, [field.spec for field in fields.values()], path, self.report)
        auth = auth_of(spec)
        return Table(spec.name, spec, fields, rules, auth and auth[1], indexes, triggers, compared_columns(spec.name, rules))

    def _fields(self, spec: schema.Table, path: Path, columns: Columns) -> dict[str, Field]:
        bare = {field.name: self._column(spec.name, field) for field in spec.fields}
        scope = None if path in self.unknown else bare
        doubtful = {self.spec.tables[int(table[1])].name for table in self.doubtful}
        fields: dict[str, Field] = {}
        for index, field in enumerate(spec.fields):
            at = (*path, "fields", index)
            check_field(field, at, self.report)
            check_foreign_key(field, at, columns, self.report, doubtful)
            self._check_form(field, at)
            fields.setdefault(field.name, self._field(spec.name, field, at, bare[field.name], scope))
        return fields

    def _check_form(self, field: schema.Field, path: Path) -> None:
        """A key to an existing model is stored as what it points to, which not every column can be."""
        key = field.foreign_key
        known = self.adopted.get(key.table) if key else None
        target = known.fields.get(key.column) if key and known else None
        if target and target.column.form not in ("", "text", *KEY_FORMS):
            told = f"`{target.column.table}.{target.name}` is stored as Django stores it, and no column of ours is"
            self.report.error("E005", (*path, "foreignKey"), f"{told}: point to another one.")

    def _field(self, table: str, spec: schema.Field, path: Path, column: Column, scope: Mapping[str, Column] | None) -> Field:
        tree: Typed | None = None
        sql = spec.check if isinstance(spec.check, schema.SqlText) and not is_json_check(spec) else None
        if isinstance(spec.check, str) and not is_json_check(spec):
            found = rule(spec.check, table, scope, NOTHING, (*path, "check"), self.report)
            tree = found.tree if found else None
        return Field(spec, column, tree, sql, _default(spec))

    # Indexes

    def _indexes(
        self, spec: schema.Table, path: Path, fields: Mapping[str, Field], known: Mapping[str, Column] | None
    ) -> list[Index]:
        if known is None:
            return []
        return [
            self._index(spec.name, index, (*path, "indexes", number), fields, known) for number, index in enumerate(spec.indexes)
        ]

    def _index(
        self, table: str, spec: schema.Index, path: Path, fields: Mapping[str, Field], known: Mapping[str, Column]
    ) -> Index:
        columns = columns_of(spec, path, {name: field.spec for name, field in fields.items()}, self.report)
        where: Rule | None = None
        if isinstance(spec.where, str):
            where = rule(spec.where, table, known, NOTHING, (*path, "where"), self.report)
        sql = spec.where if isinstance(spec.where, schema.SqlText) else None
        return Index(index_name(table, columns, spec, where), columns, spec.unique, where, sql)

    def _check_index_names(self, tables: Mapping[int, Table]) -> None:
        first: dict[str, tuple[Path, Table]] = {}
        for at, table in tables.items():
            first.setdefault(table.name.lower(), (("tables", at), table))
        taken = check_constraint_names(dict(first.values()), self.report)
        every: list[tuple[Path, schema.Index, Index]] = []
        for at, table in tables.items():
            specs = table.spec.indexes if isinstance(table.spec, schema.Table) else []
            every += [
                (("tables", at, "indexes", number), *pair) for number, pair in enumerate(zip(specs, table.indexes, strict=False))
            ]
        check_index_names(every, taken, self.report)


def column_of(table: str, field: schema.Field) -> Column:
    """A field as expressions see it."""
    storage = storage_of(field)
    key = field.foreign_key
    return Column(
        table=table,
        name=field.name,
        kind=kind_of(field.type, storage),
        storage=storage,
        nullable=not (field.not_null or field.primary),
        collation=field.collate,
        hidden=field.no_select,
        secret=field.usage in ("auth_password", "auth_password_salt"),
        key=(key.table, key.column) if key else None,
    )


def _default(spec: schema.Field) -> Default | None:
    try:
        return default_of(spec)
    except (ValueError, KeyError):  # reported by check_field
        return None
