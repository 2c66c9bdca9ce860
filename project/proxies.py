"""The proxies in front of the server, as the environment names them."""

from __future__ import annotations


def proxies(words: list[str]) -> list[str] | int:
    """Addresses and networks, or how many proxies there are: `10.0.0.0/8,unix` or `1`."""
    return int(words[0]) if len(words) == 1 and words[0].isdecimal() else words
