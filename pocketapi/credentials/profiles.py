"""What an identity provider tells of a user: in the claims of a token, or in the profile that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.config.providers import Provider
from pocketapi.errors import BadRequest

LONGEST = 255
SUBJECTS = ("sub", "id")


@dataclass(frozen=True)
class Profile:
    """A user of a provider. An address counts only where the provider states that it is verified."""

    provider: str
    subject: str
    email: str | None = None
    verified: bool = False
    name: str | None = None
    username: str | None = None
    avatar: str | None = None


def profile_of(provider: Provider, told: Mapping[str, Any]) -> Profile:
    """The profile in what a provider told; BadRequest where it does not say who the user is."""
    return Profile(
        provider.name,
        _subject(told),
        _text(provider, told, "email"),
        any(found is True or found == "true" for found in _found(provider, told, "verified")),
        _text(provider, told, "name"),
        _text(provider, told, "username"),
        _text(provider, told, "avatar"),
    )


def _subject(told: Mapping[str, Any]) -> str:
    """Who the user is there, for ever: names and addresses change hands."""
    for name in SUBJECTS:
        value = told.get(name)
        if isinstance(value, str | int) and value != "" and not isinstance(value, bool) and plain(str(value)) == str(value):
            return str(value)
    raise BadRequest("The identity provider does not say who this is.")


def _text(provider: Provider, told: Mapping[str, Any], what: str) -> str | None:
    texts = (plain(found) for found in _found(provider, told, what) if isinstance(found, str))
    return next((text for text in texts if text), None)


def plain(text: str) -> str:
    """A text without what no name has: control characters, lone surrogates, blanks at its ends."""
    return "".join(character for character in text if character.isprintable()).strip()[:LONGEST]


def _found(provider: Provider, told: Mapping[str, Any], what: str) -> list[Any]:
    """What there is at the paths of a mapping, in their order."""
    values = (at(told, path) for path in provider.mapping[what])
    return [value for value in values if value is not None]


def at(told: Any, path: str) -> Any:
    """What a document has at a path with dots; None where there is nothing."""
    for step in path.split("."):
        if isinstance(told, list) and step.isdecimal() and int(step) < len(told):
            told = told[int(step)]
        elif isinstance(told, Mapping):
            told = told.get(step)
        else:
            return None
    return told
