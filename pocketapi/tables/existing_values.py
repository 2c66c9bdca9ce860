"""The values of existing models: what Django's instances hold, and the form that the rest of the package knows.

That form is expressions/literals.py's: text, int, float, bool, a date in its one textual form, JSON as text, bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections, models, router
from django.db.models.expressions import ExpressionWrapper
from django.db.models.sql import Query

from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.scope import Column

Field = Any  # a field of Django's: its stubs ask for two parameters that it does not have when it runs
FINEST = timedelta(microseconds=1)


def leaf(field: Field) -> Field:
    """The field that a value is of: of a key, the one that it points to in the end."""
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return getattr(field, "output_field", None) or field if isinstance(field, models.GeneratedField) else field


def python(field: Field, kind: Kind, value: Any) -> Any:
    """A value as an instance holds it."""
    if value is None:
        return None
    found = leaf(field)
    match kind:
        case Kind.TIMESTAMP:
            return dates.parse_timestamp(value)
        case Kind.DAY:
            return dates.parse_day(value)
        case Kind.TIME:
            return dates.parse_time(value)
        case Kind.JSON:
            return json.loads(value, cls=getattr(found, "decoder", None))
        case Kind.NUMBER if isinstance(found, models.DurationField):
            return timedelta(microseconds=round(value * 1_000_000))
        case Kind.NUMBER if isinstance(found, models.DecimalField):
            return Decimal(repr(value))
        case Kind.TEXT if isinstance(found, models.UUIDField):
            return UUID(value)
        case _:
            return value


def canonical(field: Field, kind: Kind, value: Any) -> Any:
    """What an instance holds in the package's form."""
    value = value.value if isinstance(value, Enum) else value
    if value is None:
        return None
    match kind:
        case Kind.TIMESTAMP | Kind.DAY | Kind.TIME:
            return _date(kind, leaf(field).to_python(value))
        case Kind.JSON:
            return json.dumps(value, cls=getattr(leaf(field), "encoder", None) or DjangoJSONEncoder, ensure_ascii=False)
        case Kind.NUMBER:
            return value / FINEST / 1_000_000 if isinstance(value, timedelta) else float(value)
        case Kind.INTEGER:
            return int(value)
        case Kind.BOOL:
            return bool(value)
        case Kind.BLOB:
            return bytes(value)
        case _:
            return str(leaf(field).to_python(value))


def _date(kind: Kind, value: Any) -> str:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return dates.format_timestamp(moment) if kind is Kind.TIMESTAMP else dates.format_day(moment.date())
    found: date | time = value
    return dates.format_date(found)


def accepting(field: Field, kind: Kind) -> Callable[[Any], Any]:
    """The field's own validation of a value that is no null; ValueError of code and sentence where it takes none.

    What a key points to is no validation of the value: it is looked up once a rule has let the write pass.
    """

    def accept(value: Any) -> Any:
        try:
            given = leaf(field).to_python(python(field, kind, value))
            if isinstance(field, models.ForeignKey | models.JSONField):
                field.run_validators(given)
            else:
                given = field.clean(given, None)
        except ValidationError as error:
            raise ValueError(*told(error)) from None
        except ValueError:
            raise ValueError("invalid", "This is no value of the field.") from None
        return canonical(field, kind, given)

    return accept


def told(error: ValidationError) -> tuple[str, str]:
    """The code and the words of a model's refusal."""
    first = error.error_list[0]
    return str(getattr(first, "code", None) or "invalid"), " ".join(error.messages)


def drawing(field: Field, column: Column) -> Callable[[], Any]:
    """Asks the database for a default that it computes."""

    def draw() -> Any:
        connection = connections[router.db_for_write(field.model)]
        query = Query(field.model)
        compiler = query.get_compiler(connection=connection)
        expression: Any = ExpressionWrapper(field._db_default_expression, output_field=field).resolve_expression(query)
        sql, params = compiler.compile(expression)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {sql}", params)
            row = cursor.fetchone()
        converters = compiler.get_converters([expression])
        ((value,),) = compiler.apply_converters([list(row)], converters)
        return canonical(field, column.kind, value)

    return draw
