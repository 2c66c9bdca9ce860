"""The ways that mails go out, each against a server on loopback."""

from __future__ import annotations

import json
import logging
import smtplib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives

from pocketapi import checks
from pocketapi.auth import mail
from pocketapi.auth.mail import Outbox
from pocketapi.config import mails
from pocketapi.errors import EmailNotConfigured, MailFailed
from pocketapi.tables.table import current
from tests.api.answers import Api
from tests.auth.mailbox import TOKEN, Mailbox
from tests.conftest import UseConfig


class Provider:
    """What a mail provider's API was asked, and its answer."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.answer = 200, {"id": "1", "message": "Queued. Thank you."}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.requests.append((self.path, dict(self.headers), body))
                self.send_response(provider.status)
                self.end_headers()
                self.wfile.write(json.dumps(provider.answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v3/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def provider() -> Iterator[Provider]:
    found = Provider()
    yield found
    found.server.shutdown()
    found.server.server_close()


def use(use_config: UseConfig, way: str) -> None:
    use_config(f"email: {{from: Desk <noreply@desk.example>, tags: 'a, b', {way}}}\ntables: []\n")


def message() -> EmailMultiAlternatives:
    found = EmailMultiAlternatives("Hello", "text", "Desk <noreply@desk.example>", ["ann@example.com"])
    found.attach_alternative("<p>html</p>", "text/html")
    found.tags = ["welcome"]  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("server", [
    "MAILGUN_API_SERVER: mg.desk.example, MAILGUN_API_URL: 'URL'",
    "MAILGUN_API_SERVER: 'URL'",  # the domain is the sender's then
    "MAILGUN_API_URL: 'URL'",
])  # fmt: skip
def test_mailgun(use_config: UseConfig, provider: Provider, server: str) -> None:
    named = server.replace("'URL'", repr(provider.url))
    use(use_config, f"mailgun: {{MAILGUN_API_KEY: secret, {named}}}")
    Outbox().send(message())
    ((path, headers, body),) = provider.requests
    assert path == f"/v3/{'mg.' if 'mg.' in server else ''}desk.example/messages"
    assert headers["Authorization"].startswith("Basic ")
    for part in (b"ann%40example.com", b"Hello", b"o%3Atag=welcome", b"%3Cp%3Ehtml%3C%2Fp%3E"):
        assert part in body


def test_resend(use_config: UseConfig, provider: Provider) -> None:
    use(use_config, f"resend: {{RESEND_API_KEY: secret, RESEND_API_URL: '{provider.url}'}}")
    Outbox().send(message())
    ((path, headers, body),) = provider.requests
    assert (path, headers["Authorization"]) == ("/v3/emails", "Bearer secret")
    sent = json.loads(body)
    assert (sent["to"], sent["subject"], sent["html"], sent["text"]) == (["ann@example.com"], "Hello", "<p>html</p>", "text")
    assert "welcome" in body.decode()


@pytest.mark.parametrize("way", ["mailgun: {MAILGUN_API_KEY: hush, MAILGUN_API_URL: 'URL'}", "resend: {RESEND_API_KEY: hush, RESEND_API_URL: 'URL'}"])  # fmt: skip
def test_a_provider_that_refuses(use_config: UseConfig, provider: Provider, caplog: pytest.LogCaptureFixture, way: str) -> None:
    use(use_config, way.replace("URL'", f"{provider.url}'"))
    provider.status, provider.answer = 401, {"message": "Forbidden"}
    with pytest.raises(MailFailed):
        Outbox().send(message())
    assert "401" in caplog.text
    assert "hush" not in caplog.text


def test_smtp_leaves_the_projects_own_settings_alone(use_config: UseConfig, mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD, settings.EMAIL_USE_TLS = "somebody", "hush", True
    settings.EMAIL_SSL_CERTFILE = "/nowhere"
    use(use_config, f"smtp: {{url: 'smtp://127.0.0.1:{mailbox.port}'}}")
    Outbox().send(message())
    assert mailbox.recipients == [["ann@example.com"]]
    assert django_mail.outbox == []


def test_smtp_that_is_not_there(use_config: UseConfig, caplog: pytest.LogCaptureFixture) -> None:
    use(use_config, "smtp: {url: 'smtp://user:hush@127.0.0.1:1'}")
    with pytest.raises(MailFailed):
        Outbox().send(message())
    assert "hush" not in caplog.text


def test_smtp_logs_in_and_asks_for_tls_as_the_url_says(use_config: UseConfig) -> None:
    use(use_config, "smtp: {url: 'smtp://us%40er:p%3Ass@mail.example.com:587'}")
    found: Any = mail.connection(mail.configured())
    assert (found.host, found.port, found.username, found.password) == ("mail.example.com", 587, "us@er", "p:ss")
    assert (found.use_tls, found.use_ssl, found.timeout) == (True, False, mail.TIMEOUT)
    assert found.connection_class is smtplib.SMTP


def test_mock_prints_and_sends_nothing(use_config: UseConfig, mailbox: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    use(use_config, f"mock: true, smtp: {{url: 'smtp://127.0.0.1:{mailbox.port}'}}")
    Outbox().send(message())
    assert "To: ann@example.com" in capsys.readouterr().out
    assert mailbox.mails == []


def test_nothing_is_said_of_mails(use_config: UseConfig) -> None:
    use_config("tables: []")
    with pytest.raises(EmailNotConfigured):
        mail.configured()


# (url, host, port, STARTTLS, TLS)
URLS = [
    ("smtp://h", "h", 25, False, False),
    ("smtp://h:2525/", "h", 2525, False, False),
    ("smtp://u:p@h:587", "h", 587, True, False),
    ("smtp://h:587?tls=false", "h", 587, False, False),
    ("smtp://h:2525?tls=true", "h", 2525, True, False),
    ("smtp+tls://h", "h", 587, True, False),
    ("smtps://h", "h", 465, False, True),
    ("smtp://[::1]:25", "::1", 25, False, False),
]


@pytest.mark.parametrize(("url", "host", "port", "starttls", "tls"), URLS)
def test_urls_of_mail_servers(url: str, host: str, port: int, starttls: bool, tls: bool) -> None:
    found = mails.server_of(url)
    assert (found.host, found.port, found.starttls, found.tls) == (host, port, starttls, tls)


# (DEBUG, mock, address, headers, whether the answer tells of the mail)
SHOWN: list[tuple[bool, bool, str, dict[str, str], bool]] = [
    (True, True, "127.0.0.1", {}, True),
    (True, True, "::1", {}, True),
    (True, True, "", {}, False),
    (True, True, "192.0.2.1", {}, False),
    (True, True, "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, False),
    (True, True, "127.0.0.1", {"Forwarded": "for=192.0.2.1"}, False),
    (False, True, "127.0.0.1", {}, False),
    (True, False, "127.0.0.1", {}, False),
]


@pytest.mark.parametrize(("debug", "mock", "address", "headers", "shown"), SHOWN)
def test_a_developer_reads_the_mail_in_the_answer(
    desk_with: Any, settings: Any, debug: bool, mock: bool, address: str, headers: dict[str, str], shown: bool
) -> None:
    desk: Api = desk_with({"smtp: {url": "mock: true\n  smtp: {url"} if mock else {})
    settings.DEBUG = debug
    body = {"email": "ann@example.com"}
    found = desk("POST users/auth/request-password-reset", body, headers=headers, REMOTE_ADDR=address)
    found.expect(200, {"success": True})
    assert ("X-Mock-Email" in found.headers) == shown
    if shown:
        told = json.loads(found.headers["X-Mock-Email"])
        assert (told["to"], told["subject"]) == (["ann@example.com"], "Reset your Desk & Co password")
        assert TOKEN.search(told["text"])
        unknown = desk("POST users/auth/request-password-reset", {"email": "x@example.com"}, REMOTE_ADDR=address)
        assert "X-Mock-Email" not in unknown.headers


def test_nothing_of_a_token_is_in_a_log(desk: Api, mailbox: Mailbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk("POST users/auth/request-password-reset", {"email": "ann@example.com"}).expect(200)
    token = mailbox.token
    desk("POST users/auth/confirm-password-reset", {"token": token, "password": "short"}).expect(400)
    desk("POST users/auth/confirm-password-reset", {"token": token, "password": "n3w-staple-x"}).expect(200)
    written = [record.getMessage() for record in caplog.records if not record.name.startswith(("mail.log", "asyncio"))]
    assert token not in "\n".join(written)
    assert current().spec.email


@pytest.mark.parametrize(("way", "ids"), [
    ("mailgun: {MAILGUN_API_KEY: x}", ["pocketapi.E113"]),
    ("resend: {RESEND_API_KEY: x}", ["pocketapi.E113"]),
    ("mock: true, resend: {RESEND_API_KEY: x}", []),
    ("smtp: {url: 'smtp://h'}", []),
])  # fmt: skip
def test_a_provider_needs_its_package(use_config: UseConfig, monkeypatch: pytest.MonkeyPatch, way: str, ids: list[str]) -> None:
    use(use_config, way)
    assert checks.check_mails() == []
    monkeypatch.setitem(sys.modules, "anymail", None)
    assert [problem.id for problem in checks.check_mails()] == ids
    monkeypatch.setattr("pocketapi.tables.models.CONFIG", None)
    assert checks.check_mails() == []
