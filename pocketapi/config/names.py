"""Names that are taken, reserved, or that Django or a database cannot have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pocketapi.config import schema
from pocketapi.config.report import Path, Report

TABLES = frozenset({"auth", "params", "request", "new", "outer"})
COLUMNS = frozenset({"in", "as", "asc", "desc", "true", "false", "null"})
FOREIGN_TABLES = ("django_", "auth_", "pocketapi_", "sqlite_", "pg_")
SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})  # every PostgreSQL table has them
# Attributes of django.db.models.Model; a test compares them with the Django that is installed.
MODEL = frozenset(
    """
    DoesNotExist MultipleObjectsReturned NotUpdated _base_manager _check_column_name_clashes _check_composite_pk
    _check_constraints _check_db_table_comment _check_default_pk _check_field_name_clashes _check_fields _check_id_field
    _check_indexes _check_index_together _check_local_fields _check_long_column_names
    _check_m2m_through_same_relationship _check_managers _check_model _check_model_name_db_lookup_clashes _check_ordering
    _check_property_name_related_field_accessor_clashes _check_single_primary_key _check_swappable _check_unique_together
    _constraints _default_manager _do_insert _do_update _get_FIELD_display _get_expr_references _get_field_expression_map
    _get_field_value_map _get_next_or_previous_by_FIELD _get_next_or_previous_in_order _get_pk_val _get_unique_checks
    _is_pk_set _meta _parse_params _parse_save_params _perform_date_checks _perform_unique_checks _prefetched_objects_cache
    _prepare_related_fields_for_save _save_parents _save_table _set_pk_val _state _validate_force_insert adelete
    arefresh_from_db asave check clean clean_fields date_error_message delete from_db full_clean get_constraints
    get_deferred_fields objects pk prepare_database_save refresh_from_db save save_base serializable_value
    unique_error_message validate_constraints validate_unique
    """.split()  # noqa: SIM905 - a list would take a line for each
)


def check_names(spec: schema.Config, report: Report) -> None:
    """Tables, their fields, indexes and triggers, actions and providers."""
    tables = [(("tables", index), table) for index, table in enumerate(spec.tables)]
    _check_unique([((*path, "name"), table.name) for path, table in tables], "table", report)
    _check_former([(path, table.name, getattr(table, "last_name", None)) for path, table in tables], "table", report)
    for path, table in tables:
        _check_table(path, table, report)
    _check_unique([(("actions", index, "name"), action.name) for index, action in enumerate(spec.actions)], "action", report)
    providers = [(("authProviders", index, "name"), provider.name) for index, provider in enumerate(spec.auth_providers)]
    _check_unique(providers, "provider", report)


def _check_table(path: Path, table: schema.Table | schema.ModelTable, report: Report) -> None:
    if problem := table_problem(table.name):
        report.error("E004", (*path, "name"), problem)
    listed: Sequence[schema.Field | schema.ModelField] = table.fields
    fields: list[tuple[Path, schema.Field | schema.ModelField]] = [
        ((*path, "fields", at), field) for at, field in enumerate(listed)
    ]
    _check_unique([((*at, "name"), field.name) for at, field in fields], "field", report)
    kinds = [((*path, "extensions", index, "name"), str(extension.name)) for index, extension in enumerate(table.extensions)]
    _check_unique(kinds, "extension", report)
    if isinstance(table, schema.ModelTable):
        return
    _check_former([(at, field.name, getattr(field, "last_name", None)) for at, field in fields], "field", report)
    for at, field in fields:
        if problem := field_problem(field.name):
            report.error("E004", (*at, "name"), problem)
    triggers = [((*path, "triggers", index), trigger) for index, trigger in enumerate(table.triggers)]
    _check_unique([((*at, "name"), each.name) for at, each in triggers if isinstance(each, schema.Trigger)], "trigger", report)
    _check_unique([(at, each) for at, each in triggers if isinstance(each, str)], "trigger", report)


def table_problem(name: str) -> str | None:
    """Why a table cannot have a name."""
    if name in TABLES:
        return f"`{name}` has a meaning in expressions: no table can be called so."
    if "__" in name or name.startswith("_") or name.endswith("_"):
        return f"`{name}`: Django can have no table whose name has two underscores in a row, or one at its start or end."
    taken = next((prefix for prefix in FOREIGN_TABLES if name.lower().startswith(prefix)), None)
    return f"`{name}`: tables that start with `{taken}` belong to Django, this package or the database." if taken else None


def field_problem(name: str) -> str | None:
    """Why a column cannot have a name."""
    if name.lower() in COLUMNS:
        return f"`{name}` is a keyword of expressions: no column can be called so."
    if name in MODEL:
        return f"`{name}` is an attribute of every Django model: call the column something else, such as `{name}_value`."
    if "__" in name or name.endswith("_"):
        return f"`{name}`: Django can have no column whose name has two underscores in a row, or one at its end."
    return f"`{name}` is a column that PostgreSQL gives every table." if name.lower() in SYSTEM_COLUMNS else None


def _check_unique(named: Iterable[tuple[Path, str]], noun: str, report: Report) -> None:
    """Names that differ only in case are one name to SQLite."""
    first: dict[str, tuple[Path, str]] = {}
    for path, name in named:
        before = first.setdefault(name.lower(), (path, name))
        if before[0] != path:
            line = report.places.of(before[0])[0]
            differs = "" if before[1] == name else f" (`{before[1]}`: case does not count)"
            report.error("E004", path, f"There is another {noun} `{name}`, in line {line}{differs}: names are unique.")


def _check_former(named: list[tuple[Path, str, str | None]], noun: str, report: Report) -> None:
    now = {name.lower() for _, name, _ in named}
    former: set[str] = set()
    for path, name, last in named:
        if last is None:
            continue
        at = (*path, "lastName")
        if last.lower() in now:
            told = "its name now" if last.lower() == name.lower() else f"the name of another {noun}"
            report.error("E004", at, f"`{last}` is {told}: once a rename is migrated everywhere, leave lastName out.")
        elif last.lower() in former:
            report.error("E004", at, f"Two {noun}s were called `{last}`: a name becomes one {noun} only.")
        former.add(last.lower())
