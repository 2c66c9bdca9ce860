"""JWTs of an identity provider, good ones and all kinds of bad ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt

from tests.api.answers import Answer, Api
from tests.auth.provider import Provider, jwk, pem, private

ISSUER, CLIENT = "https://issuer.example", "our-client"
HMAC_SECRET = "an-hmac-secret-that-two-parties-share-" * 2
NOW = int(time.time())
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "s-1",
    "email": "eve@example.com",
    "email_verified": True,
    "name": "Eve",
    "exp": NOW + 3600,
}


def signed(claims: Any = None, key: Any = None, algorithm: str = "RS256", drop: str = "", **headers: Any) -> str:
    """A token of the provider."""
    told = {**CLAIMS, **(claims or {})}
    told.pop(drop, None)
    return jwt.encode(told, key or private("rsa"), algorithm=algorithm, headers={"kid": "k1", **headers})


def section(provider: Provider, **more: Any) -> dict[str, Any]:
    return {"name": "corp", "issuer": ISSUER, "clientId": CLIENT, "jwksUrl": f"{provider.url}/jwks", **more}


def log_in(token: str | None, table: str = "users") -> Answer:
    return Api()(f"POST {table}/auth/login-token", by=token)


def forged(header: Any, claims: Any, sign: Callable[[bytes], bytes]) -> str:
    """A token of which the parts are what they are."""
    parts = [
        base64.urlsafe_b64encode(part if isinstance(part, bytes) else json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    text = b".".join(parts)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()


def with_hmac(key: str) -> str:
    """Signed with a public text as though it were a secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    return forged(header, CLAIMS, lambda text: hmac.new(key.encode(), text, hashlib.sha256).digest())


# what is wrong, the token
ATTACKS: list[tuple[str, Callable[[], str]]] = [
    ("another key", lambda: signed(key=private("rsa", 9))),
    ("a key of ours, under another id", lambda: signed(kid="k9")),
    ("no algorithm", lambda: forged({"alg": "none", "kid": "k1"}, CLAIMS, lambda _: b"")),
    ("no algorithm, in capitals", lambda: forged({"alg": "NONE", "kid": "k1"}, CLAIMS, lambda _: b"")),
    ("the public key as a secret", lambda: with_hmac(pem("rsa"))),
    ("the public key as a secret, trimmed", lambda: with_hmac(pem("rsa").strip())),
    ("the JWK as a secret", lambda: with_hmac(json.dumps(jwk("rsa", kid="k1")))),
    ("nothing as a secret", lambda: with_hmac("")),
    ("an algorithm of another type of key", lambda: signed(key=private("ec"), algorithm="ES256")),
    ("a key that it brings along", lambda: signed(key=private("rsa", 9), jwk=jwk("rsa", 9))),
    (
        "a place for keys that it brings along",
        lambda: signed(key=private("rsa", 9), jku="https://evil.example/jwks", x5u="https://evil.example"),
    ),
    ("an id that is no text", lambda: forged({"alg": "RS256", "kid": {"a": 1}}, CLAIMS, lambda _: b"x")),
    ("a path as id", lambda: signed(key="x" * 32, algorithm="HS256", kid="../../../dev/null")),
    ("an extension that must be understood", lambda: signed(crit=["exp2"], exp2=1)),
    ("another audience", lambda: signed({"aud": "others"})),
    ("other audiences", lambda: signed({"aud": ["a", "b"]})),
    ("no audience", lambda: signed(drop="aud")),
    ("an audience that is no text", lambda: signed({"aud": [5]})),
    ("another issuer", lambda: signed({"iss": "https://evil.example"})),
    ("another issuer, nearly", lambda: signed({"iss": ISSUER + "/"})),
    ("an issuer that is no text", lambda: forged({"alg": "RS256", "kid": "k1"}, {**CLAIMS, "iss": [ISSUER]}, lambda _: b"x")),
    ("no issuer", lambda: signed(drop="iss")),
    ("no end", lambda: signed(drop="exp")),
    ("an end that is no number", lambda: signed({"exp": "soon"})),
    (
        "an endless end",
        lambda: forged({"alg": "RS256", "kid": "k1"}, b'{"exp": 1e999, "iss": "%s"}' % ISSUER.encode(), lambda _: b"x"),
    ),
    ("a beginning that is to come", lambda: signed({"nbf": NOW + 86_400, "exp": NOW + 90_000})),
    ("nobody", lambda: signed(drop="sub")),
    ("an empty nobody", lambda: signed({"sub": ""})),
    ("a text that no database takes", lambda: signed({"name": "a\x00b"})),
    ("a number that no database takes", lambda: signed({"n": 2**70})),
    ("a signature that is cut off", lambda: signed().rsplit(".", 1)[0] + "."),
    (
        "another payload",
        lambda: ".".join((signed().split(".")[0], signed({"email": "ann@example.com"}).split(".")[1], signed().split(".")[2])),
    ),
    ("nonsense", lambda: "nonsense"),
    ("nonsense with dots", lambda: "a.b.c"),
    ("an array", lambda: forged([], CLAIMS, lambda _: b"x")),
    ("an array of claims", lambda: forged({"alg": "RS256", "kid": "k1"}, [], lambda _: b"x")),
    ("very deep claims", lambda: forged({"alg": "RS256", "kid": "k1"}, b"[" * 5000, lambda _: b"x")),
    ("a very long token", lambda: signed({"more": "x" * 20_000})),
]
