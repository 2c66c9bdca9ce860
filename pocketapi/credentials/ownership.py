"""What belongs to an account beside its row: sessions, linked identities, one-time tokens, the second factor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from pocketapi.credentials import sessions
from pocketapi.models import OF_USERS


def forget(table: str, uid: Any) -> None:
    """Remove all that belongs to an account: its user goes, or the owner of its address turns up and gets it bare.

    The password is the caller's to replace.
    """
    with transaction.atomic():
        sessions.end(table, uid)
        for model in OF_USERS:
            model._default_manager.filter(table=table, user=str(uid)).delete()


def owners(table: str, uids: Iterable[Any]) -> set[str]:
    """Those of some uids under which there is anything: a statement a kind, for as many uids as one insert takes."""
    asked = [str(uid) for uid in uids]
    return {
        user
        for model in OF_USERS
        for user in model._default_manager.filter(table=table, user__in=asked).values_list("user", flat=True)
    }
