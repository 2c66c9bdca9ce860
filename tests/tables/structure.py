"""What a database holds of the config's tables, to compare: rows, and every column, constraint, index and trigger."""

from __future__ import annotations

import re
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.state import ProjectState

from pocketapi.tables import models
from pocketapi.tables.build import LABEL
from tests.conftest import create_tables

Rows = dict[str, dict[str, list[Any]]]
POSTGRESQL = """
SELECT 'column', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
  pg_get_expr(d.adbin, d.adrelid), (SELECT collname FROM pg_collation WHERE oid = a.attcollation)
 FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.relname = ANY(%(tables)s)
UNION ALL SELECT 'constraint', c.relname, CASE n.contype WHEN 'p' THEN '' WHEN 'n' THEN '' ELSE n.conname END,
  pg_get_constraintdef(n.oid), true, '', '', ''
 FROM pg_class c JOIN pg_constraint n ON n.conrelid = c.oid WHERE c.relname = ANY(%(tables)s)
UNION ALL SELECT 'index', tablename, indexname, indexdef, true, '', '', '' FROM pg_indexes
 WHERE tablename = ANY(%(tables)s) AND indexname NOT LIKE '%%_pkey'
UNION ALL SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid), true, p.prosrc, '', ''
 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
UNION ALL SELECT 'function', proname, '', prosrc, true, '', '', '' FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace
"""


def ask(connection: BaseDatabaseWrapper, sql: str, params: Any = None) -> Any:
    """The rows of a statement, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else None


def rows(connection: BaseDatabaseWrapper) -> Rows:
    """Every column of every table, its values in the order of the first column."""
    found: Rows = {}
    for name in models.MODELS:
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{name}" ORDER BY 1')
            values = list(zip(*cursor.fetchall(), strict=True))
            columns = [column[0] for column in cursor.description]
        found[name] = {column: list(values[place]) if values else [] for place, column in enumerate(columns)}
    return found


def structure(connection: BaseDatabaseWrapper) -> list[Any]:
    """All that the tables are made of, without order."""
    if connection.vendor == "postgresql":
        found = ask(connection, POSTGRESQL, {"tables": list(models.MODELS)})
        return sorted({tuple(map(str, row)) for row in found})
    found = ask(connection, "SELECT type, tbl_name, name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    ours = [row for row in found if row[1] in models.MODELS]
    tables = [(kind, name, part) for kind, name, _, sql in ours if kind == "table" for part in _parts(sql)]
    return sorted([*(row for row in ours if row[0] != "table"), *tables])


def _parts(sql: str) -> list[str]:
    """The columns and constraints of a CREATE TABLE."""
    parts, depth = [""], 0
    for character in sql[sql.index("(") + 1 : sql.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [re.sub(r"\s+", " ", part).strip() for part in parts]


def made_afresh(connection: BaseDatabaseWrapper) -> list[Any]:
    """The structure of the process's tables as they are when they are new; their rows are gone then."""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in models.MODELS:
            cursor.execute(f'DROP TABLE "{name}"{"" if connection.vendor == "sqlite" else " CASCADE"}')
        if connection.vendor == "postgresql":
            cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP FUNCTION "{name}"')
        state = ProjectState.from_apps(apps)
        create_tables(connection, [state.apps.get_model(LABEL, name) for name in models.MODELS])
    return structure(connection)
