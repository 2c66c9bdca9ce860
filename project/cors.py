"""Which origins' scripts may read the API's answers: those that the config names, in DEBUG any.

Only to origins that are named a browser may send the cookie; to "any" it never may.
"""

from __future__ import annotations

from typing import Any

from corsheaders.middleware import ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CorsMiddleware
from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from pocketapi.api import origins


def is_named(request: HttpRequest) -> bool:
    """Whether a request's origin is one that the config names."""
    return request.headers.get("Origin", "") in origins.named()


@receiver(check_request_enabled, dispatch_uid="project.cors")
def is_allowed(request: HttpRequest, **_: Any) -> bool:
    """Whether a request's origin may read the answer."""
    return settings.DEBUG or is_named(request)


class Cors(CorsMiddleware):
    """The headers of django-cors-headers; who is let in as one of any gets those for any."""

    def add_response_headers(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        super().add_response_headers(request, response)
        if response.has_header(ACCESS_CONTROL_ALLOW_ORIGIN) and not is_named(request):
            response[ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
            del response[ACCESS_CONTROL_ALLOW_CREDENTIALS]
        return response
