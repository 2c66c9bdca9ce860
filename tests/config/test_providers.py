"""What is made of the sections of authProviders."""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pocketapi.config.keys import HMAC, RSA, keys_of, keys_of_set
from pocketapi.config.presets import GENERIC
from pocketapi.config.providers import Provider, is_loopback
from tests.auth.provider import jwk, pem, private
from tests.config.wrong import HEAD, load_text


def provider(**section: Any) -> Provider:
    found = load_text(f"{HEAD}tables: []\nauthProviders: [{json.dumps(section)}]\n").providers
    return found[section["name"]]


# a section, what is made of it
CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"name": "google"},
        {
            "title": "Google",
            "client_id": "",
            "redirects": False,
            "signs": False,
            "issuers": ("https://accounts.google.com", "accounts.google.com"),
        },
    ),
    (
        {"name": "google", "clientId": ["a", "b"], "clientSecret": "s"},
        {"client_id": "a", "audiences": ("a", "b"), "redirects": True, "signs": True, "scopes": ("openid", "email", "profile")},
    ),
    (
        {"name": "google", "clientId": "a", "jwksUrl": "http://localhost/keys", "issuer": "http://localhost"},
        {"jwks_url": "http://localhost/keys", "discovery_url": None, "issuers": ("http://localhost",)},
    ),
    (
        {"name": "github", "clientId": "a", "clientSecret": "s"},
        {"redirects": True, "signs": False, "userinfo_url": "https://api.github.com/user"},
    ),
    ({"name": "discord", "scopes": "identify,email guilds"}, {"scopes": ("identify", "email", "guilds")}),
    (
        {"name": "discord", "scopes": ["identify"], "userinfoUrl": "http://localhost/me"},
        {"scopes": ("identify",), "userinfo_url": "http://localhost/me"},
    ),
    (
        {"name": "supabase", "issuer": "https://p.supabase.co/auth/v1/"},
        {"jwks_url": "https://p.supabase.co/auth/v1/.well-known/jwks.json", "audiences": ("authenticated",), "signs": True},
    ),
    (
        {"name": "supabase", "issuer": "https://p.supabase.co/auth/v1", "secret": "x" * 40},
        {"jwks_url": None, "discovery_url": None, "signs": True},
    ),
    ({"name": "supabase"}, {"signs": False, "redirects": False}),
    (
        {"name": "corp", "issuer": "https://corp.example/", "clientId": "a"},
        {"discovery_url": "https://corp.example/.well-known/openid-configuration", "preset": None, "title": "corp"},
    ),
    (
        {"name": "corp", "issuer": ["corp", "https://c.example"], "clientId": "a"},
        {"discovery_url": "https://c.example/.well-known/openid-configuration"},
    ),
    ({"name": "corp", "issuer": "corp", "clientId": "a"}, {"discovery_url": None, "signs": False}),
    (
        {"name": "corp", "mapping": {"email": "mail", "verified": "ok"}},
        {"mapping": {**GENERIC, "email": ("mail",), "verified": ("ok",)}},
    ),
]


@pytest.mark.parametrize(("section", "wanted"), CASES, ids=range(len(CASES)))
def test_what_is_said_over_what_is_known(section: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = provider(**section)
    assert {name: getattr(found, name) for name in wanted} == wanted


def test_a_variable_that_is_missing_is_no_key() -> None:
    text = f"{HEAD}tables: []\nauthProviders: [{{name: corp, clientId: a, secret: $KEY}}]\n"
    assert load_text(text, environ={"KEY": pem("rsa")}).providers["corp"].keys[0].algorithms == RSA


def test_in_debug_plain_http_is_taken() -> None:
    load_text(f"{HEAD}tables: []\nauthProviders: [{{name: corp, clientId: a, jwksUrl: 'http://a.example'}}]\n", debug=True)


def certificate(kind: str) -> str:
    name = x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, private(kind).public_key(), 1, now, now + datetime.timedelta(1))
    return made.sign(private(kind), SHA256()).public_bytes(Encoding.PEM).decode()


def private_pem() -> str:
    return str(private("rsa").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


SECRET = base64.urlsafe_b64encode(b"x" * 40).decode()
# a secret, the algorithms of its keys
SECRETS: list[tuple[Any, list[tuple[str, ...]]]] = [
    ("just a text", [HMAC]),
    (pem("rsa"), [RSA]),
    (certificate("rsa"), [RSA]),
    (pem("ec"), [("ES256",)]),
    (pem("ed"), [("EdDSA",)]),
    (jwk("rsa", alg="PS512"), [("PS512",)]),
    ({"kty": "oct", "k": SECRET, "alg": "HS384"}, [("HS384",)]),
    ({"keys": [jwk("rsa"), jwk("weak"), jwk("koblitz"), jwk("ed")]}, [RSA, ("EdDSA",)]),
]
NO_SECRETS: list[Any] = [
    private_pem(),
    pem("weak"),
    pem("koblitz"),
    jwk("rsa", alg="HS256"),
    jwk("rsa", alg="none"),
    jwk("ec", alg="ES384"),
    jwk("rsa", use="enc"),
    {"kty": "oct"},
    {"kty": "oct", "k": 5},
    {"kty": 5},
    {},
    "{}",
    "{",
    {"keys": {}},
]


@pytest.mark.parametrize(("secret", "algorithms"), SECRETS, ids=range(len(SECRETS)))
def test_a_key_s_type_tells_its_algorithms(secret: Any, algorithms: list[tuple[str, ...]]) -> None:
    assert [key.algorithms for key in keys_of(secret)] == algorithms


@pytest.mark.parametrize("secret", NO_SECRETS, ids=range(len(NO_SECRETS)))
def test_what_is_no_key_that_verifies(secret: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        keys_of(secret)


@pytest.mark.parametrize("document", [None, [], {}, {"keys": 5}, {"keys": {}}, "x"])
def test_what_is_no_set_of_keys(document: Any) -> None:
    with pytest.raises(ValueError, match="no set"):
        keys_of_set(document)


def test_a_private_jwk_serves_by_its_public_half() -> None:
    import jwt

    document = jwt.algorithms.RSAAlgorithm.to_jwk(private("rsa"), as_dict=True)
    (key,) = keys_of(document)
    assert not hasattr(key.material, "sign")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost:1/", True),
        ("http://LOCALHOST", True),
        ("http://a.localhost", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:5", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://localhost@evil.example", False),
        ("http://10.0.0.1", False),
        ("http://[", False),
        ("x", False),
    ],
)
def test_which_urls_stay_on_this_machine(url: str, told: bool) -> None:
    assert is_loopback(url) is told
