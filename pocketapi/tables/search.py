"""The index of a full-text search, as part of its table's model: a rebuild on SQLite makes it again, and so does each migration.

On SQLite it is an FTS5 table, a table of the keys that its rows are of, and triggers that keep both in step: rowids of the table
itself change. On PostgreSQL it is a generated column with its index, of the words that FTS5 finds (search_functions.py).
"""

# ruff: noqa: ARG002 - the signatures are Django's

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.ddl_references import Statement, Table

from pocketapi.config.constraint_names import LONGEST
from pocketapi.expressions.letters import YOUNGER, members
from pocketapi.expressions.search import BETWEEN, TRIGRAM, VECTOR, keys_table, marks, words_table
from pocketapi.tables import search_functions

TOKENIZERS = {
    "unicode61": f"unicode61 remove_diacritics 2 separators '{members(YOUNGER)}'",
    "ascii": "ascii",
    "porter": f"porter unicode61 remove_diacritics 2 separators '{members(YOUNGER)}'",
    "trigram": "trigram",
}
EVENTS = ("insert", "update", "delete")


class SearchIndex(models.Index):
    """A search over columns of a table, whose rows are told apart by `key`."""

    max_name_length = LONGEST

    def __init__(
        self, *, name: str, key: str, columns: Sequence[str], tokenize: str = "unicode61", prefix: Sequence[int] = ()
    ) -> None:
        super().__init__(fields=[key, *(column for column in columns if column != key)], name=name)
        self.key, self.columns, self.tokenize, self.prefix = key, list(columns), tokenize, list(prefix)

    def deconstruct(self) -> Any:
        parts: dict[str, Any] = {"name": self.name, "key": self.key, "columns": self.columns, "tokenize": self.tokenize}
        if self.prefix:
            parts["prefix"] = self.prefix
        return f"{type(self).__module__}.{type(self).__qualname__}", (), parts

    @property
    def triggers(self) -> list[str]:
        """The names of its triggers on SQLite."""
        return [f"{self.name}_{event}" for event in EVENTS]

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """None: it takes several statements."""

    def creation(self, model: Any, editor: Any) -> list[Statement]:
        """The statements that make it of the rows that are there, in the place of what is left of one."""
        return self._written(model, editor, self._sqlite if editor.connection.vendor == "sqlite" else self._postgresql)

    def removal(self, model: Any, editor: Any) -> list[Statement]:
        """The statements that remove it."""
        return self._written(model, editor, self._drop_sqlite if editor.connection.vendor == "sqlite" else self._drop_postgresql)

    def _written(self, model: Any, editor: Any, write: Any) -> list[Statement]:
        table = model._meta.db_table
        # While a table is rebuilt it has another name, which the statements take back with it.
        return [
            Statement(text.replace("%", "%%").replace("@table", "%(table)s"), table=Table(table, editor.quote_name))
            for text in write(table.removeprefix("new__"), editor.quote_name, self._key_type(model, editor.connection))
        ]

    def _key_type(self, model: Any, connection: Any) -> str:
        """The type of the key: SQLite compares by an index what is of one type."""
        return str(next(field for field in model._meta.concrete_fields if field.column == self.key).db_type(connection))

    # SQLite

    def _sqlite(self, table: str, quote: Any, key_type: str) -> list[str]:
        words, keys, key = quote(words_table(table)), quote(keys_table(table)), quote(self.key)
        places = ", ".join(f"c{number}" for number in range(len(self.columns)))
        prefix = f", prefix='{' '.join(map(str, self.prefix))}'" if self.prefix else ""
        return [
            *self._drop_sqlite(table, quote, key_type),
            f'CREATE VIRTUAL TABLE {words} USING fts5({places}, tokenize="{TOKENIZERS[self.tokenize]}"{prefix})',
            f"CREATE TABLE {keys} (docid INTEGER PRIMARY KEY AUTOINCREMENT, key {key_type} UNIQUE NOT NULL)",
            f"INSERT INTO {keys} (key) SELECT {key} FROM @table",
            f"INSERT INTO {words} (rowid, {places}) SELECT k.docid, {self._of('t', quote)}"
            f" FROM {keys} k JOIN @table t ON t.{key} = k.key",
            *self._triggers(words, keys, places, quote),
        ]

    def _triggers(self, words: str, keys: str, places: str, quote: Any) -> list[str]:
        """What a REPLACE without triggers leaves behind loses its key, so that it is found no more.

        An insert reads nothing of the FTS5 table, which would write down at once what it gathers.
        """
        old, new = (f"{row}.{quote(self.key)}" for row in ("OLD", "NEW"))
        watched = list(map(quote, dict.fromkeys([self.key, *self.columns])))
        differs = " OR ".join(f"OLD.{name} COLLATE BINARY IS NOT NEW.{name}" for name in watched)
        forget = f"DELETE FROM {words} WHERE rowid = (SELECT docid FROM {keys} WHERE key = {old});"
        unkey = f"DELETE FROM {keys} WHERE key ="
        remember = (
            f"INSERT INTO {keys} (key) VALUES ({new});"
            f" INSERT INTO {words} (rowid, {places}) SELECT docid, {self._of('NEW', quote)} FROM {keys} WHERE key = {new};"
        )
        insert, update, delete = map(quote, self.triggers)
        return [
            f"CREATE TRIGGER {insert} AFTER INSERT ON @table BEGIN {unkey} {new}; {remember} END",
            f"CREATE TRIGGER {update} AFTER UPDATE OF {', '.join(watched)} ON @table WHEN {differs}"
            f" BEGIN {forget} {unkey} {old}; {unkey} {new}; {remember} END",
            f"CREATE TRIGGER {delete} AFTER DELETE ON @table BEGIN {forget} {unkey} {old}; END",
        ]

    def _of(self, row: str, quote: Any) -> str:
        return ", ".join(f"{row}.{quote(column)}" for column in self.columns)

    def _drop_sqlite(self, table: str, quote: Any, key_type: str) -> list[str]:
        return [
            *(f"DROP TRIGGER IF EXISTS {quote(name)}" for name in self.triggers),
            f"DROP TABLE IF EXISTS {quote(words_table(table))}",
            f"DROP TABLE IF EXISTS {quote(keys_table(table))}",
        ]

    # PostgreSQL

    def _postgresql(self, table: str, quote: Any, key_type: str) -> list[str]:
        texts = [f"pocket_text({quote(column)}, '{self.tokenize}')" for column in self.columns]
        if self.tokenize == TRIGRAM:
            kind, value = "text", f" || '{BETWEEN}' || ".join(texts)
        else:
            kind, value = "tsvector", f"pocket_vector({marks(range(len(texts)))}, ARRAY[{', '.join(texts)}])"
        return [
            search_functions.create(),
            *self._drop_column(quote),
            f"ALTER TABLE @table ADD COLUMN {quote(VECTOR)} {kind} GENERATED ALWAYS AS ({value}) STORED",
            self._gin(quote),
        ]

    def _gin(self, quote: Any) -> str:
        """Trigrams are an extension's, and found without it as well."""
        index = f"CREATE INDEX {quote(self.name)} ON @table USING gin ({quote(VECTOR)}"
        if self.tokenize != TRIGRAM:
            return f"{index})"
        there = "EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')"
        return f"DO $body$ BEGIN IF {there} THEN {index} gin_trgm_ops); END IF; END $body$"

    def _drop_column(self, quote: Any) -> list[str]:
        return [f"ALTER TABLE @table DROP COLUMN IF EXISTS {quote(VECTOR)}"]

    def _drop_postgresql(self, table: str, quote: Any, key_type: str) -> list[str]:
        return [*self._drop_column(quote), search_functions.DROP]


def rebuild(connection: BaseDatabaseWrapper, model: type[models.Model]) -> None:
    """Makes the search of a table anew, of the rows that are there: all of it, or nothing changes."""
    with transaction.atomic(connection.alias):
        editor: Any = connection.SchemaEditorClass(connection, atomic=False)
        editor.deferred_sql = []
        for index in model._meta.indexes:
            if isinstance(index, SearchIndex):
                for statement in index.creation(model, editor):
                    editor.execute(statement, None)
