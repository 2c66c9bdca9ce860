"""A mail server on loopback that keeps what it is sent, and what tests read of it."""

from __future__ import annotations

import email
import email.policy
import re
import socket
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

TOKEN = re.compile(r"/(?:verify|verify-email|reset-password)/(\w{22})\b")


class Handler:
    """What the library calls; it looks at every attribute."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        return self._mailbox.take(envelope)


class Mailbox:
    """The server: mails that were taken, and what it refuses with, if anything."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusal: str | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.controller = Controller(Handler(self), hostname="127.0.0.1", port=self.port)

    def take(self, envelope: Any) -> str:
        """Keep a mail, or refuse it."""
        if self.refusal:
            return self.refusal
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"

    def clear(self) -> None:
        """Forget everything."""
        self.mails, self.recipients, self.refusal = [], [], None

    @property
    def token(self) -> str:
        """The token of the last mail."""
        found = TOKEN.search(text_of(self.mails[-1]))
        assert found, text_of(self.mails[-1])
        return found[1]

    @property
    def code(self) -> str:
        """The code of the last mail."""
        found = re.search(r"^ +(\d{8})\r?$", text_of(self.mails[-1]), re.MULTILINE)
        assert found, text_of(self.mails[-1])
        return found[1]


def text_of(mail: EmailMessage) -> str:
    """A mail's text part."""
    return str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def html_of(mail: EmailMessage) -> str:
    """A mail's HTML part."""
    return str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
