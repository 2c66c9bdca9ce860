"""What mail providers tell of deliveries, and who only pretends to be one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from pocketapi.models import Delivery
from tests.api.answers import Api
from tests.conftest import UseConfig

KEY, SECRET = "key-of-mailgun", b"secret-of-resend"
CONFIG = f"""
email:
  from: a@b.example
  mailgun: {{MAILGUN_API_KEY: x, MAILGUN_WEBHOOK_SIGNING_KEY: {KEY}}}
  resend: {{RESEND_API_KEY: x, RESEND_WEBHOOK_SECRET: whsec_{base64.b64encode(SECRET).decode()}}}
tables: []
"""


@pytest.fixture
def hooks(use_config: UseConfig) -> Api:
    use_config(CONFIG)
    return Api()


def mailgun(event: Any, *, age: float = 0, key: str = KEY, token: str = "t1", **changes: Any) -> dict[str, Any]:
    """A signed event."""
    stamp = str(int(time.time() - age))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": stamp, "token": token, "signature": signature, **changes}, "event-data": event}


def mailgun_event(event: str, **more: Any) -> dict[str, Any]:
    headers = {"headers": {"message-id": "m1@mg"}}
    return {"event": event, "recipient": "Ann@example.com", "timestamp": 1_700_000_000.5, "message": headers, **more}


def resend(hooks: Api, event: Any, *, age: float = 0, secret: bytes = SECRET, **changes: str) -> Any:
    """A signed event, posted."""
    body, stamp = json.dumps(event).encode(), str(int(time.time() - age))
    digest = hmac.new(secret, b".".join((b"msg_1", stamp.encode(), body)), hashlib.sha256).digest()
    signed = f"v2,x v1,{base64.b64encode(b'other').decode()} v1,{base64.b64encode(digest).decode()}"
    headers = {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": signed, **changes}
    return hooks("POST /mail/webhook/resend", body, headers=headers)


def resend_event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "created_at": "2026-01-02T03:04:05.678Z", "data": {"email_id": "e1", "to": ["Ann@example.com"], **more}}


def recorded() -> list[tuple[str, str, str, str, str]]:
    return [(row.provider, row.event, row.address, row.message, row.reason) for row in Delivery.objects.order_by("pk")]


# (event, what is recorded)
MAILGUN: list[tuple[Any, list[tuple[str, str]]]] = [
    (mailgun_event("delivered"), [("delivered", "")]),
    (mailgun_event("complained"), [("complained", "")]),
    (mailgun_event("failed", severity="permanent", **{"delivery-status": {"description": "no such user"}}), [("bounced", "no such user")]),
    (mailgun_event("failed", severity="temporary", **{"delivery-status": {"message": "busy\0" + "x" * 300}}), [("deferred", ("busy" + "x" * 300)[:255])]),
    (mailgun_event("failed", severity="permanent", reason="suppressed"), [("bounced", "suppressed")]),
    (mailgun_event("failed"), []),
    (mailgun_event("opened"), []),
    (mailgun_event("clicked"), []),
    (mailgun_event("delivered", recipient=None), []),
    (mailgun_event("delivered", recipient="x" * 256), []),
    ({"event": {"a": 1}}, []),
    ({}, []),
    (None, []),
    ([], []),
]  # fmt: skip


@pytest.mark.parametrize(("event", "rows"), MAILGUN)
def test_mailgun(hooks: Api, event: Any, rows: list[tuple[str, str]]) -> None:
    hooks("POST /mail/webhook/mailgun", mailgun(event)).expect(200, {"success": True})
    assert recorded() == [("mailgun", kind, "ann@example.com", "m1@mg", reason) for kind, reason in rows]


def test_a_moment_that_is_told_and_one_that_is_not(hooks: Api) -> None:
    for number, moment in enumerate((1_700_000_000.5, 1e300, None, "2026-01-02T03:04:05")):
        event = mailgun_event("delivered", recipient=f"{number}@example.com", timestamp=moment)
        hooks("POST /mail/webhook/mailgun", mailgun(event, token=f"t{number}")).expect(200)
    years = [row.at.year for row in Delivery.objects.order_by("pk")]
    assert (years[0], years[3]) == (2023, 2026)
    assert [abs(row.at.timestamp() - time.time()) < 60 for row in Delivery.objects.order_by("pk")] == [False, True, True, False]


def test_a_token_of_mailgun_counts_once(hooks: Api) -> None:
    """Its signature does not cover the event."""
    hooks("POST /mail/webhook/mailgun", mailgun(mailgun_event("delivered"))).expect(200)
    hooks("POST /mail/webhook/mailgun", mailgun(mailgun_event("complained"))).expect(200)
    hooks("POST /mail/webhook/mailgun", mailgun(mailgun_event("delivered"), token="t2")).expect(200)
    assert [row[1] for row in recorded()] == ["delivered"]


FORGED: list[Any] = [
    mailgun(mailgun_event("delivered"), key="another"),
    mailgun(mailgun_event("delivered"), age=10 * 3600),
    mailgun(mailgun_event("delivered"), age=-10 * 3600),
    mailgun(mailgun_event("delivered"), signature=""),
    mailgun(mailgun_event("delivered"), signature="\N{SNOWMAN}"),
    mailgun(mailgun_event("delivered"), token2="x", token="") | {"signature": {}},
    mailgun(mailgun_event("delivered"), timestamp="soon"),
    {"event-data": mailgun_event("delivered")},
    {"signature": "x"},
    [],
    {},
]


@pytest.mark.parametrize("body", FORGED, ids=range(len(FORGED)))
def test_a_forged_event_of_mailgun(hooks: Api, body: Any) -> None:
    hooks("POST /mail/webhook/mailgun", body).expect(401)
    assert recorded() == []


# (event, what is recorded)
RESEND: list[tuple[Any, list[tuple[str, str, str]]]] = [
    (resend_event("email.delivered"), [("delivered", "ann@example.com", "")]),
    (resend_event("email.bounced", bounce={"message": "no such user"}), [("bounced", "ann@example.com", "no such user")]),
    (resend_event("email.failed", failed={"reason": "quota"}), [("bounced", "ann@example.com", "quota")]),
    (resend_event("email.complained", to="bob@example.com"), [("complained", "bob@example.com", "")]),
    (resend_event("email.delivery_delayed", to=["a@b.cc", "c@d.ee", 5]), [("deferred", "a@b.cc", ""), ("deferred", "c@d.ee", "")]),
    (resend_event("email.opened"), []),
    ({"type": "email.delivered"}, []),
    ([], []),
]  # fmt: skip


@pytest.mark.parametrize(("event", "rows"), RESEND)
def test_resend(hooks: Api, event: Any, rows: list[tuple[str, str, str]]) -> None:
    for _ in range(2):  # what is told twice counts once
        resend(hooks, event).expect(200, {"success": True})
    assert recorded() == [("resend", kind, address, "e1", reason) for kind, address, reason in rows]


@pytest.mark.parametrize("changes", [
    {"secret": b"another"},
    {"age": 600},
    {"age": -600},
    {"svix-id": "msg_2"},
    {"svix-timestamp": str(int(time.time()) + 1)},
    {"svix-timestamp": ""},
    {"svix-signature": ""},
    {"svix-signature": "v1,"},
    {"svix-signature": "nonsense"},
])  # fmt: skip
def test_a_forged_event_of_resend(hooks: Api, changes: Any) -> None:
    resend(hooks, resend_event("email.delivered"), **changes).expect(401)
    assert recorded() == []


def test_a_secret_that_is_no_base64_is_taken_as_it_is(use_config: UseConfig) -> None:
    use_config("email: {from: a@b.example, resend: {RESEND_API_KEY: x, RESEND_WEBHOOK_SECRET: 'plain secret!'}}\ntables: []\n")
    resend(Api(), resend_event("email.delivered"), secret=b"plain secret!").expect(200)


def test_webhooks_that_are_not_configured(hooks: Api, use_config: UseConfig) -> None:
    hooks("POST /mail/webhook/other", {}).expect(404)
    hooks("GET /mail/webhook/resend").expect(405)
    hooks("POST /mail/webhook/mailgun", "x").expect(400, {"message": "The body is no JSON."})
    use_config("email: {from: a@b.example, mailgun: {MAILGUN_API_KEY: x}, resend: {RESEND_API_KEY: x}}\ntables: []\n")
    for name in ("mailgun", "resend"):
        hooks(f"POST /mail/webhook/{name}", {}).expect(404, {"message": "There is no such webhook."})
