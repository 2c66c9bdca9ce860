"""Every error as an answer: always JSON, with code, message and data, and nothing of our inside."""

from __future__ import annotations

import logging
import traceback

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from pocketapi.errors import (
    BadRequest,
    MethodNotAllowed,
    MigrationRefused,
    NotFound,
    PocketError,
    RangeNotSatisfiable,
    Throttled,
    TooLarge,
    Unavailable,
)

VARY = "Authorization, X-Authorization, Cookie"
PRIVATE = "private, no-cache"

logger = logging.getLogger("pocketapi")


def known(error: Exception) -> PocketError | None:
    """The error that a caller may read, of whatever went wrong; None for what nobody foresaw."""
    match error:
        case PocketError():
            return error
        case MigrationRefused():
            return BadRequest(str(error))
        case Http404():
            return NotFound()
        case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
            return TooLarge()
        case SuspiciousOperation() | UnreadablePostError():
            return BadRequest("The request cannot be read.")
        case OperationalError() | InterfaceError():
            return Unavailable()
        case DataError():
            return BadRequest("A value is beyond what the database can hold.")
        case _:
            return None


def answer(error: Exception) -> HttpResponse:
    """The answer that tells of an error; what nobody foresaw is logged."""
    found = known(error)
    if found is None or found.status >= PocketError.status:
        logger.error("%s: %s", type(error).__name__, error, exc_info=error)
    found = found or _unforeseen(error)
    response = HttpResponse(orjson.dumps(body(found)), content_type="application/json", status=found.status)
    if isinstance(found, MethodNotAllowed):
        response["Allow"] = ", ".join(found.allowed)
    if isinstance(found, Throttled):
        response["Retry-After"] = str(found.wait)
    if isinstance(found, RangeNotSatisfiable):
        response["Content-Range"] = f"bytes */{found.size}"
    return response


def body(error: PocketError) -> dict[str, object]:
    """`{"code": 400, "message": ..., "data": {...}}`."""
    return {"code": error.status, "message": error.message, "data": error.data}


def _unforeseen(error: Exception) -> PocketError:
    return PocketError(data={"trace": traceback.format_exception(error)} if settings.DEBUG else {})


def with_headers(response: HttpResponseBase, cached: str) -> HttpResponseBase:
    """The answer with what every answer says of caches, and its length, so that no server sends it in chunks.

    That of a file says so itself.
    """
    if "Cache-Control" not in response:
        response["Vary"] = VARY
        response["Cache-Control"] = cached
    if isinstance(response, HttpResponse) and "Content-Length" not in response:
        response["Content-Length"] = str(len(response.content))
    response._has_been_logged = True  # type: ignore[attr-defined] # what is worth a line is logged here
    return response


@csrf_exempt
def not_found(_request: HttpRequest, *_: object, **__: object) -> HttpResponseBase:
    """The answer for a path that is not there."""
    return with_headers(answer(NotFound("There is no such endpoint.")), PRIVATE)
