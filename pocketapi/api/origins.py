"""Which sites may act for a caller whose browser sends the cookie by itself: appUrl and those of corsOrigins."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.http import HttpRequest

from pocketapi.errors import Forbidden
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

DEFAULT_PORTS = {"http": 80, "https": 443}
ORIGINS: Cache[frozenset[str]] = Cache()
FOREIGN = "This request comes from a site that is neither appUrl nor one of corsOrigins."
NAMELESS = "A request that the cookie signs in needs an Origin, or a Referer, of appUrl or corsOrigins."


def origin_of(url: str) -> str:
    """The origin of a URL as browsers write it; empty where there is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not host:
        return ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port not in (None, DEFAULT_PORTS[parts.scheme]) else "")


def named() -> frozenset[str]:
    """The origins whose scripts may read answers: corsOrigins; where the config names none, appUrl's."""
    config = current()
    urls = config.spec.cors_origins
    return ORIGINS.get(config, "named", lambda: _origins_of([config.spec.app_url] if urls is None else urls))


def own() -> frozenset[str]:
    """The origins that may send the cookie: appUrl's and those of corsOrigins."""
    config = current()
    return ORIGINS.get(config, "own", lambda: _origins_of([config.spec.app_url, *(config.spec.cors_origins or ())]))


def _origins_of(urls: Iterable[str]) -> frozenset[str]:
    return frozenset(map(origin_of, urls)) - {""}


def refuse_foreign(request: HttpRequest) -> None:
    """Forbidden for a request of another site; one that names no origin passes, as those of programs do."""
    if request.META.get("HTTP_ORIGIN", "") not in ("", *own()):
        raise Forbidden(FOREIGN)


def require_own(request: HttpRequest) -> None:
    """Forbidden for a request that does not name one of our sites, by Origin or, without one, by Referer."""
    origin = request.META.get("HTTP_ORIGIN") or origin_of(request.META.get("HTTP_REFERER", ""))
    if origin not in own():
        raise Forbidden(FOREIGN if origin else NAMELESS)
