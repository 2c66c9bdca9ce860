"""/table/{table}/...: one line a verb."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse

from pocketapi.api.base import Call, Endpoint, answer, raw
from pocketapi.config import link
from pocketapi.records import read, requests, upserts, write


def _reading(call: Call, table: link.Table, listed: bool) -> requests.Ask[requests.Read]:
    if call.request.method == "POST":
        return lambda: requests.read(_body(call, table), listed=listed)
    return lambda: requests.read(call.query, table.query_names, listed)


def _body(call: Call, table: link.Table) -> dict[str, Any]:
    requests.check_query(call.query, table.query_names)
    return call.body


def _page(page: read.Page, listed: bool) -> HttpResponse:
    response = raw(read.answer(page, listed))
    if page.cut_at is not None:
        response["X-Limit"] = str(page.cut_at)
    if page.following:
        response["X-Next-Cursor"] = page.following
    return response


class Select(Endpoint):
    """Records as an array."""

    def get(self, call: Call, table: link.Table) -> HttpResponse:
        return _page(read.select(table, _reading(call, table, listed=False), call.caller), listed=False)

    post = get


class List(Endpoint):
    """Records as items, with the number of all."""

    tagged: ClassVar[bool] = True

    def get(self, call: Call, table: link.Table) -> HttpResponse:
        return _page(read.list_(table, _reading(call, table, listed=True), call.caller), listed=True)

    post = get


class View(Endpoint):
    """One record."""

    tagged: ClassVar[bool] = True

    def get(self, call: Call, table: link.Table, uid: str) -> HttpResponse:
        return raw(read.view(table, uid, lambda: requests.view(call.query, table.query_names), call.caller))


class Insert(Endpoint):
    """One record or several."""

    wrapper: ClassVar[str] = "values"

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.insert(table, lambda: requests.insert(_body(call, table), requests.MOST_ROWS), call.caller))


class Update(Endpoint):
    """The records that a filter finds."""

    wrapper: ClassVar[str] = "setValues"

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.update(table, lambda: requests.update(_body(call, table)), call.caller))


class Edit(Endpoint):
    """One record by its id, its fields bare."""

    def post(self, call: Call, table: link.Table, uid: str) -> HttpResponse:
        change = upserts.upsert if call.request.GET.get("or") == "INSERT" else write.edit
        return answer(change(table, uid, lambda: requests.edit(call.body, call.query, table.query_names), call.caller))


class Delete(Endpoint):
    """The records that a filter finds, for good."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.delete(table, lambda: requests.delete(_body(call, table)), call.caller))
