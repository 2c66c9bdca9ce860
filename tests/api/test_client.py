"""The client's address: X-Forwarded-For says it only where the proxy is trusted."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from pocketapi.api import client
from pocketapi.models import Session
from tests.api.answers import PASSWORD, Api
from tests.api.test_cookies import guard

__all__ = ["guard"]

# TRUSTED_PROXIES, the peer, X-Forwarded-For, the address
CASES: list[tuple[Any, str, str | None, str | None]] = [
    ((), "192.0.2.1", None, "192.0.2.1"),
    ((), "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    (0, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    (["10.0.0.0/8"], "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    (["10.0.0.0/8"], "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    (["10.0.0.1"], "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    (["10.0.0.1"], "10.0.0.2", "198.51.100.7", "10.0.0.2"),
    (["10.0.0.0/8"], "10.0.0.1", None, "10.0.0.1"),
    (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
    (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
    (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
    (["10.0.0.0/8"], "10.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"),
    (["10.0.0.0/8"], "10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
    (["10.0.0.0/8"], "10.0.0.1", "198.51.100.7, nonsense, 10.0.0.9", "10.0.0.9"),
    (["10.0.0.0/8"], "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
    (["10.0.0.0/8"], "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
    (["10.0.0.0/8"], "10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
    (["10.0.0.0/8"], "10.0.0.1", " ,198.51.100.7, ", "198.51.100.7"),
    (["10.0.0.0/8"], "::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
    (["fd00::/8"], "fd00::1", "2001:db8::1", "2001:db8::1"),
    (["10.0.0.0/8"], "", "198.51.100.7", None),
    (["unix"], "", "198.51.100.7", "198.51.100.7"),
    (["unix", "10.0.0.0/8"], "", "1.1.1.1, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
    (["unix"], "192.0.2.1", "198.51.100.7", "192.0.2.1"),
    (["unix"], "", None, None),
    (1, "10.0.0.1", "1.1.1.1, 198.51.100.7", "198.51.100.7"),
    (2, "10.0.0.1", "1.1.1.1, 198.51.100.7, 10.0.0.9", "198.51.100.7"),
    (2, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
    (1, "10.0.0.1", None, "10.0.0.1"),
    (1, "10.0.0.1", "198.51.100.7, nonsense", "10.0.0.1"),
    (1, "", "198.51.100.7", "198.51.100.7"),
    ((), "fe80::1%eth0", None, "fe80::1"),
    ((), "unix:", None, None),
]


@pytest.mark.parametrize(("trusted", "peer", "told", "address"), CASES)
def test_the_address(settings: Any, trusted: Any, peer: str, told: str | None, address: str | None) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "TRUSTED_PROXIES": trusted}
    headers = {} if told is None else {"X-Forwarded-For": told}
    assert client.address(RequestFactory().get("/x", headers=headers, REMOTE_ADDR=peer)) == address


# address, what is counted as one client
NETWORKS = [
    ("192.0.2.1", "192.0.2.1"),
    ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ("2001:db8:1:2::", "2001:db8:1:2::/64"),
    ("2001:db8:1:3::6", "2001:db8:1:3::/64"),
    ("::ffff:192.0.2.1", "192.0.2.1"),
    ("", None),
]


@pytest.mark.parametrize(("address", "network"), NETWORKS)
def test_an_ipv6_subscriber_is_one_client(address: str, network: str | None) -> None:
    assert client.network(RequestFactory().get("/x", REMOTE_ADDR=address)) == network


# TRUSTED_PROXIES, whether the header counts
TRUST: list[tuple[Any, bool]] = [((), False), (["10.0.0.0/8"], False), (["127.0.0.1"], True), (1, True)]


@pytest.mark.parametrize(("trusted", "counts"), TRUST)
def test_rules_sessions_and_throttles_ask_the_same(guard: Api, settings: Any, trusted: Any, counts: bool) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "TRUSTED_PROXIES": trusted}
    headers = {"X-Forwarded-For": "192.0.2.7"}
    guard("POST items/insert", {"values": {"name": "x"}}, by="ann").expect(200)
    guard("GET items/select", headers=headers).expect(200, [{"name": "x"}] if counts else [])
    guard("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}, headers=headers).expect(200)
    assert Session.objects.filter(user="ann").latest("created").ip == ("192.0.2.7" if counts else "127.0.0.1")
    body = {"identity": "x", "password": 5}
    found = [
        guard("POST staff/auth/login-password", {**body, "identity": f"n{n}"}, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(31)
    ]
    assert found[-1].status == (400 if counts else 429)
