"""Where browsers are sent after a sign-in elsewhere: to appUrl's own origin, or to what the config lists.

A URL is taken only where every browser reads it as we do. What is left is absolute, so that nothing in it can be taken for
another host.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit, urlunsplit

from pocketapi.config.providers import Provider
from pocketapi.tables.table import current

PORTS = {"http": 80, "https": 443}
SAFE = "%/:?#[]@!$&'()*+,;=~"  # what stands for itself in a URL, and what is encoded already

Origin = tuple[str, str, int]


def target(asked: object, provider: Provider) -> str:
    """The URL to go to: the one asked for if it may be, else the provider's redirectUrl, else appUrl."""
    if isinstance(asked, str) and (found := allowed(asked)):
        return found
    app = current().spec.app_url
    return urljoin(app, provider.redirect_url) if provider.redirect_url else app


def allowed(asked: str) -> str | None:
    """The absolute URL that a caller asks to be sent to; none where it may not be."""
    config = current().spec
    if asked in (config.allowed_redirect_urls or ()):
        return asked
    if not asked or asked.startswith("//") or any(map(is_slippery, asked)):
        return None
    try:
        parts = urlsplit(asked)
        whole = parts if parts.scheme else urlsplit(urljoin(config.app_url, asked))
        if origin(whole) != origin(urlsplit(config.app_url)):
            return None
    except ValueError:
        return None
    return urlunsplit(whole._replace(path=_ascii(whole.path), query=_ascii(whole.query), fragment=_ascii(whole.fragment)))


def is_slippery(character: str) -> bool:
    """Whether browsers drop or change a character before they read a URL."""
    return character <= " " or character in ("\\", "\x7f")


def _ascii(text: str) -> str:
    return quote(text, safe=SAFE)


def origin(parts: SplitResult) -> Origin:
    """Scheme, host and port; ValueError for a URL that has other than these, or names a host in letters that look like others."""
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host or not host.isascii() or "@" in parts.netloc or "%" in parts.netloc:
        raise ValueError("This is no URL of a web page.")
    return parts.scheme, host, parts.port or PORTS[parts.scheme]


def app_origin() -> str:
    """The scheme, host and port of appUrl, which the API is reached at, too."""
    parts = urlsplit(current().spec.app_url)
    return f"{parts.scheme}://{parts.netloc}"


def with_query(url: str, more: Mapping[str, str]) -> str:
    """A URL with more in its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, urlencode(more))))))


def with_fragment(url: str, more: Mapping[str, str]) -> str:
    """A URL with more in its fragment, which browsers send to no server."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(fragment="&".join(filter(None, (parts.fragment, urlencode(more))))))
