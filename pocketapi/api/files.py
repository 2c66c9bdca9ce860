"""/files/...: stored files, and the tokens for those who cannot send headers."""

from __future__ import annotations

from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from pocketapi.api.base import NO_STORE, Call, Endpoint, answer
from pocketapi.api.downloads import Item, sent
from pocketapi.config import link
from pocketapi.credentials import tokens
from pocketapi.errors import NotFound, Unauthorized
from pocketapi.files import thumbs
from pocketapi.records import files, requests
from pocketapi.rules.principal import Caller

FOR_EVER = "public, max-age=31536000, immutable"
PUBLIC, PRIVATE = "public, no-cache", "private, no-cache"


class FileToken(Endpoint):
    """A token for the URLs of a table's files."""

    cached = NO_STORE

    def post(self, call: Call, table: link.Table) -> HttpResponse:
        if call.caller.principal.is_anonymous:
            raise Unauthorized
        return answer({"token": tokens.issue_for_files(table, call.caller.principal)})


class Download(Endpoint):
    """A file that a record names, or a thumb of it."""

    def get(self, call: Call, table: link.Table, uid: str, path: str) -> HttpResponseBase:
        caller = _caller(call, table)
        found = files.find(table, uid, path, lambda: requests.file(call.query, table.query_names), caller)
        _release()
        cached = (FOR_EVER if found.fixed else PUBLIC) if found.public else PRIVATE
        try:
            key, name = found.key, found.name
            if found.wanted.thumb:
                key = thumbs.made(found.field, found.key, found.wanted.thumb)
                name = f"{name.rpartition('.')[0] or name}.{key.rpartition('.')[2]}"
            return sent(call.request, Item(key, name, found.wanted.attached, cached))
        except FileNotFoundError:
            raise NotFound(f"The file {found.name} is not in the store.") from None

    def finish(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Files have their own tags, and are not packed."""
        return response


def _release() -> None:
    """Give the database's connection back before the bytes are sent, which may take as long as the caller likes."""
    if not connection.in_atomic_block:
        close_old_connections()


def _caller(call: Call, table: link.Table) -> Caller:
    """Who asks: the one of a file token, where there is one."""
    token = call.query.get("token")
    return Caller(tokens.principal_for_files(token, table), call.caller.request) if token else call.caller
