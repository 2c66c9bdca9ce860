"""Hypothesis strategies for properties of the expression language: rows of one table, callers, and texts of expressions.

Most texts are well-typed by a small grammar of templates; about one in twenty holds a part that the specification refuses.
Every value can be stored by SQLite and PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from tests.evaluator_kinds import ColumnSpec
from tests.evaluator_samples import TEXTS, VALUES
from tests.evaluator_texts import REFUSED, fits, grown

TABLE = "things"
TABLE_YAML = """\
appName: Things
appUrl: http://localhost:8000
jwtSecret: a-secret-of-the-property-tests-0123456789
tables:
  - name: things
    fields:
      - {name: id, type: text, sqlType: text, primary: true, notNull: true, usage: record_uid}
      - {name: name, type: text, sqlType: text}
      - {name: code, type: text, sqlType: text, collate: NOCASE}
      - {name: tag, type: text, sqlType: text, collate: RTRIM}
      - {name: qty, type: integer, sqlType: integer}
      - {name: views, type: integer, sqlType: integer}
      - {name: price, type: number, sqlType: real}
      - {name: weight, type: number, sqlType: real}
      - {name: on_sale, type: bool, sqlType: boolean}
      - {name: created_at, type: date, sqlType: timestamp}
      - {name: day, type: date, sqlType: date}
      - {name: opens, type: date, sqlType: time}
      - {name: data, type: json, sqlType: json}
      - {name: extra, type: json, sqlType: json}
    fullTextSearch: {fields: [name, code, tag]}
    extensions:
      - {name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}
"""
COLUMNS: Mapping[str, ColumnSpec] = {
    "id": ColumnSpec("text", "text"),
    "name": ColumnSpec("text", "text", searched=True),
    "code": ColumnSpec("text", "text", "NOCASE", searched=True),
    "tag": ColumnSpec("text", "text", "RTRIM", searched=True),
    "qty": ColumnSpec("integer", "integer"),
    "views": ColumnSpec("integer", "integer"),
    "price": ColumnSpec("number", "real"),
    "weight": ColumnSpec("number", "real"),
    "on_sale": ColumnSpec("bool", "boolean"),
    "created_at": ColumnSpec("timestamp", "timestamp"),
    "day": ColumnSpec("day", "date"),
    "opens": ColumnSpec("time", "time"),
    "data": ColumnSpec("json", "json"),
    "extra": ColumnSpec("json", "json"),
}

# Rows


def sometimes_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Null in one case of six."""
    return st.sampled_from((values, values, values, values, values, st.none())).flatmap(lambda chosen: chosen)


def rows() -> st.SearchStrategy[dict[str, Any]]:
    """One row of the table, as evaluate_condition takes it."""
    columns = {name: sometimes_null(VALUES[column.kind]) for name, column in COLUMNS.items() if name != "id"}
    ids = st.sampled_from(("u1", "u2", "a", "A", "5", "x-1", "_")) | st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
    return st.fixed_dictionaries({"id": ids, **columns})


def row_lists(max_size: int = 6) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows with keys of their own."""
    return st.lists(rows(), max_size=max_size, unique_by=lambda row: row["id"])


# Callers

ANONYMOUS = {"uid": None, "email": None, "role": None, "verified": False, "admin": False, "superadmin": False, "meta": None}
ROLES = ("admin", "editor", "a", "Guest", "100%")


@st.composite
def users(draw: st.DrawFn) -> dict[str, Any]:
    """A caller with an account: no role, one or several; the email is there only once verified."""
    verified = draw(st.booleans())
    meta = st.fixed_dictionaries(
        {},
        optional={
            "base": st.none() | st.sampled_from(TEXTS),
            "level": st.sampled_from((0, 1, 2, 5, 10, -1, 0.5, 2.5, None, "high", "", "5")),
            "names": st.lists(st.sampled_from(("a", "b", "alpha", "u1", "", "é")), max_size=3),
            "since": st.sampled_from(("2025-01-31", "2024-02-29T23:59:59.999Z", "soon", None, 5)),
            "flag": st.booleans(),
            "object": st.just({"kind": "a"}) | st.just({}),
        },
    )
    return {
        "uid": draw(st.sampled_from(("u1", "u2", "a", "A", "5"))),
        "email": draw(st.sampled_from(("a@example.com", "B@example.com"))) if verified else None,
        "role": draw(st.none() | st.sampled_from(ROLES) | st.lists(st.sampled_from(ROLES), min_size=2, max_size=3, unique=True)),
        "verified": verified,
        "admin": False,
        "superadmin": False,
        "meta": draw(st.none() | meta),
    }


def callers() -> st.SearchStrategy[dict[str, Any]]:
    """A caller's variables, as evaluate_condition takes them."""
    return st.just(ANONYMOUS) | users()


# Texts


@st.composite
def condition_texts(draw: st.DrawFn, *, depth: int, refusable: bool) -> str:
    text = grown(draw, "condition", draw(st.sampled_from(range(depth + 1))))
    if refusable and draw(st.integers(0, 19)) == 19:
        refused = draw(st.sampled_from(REFUSED))
        return draw(st.sampled_from((refused, f"({refused}) & {text}", f"{text} | !({refused})")))
    return text


def conditions(depth: int = 3, *, refusable: bool = True) -> st.SearchStrategy[str]:
    """Texts of conditions; about one in twenty is refused for sure where `refusable`."""
    return condition_texts(depth=depth, refusable=refusable).filter(fits)


@st.composite
def value_texts(draw: st.DrawFn, *, depth: int, kinds: tuple[str, ...]) -> str:
    return grown(draw, draw(st.sampled_from(kinds)), draw(st.sampled_from(range(depth + 1))))


def values(
    depth: int = 3, kinds: tuple[str, ...] = ("t", "i", "n", "b", "ts", "d", "time", "j", "part", "loose")
) -> st.SearchStrategy[str]:
    """Texts of values: t text, i integer, n number, b bool, ts timestamp, d day, time, j json, part `->`, loose `->>`."""
    return value_texts(depth=depth, kinds=kinds).filter(fits)


ORDERED = (
    *("name", "code", "tag", "id", "qty", "views", "price", "on_sale", "created_at", "day", "opens", "things.name"),
    *(
        "lower(name)",
        "length(name)",
        "qty + 1",
        "(qty * views)",
        "coalesce(name, tag)",
        "abs(price)",
        "name == 'a'",
        "date(created_at)",
    ),
)


@st.composite
def orders(draw: st.DrawFn) -> str:
    """Texts of an order: one to three items with their directions."""
    items = []
    for expression in draw(st.lists(st.sampled_from(ORDERED), min_size=1, max_size=3, unique=True)):
        signed = f"({expression})" if " " in expression else expression
        items.append(draw(st.sampled_from((expression, f"-{signed}", f"+{signed}", f"{expression} DESC", f"{expression} asc"))))
    return ", ".join(items)
