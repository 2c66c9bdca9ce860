"""/table/{table}/...: one line a verb."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from django.http import HttpResponse

from pocketapi.api.base import Call, Endpoint, answer, raw
from pocketapi.conf import settings
from pocketapi.config import link
from pocketapi.records import read, requests, write


def _reading(call: Call, table: link.Table) -> requests.Ask[requests.Read]:
    return lambda: requests.read(call.data, table.query_names)


def _page(page: read.Page, listed: bool) -> HttpResponse:
    response = raw(read.answer(page, listed))
    if page.cut_at is not None:
        response["X-Limit"] = str(page.cut_at)
    return response


class Select(Endpoint):
    """Records as an array."""

    def get(self, call: Call, table: link.Table) -> HttpResponse:
        return _page(read.select(table, _reading(call, table), call.caller), listed=False)

    post = get


class List(Endpoint):
    """Records as items, with the number of all."""

    tagged: ClassVar[bool] = True

    def get(self, call: Call, table: link.Table) -> HttpResponse:
        return _page(read.list_(table, _reading(call, table), call.caller), listed=True)

    post = get


class View(Endpoint):
    """One record."""

    tagged: ClassVar[bool] = True

    def get(self, call: Call, table: link.Table, uid: str) -> HttpResponse:
        return raw(read.view(table, uid, lambda: requests.view(call.query, table.query_names), call.caller))


class Insert(Endpoint):
    """One record or several."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.insert(table, lambda: requests.insert(call.body, settings.MAX_LIMIT), call.caller))


class Update(Endpoint):
    """The records that a filter finds."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.update(table, lambda: requests.update(call.body), call.caller))


class Edit(Endpoint):
    """One record by its id, its fields bare."""

    wrapped: ClassVar[bool] = False

    def post(self, call: Call, table: link.Table, uid: str) -> HttpResponse:
        asked = partial(_edit, call, table)
        return answer(write.edit(table, uid, asked, call.caller))


def _edit(call: Call, table: link.Table) -> requests.Edit:
    return requests.edit(call.body, call.query, table.query_names)


class Delete(Endpoint):
    """The records that a filter finds, for good."""

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        return answer(write.delete(table, lambda: requests.delete(call.body), call.caller))
