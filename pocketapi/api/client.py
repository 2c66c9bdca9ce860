"""Where a request comes from. What a proxy says of it counts only where POCKETAPI['TRUSTED_PROXIES'] names the proxy.

Each proxy adds the address that it sees at the right of X-Forwarded-For, and whoever sends the request may write there before. So
the header is read from the right, for as long as those who wrote it are trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest

from pocketapi.conf import settings

Address = IPv4Address | IPv6Address
SOCKET = "unix"  # in TRUSTED_PROXIES: whoever connects by a socket
WITH_PORT = re.compile(r"\[([^]]*)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")  # [2001:db8::1]:443, 192.0.2.1:443
SHARED_BITS = 64  # of an IPv6 address: the rest is the subscriber's own to choose


def address(request: HttpRequest) -> str | None:
    """The address of the client, without zone and port; of a socket there is none."""
    found = _client(request)
    return str(found) if found else None


def network(request: HttpRequest) -> str | None:
    """What is counted as one client: an IPv4 address, or an IPv6 network of 64 bits."""
    found = _client(request)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> SHARED_BITS << SHARED_BITS, SHARED_BITS)))
    return str(found) if found else None


def _client(request: HttpRequest) -> Address | None:
    peer = parsed(request.META.get("REMOTE_ADDR", ""))
    trusted = settings.TRUSTED_PROXIES
    if not trusted:
        return peer
    told = [parsed(each) for each in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if each.strip()]
    if isinstance(trusted, int):
        return (told[-min(trusted, len(told))] or peer) if told else peer
    return _nearest_stranger(peer, told, tuple(trusted))


def _nearest_stranger(peer: Address | None, told: Sequence[Address | None], trusted: tuple[str, ...]) -> Address | None:
    """The first address from the right that no trusted proxy has; what cannot be read ends the search."""
    believed = networks(trusted)
    if not (_is_in(peer, believed) if peer else SOCKET in trusted):
        return peer
    nearest = peer
    for each in reversed(told):
        if each is None:
            break
        nearest = each
        if not _is_in(each, believed):
            break
    return nearest


def _is_in(found: Address, believed: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(found in each for each in believed)


@cache
def networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks of TRUSTED_PROXIES; ValueError for what is none."""
    return tuple(ip_network(each) for each in trusted if each != SOCKET)


def parsed(text: str) -> Address | None:
    """An address, with a port or a zone or without; IPv4 written as IPv6 is IPv4. None for other texts."""
    text = text.strip()
    if bare := WITH_PORT.fullmatch(text):
        text = bare[1] or bare[2]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found
