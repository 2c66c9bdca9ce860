"""/mail/webhook/{provider}: what mail providers tell of deliveries."""

from __future__ import annotations

from django.http import HttpResponse

from pocketapi.api.base import NO_STORE, Call, Endpoint, answer
from pocketapi.auth import deliveries


class Webhook(Endpoint):
    """Events of Mailgun or Resend, which sign them."""

    lenient = True
    cached = NO_STORE

    def post(self, call: Call, provider: str) -> HttpResponse:
        return answer(deliveries.receive(provider, call.request.body, call.request.headers))
