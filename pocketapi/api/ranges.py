"""Conditions and parts of a file's request, as RFC 9110 has them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.utils.http import http_date, parse_http_date_safe

from pocketapi.api.base import knows
from pocketapi.errors import RangeNotSatisfiable

RANGE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)", re.ASCII | re.IGNORECASE)
LONGEST_NUMBER = 18  # digits; what is longer lies beyond every file

Meta = dict[str, Any]  # of a request


def has_tag(meta: Meta, tag: str) -> bool:
    """Whether the caller names the tag of what it has."""
    return knows(meta.get("HTTP_IF_NONE_MATCH", ""), tag)


def is_fresh(meta: Meta, modified: datetime) -> bool:
    """Whether the caller has the file since it was stored; where a tag was named, the tag has decided."""
    since = parse_http_date_safe(meta.get("HTTP_IF_MODIFIED_SINCE", ""))
    return since is not None and "HTTP_IF_NONE_MATCH" not in meta and int(modified.timestamp()) <= since


def wants_part(meta: Meta) -> bool:
    """Whether one range of bytes is asked for: several, and other units, get the whole file."""
    return RANGE.fullmatch(meta.get("HTTP_RANGE", "").strip()) is not None


def part(meta: Meta, tag: str, modified: datetime, size: int) -> tuple[int, int] | None:
    """The first byte and the number of bytes; None for the whole file. RangeNotSatisfiable where the part lies beyond the end."""
    found = RANGE.fullmatch(meta.get("HTTP_RANGE", "").strip())
    condition = meta.get("HTTP_IF_RANGE", "").strip()
    if found is None or (condition and condition not in (tag, http_date(modified.timestamp()))):
        return None
    first, last = (_number(digits) if digits else None for digits in found.groups())
    if first is None and last is None:
        return None
    if first is None or last is None:
        start, end = (size - min(last or 0, size), size) if first is None else (first, size)
    else:
        start, end = first, min(last + 1, size)
        if last < first:
            return None  # no range at all
    if start >= size:
        raise RangeNotSatisfiable(size)
    return start, end - start


def _number(digits: str) -> int:
    return int(digits) if len(digits) <= LONGEST_NUMBER else 10**LONGEST_NUMBER
