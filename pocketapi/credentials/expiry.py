"""Rows that are over: removed a few at a time beside other work, or all at once by a command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from pocketapi.models import Counter, OneTimeToken, Session

AT_A_TIME = 500
EXPIRING: Mapping[str, type[Session | OneTimeToken | Counter]] = {
    "sessions": Session,
    "one-time tokens": OneTimeToken,
    "counters": Counter,
}


def remove_expired(model: type[Session | OneTimeToken | Counter], now: datetime) -> int:
    """Delete some of a model's rows that are over, in a transaction of its own; how many it found.

    Rows that others have locked are left for the next time, so that nobody waits for this nor this for them.
    """
    with transaction.atomic():
        over = model._default_manager.filter(expires__lte=now).order_by("expires").select_for_update(skip_locked=True)
        keys = list(over.values_list("pk", flat=True)[:AT_A_TIME])
        model._default_manager.filter(pk__in=keys).delete()
    return len(keys)


def remove_all_expired() -> dict[str, int]:
    """Delete everything that is over by now; how many rows of which kind."""
    now = timezone.now()
    removed = dict.fromkeys(EXPIRING, 0)
    for name, model in EXPIRING.items():
        while found := remove_expired(model, now):
            removed[name] += found
    return removed
