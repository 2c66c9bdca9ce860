"""Statements in SQL: made once of the config's texts, bound for each request. Rules are passed by.

What is answered is rendered as the API renders it, where it is a column of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import connections, transaction

from pocketapi.actions.fragments import Made, Piece, count, joined, literal, written
from pocketapi.config import link
from pocketapi.config.sql import fragment
from pocketapi.config.sql_statements import listed, rows_of
from pocketapi.config.statements import SqlSelect, SqlStatement
from pocketapi.expressions.kinds import Kind
from pocketapi.records import drafts, queries, render, statistics
from pocketapi.records.integrity import Write
from pocketapi.records.statements import adapted
from pocketapi.rules.scope import visible
from pocketapi.tables.table import current
from pocketapi.tables.uids import new_uid

Params = Mapping[str, Any]
Records = list[dict[str, Any]]
JSONB = 3802  # PostgreSQL's number of the type, which its driver gives as text


@dataclass(frozen=True)
class Item:
    """One item that a statement answers: its SQL, and the kind of the column that it is, if it is one."""

    piece: Piece
    kind: Kind | None = None


@dataclass(frozen=True)
class Program:
    """A finished statement. `kinds` are those of its answer, by position or, of a whole QUERY, by name.

    With `again`, on a table whose triggers change rows, it answers keys, and `again` reads the items of those.
    """

    piece: Piece
    kinds: Sequence[Kind | None] | Mapping[str, Kind] = ()
    again: Piece | None = None

    def run(self, params: Params) -> Records:
        """The statement's rows."""
        whole = nullcontext() if self.again is None else transaction.atomic(queries.DATABASE, savepoint=False)
        with whole, connections[queries.DATABASE].cursor() as cursor:
            cursor.execute(self.piece.sql, self.piece.bind(params))
            if self.again is not None:
                keys = [key for (key,) in cursor.fetchall()]
                places = ", ".join(["%s"] * len(keys)) or "NULL"
                cursor.execute(f"{self.again.sql} IN ({places})", self.again.bind(params, *keys))
            if cursor.description is None:
                return []
            names = [str(column[0]) for column in cursor.description]
            kinds = [self._kind(index, column) for index, column in enumerate(cursor.description)]
            return [
                {name: render.plain(value, kind) for name, kind, value in zip(names, kinds, row, strict=True)}
                for row in cursor.fetchall()
            ]

    def _kind(self, index: int, column: Any) -> Kind | None:
        known = self.kinds.get(column[0]) if isinstance(self.kinds, Mapping) else self.kinds[index]
        return known or (Kind.JSON if column[1] == JSONB else None)


def quoted(name: str) -> str:
    """A name in quotes."""
    return str(connections[queries.DATABASE].ops.quote_name(name))


def table_of(statement: SqlStatement) -> link.Table:
    """The table that a statement is about."""
    return current().tables[statement.table or statement.from_ or ""]


def relation(table: link.Table) -> str:
    """A table's name in the database, in quotes."""
    return quoted(queries.db_table(table))


# What is answered


def items_of(given: str | list[str | SqlSelect] | None, table: link.Table, admin: bool) -> list[Item]:
    """The items of selects and returning; `*` is every column that the caller may see."""
    found: list[Item] = []
    for item in listed(given):
        if item == "*":
            found += [_column(table, name) for name in visible(table, admin)]
        elif isinstance(item, str):
            found.append(_column(table, item))
        else:
            found.append(_expression(item, table))
    return found


def _column(table: link.Table, name: str, alias: str | None = None) -> Item:
    return Item(Piece(quoted(name) + _alias(alias)), table.columns[name].kind)


def _expression(item: SqlSelect, table: link.Table) -> Item:
    if isinstance(item.q, str) and item.q.strip() in table.columns:
        return _column(table, item.q.strip(), item.as_)
    piece = written({"q": item.q, "p": item.p or {}}, queries.vendor())
    return Item(piece.within("", _alias(item.as_)))


def _alias(name: str | None) -> str:
    return f" AS {quoted(name)}" if name else ""


def answering(piece: Piece, statement: SqlStatement, table: link.Table, admin: bool) -> Program:
    """A statement that writes, with what it answers."""
    items = items_of(statement.returning, table, admin)
    if not items:
        return Program(piece)
    kinds, columns = [item.kind for item in items], joined(", ", [item.piece for item in items])
    if not table.triggers or statement.type == "DELETE":
        return Program(piece + columns.within(" RETURNING "), kinds)
    key = quoted(table.primary.name)
    again = columns.within("SELECT ", f" FROM {relation(table)} WHERE {key}")
    return Program(piece + Piece(f" RETURNING {key}"), kinds, again)


# Statements


def select(statement: SqlStatement, admin: bool) -> list[Program]:
    """A SELECT; without `selects`, of every column that the caller may see."""
    table, vendor = table_of(statement), queries.vendor()
    items = items_of(statement.selects if statement.selects is not None else ["*"], table, admin)
    start = "SELECT DISTINCT " if statement.distinct else "SELECT "
    piece = joined(", ", [item.piece for item in items]).within(start, f" FROM {relation(table)}")
    piece += condition_of(statement, vendor)
    for word, given in ((" GROUP BY ", statement.group_by), (" HAVING ", statement.having), (" ORDER BY ", statement.order_by)):
        parts = given if isinstance(given, list) else [given] if given is not None else []
        if parts:
            piece += joined(", ", [written(part, vendor) for part in parts]).within(word)
    return [Program(piece + _slice(statement, vendor), [item.kind for item in items])]


