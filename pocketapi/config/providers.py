"""Identity providers as understood: what the config says of each, over what is known of those that everybody uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from pocketapi.config import schema
from pocketapi.config.environment import REFERENCE
from pocketapi.config.keys import ALGORITHMS, Key, keys_of
from pocketapi.config.presets import GENERIC, PRESETS, Paths, Preset
from pocketapi.config.report import Path, Report

BearerMode = Literal["login", "partial", "full", "admin"]
MAPPED = ("email", "name", "username", "avatar", "verified")
IN_PATHS = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
SHORTEST_SECRET = 32  # bytes: RFC 7518, 3.2
DISCOVERY = "/.well-known/openid-configuration"
BACK_CHANNEL = {"jwksUrl": "jwks_url", "tokenUrl": "token_url", "userinfoUrl": "userinfo_url"}


@dataclass(frozen=True)
class Provider:
    """An identity provider. Of `jwks_url`, `discovery_url` and `keys` at most one tells its keys."""

    name: str
    title: str
    preset: str | None
    issuers: tuple[str, ...]
    audiences: tuple[str, ...]
    algorithms: tuple[str, ...]
    bearer_mode: BearerMode
    jwks_url: str | None
    discovery_url: str | None
    keys: tuple[Key, ...]
    client_secret: str | None
    authorize_url: str | None
    token_url: str | None
    userinfo_url: str | None
    scopes: tuple[str, ...]
    redirect_url: str | None
    userinfo_headers: Mapping[str, str]
    userinfo_field: str | None
    authorize_params: Mapping[str, str]
    mapping: Mapping[str, Paths]
    of_many: bool

    @property
    def client_id(self) -> str:
        """Our id there, the first where there are several."""
        return self.audiences[0] if self.audiences else ""

    @property
    def redirects(self) -> bool:
        """Whether it signs users in by sending their browsers to it and back."""
        return bool(self.client_id and self.client_secret and self.authorize_url and self.token_url and self.userinfo_url)

    @property
    def signs(self) -> bool:
        """Whether its JWTs can be verified, and are for us."""
        return bool(self.jwks_url or self.discovery_url or self.keys) and bool(self.audiences or not self.of_many)


def providers_of(spec: schema.Config, report: Report, *, debug: bool) -> dict[str, Provider]:
    """The providers by name; says what is wrong or doubtful in them."""
    found: dict[str, Provider] = {}
    for index, given in enumerate(spec.auth_providers):
        path: Path = ("authProviders", index)
        if given.name in found:
            continue  # reported with the other names
        provider = found[given.name] = provider_of(given, _keys(given, path, report))
        _check_channels(given, provider, path, report, debug=debug)
        _check(given, provider, spec, path, report)
    return found


def provider_of(spec: schema.AuthProvider, keys: tuple[Key, ...]) -> Provider:
    """What a provider's section says, over its preset."""
    preset = PRESETS.get(spec.name, Preset(spec.name))
    issuers = _several(spec.issuer) or preset.issuers
    base = next((issuer.rstrip("/") for issuer in issuers if "://" in issuer), None)
    jwks_url = spec.jwks_url or (None if keys else preset.jwks_url)
    if not (jwks_url or keys) and base and preset.jwks_path:
        jwks_url = base + preset.jwks_path
    said = {name: (path,) for name in MAPPED if (path := getattr(spec.mapping, name, None))}
    return Provider(
        name=spec.name,
        title=preset.title,
        preset=spec.name if spec.name in PRESETS else None,
        issuers=issuers,
        audiences=_several(spec.client_id) or preset.audiences,
        algorithms=_several(spec.algorithm),
        bearer_mode=spec.bearer_mode,
        jwks_url=jwks_url,
        discovery_url=base + DISCOVERY if base and not (jwks_url or keys) else None,
        keys=() if jwks_url else keys,
        client_secret=spec.client_secret,
        authorize_url=spec.authorize_url or preset.authorize_url,
        token_url=spec.token_url or preset.token_url,
        userinfo_url=spec.userinfo_url or preset.userinfo_url,
        scopes=_several(spec.scopes, split=True) or preset.scopes,
        redirect_url=spec.redirect_url,
        userinfo_headers=spec.userinfo_headers or {},
        userinfo_field=spec.userinfo_field,
        authorize_params=spec.authorize_params or {},
        mapping={**GENERIC, **preset.mapping, **said},
        of_many=preset.of_many,
    )


