"""Who writes from the panel: a user of Django's as a caller of the records layer, an admin, or a viewer who may only read."""

from __future__ import annotations

from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import HttpRequest

from pocketapi.rules.principal import Caller, Principal

VERBS = ("view", "add", "change", "delete")


def may(request: HttpRequest, model: type[models.Model], verb: str) -> bool:
    """Whether the user has Django's permission on a model."""
    options = model._meta
    return bool(request.user.has_perm(f"{options.app_label}.{get_permission_codename(verb, options)}"))


def caller_of(request: HttpRequest, model: type[models.Model], verb: str) -> Caller:
    """The user as a caller; without the permission for a verb, one who may only read."""
    superadmin = bool(getattr(request.user, "is_superuser", False))
    return Caller(Principal(admin=True, superadmin=superadmin, viewer=not may(request, model, verb)))
