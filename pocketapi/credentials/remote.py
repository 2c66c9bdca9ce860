"""What other servers answer: bounded in time and size, without redirects, and said in our words where it fails."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from pocketapi.errors import BadGateway

PATIENCE = 5.0  # seconds for a whole answer
LARGEST = 512 * 1024  # bytes
PIECE = 16 * 1024

logger = logging.getLogger("pocketapi")


def get_json(url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, data: Any = None) -> Any:
    """The JSON that a server answers; BadGateway where it does not. Neither what is sent nor what comes is logged."""
    deadline = time.monotonic() + PATIENCE
    try:
        response = requests.request(
            method,
            url,
            headers={"Accept": "application/json", **(headers or {})},
            data=data,
            timeout=PATIENCE,
            allow_redirects=False,
            stream=True,
        )
        with response:
            if response.status_code >= 300:
                raise failed(url, f"answered {response.status_code}")
            return json.loads(_content(url, response, deadline))
    except requests.Timeout:
        raise failed(url, "did not answer in time") from None
    except requests.RequestException as error:
        raise failed(url, f"cannot be reached ({type(error).__name__})") from None
    except (ValueError, RecursionError):
        raise failed(url, "answered no JSON") from None


def _content(url: str, response: requests.Response, deadline: float) -> bytes:
    found = bytearray()
    for piece in response.iter_content(PIECE):
        found += piece
        if len(found) > LARGEST:
            raise failed(url, "answered too much")
        if time.monotonic() > deadline:
            raise failed(url, "did not answer in time")
    return bytes(found)


def failed(url: str, how: str) -> BadGateway:
    """The error that a server failed us; the log tells which and how."""
    logger.warning("%s %s", urlsplit(url).hostname, how)
    return BadGateway("The identity provider did not answer as it should. Try again.")
