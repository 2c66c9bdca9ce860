"""The keys of providers: in the config, or where the provider tells them."""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from pocketapi.credentials import keys, remote
from pocketapi.models import Identity
from tests.api.answers import Api
from tests.auth.conftest import WithProviders
from tests.auth.provider import Provider, jwk, pem, private
from tests.auth.signing import CLAIMS, CLIENT, HMAC_SECRET, ISSUER, log_in, section, signed, with_hmac

# the keys of the provider, a token that they verify, one that they do not
KEYS: list[tuple[dict[str, Any], Callable[[], str], Callable[[], str]]] = [
    ({"secret": HMAC_SECRET}, lambda: signed(key=HMAC_SECRET, algorithm="HS512"), signed),
    (
        {"secret": HMAC_SECRET, "algorithm": "HS256"},
        lambda: signed(key=HMAC_SECRET, algorithm="HS256"),
        lambda: signed(key=HMAC_SECRET, algorithm="HS384"),
    ),
    ({"secret": pem("rsa")}, lambda: signed(algorithm="PS256"), lambda: with_hmac(pem("rsa"))),
    ({"secret": pem("rsa").replace("\n", "\\n")}, signed, lambda: signed(key=private("rsa", 9))),
    (
        {"secret": pem("rsa"), "algorithm": ["RS512", "RS256"]},
        lambda: signed(algorithm="RS512"),
        lambda: signed(algorithm="PS256"),
    ),
    ({"secret": pem("ec")}, lambda: signed(key=private("ec"), algorithm="ES256"), signed),
    (
        {"secret": pem("ed")},
        lambda: signed(key=private("ed"), algorithm="EdDSA"),
        lambda: signed(key=private("ec"), algorithm="ES256"),
    ),
    ({"secret": jwk("rsa", alg="RS384")}, lambda: signed(algorithm="RS384"), signed),
    ({"secret": json.dumps(jwk("ec"))}, lambda: signed(key=private("ec"), algorithm="ES256"), signed),
    (
        {"secret": {"kty": "oct", "k": base64.urlsafe_b64encode(HMAC_SECRET.encode()).decode()}},
        lambda: signed(key=HMAC_SECRET, algorithm="HS256"),
        signed,
    ),
    (
        {"secret": {"keys": [jwk("rsa", kid="k1"), jwk("ed", kid="k2")]}},
        lambda: signed(key=private("ed"), algorithm="EdDSA", kid="k2"),
        lambda: signed(kid="k2"),
    ),
    (
        {"clientId": ["another", CLIENT], "secret": pem("rsa")},
        lambda: signed({"aud": ["x", CLIENT]}),
        lambda: signed({"aud": "x"}),
    ),
    ({"issuer": ["https://b", ISSUER], "secret": pem("rsa")}, signed, lambda: signed({"iss": "https://c"})),
]


@pytest.mark.parametrize(("more", "good", "bad"), KEYS, ids=range(len(KEYS)))
def test_keys_that_stand_in_the_config(
    with_providers: WithProviders, more: Any, good: Callable[[], str], bad: Callable[[], str]
) -> None:
    with_providers({"name": "corp", "issuer": ISSUER, "clientId": CLIENT, **more})
    log_in(bad()).expect(401)
    log_in(good()).expect(200)


def test_providers_without_issuer_and_without_audience(with_providers: WithProviders) -> None:
    with_providers({"name": "first", "secret": "x" * 40}, {"name": "second", "secret": HMAC_SECRET})
    log_in(signed({"iss": "anybody", "aud": "anything"}, key=HMAC_SECRET, algorithm="HS256")).expect(200)
    assert Identity.objects.get().provider == "second"


def test_who_names_an_issuer_answers_for_it(with_providers: WithProviders) -> None:
    """A provider that names none is not asked about the tokens of one that is known."""
    with_providers({"name": "open", "secret": HMAC_SECRET}, {"name": "corp", "issuer": ISSUER, "secret": pem("rsa")})
    log_in(signed(key=HMAC_SECRET, algorithm="HS256")).expect(401)
    log_in(signed({"iss": "x"}, key=HMAC_SECRET, algorithm="HS256")).expect(200)