def _slice(statement: SqlStatement, vendor: str) -> Piece:
    """LIMIT and OFFSET; SQLite has no offset without a limit, and -1 is none."""
    unlimited = -1 if vendor == "sqlite" else None
    piece = Piece("")
    if statement.limit is not None:
        piece += count(statement.limit, vendor, unlimited).within(" LIMIT ")
    elif statement.offset is not None and vendor == "sqlite":
        piece += Piece(" LIMIT -1")
    if statement.offset is not None:
        piece += count(statement.offset, vendor, 0).within(" OFFSET ")
    return piece


def condition_of(statement: SqlStatement, vendor: str, more: Piece | None = None) -> Piece:
    """The WHERE of a statement, with another condition if need be."""
    parts = [] if statement.where is None else [written(statement.where, vendor).within("(", ")")]
    parts += [more] if more else []
    return joined(" AND ", parts).within(" WHERE ") if parts else Piece("")


def query(statement: SqlStatement, _admin: bool) -> list[Program]:
    """A whole statement; columns of its `table`, if it names one, are known by their names."""
    kinds = {name: column.kind for name, column in table_of(statement).columns.items()} if statement.table else {}
    return [Program(written({"q": statement.q, "p": statement.p or {}}, queries.vendor(), whole=True), kinds)]


def update(statement: SqlStatement, admin: bool, more: Piece | None = None) -> list[Program]:
    """An UPDATE; the time of the change is set as by the API."""
    table = table_of(statement)
    values = written_row(statement.set or {}, table)
    values |= {name: _stamp(table.fields[name]) for name in drafts.stamps(table, values)}
    changes = joined(", ", [value.within(f"{quoted(name)} = ") for name, value in values.items()])
    piece = changes.within(f"UPDATE {relation(table)} SET ") + condition_of(statement, queries.vendor(), more)
    return [answering(piece, statement, table, admin)]


def delete(statement: SqlStatement, admin: bool) -> list[Program]:
    """A DELETE, which answers rows as they were."""
    table = table_of(statement)
    piece = Piece(f"DELETE FROM {relation(table)}") + condition_of(statement, queries.vendor())
    return [answering(piece, statement, table, admin)]


def insert(statement: SqlStatement, admin: bool) -> list[Program]:
    """An INSERT for each run of rows that have the same columns."""
    rows = [new_row(row, table_of(statement)) for row in rows_of(statement)]
    return [insert_of(list(run), statement, admin) for _, run in groupby(rows, key=list)]


def insert_of(rows: Sequence[Mapping[str, Piece]], statement: SqlStatement, admin: bool) -> Program:
    """One INSERT of rows that have the same columns."""
    table = table_of(statement)
    columns = f" ({', '.join(map(quoted, rows[0]))}) VALUES " if rows[0] else " DEFAULT VALUES"
    values = [joined(", ", list(row.values())).within("(", ")") for row in rows] if rows[0] else []
    ignoring = Piece(" ON CONFLICT DO NOTHING" if statement.or_ == "IGNORE" else "")
    piece = joined(", ", values).within(f"INSERT INTO {relation(table)}{columns}") + ignoring
    return answering(piece, statement, table, admin)


def new_row(given: Mapping[str, Any], table: link.Table) -> dict[str, Piece]:
    """A row as the config writes it, with the id and the times that the API would fill in."""
    row = written_row(given, table)
    if table.spec.auto_set_uid and table.uid.name not in row:
        row[table.uid.name] = Piece("%s", (Made(new_uid),))
    for field in table.fields.values():
        if field.spec.usage in ("record_created", "record_updated") and field.name not in row:
            row[field.name] = _stamp(field)
    return row


def written_row(given: Mapping[str, Any], table: link.Table) -> dict[str, Piece]:
    """Columns and their SQL; literals in the form that the column stores."""
    row: dict[str, Piece] = {}
    for name, value in given.items():
        found = fragment(value)
        is_literal = found.is_literal
        row[name] = literal(adapted(table.fields[name], found.literal)) if is_literal else written(value, queries.vendor())
    return row


def keys_written(statement: SqlStatement, params: Params) -> Write:
    """The keys that a statement writes: the values that are known, and the names of those that the database computes."""
    table, rows, computed = table_of(statement), [], []
    for given in (statement.set or {}, *rows_of(statement)):
        pieces = {name: piece for name, piece in written_row(given, table).items() if table.fields[name].spec.foreign_key}
        rows.append({name: piece.bind(params)[0] for name, piece in pieces.items() if piece.sql == "%s"})
        computed += [name for name, piece in pieces.items() if piece.sql != "%s"]
    return Write(rows, statement.type == "DELETE", computed)


def _stamp(field: link.Field) -> Piece:
    return Piece("%s", (Made(lambda: drafts.now(field.column.kind)),))


MAKERS: dict[str, Callable[[SqlStatement, bool], list[Program]]] = {
    "SELECT": select,
    "INSERT": insert,
    "UPDATE": update,
    "DELETE": delete,
    "QUERY": query,
}


def wrote(statement: SqlStatement) -> None:
    """Tell that rows were inserted."""
    if statement.type == "INSERT":
        statistics.wrote(table_of(statement).name, len(rows_of(statement)))
