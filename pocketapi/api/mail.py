"""/mail/webhook/{provider}: what mail providers tell of deliveries."""

from __future__ import annotations

from django.http import HttpResponse

from pocketapi.api.authentication import NOTHING
from pocketapi.api.base import NO_STORE, Call, Endpoint, answer
from pocketapi.auth import deliveries


class Webhook(Endpoint):
    """Events of Mailgun or Resend, which sign them."""

    reads = NOTHING  # but the signature
    cached = NO_STORE

    def post(self, call: Call, provider: str) -> HttpResponse:
        return answer(deliveries.receive(provider, call.request.body, call.request.headers))
