"""How mails are sent: the sender, the way, and a mail server's URL."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from pocketapi.config import schema
from pocketapi.config.environment import REFERENCE
from pocketapi.config.report import Path, Report

WAYS = ("mock", "smtp", "mailgun", "resend")
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
SUBMISSION = 587  # spoken with STARTTLS
EXAMPLE = "smtp://user:password@mail.example.com:587"


@dataclass(frozen=True)
class Server:
    """A mail server and how to talk to it."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    starttls: bool = False
    tls: bool = False


def server_of(url: str) -> Server:
    """The mail server of a URL; ValueError where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or any(map(str.isspace, url)):
        raise ValueError("no mail server")
    port = parts.port or PORTS[parts.scheme]
    asked = dict(parse_qsl(parts.query)).get("tls", "").lower()
    starttls = parts.scheme == "smtp+tls" or (parts.scheme == "smtp" and (port == SUBMISSION or asked in ("true", "1")))
    return Server(
        parts.hostname,
        port,
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        starttls and asked not in ("false", "0"),
        parts.scheme == "smtps",
    )


def sender_of(email: schema.Email) -> str:
    """The sender as a header has it: `Name <address>`; ValueError where there is no address."""
    given = email.from_
    if isinstance(given, dict):
        if unknown := given.keys() - {"name", "email", "address"}:
            raise ValueError(f"`from` has no property `{min(unknown)}`: known are name and email.")
        name, address = given.get("name", ""), given.get("email") or given.get("address") or ""
    else:
        name, address = parseaddr(given)
    local, at, domain = address.partition("@")
    words = given.values() if isinstance(given, dict) else (given,)
    one_line = all(word.isprintable() for word in words)
    if not (local and at and domain and one_line) or any(letter in " <>,@" for letter in local + domain):
        raise ValueError("This is no sender: expected an address such as `Reading List <noreply@example.com>`.")
    return formataddr((name, address)) if name else address


def way_of(email: schema.Email) -> str | None:
    """How mails go out: `mock` before all others, which are tried in the order of WAYS; none where nothing is said."""
    return next((way for way in WAYS if getattr(email, way)), None)


def check_mails(spec: schema.Config, report: Report) -> None:
    """Whether mails can be sent as the config says."""
    if spec.email is None:
        return
    path: Path = ("email",)
    if way_of(spec.email) is None:
        report.error("E003", path, "`email` has no way to send: add smtp, mailgun or resend, or `mock: true` to print mails.")
    if not _is_reference(spec.email.from_):
        try:
            sender_of(spec.email)
        except ValueError as error:
            report.error("E003", (*path, "from"), str(error))
    if spec.email.smtp and not _is_reference(spec.email.smtp.url):
        try:
            server_of(spec.email.smtp.url)
        except ValueError:
            report.error("E011", (*path, "smtp", "url"), f"This is no URL of a mail server: expected one such as {EXAMPLE}.")


def _is_reference(value: object) -> bool:
    """Whether a text is a variable that is missing, and reported already."""
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None
