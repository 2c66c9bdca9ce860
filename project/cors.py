"""Which origins may read the API's answers: those of `corsOrigins` in the config; where it names none, appUrl's."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from corsheaders.signals import check_request_enabled
from django.dispatch import receiver
from django.http import HttpRequest

from pocketapi.tables.table import current


@receiver(check_request_enabled, dispatch_uid="project.cors")
def is_allowed(request: HttpRequest, **_: Any) -> bool:
    """Whether a request's origin is one that the config names."""
    return request.headers.get("Origin", "") in origins()


def origins() -> list[str]:
    """The origins: scheme, host and port."""
    spec = current().spec
    return [origin_of(url) for url in (spec.cors_origins if spec.cors_origins is not None else [spec.app_url])]


def origin_of(url: str) -> str:
    """The origin of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
