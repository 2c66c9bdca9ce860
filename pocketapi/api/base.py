"""What every endpoint does once: the path, the method, the body's type, the caller, the call, the answer."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.views import APIView

from pocketapi.api import authentication, cookies, errors, origins, parsers
from pocketapi.api.authentication import Sent
from pocketapi.api.multipart import Files
from pocketapi.config import link
from pocketapi.errors import BadRequest, Forbidden, InvalidToken, MethodNotAllowed, NotFound, TokenExpired, Unauthorized
from pocketapi.records.render import dumps
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current

NO_STORE = "no-store"
WORTH_PACKING = 1024  # bytes
NOTHING_SENT = Sent()
GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)


@dataclass
class Call:
    """One request as endpoints see it."""

    request: HttpRequest
    caller: Caller
    sent: Sent = NOTHING_SENT
    table: link.Table | None = None
    wrapper: str = ""  # where the fields of a body stand; in the body itself where it is empty
    files: Files = field(default_factory=list)  # what came with the body

    @cached_property
    def query(self) -> dict[str, Any]:
        return parsers.query(self.request)

    @property
    def body(self) -> dict[str, Any]:
        found, error = self._read
        if error:
            raise error
        return found

    @cached_property
    def _read(self) -> tuple[dict[str, Any], BadRequest | None]:
        """The body, or what is wrong with it: a form that cannot be read looks empty the second time."""
        try:
            return parsers.body(self.request, self.table, self.wrapper, self.files), None
        except BadRequest as error:
            return {}, error

    def close(self) -> None:
        """Remove what came and was not stored."""
        for _, upload in self.files:
            upload.close()


class Endpoint(APIView):
    """An endpoint: methods `get` and `post` take a Call and the path's words.

    1. The path names something that is there, and the method is one of the endpoint's.
    2. The body is none too large, of a type that we read.
    3. The caller is known: a bad token is refused.
    4. Who is known by the cookie comes from one of our sites.
    5. The request is none too many.
    6. The method is called; it reads query and body when it needs them.
    7. Errors become answers; answers get their headers, a dead cookie goes.
    """

    authentication_classes: ClassVar[list[Any]] = []  # type: ignore[misc]
    permission_classes: ClassVar[list[Any]] = []  # type: ignore[misc]
    schema: ClassVar[None] = None  # type: ignore[misc] # not described in a document that the project makes of its own routes
    lenient: ClassVar[bool] = False  # a bad token counts as none
    reads: ClassVar[tuple[str, ...]] = authentication.OURS  # the proofs that it looks at
    wrapper: ClassVar[str] = ""  # where the fields of a body stand, if not in the body itself
    cached: ClassVar[str] = errors.PRIVATE
    tagged: ClassVar[bool] = False  # answers carry an ETag

    def dispatch(self, request: HttpRequest, *_: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            words = self.words(**kwargs)
            handler = self._handler(request)
            table = words.get("table")
            parsers.check_body(request, table)
            sent = authentication.sent(request, self.reads)
            caller = authentication.caller(request, sent, self.lenient)
            with closing(Call(request, caller, sent, table, self.wrapper)) as call:
                self.admit(call, **words)
                response = self.finish(request, handler(call, **words))
        except Exception as error:  # noqa: BLE001 - every error becomes an answer
            response = errors.answer(error)
            if isinstance(error, InvalidToken | TokenExpired) and authentication.sent(request, self.reads).by_cookie:
                cookies.clear(response)
        return errors.with_headers(response, self.cached)

    def words(self, **kwargs: Any) -> dict[str, Any]:
        """The path's words, with the table that they name; NotFound where there is none."""
        if "table" in kwargs:
            return {**kwargs, "table": table_named(kwargs["table"])}
        return kwargs

    def _handler(self, request: HttpRequest) -> Callable[..., HttpResponse]:
        method = (request.method or "").lower()
        handler = getattr(self, "get" if method == "head" else method, None)
        if method not in ("get", "head", "post") or handler is None:
            raise MethodNotAllowed([name.upper() for name in ("get", "post") if hasattr(self, name)])
        found: Callable[..., HttpResponse] = handler
        return found

    def admit(self, call: Call, **_: Any) -> None:
        """Refuse what another site lets a browser send in its user's name."""
        if call.sent.by_cookie and call.request.method == "POST":
            origins.require_own(call.request)

    def finish(self, request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
        """The answer with its ETag, or 304 where the caller has it; packed where that pays and is asked for."""
        if self.tagged and request.method != "POST":
            tag = f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
            if knows(request.META.get("HTTP_IF_NONE_MATCH", ""), tag):
                response = HttpResponse(status=304)
            response["ETag"] = tag
        if len(response.content) >= WORTH_PACKING and GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
            response.content = gzip.compress(response.content, compresslevel=5, mtime=0)
            response["Content-Encoding"] = "gzip"
        return response


SERVED: dict[str, type[Endpoint]] = {}
"""The endpoints by the names of their routes; urls.py fills it."""


def knows(if_none_match: str, tag: str) -> bool:
    """Whether a caller has the answer with a tag: `*`, or a list that names it, weak or not."""
    named = (item.strip().removeprefix("W/") for item in if_none_match.split(","))
    return any(item in ("*", tag.removeprefix("W/")) for item in named)


def table_named(name: str) -> link.Table:
    """A table of the config; NotFound where there is none."""
    table = current().tables.get(name)
    if table is None:
        raise NotFound(f"There is no table {name}.")
    return table


def auth_table_named(name: str) -> link.Table:
    """A table with the auth extension; NotFound where there is none."""
    table = table_named(name)
    if table.auth is None:
        raise NotFound(f"{name} has no auth extension.")
    return table


class Json(HttpResponse):
    """A value as JSON, and the value."""

    def __init__(self, value: Any, status: int = 200) -> None:
        self.value = value
        super().__init__(dumps(value), content_type="application/json", status=status)


def answer(value: Any, status: int = 200) -> HttpResponse:
    """A value as JSON."""
    return Json(value, status)


def raw(content: bytes, status: int = 200) -> HttpResponse:
    """JSON that is written already."""
    return HttpResponse(content, content_type="application/json", status=status)


def require_admin(caller: Caller, superadmin: bool = False) -> None:
    """Refuse who is no admin: 401 without a caller, 403 for another."""
    if caller.principal.is_anonymous:
        raise Unauthorized
    if not (caller.principal.superadmin if superadmin else caller.is_admin):
        raise Forbidden(f"Only {'superadmins' if superadmin else 'admins'} may do this.")
