"""Sending mails as the config says: printed, by SMTP, by Mailgun or Resend. The project's own mail settings are left alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from pocketapi.config import mails, schema
from pocketapi.errors import EmailNotConfigured, MailFailed
from pocketapi.tables.table import current

BACKENDS = {
    "mock": "django.core.mail.backends.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "mailgun": "anymail.backends.mailgun.EmailBackend",
    "resend": "anymail.backends.resend.EmailBackend",
}
TIMEOUT = 10  # seconds

logger = logging.getLogger("pocketapi")


def configured() -> schema.Email:
    """What the config says of mails; EmailNotConfigured where it says nothing."""
    email = current().spec.email
    if email is None:
        raise EmailNotConfigured
    return email


def connection(email: schema.Email) -> BaseEmailBackend:
    """A connection of our own, whatever EMAIL_BACKEND and its kin say."""
    way = mails.way_of(email) or "mock"
    found: BaseEmailBackend = get_connection(BACKENDS[way], **_options(email, way))
    return found


def _options(email: schema.Email, way: str) -> dict[str, Any]:
    match way:
        case "smtp" if email.smtp:
            host = mails.server_of(email.smtp.url)
            return {
                "host": host.host,
                "port": host.port,
                "username": host.username or "",
                "password": host.password or "",
                "use_tls": host.starttls,
                "use_ssl": host.tls,
                "ssl_keyfile": "",
                "ssl_certfile": "",
                "timeout": TIMEOUT,
            }
        case "mailgun" if email.mailgun:
            server = email.mailgun.api_server or ""
            named = {"api_url": server} if "://" in server else {"sender_domain": server}
            given = {**named, **_said({"api_url": email.mailgun.api_url})}
            return {"api_key": email.mailgun.api_key, "requests_timeout": TIMEOUT, **_said(given)}
        case "resend" if email.resend:
            return {"api_key": email.resend.api_key, "requests_timeout": TIMEOUT, **_said({"api_url": email.resend.api_url})}
        case _:
            return {}


def _said(options: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in options.items() if value}


@dataclass
class Outbox:
    """The mails of one request; `shown` where a developer reads in the answer what `mock` only prints."""

    shown: bool = False
    mails: list[EmailMultiAlternatives] = field(default_factory=list)

    def send(self, message: EmailMultiAlternatives) -> None:
        """Send a mail now; MailFailed where it is not taken, with the reason in the log."""
        try:
            message.connection = connection(configured())
            message.send()
        except Exception as error:
            logger.error("A mail was not sent: %s: %s", type(error).__name__, error)
            raise MailFailed from error
        self.mails.append(message)

    @property
    def header(self) -> str:
        """The mail of the request, if there is one, as JSON on one line, in ASCII."""
        told = [{"to": mail.to, "from": mail.from_email, "subject": mail.subject, "text": mail.body} for mail in self.mails]
        return json.dumps(told[-1]) if told else ""
