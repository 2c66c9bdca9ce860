"""What a JWT of an identity provider proves: that the provider says so of its user, to us, now.

The key is the provider's own, whatever the token says of keys (`jku`, `jwk`, `x5u`), and the key's type tells the algorithms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import orjson

from pocketapi.config.keys import ALGORITHMS
from pocketapi.config.providers import Provider
from pocketapi.credentials.keys import keys_for
from pocketapi.credentials.profiles import profile_of
from pocketapi.errors import BadRequest, InvalidToken, TokenExpired
from pocketapi.rules.principal import Principal
from pocketapi.tables.table import current

Claims = Mapping[str, Any]
LONGEST = 16 * 1024  # characters


def verified(provider: Provider, token: str) -> Claims:
    """The claims of a provider's token; InvalidToken or TokenExpired where it is none of its own, for us, now."""
    header = _header(token)
    for key in keys_for(provider, header):
        try:
            claims: Claims = jwt.decode(
                token,
                key.material,
                algorithms=[name for name in key.algorithms if name in (provider.algorithms or ALGORITHMS)],
                audience=provider.audiences or None,
                issuer=provider.issuers or None,
                options={
                    "require": ["exp"],
                    "verify_aud": bool(provider.audiences),
                    "verify_iss": bool(provider.issuers),
                    "verify_iat": False,  # a clock that goes ahead by a second is no forgery
                },
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpired from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            continue
        return _plain(claims)
    raise InvalidToken


def _header(token: str) -> Mapping[str, Any]:
    if len(token) > LONGEST:
        raise InvalidToken
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidToken from None
    if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str | None):
        raise InvalidToken
    return header


def _plain(claims: Claims) -> Claims:
    """The claims, where a database can hold their texts and numbers."""
    try:
        written = orjson.dumps(claims)
    except (TypeError, ValueError):
        raise InvalidToken from None
    if b"\\u0000" in written:
        raise InvalidToken
    return claims


def proved(token: str) -> tuple[Provider, Claims]:
    """Whose token it is and what it says, of the providers that sign; by issuer first, then those that name none."""
    issuer = _issuer(token)
    signing = [provider for provider in current().providers.values() if provider.signs]
    named = [provider for provider in signing if issuer in provider.issuers]
    for provider in named or [provider for provider in signing if not provider.issuers]:
        try:
            return provider, verified(provider, token)
        except InvalidToken:
            continue
    raise InvalidToken


def _issuer(token: str) -> Any:
    """The issuer that a token names, before anything is verified: only to choose the provider."""
    try:
        return jwt.decode(token, options={"verify_signature": False}).get("iss")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise InvalidToken from None


# Callers with tokens of others


def principal_of(token: str) -> Principal:
    """Who sent a provider's token as a bearer token, as far as the provider's bearerMode lets it count."""
    providers = [each for each in current().providers.values() if each.bearer_mode != "login" and each.signs]
    issuer = _issuer(token) if providers else None
    for provider in providers:
        if issuer in provider.issuers:
            return principal(provider, verified(provider, token))
    raise InvalidToken


def principal(provider: Provider, claims: Claims) -> Principal:
    """The caller that verified claims make."""
    try:
        profile = profile_of(provider, claims)
    except BadRequest:
        raise InvalidToken from None
    email = profile.email if profile.verified else None
    if provider.bearer_mode == "partial":
        return Principal(email=email, verified=profile.verified, provider=provider.name)
    roles = _roles(provider, claims)
    admin = provider.bearer_mode == "admin" and claims.get("admin") is True
    return Principal(
        uid=_uid(claims),
        email=email,
        roles=roles,
        verified=profile.verified,
        admin=admin,
        superadmin=admin and "superadmin" in roles,
        viewer=admin and "viewer" in roles,
        meta=claims.get("meta", claims.get("user_metadata")),
        claims=claims,
        sid=_text(claims, "sid", "session_id"),
        cid=_text(claims, "cid"),
        provider=provider.name,
    )


def _uid(claims: Claims) -> Any:
    found = claims.get("id", claims.get("sub"))
    return found if isinstance(found, str | int | float) and not isinstance(found, bool) else None


def _text(claims: Claims, *names: str) -> str | None:
    return next((value for name in names if isinstance(value := claims.get(name), str)), None)


def _roles(provider: Provider, claims: Claims) -> tuple[str, ...]:
    """`role` or `roles`, one or a list; `aud`, where ours has its roles, unless it is where our clientId stands."""
    names = ("role", "roles") if provider.audiences else ("role", "roles", "aud")
    found = next((claims[name] for name in names if name in claims), None)
    several = found if isinstance(found, list) else [found]
    return tuple(dict.fromkeys(role for role in several if isinstance(role, str) and role))
