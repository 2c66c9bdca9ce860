"""The API over the tables of configs/desk.yaml, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from pocketapi.config import link, loader
from tests.api.answers import SERVICE, Api
from tests.conftest import HERE, UseConfig

ADMIN_SECRET = "secret-of-admins-secret-of-admins-secret"
Prepare = Callable[[], Api]


@cache
def desk() -> link.Config:
    """The config, loaded once."""
    return loader.load(HERE / "configs" / "desk.yaml", debug=False)


@pytest.fixture
def api(use_config: UseConfig, settings: Any) -> Api:
    """The API with two users, `ann` and `bob`, and `admin`, the service token."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": ADMIN_SECRET}
    use_config(desk())
    found = Api()
    found.user("ann")
    found.user("bob")
    return found
