"""The shape of actions: parameters, SQL statements and steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator
from pydantic import Field as Property

from pocketapi.config.part import Identifier, Part, Scalar, upper


class Param(Part):
    """A parameter of an action."""

    type: Literal["string", "number", "integer", "boolean"]
    optional: bool = False
    default: Scalar = None
    description: str | None = None


def param(value: Any) -> Any:
    """A type alone stands for a parameter of it."""
    return {"type": value} if isinstance(value, str) else value


Fragment = str | int | dict[str, Any]


class SqlSelect(Part):
    """An item of an action's selects or returning."""

    q: str | dict[Literal["sqlite", "postgresql"], str]
    p: dict[str, Any] | None = None
    as_: Identifier | None = Property(None, alias="as")


class SqlStatement(Part):
    """One statement of an action in SQL mode."""

    type: Annotated[Literal["SELECT", "INSERT", "UPDATE", "DELETE", "QUERY"], BeforeValidator(upper)]
    table: Identifier | None = None
    from_: Identifier | None = Property(None, alias="from")
    selects: list[str | SqlSelect] | None = None
    where: Fragment | None = None
    order_by: Fragment | list[Fragment] | None = None
    group_by: Fragment | list[Fragment] | None = None
    having: Fragment | None = None
    limit: Fragment | None = None
    offset: Fragment | None = None
    distinct: bool = False
    set: dict[str, Any] | None = None
    values: dict[str, Any] | list[dict[str, Any]] | None = None
    returning: str | list[str | SqlSelect] | None = None
    or_: str | None = Property(None, alias="or")
    q: str | dict[Literal["sqlite", "postgresql"], str] | None = None
    p: dict[str, Any] | None = None


class Step(Part):
    """One statement of an action in steps mode."""

    type: Annotated[Literal["SELECT", "INSERT", "UPDATE", "DELETE"], BeforeValidator(upper)]
    table: Identifier
    where: str | None = None
    select: str | list[str] | None = None
    order: str | list[str] | None = None
    sort: str | list[str] | None = None
    group: str | list[str] | None = None
    limit: int | str | None = None
    offset: int | str | None = None
    distinct: bool = False
    values: dict[str, Any] | list[dict[str, Any]] | None = None
    expr: dict[str, Any] | None = None
    set: dict[str, Any] | None = None
    set_values: dict[str, Any] | None = None
    returning: str | list[str] | None = None
    or_: str | None = Property(None, alias="or")


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class Action(Part):
    """A named operation: POST /action/{name}."""

    name: Identifier
    description: str | None = None
    params: dict[Identifier, Annotated[Param, BeforeValidator(param)]] = Property(default_factory=dict)
    guard: str | None = None
    require_auth: bool = False
    apply_table_rules: bool = True
    sql: Annotated[list[SqlStatement], BeforeValidator(_one_or_many), Property(min_length=1)] | None = None
    steps: Annotated[list[Step], BeforeValidator(_one_or_many), Property(min_length=1)] | None = None
