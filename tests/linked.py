"""A linked config of a few lines, without the loader: for tests of what lies below it."""

from __future__ import annotations

from typing import Any

import yaml

from pocketapi.config import link, schema
from pocketapi.expressions.kinds import kind_of
from pocketapi.expressions.scope import Column


def linked(text: str) -> link.Config:
    """The config of a text that holds `tables:` or a list of tables."""
    given = yaml.safe_load(text)
    tables = given if isinstance(given, list) else given["tables"]
    spec = schema.Config.model_validate({"appUrl": "http://localhost", "jwtSecret": "x" * 32, "tables": tables})
    return link.Config(spec=spec, tables={table.name: _table(table) for table in spec.tables}, fingerprint="00000000")


def _table(spec: Any) -> link.Table:
    return link.Table(
        name=spec.name, spec=spec, fields={field.name: _field(spec.name, field) for field in spec.fields}, rules=None, auth=None
    )


def _field(table: str, spec: schema.Field) -> link.Field:
    return link.Field(
        spec=spec, column=Column(table, spec.name, kind_of(spec.type, spec.storage), spec.storage, not spec.not_null)
    )
