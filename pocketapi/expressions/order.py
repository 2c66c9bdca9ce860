"""Items of an order to Django's: nulls last in both directions, text by its column's collation."""

from __future__ import annotations

from django.db.models.expressions import Expression, OrderBy

from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.forms import FORMS
from pocketapi.expressions.typed import ColumnRef, Ordering, collation


def ordering(item: Ordering, compiler: Compiler) -> OrderBy:
    """One item of ORDER BY. NULLS LAST is left out where there are no nulls, since it keeps some indexes from serving."""
    stored = isinstance(item.value, ColumnRef) and item.value.column.form in FORMS and FORMS[item.value.column.form].ordered
    value: Expression = compiler.column(item.value) if stored else compiler.value(item.value)  # type: ignore[arg-type]
    nullable = not (isinstance(item.value, ColumnRef) and not item.value.column.nullable)
    if (found := collation(item.value)) != "BINARY":
        value = compiler.collated(value, found)
    return OrderBy(value, descending=item.descending, nulls_last=True if nullable else None)
