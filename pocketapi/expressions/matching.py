"""SQL of a full-text search: whether a row answers a query, and how well.

What the query says is read when the statement is bound (search.py), so that one statement serves every query.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db.models import BooleanField, FloatField
from django.db.models.expressions import Expression

from pocketapi.expressions import search
from pocketapi.expressions.fragments import Placeholder, parts_of
from pocketapi.expressions.scope import Searched
from pocketapi.expressions.search import BETWEEN, TRIGRAM, VECTOR, keys_table, marks, words_table
from pocketapi.expressions.subqueries import quoted
from pocketapi.expressions.typed import Const, Variable


class Match(Expression):
    """Whether a row answers a query, in the columns of these places or in all."""

    output_field = BooleanField()

    def __init__(
        self, searched: Searched, places: tuple[int, ...], key: Expression, columns: Sequence[Expression], query: Const | Variable
    ) -> None:
        super().__init__()
        self.searched, self.places, self.key, self.columns = searched, places, key, list(columns)
        self.query = query

    def get_source_expressions(self) -> list[Any]:
        return [self.key, *self.columns]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.key, *self.columns = exprs

    @property
    def in_all(self) -> bool:
        """Whether every column is searched."""
        return len(self.places) == len(self.searched.columns)

    def written(self, compiler: Any, template: str, **named: Any) -> Any:
        """A template of SQL over these expressions, by their names."""
        text = template
        for number, name in enumerate(named):
            text = text.replace(f"<{name}>", f"{{{number}}}")
        return parts_of(text).fill([_compiled(compiler, value) for value in named.values()])

    # SQLite

    def as_sqlite(self, compiler: Any, *_: Any, **__: Any) -> Any:
        words, keys = quoted(words_table(self.searched.relation)), quoted(keys_table(self.searched.relation))
        found = f"SELECT k.key FROM {words} f JOIN {keys} k ON k.docid = f.rowid WHERE f.{words} MATCH <query>"
        return self.written(compiler, f"<key> IN ({found})", key=self.key, query=self.asked())

    def ranked(self, compiler: Any) -> Any:
        """The keys that are found, each with its rank: made once, since it is looked up for each row."""
        words, keys = quoted(words_table(self.searched.relation)), quoted(keys_table(self.searched.relation))
        found = f"FROM {words} f JOIN {keys} k ON k.docid = f.rowid WHERE f.{words} MATCH <query> LIMIT -1"
        return self.written(compiler, f"SELECT k.key AS key, f.rank AS rank {found}", query=self.asked())

    def asked(self) -> Placeholder:
        """The query for FTS5."""
        columns = () if self.in_all else tuple(f"c{place}" for place in self.places)
        return Placeholder(self.query, partial(search.fts5, tokenize=self.searched.tokenize, columns=columns))

    # PostgreSQL

    def as_postgresql(self, compiler: Any, *_: Any, **__: Any) -> Any:
        if self.searched.tokenize == TRIGRAM:
            template = (
                f"({self._text()} LIKE pocket_text(<part>, 'trigram') AND pocket_holds({self._text()}, <query>, 'trigram'))"
            )
            return self.written(compiler, template, part=self.read(search.part), query=self.read(search.document))
        texts = [f"pocket_text(<text{number}>, '{self.searched.tokenize}')" for number, _ in enumerate(self.columns)]
        joined = f" || '{BETWEEN}' || ".join(texts)
        sure = f"(<exact> IS NULL OR pocket_holds({joined}, <exact>, '{self.searched.tokenize}'))"
        named = {f"text{number}": column for number, column in enumerate(self.columns)}
        return self.written(
            compiler,
            f"({self._vector()} @@ {self._tsquery()} AND {sure})",
            query=self.read(search.document),
            exact=self.read(search.exact),
            **named,
        )

    def rank(self, compiler: Any) -> Any:
        """How well a row answers, on PostgreSQL: of trigrams, how much of the text they are."""
        if self.searched.tokenize != TRIGRAM:
            template = f"ts_rank({self._vector()}, {self._tsquery()})"
            return self.written(compiler, template, query=self.read(search.document))
        rest = f"regexp_replace({self._text()}, pocket_text(<pieces>, 'trigram'), '', 'g')"
        template = f"coalesce(1 - length({rest})::float8 / NULLIF(length({self._text()}), 0), 0)"
        return self.written(compiler, template, pieces=self.read(search.pieces))

    def read(self, form: Any) -> Placeholder:
        """The query in one of the forms that PostgreSQL needs."""
        return Placeholder(self.query, partial(form, tokenize=self.searched.tokenize))

    def _vector(self) -> str:
        # The key is resolved by Django, and tells the alias of its row.
        return f"{quoted(self.key.alias)}.{quoted(VECTOR)}"  # type: ignore[attr-defined]

    def _text(self) -> str:
        return self._vector() if self.in_all else f"split_part({self._vector()}, '{BETWEEN}', {self.places[0] + 1})"

    def _tsquery(self) -> str:
        return f"pocket_query(<query>, {marks(self.places)}, '{self.searched.tokenize}')"


class Relevance(Expression):
    """How well a row answers searches in all: the higher the better. On SQLite FTS5 ranks what it finds, which is joined."""

    output_field = FloatField()

    def __init__(self, *matches: Match) -> None:
        super().__init__()
        self.matches = list(matches)
        self.aliases: list[str] = []

    def get_source_expressions(self) -> list[Any]:
        return self.matches

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.matches = list(exprs)

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> Any:
        found: Any = super().resolve_expression(query, *args, **kwargs)
        found.aliases = []
        for match in found.matches:
            alias = f"s{len(query.alias_map)}$"
            query.alias_map[alias], query.alias_refcount[alias] = _Ranks(match, alias), 1
            found.aliases.append(alias)
        return found

    def as_sqlite(self, *_: Any, **__: Any) -> Any:
        return " + ".join(f"coalesce(-{quoted(alias)}.rank, 0)" for alias in self.aliases) or "coalesce(0, 0)", []

    def as_postgresql(self, compiler: Any, *_: Any, **__: Any) -> Any:
        ranks = [match.rank(compiler) for match in self.matches]
        return " + ".join(sql for sql, _ in ranks) or "coalesce(0, 0)", [param for _, params in ranks for param in params]


class _Ranks:
    """The ranks of what a search finds, beside the rows of a query."""

    join_type = "LEFT OUTER JOIN"

    def __init__(self, match: Match, alias: str) -> None:
        self.match, self.alias = match, alias

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if connection.vendor != "sqlite":
            return "", []  # PostgreSQL ranks a row by itself
        sql, params = self.match.ranked(compiler)
        key, _ = compiler.compile(self.match.key)
        return f"{self.join_type} ({sql}) {quoted(self.alias)} ON {quoted(self.alias)}.key = {key}", params


def _compiled(compiler: Any, value: Any) -> tuple[str, list[Any]]:
    sql, params = compiler.compile(value)
    return sql, list(params)
