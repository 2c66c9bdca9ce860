"""/files/...: stored files, and the tokens for those who cannot send headers."""

from __future__ import annotations

from django.db import close_old_connections, connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from pocketapi.api.base import NO_STORE, Call, Endpoint, answer
from pocketapi.api.downloads import Item, sent
from pocketapi.config import link
from pocketapi.credentials import tokens
from pocketapi.errors import BadRequest, NotFound, Unauthorized
from pocketapi.expressions.scope import nearest
from pocketapi.files import thumbs
from pocketapi.records import files, requests
from pocketapi.rules.principal import Caller

PARAMETERS = ("download", "thumb", "token")
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
        for name in call.query:
            if name not in PARAMETERS and name not in table.query_names:
                raise BadRequest(f"There is no parameter {name}{nearest(name, PARAMETERS)}")
        attached, size = requests.flag(call.query, "download"), call.query.get("thumb") or None
        found = files.find(table, uid, path, _caller(call, table))
        _release()
        cached = (FOR_EVER if found.fixed else PUBLIC) if found.public else PRIVATE
        try:
            thumb = thumbs.made(found.field, found.key, size) if size else None
            name = f"{found.name.rpartition('.')[0] or found.name}.{thumb.rpartition('.')[2]}" if thumb else found.name
            return sent(call.request, Item(thumb or found.key, name, attached, cached))
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
