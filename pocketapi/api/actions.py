"""/action/{name}."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse

from pocketapi.actions import registry
from pocketapi.actions.execution import perform
from pocketapi.api.base import Call, Endpoint, raw
from pocketapi.errors import NotFound
from pocketapi.records import requests


class Action(Endpoint):
    """A named operation; what it answers has one list of rows for each of its statements."""

    wrapped: ClassVar[bool] = False

    def words(self, **kwargs: Any) -> dict[str, Any]:
        found = registry.find(kwargs["name"])
        if found is None:
            raise NotFound(f"There is no action {kwargs['name']}.")
        return {"action": found}

    def post(self, call: Call, action: registry.Action) -> HttpResponse:
        return raw(perform(action, lambda: _parameters(call, action), call.caller))


def _parameters(call: Call, action: registry.Action) -> dict[str, Any]:
    requests.check_query(call.query, action.query_names)
    return call.body
