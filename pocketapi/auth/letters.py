"""What is written in mails: the words of the config, ours where it has none, in layouts that a project can override.

Words of the config may name others, as `{{APP_NAME}}` or `{{RECORD_NAME | friend}}`. What comes from an account is put in last
and never looked through for names, and is escaped like everything else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import make_msgid, parseaddr

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from pocketapi.auth.accounts import Account
from pocketapi.auth.mail import configured
from pocketapi.config import mails, schema
from pocketapi.config.part import Scalar
from pocketapi.credentials import one_time
from pocketapi.tables.table import current

NAMED = re.compile(r"\{\{\s*(\w+)\s*(?:\|([^{}]*))?\}\}")
DOCUMENT = re.compile(r"\s*(<!doctype\b|<html\b)", re.IGNORECASE)
CONTENT = "EMAIL_CONTENT"
DEEPEST = 5  # names within names
LONGEST_NAME = 100
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
BASE, MESSAGE, BUTTON, CODE = (f"pocketapi/mail/{name}.html" for name in ("base", "message", "button", "code"))
TEXT = "pocketapi/mail/message.txt"
OTP_SECONDS, OTP_INTERVAL = 180, 60
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
Words = Mapping[str, str]


@dataclass(frozen=True)
class Letter:
    """A kind of mail: what its token is for and how long, the least time between two, its words, and the innermost layout."""

    purpose: str
    seconds: Callable[[schema.Auth], int]
    interval: Callable[[schema.Auth], int]
    subject: str
    words: Words
    inner: str = BUTTON


VERIFICATION = Letter(
    one_time.VERIFICATION,
    lambda auth: auth.email_verify_token_duration,
    lambda auth: auth.email_verify_email_duration,
    "Verify your email address for {{APP_NAME}}",
    {
        "message_title": "Verify your email address",
        "message_description": "Somebody, probably you, gave this address for an account at {{APP_NAME}}. Please confirm it.",
        "message_footer": "The link works once, within {{VALID_FOR}}. If this was not you, ignore this mail: nothing changes.",
        "action_text": "Verify email address",
        "action_link": "{{APP_URL}}/verify-email/{{TOKEN}}",
    },
)
PASSWORD_RESET = Letter(
    one_time.PASSWORD_RESET,
    lambda auth: auth.password_reset_token_duration,
    lambda auth: auth.password_reset_email_duration,
    "Reset your {{APP_NAME}} password",
    {
        "message_title": "Reset your password",
        "message_description": "Somebody, probably you, asked for a new password for your {{APP_NAME}} account.",
        "message_footer": "The link works once, within {{VALID_FOR}}. If this was not you, ignore this mail: nothing changes.",
        "action_text": "Choose a new password",
        "action_link": "{{APP_URL}}/reset-password/{{TOKEN}}",
    },
)
OTP = Letter(
    one_time.OTP,
    lambda _: OTP_SECONDS,
    lambda _: OTP_INTERVAL,
    "Your {{APP_NAME}} sign-in code",
    {
        "message_title": "Your sign-in code",
        "message_description": "Enter this code to sign in to {{APP_NAME}}:",
        "message_footer": "The code works once, within {{VALID_FOR}}. Tell it to nobody. If this was not you, ignore this mail.",
    },
    CODE,
)


def compose(account: Account, letter: Letter, seconds: int, *, token: str = "", code: str = "") -> EmailMultiAlternatives:
    """The mail to an account, for its address as it is now; what it brings is good for so many seconds."""
    email, template = configured(), template_of(account, letter)
    own = _cleaned(account.name)[:LONGEST_NAME]
    facts = {
        "APP_NAME": current().spec.app_name,
        "APP_URL": current().spec.app_url.rstrip("/"),
        "TOKEN": token,
        "CODE": code,
        "VALID_FOR": duration(seconds),
        "RECORD_NAME": own,
        "RECORD_EMAIL": account.email or "",
    }
    given = {"company_name": "{{APP_NAME}}", **letter.words, **_texts(email.variables), **_texts(template.variables)}
    words = {name: expand(text, given, facts) for name, text in given.items()} | facts
    plain = facts | {"RECORD_NAME": own.replace("<", "").replace(">", "")}
    sender = mails.sender_of(email)
    message = EmailMultiAlternatives(
        _cleaned(expand(template.subject or letter.subject, given, facts)),
        render_to_string(TEXT, {name: expand(text, given, plain) for name, text in given.items()} | plain).strip() + "\n",
        sender,
        [account.email or ""],
        headers={"Message-ID": make_msgid(domain=parseaddr(sender)[1].rpartition("@")[2]), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(_html(_stack(template.layout_html, letter), words), "text/html")
    message.tags = [*_listed(email.tags), *_listed(template.tags)]  # type: ignore[attr-defined] # providers read it
    return message


def template_of(account: Account, letter: Letter) -> schema.EmailTemplate:
    """What the account's table says of a kind of mail."""
    templates = account.auth.email_templates
    found: schema.EmailTemplate | None = getattr(templates, letter.purpose, None)
    return found or schema.EmailTemplate()


def expand(text: str, given: Words, facts: Words, depth: int = 0) -> str:
    """A text with what it names put in: words of the config, which may name others, and facts, which are taken as they are."""

    def named(found: re.Match[str]) -> str:
        name, default = found[1], (found[2] or "").strip().strip("'\"")
        if name in facts:
            return facts[name] or default
        return (expand(given[name], given, facts, depth + 1) if name in given and depth < DEEPEST else "") or default

    return NAMED.sub(named, text)


def _stack(layout: str | list[str] | None, letter: Letter) -> list[str]:
    """The layouts of a mail, outermost first: names of templates and HTML of the config."""
    if isinstance(layout, list):
        return layout
    if layout is None:
        return [BASE, MESSAGE, letter.inner]
    return [layout, MESSAGE, letter.inner] if DOCUMENT.match(layout) else [BASE, MESSAGE, layout]


def _html(stack: list[str], words: Words) -> str:
    content = SafeString("")
    for layout in reversed(stack):
        content = SafeString(_rendered(layout, words, content))
    return str(content)


def _rendered(layout: str, words: Words, content: SafeString) -> str:
    """One layout around its content, with everything escaped but what is rendered already."""
    if layout in (BASE, MESSAGE, BUTTON, CODE):
        return render_to_string(layout, {**words, CONTENT: content})

    def named(found: re.Match[str]) -> str:
        default = (found[2] or "").strip().strip("'\"")
        return content if found[1] == CONTENT else escape(words.get(found[1]) or default)

    return NAMED.sub(named, layout)


def _texts(variables: Mapping[str, Scalar]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in variables.items()}


def _listed(tags: list[str] | str | None) -> list[str]:
    return [tag.strip() for tag in tags.split(",")] if isinstance(tags, str) else list(tags or ())


def _cleaned(text: str) -> str:
    """A text on one line, without characters that control or turn around what stands beside them."""
    visible = (" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return " ".join("".join(letter for letter in visible if unicodedata.bidirectional(letter) not in TURNING).split())


def duration(seconds: int) -> str:
    """A time span in words, in the largest unit that it is a whole number of."""
    size, unit = next((size, unit) for size, unit in UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"
