"""Who an account belongs to: what goes when its user goes, or when the owner of its address turns up."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from pocketapi.config import link
from pocketapi.credentials import sessions
from pocketapi.models import OF_USERS, Session
from pocketapi.tables.table import model_of


def forget(table: str, uid: Any) -> None:
    """Remove every row of ours that belongs to a user: sessions, tokens, identities, the second factor."""
    sessions.end(table, uid)
    for kind in OF_USERS:
        if kind is not Session:
            kind._default_manager.filter(table=table, user=str(uid)).delete()


def take_over(table: link.Table, uid: Any) -> None:
    """Give an account whose address nobody ever verified to who proved to own it: whoever made it loses every way in."""
    with transaction.atomic():
        forget(table.name, uid)
        gone = {
            field.name: "" if field.not_null else None
            for usage in ("auth_password", "auth_password_salt")
            if (field := table.with_usage(usage))
        }
        if gone:
            model_of(table.name)._default_manager.filter(**{table.uid.name: uid}).update(**gone)
