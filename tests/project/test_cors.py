"""Browsers of other origins read the API's answers where the config names them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import RequestFactory

from project import cors

TOP = (
    f"jwtSecret: {'x' * 40}\ntables: [{{name: things, fields: [baseFields], extensions: [{{name: rules, listRule: 'true'}}]}}]\n"
)
NAMED = f"appUrl: https://app.example.com\ncorsOrigins: ['https://a.example.com', 'http://b.example.com:8080/']\n{TOP}"
UNNAMED = f"appUrl: https://app.example.com/start\n{TOP}"

# (config, origin, whether it may read)
CASES = [
    (NAMED, "https://a.example.com", True),
    (NAMED, "http://b.example.com:8080", True),
    (NAMED, "http://a.example.com", False),
    (NAMED, "https://app.example.com", False),
    (NAMED, "null", False),
    (UNNAMED, "https://app.example.com", True),
    (UNNAMED, "https://evil.example.com", False),
    (UNNAMED, "https://app.example.com.evil.example.com", False),
    (UNNAMED, "", False),
]


@pytest.mark.parametrize(("config", "origin", "allowed"), CASES)
def test_the_config_says_which_origins_may_read(
    use_config: Callable[[str], object], config: str, origin: str, allowed: bool
) -> None:
    use_config(config)
    request = RequestFactory().get("/api/v1/health", headers={"Origin": origin})
    assert cors.is_allowed(request=request) is allowed
