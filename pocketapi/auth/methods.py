"""What a login page may offer."""

from __future__ import annotations

from typing import Any

from pocketapi.auth import oauth
from pocketapi.config import link
from pocketapi.tables.table import current

IDENTITIES = (("auth_email", "email"), ("auth_username", "username"))


def methods(table: link.Table) -> dict[str, Any]:
    """The ways to sign in to a table: by password, by code, by providers, with or without a second factor."""
    auth = table.auth
    return {
        "password": {"identities": [name for usage, name in IDENTITIES if table.with_usage(usage)]},  # type: ignore[arg-type]
        "otp": bool(auth and auth.otp),
        "mfa": auth.mfa if auth and auth.mfa != "none" else None,
        "providers": [
            {
                "name": provider.name,
                "displayName": provider.title,
                "url": oauth.start_url(table, provider) if provider.redirects else None,
                "clientId": provider.client_id or None,
            }
            for provider in current().providers.values()
            if provider.redirects or provider.signs
        ],
    }