def _several(value: str | list[str] | None, *, split: bool = False) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split()) if split else (value,) if value else ()
    return tuple(each for each in value or () if each)


def _keys(spec: schema.AuthProvider, path: Path, report: Report) -> tuple[Key, ...]:
    secret: str | Mapping[str, Any] | None = spec.secret
    if not secret or (isinstance(secret, str) and REFERENCE.fullmatch(secret)):
        return ()
    try:
        return keys_of(secret)
    except ValueError as error:
        report.error(
            "E012", (*path, "secret"), f"No key can be read here ({error}): expected a secret, a PEM public key or a JWK."
        )
        return ()


def _check_channels(spec: schema.AuthProvider, provider: Provider, path: Path, report: Report, *, debug: bool) -> None:
    """What we are told over plain HTTP anybody on the way may have written."""
    urls = {name: getattr(spec, attribute) for name, attribute in BACK_CHANNEL.items()} | {"issuer": provider.discovery_url}
    for name, url in urls.items():
        if url and not debug and not REFERENCE.fullmatch(url) and url.startswith("http://") and not is_loopback(url):
            report.error("E011", (*path, name), "Keys and secrets come and go here: use https.")


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine itself."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _check(spec: schema.AuthProvider, provider: Provider, config: schema.Config, path: Path, report: Report) -> None:
    if not IN_PATHS.fullmatch(spec.name):
        report.error("E012", (*path, "name"), "A provider's name stands in URLs: it has letters, digits, `_`, `-` and `.` only.")
    if unknown := [name for name in provider.algorithms if name not in ALGORITHMS]:
        told = f"There is no algorithm `{unknown[0]}` for signatures here: known are {', '.join(ALGORITHMS)}."
        report.error("E012", (*path, "algorithm"), told)
    if spec.jwks_url and spec.secret:
        report.error("E012", (*path, "secret"), "The keys are told twice: leave out `secret` or `jwksUrl`.")
    if config.jwt_issuer in provider.issuers:
        report.error("E012", (*path, "issuer"), "This is the issuer of our own tokens (jwtIssuer): the two must differ.")
    if provider.bearer_mode != "login" and not (provider.signs and provider.issuers):
        told = (
            "Its tokens can be told and verified only with `issuer` and one of `jwksUrl` and `secret`, and some with `clientId`."
        )
        report.error("E012", (*path, "bearerMode"), told)
    if any(isinstance(key.material, bytes) and len(key.material) < SHORTEST_SECRET for key in provider.keys):
        told = f"The secret has less than {SHORTEST_SECRET} bytes: who has one token can find it, and make others."
        report.warn("W011", (*path, "secret"), told)
    if not provider.redirects and not provider.signs:
        told = f"`{spec.name}` signs nobody in: {_missing(provider)}."
        report.warn("W009", path, told)
    elif provider.signs and not provider.redirects and not provider.audiences:
        told = f"`{spec.name}` has no clientId: its tokens are taken, whomever they were made for."
        report.warn("W010", path, told)


def _missing(provider: Provider) -> str:
    if provider.preset and not provider.audiences:
        return "it needs `clientId`, and `clientSecret` for the redirect flow"
    urls = ("authorize_url", "token_url", "userinfo_url")
    if provider.preset or all(getattr(provider, name) for name in urls):
        return "it needs `clientId` and `clientSecret`"
    return "it needs `clientId`, `clientSecret`, `authorizeUrl`, `tokenUrl` and `userinfoUrl`, or `issuer`, `jwksUrl` or `secret`"
