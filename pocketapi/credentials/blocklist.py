"""Domains whose addresses may not sign up: a few that give addresses away for minutes, and those that the project names."""

from __future__ import annotations

from collections.abc import Iterator

from pocketapi.conf import settings
from pocketapi.tables.table import current

THROWAWAY = frozenset(
    (
        "10minutemail.com",
        "dispostable.com",
        "discard.email",
        "emailondeck.com",
        "fakeinbox.com",
        "getairmail.com",
        "getnada.com",
        "guerrillamail.com",
        "guerrillamail.net",
        "guerrillamail.org",
        "guerrillamailblock.com",
        "mailcatch.com",
        "maildrop.cc",
        "mailinator.com",
        "mailnesia.com",
        "mintemail.com",
        "mohmal.com",
        "moakt.com",
        "mytemp.email",
        "sharklasers.com",
        "spambox.us",
        "spamgourmet.com",
        "temp-mail.org",
        "tempail.com",
        "tempmail.com",
        "tempmailo.com",
        "throwawaymail.com",
        "trashmail.com",
        "trashmail.de",
        "yopmail.com",
        "yopmail.fr",
        "yopmail.net",
    )
)


def is_blocked(domain: str) -> bool:
    """Whether a domain, in punycode and lower case, or one that it belongs to is refused."""
    labels = domain.rstrip(".").split(".")
    above = {".".join(labels[start:]) for start in range(len(labels))}
    return not above.isdisjoint(THROWAWAY) or not above.isdisjoint(_of_the_project())


def _of_the_project() -> Iterator[str]:
    yield from map(_bare, settings.EMAIL_BLOCKLIST)
    email = current().spec.email
    for provider in (email.mailgun, email.resend) if email else ():
        yield from map(_bare, provider.blocklist.split(",") if provider and provider.blocklist else ())


def _bare(domain: str) -> str:
    return domain.strip().lower().removeprefix("@").removeprefix("*.")
