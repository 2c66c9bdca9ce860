"""The words and layouts of mails."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from pocketapi.auth import accounts, letters, posting
from pocketapi.auth.letters import OTP, PASSWORD_RESET, VERIFICATION
from pocketapi.auth.mail import Outbox
from pocketapi.tables.table import current
from tests.api.answers import Api, run_sql
from tests.auth.mailbox import Mailbox, html_of, text_of

TOKEN = "A" * 22
DEFAULT = 'layoutHtml: <p class="own">{{RECORD_NAME}} {{action_link}} {{nothing | none}}</p>'


def composed(name: str, table: str, letter: letters.Letter, **more: Any) -> EmailMultiAlternatives:
    """A mail to somebody."""
    found = current().tables[table]
    account, _ = accounts.found_by(found, "identity", name)
    assert account
    return letters.compose(account, letter, 3600, **{"token": TOKEN, **more})


def html(message: EmailMultiAlternatives) -> str:
    return str(message.alternatives[0][0])


def test_the_default_words_and_layouts(desk: Api) -> None:
    message = composed("ann", "users", VERIFICATION)
    assert message.subject == "Verify your email address for Desk & Co"
    assert message.body == (
        "Verify your email address\n\n"
        "Somebody, probably you, gave this address for an account at Desk & Co. Please confirm it.\n\n"
        f"Verify email address:\nhttps://desk.example/app/verify-email/{TOKEN}\n\n"
        "The link works once, within 1 hour. If this was not you, ignore this mail: nothing changes.\n\n"
        "-- \nDesk & Sons\nhttps://desk.example\nhelp@desk.example\n1 <Main> Street\n(c) 2026 Desk\n"
    )
    page = html(message)
    assert page.count(f'href="https://desk.example/app/verify-email/{TOKEN}"') == 2
    for part in ("Desk &amp; Sons", "1 &lt;Main&gt; Street", "&copy; 2026 Desk", "mailto:help@desk.example", "<h1 "):
        assert part in page
    assert max(map(len, page.splitlines())) < 998  # RFC 5322
    assert "{{" not in page + message.body
    assert "{%" not in page + message.body
    assert not any(word in page for word in ("<script", "<style", "class=", "<link", "http-equiv"))


def test_a_code_stands_for_itself(desk: Api) -> None:
    message = composed("ann", "users", OTP, token="", code="12345678")
    assert "\n\n    12345678\n\n" in message.body
    assert ">12345678</p>" in html(message)
    assert "12345678" not in message.subject
    assert 'href="https://desk.example/app' not in html(message)


def test_words_of_the_config(desk: Api) -> None:
    message = composed("eve", "staff", VERIFICATION)
    assert message.subject == "Welcome eve to Desk & Co"
    assert message.body.startswith("Hello eve\n")  # a word in a word
    assert f"https://desk.example/app#/verify/{TOKEN}\n" in message.body
    assert "\nbye\n" in message.body
    assert message.tags == ["welcome"]  # type: ignore[attr-defined]


def test_names_are_taken_as_they_are_and_escaped(desk: Api, mailbox: Mailbox) -> None:
    """Whatever somebody calls himself, it adds no header, no markup, no line, and is looked through for no names."""
    name = "<b>\r\nBcc: victim@example.com\r\n\r\n{{TOKEN}} {{APP_URL}} {% debug %} "
    name += "\N{RIGHT-TO-LEFT OVERRIDE}\N{LINE SEPARATOR}'\"&" + "x" * 200
    run_sql("UPDATE staff SET login = %s", name)
    account, _ = accounts.found_by(current().tables["staff"], "email", "eve@example.com")
    assert account
    assert posting.post(account, VERIFICATION, Outbox()) == 0
    (mail,) = mailbox.mails
    assert mailbox.recipients == [["eve@example.com"]]
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Welcome <b> Bcc: victim@example.com {{TOKEN}} {{APP_URL}} {% debug %} '\"&x")
    assert len(mail["Subject"]) < 130
    text, page = text_of(mail), html_of(mail)
    assert "<b>" not in text
    assert "<b>" not in page
    assert text.splitlines()[0].startswith("Hello b Bcc: victim@example.com {{TOKEN}} {{APP_URL}} {% debug %} '\"&x")
    assert "Hello &lt;b&gt; Bcc: victim@example.com {{TOKEN}} {{APP_URL}} {% debug %} &#x27;&quot;&amp;x" in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in mail["Subject"] + text + page


def test_an_address_that_would_be_two_is_sent_to_nobody(desk: Api, mailbox: Mailbox) -> None:
    run_sql("UPDATE users SET email = %s WHERE id = 'ann'", "ann@example.com\nBcc: victim@example.com")
    desk("POST users/auth/request-verification", {}, by="ann").expect(502)
    assert mailbox.mails == []


# (layoutHtml, what the HTML is or has, what it has not)
LAYOUTS: list[tuple[str, str, str]] = [
    ("<p>{{RECORD_NAME}} {{action_link}} {{nothing | none}}</p>", f"<p>ev&lt;e https://desk.example/app/reset-password/{TOKEN} none<", "bgcolor"),
    ("'<p>{{APP_NAME}}|{{ CODE | no code }}|{{CODE}}</p>'", "<p>Desk &amp; Co|no code|</p>", "bgcolor"),
    ("'<!DOCTYPE html><p>{{message_title}}</p>'", "<!DOCTYPE html><p>Reset your password</p>", "<h1"),
    ("'  <HTML>{{EMAIL_CONTENT}}</HTML>'", "<h1", "Desk &amp; Sons"),
    ("['<a>{{EMAIL_CONTENT}}</a>', '<b>{{ EMAIL_CONTENT }}</b>', '<i>{{TOKEN}}</i>']", f"<a><b><i>{TOKEN}</i></b></a>", "<h1"),
    ("['<a>{{EMAIL_CONTENT}}</a>']", "<a></a>", "<h1"),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "has", "not_"), LAYOUTS)
def test_layouts_of_the_config(desk_with: Any, layout: str, has: str, not_: str) -> None:
    desk_with({DEFAULT: f"layoutHtml: {layout}"})
    run_sql("UPDATE staff SET login = %s", "ev<e")
    account, _ = accounts.found_by(current().tables["staff"], "email", "eve@example.com")
    assert account
    message = letters.compose(account, PASSWORD_RESET, 1800, token=TOKEN)
    assert has in html(message)
    assert not_ not in html(message)
    assert ("<!doctype html>" in html(message)) == ("<p>" in layout and "DOCTYPE" not in layout)
    assert "30 minutes" in message.body  # the text goes by the words


def test_a_project_overrides_the_layouts(desk: Api, settings: Any, tmp_path: Any) -> None:
    folder = tmp_path / "pocketapi" / "mail"
    folder.mkdir(parents=True)
    (folder / "base.html").write_text("<p>{{ company_name }}</p>{{ EMAIL_CONTENT }}{{ greeting }}")
    (folder / "message.txt").write_text("{% autoescape off %}{{ action_link }} {{ APP_NAME }}{% endautoescape %}")
    (entry,) = settings.TEMPLATES
    settings.TEMPLATES = [{**entry, "DIRS": [tmp_path]}]
    message = composed("ann", "users", VERIFICATION)
    assert html(message).startswith("<p>Desk &amp; Sons</p>")
    assert html(message).endswith("Hello ann")
    assert "<h1" in html(message)
    assert message.body == f"https://desk.example/app/verify-email/{TOKEN} Desk & Co\n"


# (text, what it becomes)
TEXTS = [
    ("{{a}}", "A"),
    ("{{ a }}-{{a|x}}", "A-A"),
    ("{{none}}", ""),
    ("{{none|x}} {{ none | two words }} {{none|'quoted'}} {{none|}}", "x two words quoted "),
    ("{{empty | x}} {{b}} {{FACT | x}} {{NO_FACT | x}}", "x A! {{a}} x"),
    ("{{loop}}", ""),
    ("{a} {{}} {{a b}} {{{a}}}", "{a} {{}} {{a b}} {A}"),
]


@pytest.mark.parametrize(("text", "becomes"), TEXTS)
def test_names_in_texts(text: str, becomes: str) -> None:
    given = {"a": "A", "b": "{{a}}!", "empty": "", "loop": "{{loop}}"}
    assert letters.expand(text, given, {"FACT": "{{a}}", "NO_FACT": ""}) == becomes


@pytest.mark.parametrize(("seconds", "words"), [(1, "1 second"), (90, "90 seconds"), (60, "1 minute"), (5400, "90 minutes"), (7200, "2 hours"), (86400, "1 day"), (172800, "2 days")])  # fmt: skip
def test_spans_of_time(seconds: int, words: str) -> None:
    assert letters.duration(seconds) == words


def test_a_mail_reads_back_as_it_was_written(desk: Api) -> None:
    run_sql("UPDATE staff SET login = %s", "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS} \N{SNOWMAN}")
    account, _ = accounts.found_by(current().tables["staff"], "email", "eve@example.com")
    assert account
    raw = letters.compose(account, VERIFICATION, 60, token=TOKEN).message().as_bytes()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["Subject"] == "Welcome Zo\N{LATIN SMALL LETTER E WITH DIAERESIS} \N{SNOWMAN} to Desk & Co"
    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]
    assert read["Message-ID"].endswith("@desk.example>")
    assert read["Auto-Submitted"] == "auto-generated"
