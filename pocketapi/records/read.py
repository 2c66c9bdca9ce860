"""select, list and view: at most one statement each."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections

from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.errors import BadRequest, NotFound
from pocketapi.expressions import grammar, literals
from pocketapi.expressions.check import Checker, slots_of, within
from pocketapi.expressions.fold import FALSE, TRUE, Environment, Outline, fold
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.selection import Selection, by_relevance, is_aggregate, outputs_of
from pocketapi.expressions.selection import select as selection_of
from pocketapi.expressions.shape import Cut, cut
from pocketapi.expressions.typed import ColumnRef, Const, Operation, Output, Slot, Typed
from pocketapi.records import cursor, queries, render, requests
from pocketapi.records.plans import Statement
from pocketapi.rules.policy import rule_of
from pocketapi.rules.principal import Caller
from pocketapi.rules.scope import scope_of
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

UID = Slot("uid", 0)
EMPTY = Cut("", ())


@dataclass(frozen=True)
class Prepared:
    """A request's checked trees: what its shape alone decides."""

    condition: Typed
    selection: Selection
    outline: Outline
    statics: tuple[Slot, ...]


@dataclass(frozen=True)
class Page:
    """Rows as JSON, comma-separated; their number; the number of all; the limit that cut them, if one did.

    `following` is the cursor of the next page; it is null at the end, and absent where none was asked for.
    """

    rows: bytes
    count: int
    total: int | None = None
    cut_at: int | None = None
    by_cursor: bool = False
    following: str | None = None


@dataclass(frozen=True)
class Plan:
    """The finished statement of a read; none where the rule or the filter is false for everybody alike."""

    statement: Statement | None
    selection: Selection


PREPARED: Cache[Prepared] = Cache()
PLANS: Cache[Plan] = Cache()


def select(table: link.Table, ask: requests.Ask[requests.Read], caller: Caller) -> Page:
    """The rows that the listRule gives and the request asks for."""
    return _page(table, ask, caller, "select")


def list_(table: link.Table, ask: requests.Ask[requests.Read], caller: Caller) -> Page:
    """As select, with the number of all rows."""
    return _page(table, ask, caller, "list")


def view(table: link.Table, uid: str, ask: requests.Ask[requests.View], caller: Caller) -> bytes:
    """One record as a JSON object; NotFound where there is none that the viewRule gives."""
    rule_of(table, "view", caller)
    request = ask()
    text = cut(request.where) if request.where else EMPTY
    key = ("view", table.name, caller.sight, text.shape, request.select, queries.vendor())
    env = Environment({"where": text.literals, "uid": (uid,)}, caller.variables, {"where": request.where or ""})
    prepared = PREPARED.get(current(), key, lambda: _prepare_view(table, request, caller))
    if not is_key(table, uid):
        raise NotFound(f"There is no such record in {table.name}.")
    plan = _plan(prepared, key, env, lambda selection, condition: _row_statement(table, selection, condition))
    row = _fetch(plan.statement, env) if plan.statement else None
    if row is None:
        raise NotFound(f"There is no such record in {table.name}.")
    return _bytes(row[0])


def _page(table: link.Table, ask: requests.Ask[requests.Read], caller: Caller, verb: str) -> Page:
    rule_of(table, "list", caller)
    request = ask()
    place = cursor.position(table.name, request) if request.cursor else None
    form = "list" if verb == "list" and request.counted else "select"
    text = cut(request.where) if request.where else EMPTY
    key = (
        form,
        place and place.shape,
        place is not None,
        table.name,
        caller.sight,
        text.shape,
        request.select,
        request.group,
        request.order,
        request.distinct,
        queries.vendor(),
    )
    env = Environment({"where": text.literals}, caller.variables, {"where": request.where or ""}, place.ready if place else {})
    prepared = PREPARED.get(current(), key, lambda: _prepare(table, request, caller))
    limit, most = _limit(request, caller)
    if place:
        plan = _plan(prepared, key, env, lambda selection, condition: _part_statement(table, selection, condition, form, place))
        if plan.statement is None:
            return Page(b"", 0, 0 if form == "list" else None, by_cursor=True)
        return _part(table, request, _fetch(plan.statement, env, limit + 1, limit), limit, most, form)
    plan = _plan(prepared, key, env, lambda selection, condition: _page_statement(table, selection, condition, form))
    if plan.statement is None:
        return Page(b"", 0, 0 if form == "list" else None)
    row = _fetch(plan.statement, env, limit, request.offset)
    page = Page(_bytes(row[0]), row[1], row[2] if form == "list" else None)
    return _marked(page, plan.statement, env, request, most)


def _part(table: link.Table, request: requests.Read, row: Any, limit: int, most: int | None, form: str) -> Page:
    """A page by cursor: one row more was read, which tells whether there is another page."""
    more = row[1] > limit
    following = cursor.token(table.name, request, row[2]) if more and row[2] is not None else None
    total = row[3] if form == "list" else None
    return Page(_bytes(row[0]), min(row[1], limit), total, most if more else None, by_cursor=True, following=following)


def _limit(request: requests.Read, caller: Caller) -> tuple[int, int | None]:
    """The number of rows to read, and MAX_LIMIT where that is what limits them."""
    most = settings.MAX_LIMIT
    if caller.principal.superadmin:
        return (requests.LIMIT - 2 if request.limit is None else request.limit), None
    if request.limit is None or request.limit > most:
        return most, most
    return request.limit, None