def test_a_set_without_ids_serves_where_one_key_fits(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {
        "keys": [
            jwk("rsa"),
            jwk("ec"),
            jwk("rsa", 3, use="enc"),
            {"kty": "RSA"},
            5,
            {"kty": "odd"},
            {"kty": "oct", "k": "AAAA", "kid": "k1"},
            jwk("weak"),
            jwk("ed"),
        ]
    }
    log_in(jwt.encode(CLAIMS, private("rsa"), algorithm="RS256")).expect(200)
    with warnings.catch_warnings(action="ignore"):
        weak = jwt.encode(CLAIMS, private("weak"), algorithm="RS256")
    log_in(weak).expect(401)


def test_two_keys_without_ids_are_not_tried_out(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {"keys": [jwk("rsa"), jwk("rsa", 2)]}
    log_in(jwt.encode(CLAIMS, private("rsa"), algorithm="RS256")).expect(401)


def test_a_symmetric_key_that_all_may_read_verifies_nothing(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {"keys": [{"kty": "oct", "kid": "k1", "k": base64.urlsafe_b64encode(HMAC_SECRET.encode()).decode()}]}
    log_in(signed(key=HMAC_SECRET, algorithm="HS256")).expect(401)


def test_an_issuer_tells_by_itself_where_its_keys_are(with_providers: WithProviders, provider: Provider) -> None:
    with_providers({"name": "corp", "issuer": provider.url, "clientId": CLIENT})
    log_in(signed({"iss": provider.url})).expect(200)


@pytest.mark.parametrize(
    "told", ["{}", "[]", '{"jwks_uri": 5}', '{"jwks_uri": "http://evil.example/"}', '{"jwks_uri": "file:///etc/passwd"}']
)
def test_an_issuer_that_tells_of_no_keys(with_providers: WithProviders, provider: Provider, told: str) -> None:
    with_providers({"name": "corp", "issuer": provider.url, "clientId": CLIENT})
    provider.broken = {"/.well-known/openid-configuration": f"200 {told}"}
    log_in(signed({"iss": provider.url})).expect(502)


class Clock:
    """The monotonic clock, as a test sets it."""

    def __init__(self, patch: Any) -> None:
        self.now = 1000.0
        patch.setattr(keys.time, "monotonic", lambda: self.now)


def test_keys_are_fetched_once_in_ten_minutes(corp: Api, provider: Provider, monkeypatch: Any) -> None:
    clock = Clock(monkeypatch)
    for _ in range(3):
        log_in(signed()).expect(200)
    assert provider.times("/jwks") == 1
    clock.now += 599
    log_in(signed()).expect(200)
    assert provider.times("/jwks") == 1
    clock.now += 1
    provider.keys = {"keys": [jwk("rsa", 2, kid="k2")]}
    log_in(signed()).expect(401)
    assert provider.times("/jwks") == 2
    log_in(signed(key=private("rsa", 2), kid="k2")).expect(200)


def test_a_new_key_is_looked_for_once_a_minute_at_most(corp: Api, provider: Provider, monkeypatch: Any) -> None:
    clock = Clock(monkeypatch)
    log_in(signed()).expect(200)
    provider.keys["keys"].append(jwk("rsa", 2, kid="k2"))
    fresh = signed(key=private("rsa", 2), kid="k2")
    for _ in range(3):
        log_in(fresh).expect(401)
    clock.now += 60
    log_in(fresh).expect(200)
    log_in(signed()).expect(200)
    assert provider.times("/jwks") == 2
    clock.now += 60
    for number in range(5):
        log_in(signed(kid=f"x{number}")).expect(401)
    assert provider.times("/jwks") == 3


@pytest.mark.parametrize(
    "how", ["500 x", "html", "200 []", "200 {}", '200 {"keys": 5}', "huge", "slow", "away", "hang up", "deep"]
)
def test_a_server_of_keys_that_fails(corp: Api, provider: Provider, monkeypatch: Any, how: str) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 0.8)
    clock = Clock(monkeypatch)
    provider.broken = {"/jwks": how}
    for _ in range(3):
        log_in(signed()).expect(502, {"code": 502, "data": {}})
    assert provider.times("/jwks") == 1
    provider.broken = {}
    log_in(signed()).expect(502)
    clock.now += 10
    log_in(signed()).expect(200)
    provider.broken = {"/jwks": how}
    clock.now += 60
    log_in(signed(kid="k9")).expect(401)
    log_in(signed()).expect(200)
    clock.now += 600
    log_in(signed()).expect(502)
