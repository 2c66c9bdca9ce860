"""Items of an order to Django's: nulls last in both directions, text by its column's collation."""

from __future__ import annotations

from django.db.models.expressions import Expression, OrderBy

from pocketapi.expressions.compile import Compiler
from pocketapi.expressions.typed import ColumnRef, Ordering


def ordering(item: Ordering, compiler: Compiler) -> OrderBy:
    """One item of ORDER BY. NULLS LAST is left out where there are no nulls, since it keeps some indexes from serving."""
    value: Expression = compiler.value(item.value)
    nullable = not (isinstance(item.value, ColumnRef) and not item.value.column.nullable)
    if isinstance(item.value, ColumnRef) and item.value.column.collation != "BINARY":
        value = compiler.collated(value, item.value.column.collation)
    return OrderBy(value, descending=item.descending, nulls_last=True if nullable else None)