def _marked(page: Page, statement: Statement, env: Environment, request: requests.Read, most: int | None) -> Page:
    """The page, with the limit that cut it: rows beyond a full page are looked for."""
    if most is None or page.count < most:
        return page
    beyond = (
        page.total > request.offset + most
        if page.total is not None
        else bool(_fetch(statement, env, 1, request.offset + most)[1])
    )
    return Page(page.rows, page.count, page.total, most) if beyond else page


# Preparing


def condition_of(
    text: str | None, table: link.Table, caller: Caller, source: str = "where", update: bool = False
) -> tuple[Typed, set[Slot]]:
    """A client's filter as a checked tree with slots, and the slots that a compiler reads."""
    if text is None:
        return TRUE, set()
    checker = Checker(scope_of(table, caller, update), slots_of(text, source))
    tree: Typed = within(text, lambda: checker.condition(grammar.parse(text)))
    return tree, checker.statics


def prepared_of(condition: Typed, selection: Selection, statics: set[Slot]) -> Prepared:
    """Checked trees with their outline."""
    ordered = sorted(statics, key=lambda slot: (slot.source, slot.index))
    trees = [
        condition,
        *(item.value for item in selection.outputs),
        *(item.value for item in selection.order),
        *(selection.group or ()),
    ]
    return Prepared(condition, selection, Outline.of(trees), tuple(ordered))


def _prepare(table: link.Table, request: requests.Read, caller: Caller) -> Prepared:
    where, statics = condition_of(request.where, table, caller)
    scope = scope_of(table, caller)
    selection = selection_of(request.select, request.group, request.order, request.distinct, scope)
    if request.cursor and selection.collapsed:
        raise BadRequest("cursor stands with no aggregates.")
    if not request.cursor:
        selection = by_relevance(selection, where)
    return prepared_of(both(rule_of(table, "list", caller), where), selection, statics)


def _prepare_view(table: link.Table, request: requests.View, caller: Caller) -> Prepared:
    where, statics = condition_of(request.where, table, caller)
    selection = Selection(outputs_of(request.select, scope_of(table, caller), aggregates=True))
    if any(is_aggregate(output.value) for output in selection.outputs):
        raise BadRequest("select of view takes no aggregates.")
    return prepared_of(both(is_record(table), rule_of(table, "view", caller), where), selection, statics)


def both(*conditions: Typed) -> Typed:
    """All of the conditions."""
    return Operation(Kind.BOOL, "and", tuple(condition for condition in conditions if condition != TRUE) or (TRUE,))


def is_record(table: link.Table) -> Typed:
    """The condition that a row is the one whose uid the request names."""
    column = table.uid.column
    return Operation(Kind.BOOL, "==", (ColumnRef(column.kind, column), Const(column.kind, slot=UID)))


def is_key(table: link.Table, uid: str) -> bool:
    """Whether a text of a path can be a key of the table."""
    try:
        literals.convert(uid, table.uid.column.kind)
    except ValueError:
        return False
    return True


def _plan(prepared: Prepared, key: tuple[Hashable, ...], env: Environment, make: Callable[[Selection, Typed], Statement]) -> Plan:
    statics = tuple(env.literals[slot.source][slot.index] for slot in prepared.statics)
    full = (*key, statics, prepared.outline.key(env))

    def build() -> Plan:
        condition = fold(prepared.condition, env)
        aggregated = prepared.selection.aggregated and prepared.selection.group is None
        selection = prepared.selection.folded(env)
        return Plan(None if condition == FALSE and not aggregated else make(selection, condition), selection)

    return PLANS.get(current(), full, build)


def _page_statement(table: link.Table, selection: Selection, condition: Typed, verb: str) -> Statement:
    inner = queries.page(table, selection, condition)
    rows = render.rows_sql(queries.vendor(), f"{inner.sql} LIMIT %s OFFSET %s", selection.outputs)
    if verb == "select":
        return Statement(rows, inner.params)
    total = queries.count(table, selection, condition)
    return Statement(f"SELECT p.*, t.* FROM ({total.sql}) t, ({rows}) p", (*total.params, *inner.params))


def _part_statement(table: link.Table, selection: Selection, condition: Typed, form: str, place: cursor.Position) -> Statement:
    order = queries.order_of(table, selection)
    keys = tuple(Output("", item.value) for item in order)
    rest = condition if place.values is None else both(condition, cursor.after(order, place))
    inner = queries.page(table, replace(selection, outputs=(*selection.outputs, *keys)), rest)
    rows = render.part_sql(queries.vendor(), inner.sql, selection.outputs, keys)
    if form == "select":
        return Statement(rows, inner.params)
    total = queries.count(table, selection, condition)
    return Statement(f"SELECT p.*, t.* FROM ({total.sql}) t, ({rows}) p", (*total.params, *inner.params))


def _row_statement(table: link.Table, selection: Selection, condition: Typed) -> Statement:
    inner = queries.page(table, selection, condition)
    return Statement(render.row_sql(queries.vendor(), inner.sql, selection.outputs), inner.params)


# Running


def _fetch(statement: Statement, env: Environment, *more: Any) -> Any:
    with connections[queries.DATABASE].cursor() as database:
        database.execute(statement.sql, statement.bind(env, *more))
        return database.fetchone()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else bytes(text)


def answer(page: Page, listed: bool) -> bytes:
    """A page as the contract writes it: an array, or items with their total."""
    if not listed:
        return b"[%b]" % page.rows
    total = b"null" if page.total is None else b"%d" % page.total
    following = b',"next":%b' % render.dumps(page.following) if page.by_cursor else b""
    return b'{"items":[%b],"total":%b%b}' % (page.rows, total, following)
