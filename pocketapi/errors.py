"""Every error that the package raises: its HTTP status, its code and its default sentence. No Django here.

Layers below HTTP raise these; api/errors.py turns them into answers, commands print them. An error's `data` names what is
at fault by field, as `{"title": {"code": "required", "message": "This field is required."}}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Data = dict[str, Any]


class PocketError(Exception):
    """An error that a caller may read: status, code, message and data."""

    status = 500
    code = "error"
    message = "Something went wrong."

    def __init__(self, message: str | None = None, data: Data | None = None) -> None:
        self.message = message or self.message
        self.data: Data = data or {}
        super().__init__(self.message)


class BadRequest(PocketError):
    """What was sent makes no sense, and nothing was changed."""

    status = 400
    code = "bad_request"
    message = "Bad request"


class ValidationFailed(BadRequest):
    """Values that a field does not take; `data` has one entry a field."""

    code = "validation"
    message = "Validation error"

    def __init__(self, data: Data, message: str | None = None) -> None:
        super().__init__(message, data)


class ExpressionError(BadRequest):
    """An expression that does not parse, or names or mixes what it may not; `position` counts characters from 0."""

    code = "expression"
    message = "Invalid expression"

    def __init__(self, message: str, text: str = "", position: int | None = None) -> None:
        self.reason, self.text, self.position = message, text, position
        super().__init__(message, {} if position is None else {"position": position, "caret": caret(text, position)})

    def within(self, text: str) -> ExpressionError:
        """The same error with the text that it is about."""
        return type(self)(self.reason, text, self.position)


def caret(text: str, position: int) -> str:
    """The line of the text that holds the position and, below it, a caret."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    return f"{line}\n{' ' * (position - start)}^"


class Unauthorized(PocketError):
    """A caller is needed and there is none, or a token proves nothing."""

    status = 401
    code = "unauthorized"
    message = "Authentication required"


class InvalidToken(Unauthorized):
    code = "invalid_token"
    message = "Invalid token"


class TokenExpired(Unauthorized):
    code = "token_expired"
    message = "Token expired"


class InvalidSession(Unauthorized):
    code = "invalid_session"
    message = "Invalid session"


class SecondFactorRequired(Unauthorized):
    """A login that is right so far: `data.mfaId` goes with the code of the second factor."""

    code = "second_factor"
    message = "Second factor required"

    def __init__(self, token: str) -> None:
        super().__init__(data={"mfaId": token})


class Forbidden(PocketError):
    """The caller may not do this."""

    status = 403
    code = "forbidden"
    message = "Forbidden"


class NotFound(PocketError):
    """No such path, table, action or record; or one that the caller may not see."""

    status = 404
    code = "not_found"
    message = "Not found"


class MethodNotAllowed(PocketError):
    status = 405
    code = "method_not_allowed"
    message = "Method not allowed"

    def __init__(self, allowed: Sequence[str], message: str | None = None) -> None:
        self.allowed = tuple(allowed)
        super().__init__(message)


class Conflict(PocketError):
    """A unique value that another row has; `data` names the fields."""

    status = 409
    code = "unique"
    message = "A record with this value already exists."


class TooLarge(PocketError):
    status = 413
    code = "too_large"
    message = "The request is too large."


class UnsupportedMediaType(PocketError):
    status = 415
    code = "unsupported_media_type"
    message = "Unsupported content type: send JSON, a form or multipart."


class Throttled(PocketError):
    """Too many requests; `wait` is the seconds until the next one may come."""

    status = 429
    code = "throttled"
    message = "Too many requests"

    def __init__(self, wait: int, message: str | None = None) -> None:
        self.wait = wait
        super().__init__(message)


class BadGateway(PocketError):
    """Another server that we need does not answer, or not as it should."""

    status = 502
    code = "bad_gateway"
    message = "Another server did not answer as it should. Try again."


class EmailNotConfigured(PocketError):
    code = "email_not_configured"
    message = "Email not configured"


class MailFailed(BadGateway):
    """A mail that the mail server or the provider did not take."""

    code = "mail_failed"
    message = "The mail could not be sent. Try again later."


class Unavailable(PocketError):
    """The database does not answer or stays locked; nothing was written."""

    status = 503
    code = "unavailable"
    message = "The database is not available. Nothing was changed; try again."


class RangeNotSatisfiable(PocketError):
    """A part of a file that lies beyond its end; `size` is the whole file's."""

    status = 416
    code = "range"
    message = "The file has no such part."

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__()


class StoreRefused(PocketError):
    """The file store answers that it will not: wrong credentials, no such bucket. Nothing was written."""

    status = 502
    code = "store"
    message = "The file store refused. Nothing was changed; the server's log says why."


class StoreUnavailable(PocketError):
    """The file store does not answer, or fails; nothing was written."""

    status = 503
    code = "store"
    message = "The file store is not available. Nothing was changed; try again."


@dataclass(frozen=True, order=True)
class ConfigProblem:
    """One thing wrong in a config: where (line and column count from 1, 0 is unknown) and what to do."""

    file: str
    line: int
    column: int
    path: str
    message: str
    id: str = "pocketapi.E001"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class ConfigError(Exception):
    """All the problems of one config, and what would have been warned of."""

    def __init__(self, problems: Sequence[ConfigProblem], warnings: Sequence[ConfigProblem] = ()) -> None:
        self.problems = tuple(sorted(problems))
        self.warnings = tuple(sorted(warnings))
        super().__init__("\n".join(map(str, self.problems)))


class MigrationRefused(Exception):
    """A migration that would destroy data and was not allowed to, or cannot be made; the message says what to do."""


def field_error(code: str, message: str) -> dict[str, str]:
    """One field's entry in an error's data."""
    return {"code": code, "message": message}


REQUIRED = field_error("required", "This field is required.")


def named(fields: Mapping[str, str], code: str = "invalid") -> Data:
    """Data of messages by field, all with one code."""
    return {name: field_error(code, message) for name, message in fields.items()}
