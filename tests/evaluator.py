"""An evaluator of the expression language, written from its specification and not from the compiler.

Property tests compare the databases' answers with this one. It reads the tree that the grammar gives, a row of Python
values and the caller, and knows no SQL. `Refused` stands for a 400; `Unspecified` for what the specification leaves open and
databases answer differently, where a property skips the example. Other rows raise Unspecified so far.

Assumed where the specification is silent:

 1. Scalar min and max are null where an argument is null; texts compare without collation there.
 2. Text converts to a number where it is one as JSON writes it (also 007 and 1.5e3); to a bool where it is true, false, 1 or 0.
 3. A number converts to text as JSON writes it. A bool literal or variable against text or a number is Unspecified.
 4. 1 and 0 are the only numbers that a bool meets: `on_sale == 2` is Refused, a variable 2 equals nothing.
 5. A number or bool literal against a date is Refused; so is a text literal that is no JSON against a json column.
 6. Day and timestamp mix (a day is its midnight UTC), bool and number columns do not; a time against another date, a literal with
    a clock against a day, and `->>` against a date are Unspecified.
 7. A literal null is the word null only; `coalesce(null)` is none. A number with a minus is a literal still.
 8. `in` compares by `=`: null in a list, or in an array, equals nothing. A list at the left is in where any of it is.
 9. Array elements at the right of `in` count by their JSON type. A single variable there that is no list is Unspecified.
10. A variable's list equals by membership against anything scalar. `->` and a list variable against json is Unspecified.
11. Two variables, or a variable and `->>`, compare where they are of one JSON type, and equal nothing else. A variable takes the
    kind of a literal that it meets. `->>` against `->>` compares as JSON.
12. `->` is json: in arithmetic, in an order, against another kind or a text that is no JSON it is Unspecified. `<` on
    json is Refused.
13. Columns bring their collation to comparisons and `in`, functions of them do not, LIKE ignores it. Two columns of different
    collations are Unspecified where that matters.
14. Whether a number from JSON or a variable is an integer (division, 64 bits) is Unspecified where it matters. Integers and
    fractions compare exactly; past 2**53, where doubles would answer otherwise, they are Unspecified. Underflow gives 0.
15. round gives a fraction (`round(7) / 2` is 3.5), judges halves on the shortest decimal form, and takes digits from 0.
16. substring with a negative length is null (an absurd length), with a negative start Unspecified; start 0 spends one
    of its length.
17. replace of the empty text changes nothing; trim takes spaces only; length counts code points.
18. concat and `||` of a bool, date or json column are Refused; `->>` and variables bring texts there, and variables numbers.
19. Dates as text are ISO 8601 (`2025-01-31`, with T or a space a clock to seconds or milliseconds, Z or an offset, or a clock
    alone); anything else is a bad date, 30 February included. A number as a date needs `unixepoch`, first of the modifiers.
20. Years run from 1 to 9999, past them is null. datetime and time keep milliseconds; unixepoch and %s go down to the second; %f
    is SS.SSS. Modifiers and formats are literals spelled as in the specification (plurals, a sign, an integer). date or datetime
    of a time alone is Unspecified.
21. A function of a bad literal date (`date('x')`) gives null and is not Refused.
22. A path is a literal text: a key alone, or `$` with `.key` and `[0]`; a key of digits is no index, an index no key.
23. json_contains takes a text as a JSON string; it is false, not null, where x is no array or v is null.
24. json_set and json_insert append at the index past the end; further out, under a missing parent, and at `$` they are
    Unspecified. A null value sets JSON null. json_patch is RFC 7396, null where an argument is null.
25. `request` and `params` are names only where they are given, `new` likewise. Under auth only meta and jwt have properties.
26. In an order, json has no order (Unspecified).
27. A query of `@@` is a text literal or a variable; what adjoins in it without a blank is a phrase, OR binds loosest, an
    alternative without a wanted word finds nothing. Letters of rare alphabets are Unspecified (evaluator_search.py).
28. sql_unknown (a check): three-valued all the way up, a bare null is unknown, and unknown passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cmp_to_key
from typing import Any

from pocketapi.expressions.nodes import Node, OrderItem
from tests.evaluator_kinds import ColumnSpec
from tests.evaluator_rows import Columns, Evaluator, Row
from tests.evaluator_values import K, Refused, Static, Unspecified, compare

__all__ = ["ColumnSpec", "Refused", "Unspecified", "check", "evaluate_condition", "evaluate_order", "evaluate_value"]


def check(node: Node, columns: Columns, **around: Any) -> None:
    """Raise Refused where the expression is a 400; `around` as in evaluate_condition."""
    Evaluator({}, columns, **around).checker.static(node)


def evaluate_condition(node: Node, row: Row, columns: Columns, **around: Any) -> bool:
    """Whether the row fulfils the condition.

    around: caller, params, request (nested dicts, None where there is none), new (a row), table (its name), now (aware UTC),
    sql_unknown (a check's reading: unknown passes).
    """
    evaluator = Evaluator(row, columns, **around)
    evaluator.checker.static(node)
    found = evaluator.truth(node)
    return evaluator.sql_unknown if found is None else found


def evaluate_value(node: Node, row: Row, columns: Columns, **around: Any) -> Any:
    """The value for the row: None, str, int, float, bool, aware datetime, date, time or JSON; `around` as above."""
    evaluator = Evaluator(row, columns, **around)
    evaluator.checker.static(node)
    return evaluator.value(node)


def evaluate_order(
    items: Sequence[OrderItem], rows: Sequence[Row], columns: Columns, *, key: str = "id", **around: Any
) -> list[Row]:
    """The rows in order: nulls last in both directions, the key breaks ties."""
    keyed = []
    for row in rows:
        evaluator = Evaluator(row, columns, **around)
        statics = [evaluator.checker.static(item.expression) for item in items]
        keyed.append(([evaluator.value(item.expression) for item in items], row, statics))

    def by_items(left: Any, right: Any) -> int:
        for item, static, one, other in zip(items, left[2], left[0], right[0], strict=True):
            if found := ordered(static, one, other, descending=item.descending):
                return found
        return (left[1][key] > right[1][key]) - (left[1][key] < right[1][key])

    return [row for _, row, _ in sorted(keyed, key=cmp_to_key(by_items))]


def ordered(static: Static, one: Any, other: Any, *, descending: bool) -> int:
    if one is None or other is None:
        return (one is None) - (other is None)
    if static.kind in (K.JSON, K.DYNAMIC):
        raise Unspecified("the order of json")
    found = compare(one, other, static.kind, (static.collation or "BINARY",))
    return -found if descending else found
