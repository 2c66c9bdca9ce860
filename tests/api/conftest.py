"""The API over the tables of configs/desk.yaml, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pocketapi.config import link, loader
from tests.api.answers import SERVICE, Api
from tests.api.filing import Filing
from tests.conftest import HERE, UseConfig
from tests.stores import broken_url, bucket_url, s3_server, storage

__all__ = ["broken_url", "bucket_url", "s3_server", "storage"]

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


@cache
def files() -> link.Config:
    """The config of the tests of files, loaded once."""
    return loader.load(HERE / "configs" / "files.yaml", debug=False)


@pytest.fixture
def filing(use_config: UseConfig, settings: Any, tmp_path: Path) -> Filing:
    """The API over the tables of configs/files.yaml, with an empty folder as its store."""
    given = {"MEDIA_ROOT": tmp_path / "media", "ADMIN_SERVICE_TOKEN": SERVICE, "ADMIN_JWT_SECRET": ADMIN_SECRET}
    settings.POCKETAPI = {**settings.POCKETAPI, **given}
    use_config(files())
    found = Filing()
    found.user("ann")
    found.user("bob")
    return found


@pytest.fixture
def stored(storage: str, filing: Filing) -> Filing:
    """The same on each store in turn."""
    return filing
