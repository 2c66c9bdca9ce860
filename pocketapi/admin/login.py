"""Signing in to the panel: ten wrong passwords of one user, or thirty tries from one place, and it is shut for a while."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError

from pocketapi.admin import theme
from pocketapi.api import client
from pocketapi.auth import throttle
from pocketapi.credentials import lockout
from pocketapi.credentials.counters import counters, key_of
from pocketapi.errors import Throttled

SCOPE = "panel-login"
TOO_MANY = "Too many tries to sign in: try again later."


class LoginForm(theme.LoginForm):  # type: ignore[misc]
    """Django's form, with the locks of the API's login."""

    def clean(self) -> dict[str, Any]:
        lock = lock_of(self.cleaned_data.get("username"))
        try:
            throttle.admit_address(SCOPE, client.network(self.request) if self.request else None)
            lockout.check(lock)
            if not counters().count(lock, lockout.FAILURES):  # counted before it is judged: many at a time are no way around
                raise Throttled(1)
        except Throttled:
            raise ValidationError(TOO_MANY, code="throttled") from None
        return super().clean()  # type: ignore[no-any-return]

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        lockout.unlock(lock_of(self.cleaned_data.get("username")))


def lock_of(name: Any) -> str:
    """The lock of a user of the panel."""
    return key_of("lock", "panel", str(name or ""))
