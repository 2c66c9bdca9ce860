"""Database level: health, settings, set-up and migrations."""

from __future__ import annotations

import time
from typing import Any

from django.db import Error, connection
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse

from pocketapi.api.authentication import NOTHING
from pocketapi.api.base import NO_STORE, Call, Endpoint, answer, require_admin
from pocketapi.config.redact import redacted
from pocketapi.errors import BadRequest, NotFound
from pocketapi.records import requests
from pocketapi.tables import inspection, migrate
from pocketapi.tables.build import LABEL
from pocketapi.tables.table import current


class Health(Endpoint):
    """Whether the server and its database answer; which config it runs."""

    cached = NO_STORE

    def get(self, _call: Call) -> HttpResponse:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except Error:
            return answer({"status": "unavailable"}, status=503)
        config = current()
        return answer(
            {
                "status": "ok",
                "timestamp": time.time_ns() // 1_000_000,
                "version": config.spec.version,
                "appName": config.spec.app_name,
                "config": config.fingerprint,
            }
        )


class Settings(Endpoint):
    """The config without its secrets; with `raw` the tables as the database has them."""

    def get(self, call: Call) -> HttpResponse:
        require_admin(call.caller)
        if unknown := sorted(set(call.query) - {"raw"}):
            raise BadRequest(f"There is no parameter {unknown[0]}: did you mean `raw`?")
        if requests.flag(call.query, "raw"):
            return answer({"tables": inspection.tables(connection)})
        return answer(redacted(current()))


class SetupDb(Endpoint):
    """Apply every pending migration."""

    def post(self, call: Call) -> HttpResponse:
        require_admin(call.caller, superadmin=True)
        migrate.apply(connection)
        return answer({"message": "Success", "settings": redacted(current())})


class Migrations(Endpoint):
    """The migrations of the config's tables."""

    def get(self, call: Call) -> HttpResponse:
        require_admin(call.caller, superadmin=True)
        listing: list[dict[str, Any]] = migrate.listing(connection)
        pending = sum(name.startswith(f"{LABEL}.") for name in migrate.pending(connection))
        config = current()
        return answer({"migrations": listing, "pending": pending, "settings": redacted(config), "version": config.spec.version})

    def post(self, call: Call) -> HttpResponse:
        require_admin(call.caller, superadmin=True)
        if call.body:
            raise BadRequest("The body is empty: migrations come from the config, never from a request.")
        return answer({"applied": migrate.apply(connection)})


class Panel(Endpoint):
    """The way to the admin panel, wherever the project has it."""

    cached = NO_STORE
    reads = NOTHING

    def get(self, _call: Call) -> HttpResponse:
        try:
            return HttpResponseRedirect(reverse("pocket:index"))
        except NoReverseMatch:
            raise NotFound("This project has no admin panel.") from None
