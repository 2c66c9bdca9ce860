"""The keys that identity providers sign with: HMAC secrets, PEM, JWK. A key's type says with which algorithms it verifies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
HMAC = ("HS256", "HS384", "HS512")
CURVES = {
    "P-256": ("ES256",),
    "secp256r1": ("ES256",),
    "P-384": ("ES384",),
    "secp384r1": ("ES384",),
    "P-521": ("ES512",),
    "secp521r1": ("ES512",),
    "Ed25519": ("EdDSA",),
}
ALGORITHMS = (*RSA, *HMAC, "ES256", "ES384", "ES512", "EdDSA")
SMALLEST_RSA = 2048  # bits


@dataclass(frozen=True)
class Key:
    """What verifies signatures, and the algorithms that it may be used with."""

    material: Any
    algorithms: tuple[str, ...]
    kid: str | None = None


def keys_of(secret: str | Mapping[str, Any]) -> tuple[Key, ...]:
    """The keys of a provider's `secret`: one, or those of a set; ValueError where it is none that verifies."""
    if isinstance(secret, Mapping):
        return _of_document(secret)
    text = secret.strip()
    if text.startswith("-----BEGIN"):
        return (_of_pem(text if "\n" in text else text.replace("\\n", "\n")),)
    if text.startswith("{"):
        return _of_document(json.loads(text))
    return (Key(secret.encode(), HMAC),)


def _of_document(document: Mapping[str, Any]) -> tuple[Key, ...]:
    if "keys" not in document:
        return (of_jwk(document),)
    if not (found := keys_of_set(document)):
        raise ValueError("this set has no key that verifies signatures")
    return found


def keys_of_set(document: Any) -> tuple[Key, ...]:
    """The keys of a JWKS that verify signatures; those that we cannot use are passed over. ValueError where it is no set."""
    if not isinstance(document, Mapping) or not isinstance(document.get("keys"), list):
        raise ValueError("this is no set of keys")
    found = []
    for entry in document["keys"]:
        try:
            found.append(of_jwk(entry))
        except ValueError:
            continue
    return tuple(found)


def of_jwk(document: Any) -> Key:
    """The key of a JWK (RFC 7517); ValueError where it is none that verifies. Its `alg` pins the algorithm."""
    if not isinstance(document, Mapping) or document.get("use", "sig") != "sig":
        raise ValueError("this key is none for signatures")
    try:
        key = jwt.PyJWK(dict(document))
    except (jwt.PyJWTError, ValueError, TypeError, LookupError, AttributeError, NotImplementedError) as error:
        raise ValueError("this is no JWK") from error
    taken = HMAC if document["kty"] == "oct" else _algorithms(_public(key.key))
    if (pinned := document.get("alg")) is not None:
        taken = tuple(each for each in taken if each == pinned)
    kid = document.get("kid")
    return _usable(Key(key.key if document["kty"] == "oct" else _public(key.key), taken, kid if isinstance(kid, str) else None))


def _of_pem(text: str) -> Key:
    try:
        if "CERTIFICATE" in text.split("\n", 1)[0]:
            material: Any = x509.load_pem_x509_certificate(text.encode()).public_key()
        else:
            material = load_pem_public_key(text.encode())
    except ValueError:
        raise ValueError("this PEM holds no public key") from None
    return _usable(Key(material, _algorithms(material)))


def _public(material: Any) -> Any:
    return material.public_key() if hasattr(material, "public_key") else material


def _algorithms(material: Any) -> tuple[str, ...]:
    match material:
        case RSAPublicKey():
            return RSA if material.key_size >= SMALLEST_RSA else ()
        case EllipticCurvePublicKey():
            return CURVES.get(material.curve.name, ())
        case Ed25519PublicKey():
            return CURVES["Ed25519"]
        case _:
            return ()


def _usable(key: Key) -> Key:
    if not key.algorithms:
        raise ValueError("this key is of no kind that verifies signatures here")
    return key
