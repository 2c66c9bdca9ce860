"""What the routes of files and of mail providers do, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping

from pocketapi.api.described import (
    BODY_ERRORS,
    OBJECT,
    READ_ERRORS,
    SUCCESS,
    Operation,
    Route,
    Subject,
    extra,
    has,
    nothing,
    one,
    query,
)
from pocketapi.api.schemas import Schema
from pocketapi.files.options import options
from pocketapi.tables.table import current

TEXT: Schema = {"type": "string"}
TOKEN: Schema = {"type": "object", "properties": {"token": TEXT}, "required": ["token"]}
SIGNATURE = ("svix-id", "svix-timestamp", "svix-signature")
HEADERS = {
    "ETag": "The same for the same bytes.",
    "Last-Modified": "When it was stored.",
    "Content-Disposition": "Its name, and whether to save it.",
    "Accept-Ranges": "`bytes`.",
}


def has_files(subject: Subject) -> bool:
    """Whether a table has files that somebody may fetch."""
    return has("view")(subject) and any(not field.column.hidden for field in subject.table.files)


def fetched(_subject: Subject) -> Schema:
    """A file, or a part of it; where it lies, if it is not sent from here."""
    headers: Schema = {name: {"description": text, "schema": TEXT} for name, text in HEADERS.items()}
    part = {"Content-Range": {"description": "Which bytes, of how many.", "schema": TEXT}}
    content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    found: Schema = {
        "200": {"description": "The file.", "headers": headers, "content": content},
        "206": {"description": "The part that Range asks for.", "headers": {**headers, **part}, "content": content},
        "304": {"description": "The caller has it already."},
    }
    location = {"Location": {"schema": {**TEXT, "format": "uri"}}}
    return found | ({"302": {"description": "Where the bucket has it.", "headers": location}} if options().redirect else {})


def fetching(subject: Subject) -> list[Schema]:
    """Which file, and how it is wanted."""
    thumbs = sorted({thumb for field in subject.table.files for thumb in field.spec.thumbs or ()})
    told = "The file's name, its field, or field/name."
    ranged = {"name": "Range", "in": "header", "description": "A part: `bytes=0-1023`.", "schema": TEXT}
    return [
        *one(subject),
        {"name": "path", "in": "path", "required": True, "description": told, "schema": {**TEXT, "minLength": 1}},
        query("download", {"type": "boolean"}, "Whether to save it."),
        *([query("thumb", {**TEXT, "enum": thumbs}, "A smaller picture.")] if thumbs else []),
        query("token", TEXT, "A file token, for who cannot send headers."),
        *extra(subject),
        ranged,
    ]


def webhooks() -> list[str]:
    """The mail providers that have a key here."""
    email = current().spec.email
    ways = {"mailgun": email.mailgun, "resend": email.resend} if email else {}
    return [name for name, way in ways.items() if way and way.signing_key]


def webhook(_subject: Subject) -> list[Schema]:
    """Which provider, and where its signature stands; Mailgun's stands in the body."""
    told = "What Resend signs with, and signs: the others and the body."
    signature = [{"name": name, "in": "header", "description": told, "schema": TEXT} for name in SIGNATURE]
    path = {"name": "provider", "in": "path", "required": True, "schema": {**TEXT, "enum": webhooks()}}
    return [path, *(signature if "resend" in webhooks() else [])]


FILES: Mapping[str, Route] = {
    "file-token": Route("table/{table}/file-token", "table", (
        Operation("post", "file_token", "A token of two minutes for URLs of this table's files.", lambda _: TOKEN, BODY_ERRORS,
                  shown=has_files, who="caller"),
    )),
    "file": Route("files/{table}/{uid}/{path}", "table", (
        Operation("get", "file", "A file that a record names, or a thumb of it.", nothing, (*READ_ERRORS, 404, 416, 502),
                  fetching, shown=has_files, results=fetched),
    )),
    "mail-webhook": Route("mail/webhook/{provider}", "", (
        Operation("post", "mail_webhook", "What became of mails, signed by who sends them.", lambda _: SUCCESS,
                  (400, 401, 404, 413, 415, 503), webhook, lambda _: OBJECT, shown=lambda _: bool(webhooks())),
    )),
}  # fmt: skip
