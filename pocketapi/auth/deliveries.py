"""What mail providers tell of mails, once their signature is right: delivered, bounced, complained, by address.

Mailgun signs a time and a token, and not the event: a token counts once. Resend (by Svix) signs the whole.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.db import transaction

from pocketapi.config import schema
from pocketapi.credentials import counters
from pocketapi.errors import BadRequest, NotFound, Unauthorized
from pocketapi.models import Delivery
from pocketapi.tables.table import current

MAILGUN_AGE = 9 * 3600  # seconds: it tries again for eight hours
RESEND_AGE = 300
MAILGUN_EVENTS = {"delivered": "delivered", "complained": "complained"}
FAILURES = {"permanent": "bounced", "temporary": "deferred"}
RESEND_EVENTS = {
    "email.delivered": "delivered",
    "email.bounced": "bounced",
    "email.failed": "bounced",
    "email.complained": "complained",
    "email.delivery_delayed": "deferred",
}
RECORDED = {"success": True}


def receive(provider: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    """Record the events of a webhook; NotFound where the config has no key for it, Unauthorized where the signature is wrong."""
    email = current().spec.email
    match provider:
        case "mailgun" if email and email.mailgun and email.mailgun.signing_key:
            return _mailgun(email.mailgun.signing_key, _parsed(body))
        case "resend" if email and email.resend and email.resend.signing_key:
            return _resend(email.resend, body, headers)
        case _:
            raise NotFound("There is no such webhook.")


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is no JSON.") from None
    return found if isinstance(found, dict) else {}


def _mailgun(key: str, event: Mapping[str, Any]) -> dict[str, Any]:
    signature = _mapping(event, "signature")
    stamp, token = str(signature.get("timestamp", "")), str(signature.get("token", ""))
    wanted = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    _check(hmac.compare_digest(wanted.encode(), str(signature.get("signature", "")).encode()) and _is_fresh(stamp, MAILGUN_AGE))
    data = _mapping(event, "event-data")
    name = str(data.get("event", ""))
    told = FAILURES.get(str(data.get("severity"))) if name == "failed" else MAILGUN_EVENTS.get(name)
    with transaction.atomic():
        if counters.claim(counters.key_of("mailgun", token), MAILGUN_AGE) == 0 and told:
            status, headers = _mapping(data, "delivery-status"), _mapping(_mapping(data, "message"), "headers")
            reason = status.get("description") or status.get("message") or data.get("reason") or ""
            _record("mailgun", told, [data.get("recipient")], headers.get("message-id"), reason, data.get("timestamp"))
    return RECORDED


def _resend(resend: schema.Resend, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
    stamp = headers.get("svix-timestamp", "")
    signed = b".".join((headers.get("svix-id", "").encode(), stamp.encode(), body))
    wanted = base64.b64encode(hmac.new(_svix_key(resend.signing_key or ""), signed, hashlib.sha256).digest())
    given = [text.removeprefix("v1,").encode() for text in headers.get("svix-signature", "").split() if text.startswith("v1,")]
    _check(any(hmac.compare_digest(wanted, each) for each in given) and _is_fresh(stamp, RESEND_AGE))
    event = _parsed(body)
    data, told = _mapping(event, "data"), RESEND_EVENTS.get(str(event.get("type")))
    if told:
        addresses = data.get("to")
        reason = _mapping(data, "bounce").get("message") or _mapping(data, "failed").get("reason") or ""
        moment = event.get("created_at")
        _record("resend", told, addresses if isinstance(addresses, list) else [addresses], data.get("email_id"), reason, moment)
    return RECORDED


def _svix_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _check(is_right: bool) -> None:
    if not is_right:
        raise Unauthorized("The signature is wrong, or too old.")


def _is_fresh(stamp: str, seconds: int) -> bool:
    return stamp.isascii() and stamp.isdecimal() and len(stamp) < 12 and abs(time.time() - int(stamp)) <= seconds


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _record(provider: str, event: str, addresses: list[Any], message: Any, reason: Any, at: Any) -> None:
    """Record an event for each address; one that is told twice counts once."""
    rows = [
        Delivery(
            provider=provider,
            event=event,
            address=address,
            message=str(message or "").strip("<>")[:255],
            reason=_plain(reason)[:255],
            at=_moment(at),
        )
        for address in _addresses(addresses)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _addresses(given: list[Any]) -> Iterator[str]:
    yield from (_plain(address).lower() for address in given if isinstance(address, str) and 0 < len(address) <= 255)


def _plain(text: Any) -> str:
    return str(text).replace("\0", "")


def _moment(given: Any) -> datetime:
    try:
        if isinstance(given, int | float):
            return datetime.fromtimestamp(given, UTC)
        moment = datetime.fromisoformat(str(given))
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
