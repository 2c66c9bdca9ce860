"""Where a user is signed in: its own sessions, which it may look at and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pocketapi.config import link
from pocketapi.credentials import sessions
from pocketapi.errors import BadRequest, NotFound, Unauthorized, ValidationFailed, field_error
from pocketapi.expressions.dates import format_timestamp
from pocketapi.models import Session
from pocketapi.rules.principal import Caller

ASKED = ("sid", "others")


def sessions_of(table: link.Table, caller: Caller) -> list[dict[str, Any]]:
    """The caller's sessions, the latest first."""
    return [_shown(session, caller) for session in sessions.living(table.name, user_of(table, caller))]


def _shown(session: Session, caller: Caller) -> dict[str, Any]:
    return {
        "sid": session.sid,
        "created": format_timestamp(session.created),
        "refreshed": format_timestamp(session.refreshed),
        "expires": format_timestamp(session.expires),
        "user_agent": session.user_agent,
        "ip": session.ip,
        "current": session.sid == caller.principal.sid,
    }


def revoke(table: link.Table, data: Mapping[str, Any], caller: Caller) -> str | None:
    """End one of the caller's sessions, or all but the current one; the sid that was named. NotFound for another's."""
    uid = user_of(table, caller)
    sid = asked(data)
    if sid is None:
        sessions.end(table.name, uid, but=caller.principal.sid)
    elif not sessions.close(sid, table.name, uid):
        raise NotFound("There is no such session.")
    return sid


def asked(data: Mapping[str, Any]) -> str | None:
    """The sid that is to end, none for all others."""
    if unknown := [name for name in data if name not in ASKED]:
        raise ValidationFailed({name: field_error("unknown", f"There is no field {name}.") for name in unknown})
    sid, others = data.get("sid"), data.get("others")
    if isinstance(sid, str) and sid and others in (None, False):
        return sid
    if sid is None and others in (True, "true"):
        return None
    raise BadRequest('Say which sessions to end: {"sid": "..."} for one of them, {"others": true} for all but this one.')


def user_of(table: link.Table, caller: Caller) -> Any:
    """The uid of a caller who is one of the table's users; Unauthorized for others."""
    if caller.principal.cid != table.name:
        raise Unauthorized
    return caller.principal.uid
