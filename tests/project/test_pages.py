"""The pages behind the links of mails: what they show, what spends a token, and what does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from pocketapi.models import OneTimeToken
from tests.api.answers import PASSWORD, Api, run_sql
from tests.auth.mailbox import Mailbox

NEW = "n3w-staple-x"
GONE = "This link does not work any more"


class Browser:
    """A client that keeps cookies and sends the forms that it is shown."""

    def __init__(self, path: str) -> None:
        self.client, self.path = Client(enforce_csrf_checks=True), path
        self.open()

    def open(self) -> str:
        return self._seen(self.client.get(self.path))

    def send(self, **values: str) -> str:
        """Send the form that was shown last."""
        hidden = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page)
        assert hidden, self.page
        return self._seen(self.client.post(self.path, {"csrfmiddlewaretoken": hidden[1], **values}))

    def _seen(self, response: Any) -> str:
        self.response, self.status, self.page = response, response.status_code, response.content.decode()
        return str(self.page)


def verification(desk: Api, mailbox: Mailbox) -> str:
    desk("POST users/auth/request-verification", {}, by="ann").expect(200)
    return f"/verify-email/{mailbox.token}"


def reset(desk: Api, mailbox: Mailbox, name: str = "ann", table: str = "users") -> str:
    desk(f"POST {table}/auth/request-password-reset", {"email": f"{name}@example.com"}).expect(200)
    return f"/reset-password/{mailbox.token}"


def is_verified() -> bool:
    return bool(run_sql("SELECT email_verified FROM users WHERE id = 'ann'")[0][0])


def logs_in(desk: Api, password: str, name: str = "ann", table: str = "users") -> bool:
    return desk(f"POST {table}/auth/login-password", {"identity": name, "password": password}).status == 200


def test_an_address_is_verified_by_the_button_and_not_by_the_link(desk: Api, mailbox: Mailbox) -> None:
    browser = Browser(verification(desk, mailbox))
    for _ in range(2):
        assert "<h1>Verify your email address</h1>" in browser.open()
    browser.client.head(browser.path)
    assert not is_verified()
    assert "Your email address is verified" in browser.send()
    assert is_verified()
    desk("GET users/select", by="ann").expect(200)
    assert GONE in browser.open()
    assert browser.status == 404


def test_a_password_is_changed(desk: Api, mailbox: Mailbox) -> None:
    browser = Browser(reset(desk, mailbox))
    assert "The two passwords differ." in browser.send(password=NEW, again="other")
    assert "This password is too common." in browser.send(password="password1", again="password1")
    assert (browser.status, browser.response.request["PATH_INFO"]) == (400, browser.path)
    assert "This field is required." in browser.send(password="", again="")
    assert logs_in(desk, PASSWORD)
    assert "Your password is changed" in browser.send(password=NEW, again=NEW)
    assert logs_in(desk, NEW)
    desk("GET users/select", by="ann").expect(401)
    assert GONE in browser.open()


def test_the_config_names_the_fields(desk: Api, mailbox: Mailbox) -> None:
    browser = Browser(reset(desk, mailbox, "eve", "staff"))
    assert "Your password is changed" in browser.send(password=NEW, again=NEW)
    assert logs_in(desk, NEW, "eve", "staff")


@pytest.mark.parametrize("kind", [verification, reset])
def test_a_token_that_is_spent_while_the_page_is_open(desk: Api, mailbox: Mailbox, kind: Any) -> None:
    browser = Browser(kind(desk, mailbox))
    run_sql("UPDATE users SET email = 'new@example.com' WHERE id = 'ann'")
    assert GONE in browser.send(password=NEW, again=NEW)
    assert logs_in(desk, PASSWORD)


@pytest.mark.parametrize("path", ["/verify-email/", "/reset-password/"])
def test_a_token_of_nothing(desk: Api, mailbox: Mailbox, path: str) -> None:
    for token in ("A" * 22, "x", "<script>", "%00", "é"):
        assert GONE in Browser(f"{path}{token}").page
    other = verification(desk, mailbox) if "reset" in path else reset(desk, mailbox)
    assert GONE in Browser(path + other.rpartition("/")[2]).page


@pytest.mark.parametrize("kind", [verification, reset])
def test_another_site_cannot_send_the_form(desk: Api, mailbox: Mailbox, kind: Any) -> None:
    path = kind(desk, mailbox)
    found = Client(enforce_csrf_checks=True).post(path, {"password": NEW, "again": NEW})
    assert found.status_code == 403
    assert OneTimeToken.objects.count() == 1


def test_pages_are_kept_by_nobody_and_run_nothing(desk: Api, mailbox: Mailbox) -> None:
    for path in (verification(desk, mailbox), reset(desk, mailbox), "/verify-email/x"):
        browser = Browser(path)
        assert "no-store" in browser.response["Cache-Control"]
        assert "default-src 'none'" in browser.response["Content-Security-Policy"]
        assert "script" not in browser.page
        assert '<html lang="en">' in browser.page
        assert "Desk &amp; Co" in browser.page
    assert Client().put("/verify-email/x").status_code == 405
