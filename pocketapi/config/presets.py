"""What is known of the identity providers that everybody uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Paths = tuple[str, ...]  # where a profile may have something: the first that is there counts
KEYS = "/.well-known/jwks.json"


@dataclass(frozen=True)
class Preset:
    """What is known of a provider."""

    title: str
    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    jwks_url: str | None = None
    jwks_path: str | None = None  # below the issuer
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    mapping: Mapping[str, Paths] = field(default_factory=dict)
    of_many: bool = False  # whether it signs the tokens of everybody's applications with one key


GENERIC: Mapping[str, Paths] = {
    "email": ("email",),
    "verified": ("email_verified", "verified_email"),
    "name": ("name",),
    "username": ("preferred_username", "username", "nickname", "login"),
    "avatar": ("picture", "avatar_url"),
}
PRESETS = {
    "google": Preset(
        "Google",
        issuers=("https://accounts.google.com", "accounts.google.com"),
        jwks_url="https://www.googleapis.com/oauth2/v3/certs",
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - a URL
        userinfo_url="https://openidconnect.googleapis.com/v1/userinfo",
        of_many=True,
    ),
    "github": Preset(
        "GitHub",
        authorize_url="https://github.com/login/oauth/authorize",
        token_url="https://github.com/login/oauth/access_token",  # noqa: S106 - a URL
        userinfo_url="https://api.github.com/user",
        scopes=("read:user", "user:email"),
        mapping={"verified": ("email_verified",), "username": ("login",), "avatar": ("avatar_url",)},
    ),
    "discord": Preset(
        "Discord",
        authorize_url="https://discord.com/oauth2/authorize",
        token_url="https://discord.com/api/oauth2/token",  # noqa: S106 - a URL
        userinfo_url="https://discord.com/api/users/@me",
        scopes=("identify", "email"),
        mapping={"verified": ("verified",), "name": ("global_name", "username"), "avatar": ("avatar_url",)},
    ),
    "linkedin": Preset(
        "LinkedIn",
        issuers=("https://www.linkedin.com/oauth",),
        jwks_url="https://www.linkedin.com/oauth/openid/jwks",
        authorize_url="https://www.linkedin.com/oauth/v2/authorization",
        token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106 - a URL
        userinfo_url="https://api.linkedin.com/v2/userinfo",
        of_many=True,
    ),
    "supabase": Preset(
        "Supabase",
        audiences=("authenticated",),
        jwks_path=KEYS,
        mapping={
            "verified": ("email_verified", "user_metadata.email_verified"),
            "name": ("user_metadata.full_name", "user_metadata.name"),
            "username": ("user_metadata.user_name", "user_metadata.preferred_username"),
            "avatar": ("user_metadata.avatar_url", "user_metadata.picture"),
        },
    ),
}
