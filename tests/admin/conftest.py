"""The panel over the tables of configs/panel.yaml, on both databases, as three users of Django's see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import include, path

from pocketapi.admin import groups
from pocketapi.admin.panel import site
from pocketapi.config import link, loader
from pocketapi.tables import models as tables
from tests.conftest import HERE, UseConfig

WORD = "correct horse battery"
SignedIn = Callable[[str], Client]


@cache
def shop() -> link.Config:
    """The config, loaded once."""
    return loader.load(HERE / "configs" / "panel.yaml", debug=False)


@pytest.fixture
def mounted(use_config: UseConfig, settings: Any) -> Iterator[Callable[..., link.Config]]:
    """Make a config the process's own, mount the panel over its tables and keep its groups."""

    def mount(given: Any) -> link.Config:
        config = use_config(given)
        site.show(config)
        settings.ROOT_URLCONF = routes()
        create_permissions(apps.get_app_config("pocket_tables"), verbosity=0)
        groups.keep()
        return config

    yield mount
    site.show(tables.CONFIG)


def routes() -> Any:
    """The URLs of the API, and of the panel as it is."""
    urls: Any = ModuleType("urls")
    urls.urlpatterns = [path("api/v1/", include("pocketapi.urls")), path("pocket/", site.urls)]
    return urls


@pytest.fixture
def signed_in(mounted: Callable[..., link.Config]) -> SignedIn:
    """A client by the name of its user: root is a superuser, ed an editor, vi a viewer, nil has no permission."""
    mounted(shop())
    sign_up()
    return client_of


def client_of(name: str) -> Client:
    """A client that a user has signed in with."""
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


def sign_up() -> None:
    """The four users."""
    User.objects.create_superuser("root", password=WORD)
    for name, group in (("ed", groups.EDITORS), ("vi", groups.VIEWERS), ("nil", None)):
        user = User.objects.create_user(name, password=WORD, is_staff=True)
        if group:
            user.groups.add(Group.objects.get(name=group))
