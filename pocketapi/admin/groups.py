"""What a migration leaves to the panel: two groups that may read, or read and write, each table; and the first superuser."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib.auth import get_user_model
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.signals import post_migrate

from pocketapi.conf import settings
from pocketapi.tables import models
from pocketapi.tables.build import LABEL
from pocketapi.tables.table import model_of

VIEWERS, EDITORS = "pocket viewers", "pocket editors"


def register() -> None:
    """Have the groups kept, and the first superuser made, after each migration."""
    post_migrate.connect(after_migrate, dispatch_uid="pocketapi.admin.groups")


def after_migrate(*, sender: AppConfig, using: str, **_: Any) -> None:
    """Keep the groups once an app has its permissions; the tables' own app comes with the first superuser."""
    shown = {model_of(name)._meta.app_label for name in models.CONFIG.tables} if models.CONFIG else set()
    if sender.label not in {*shown, LABEL}:
        return
    create_permissions(sender, verbosity=0, using=using)
    keep(using)
    if sender.label == LABEL:
        create_first(using)


def keep(using: str = "default") -> None:
    """Give the groups the permissions of the tables that there are. What else a group may do stays."""
    config = models.CONFIG
    shown = [model_of(name) for name in config.tables] if config else []
    types = ContentType.objects.db_manager(using).get_for_models(*shown, for_concrete_models=False).values()
    tables = Permission.objects.using(using).filter(content_type__in=list(types))
    gone = Permission.objects.using(using).filter(content_type__app_label=LABEL).exclude(content_type__in=list(types))
    _grant(VIEWERS, tables.filter(codename__startswith="view_"), gone, using)
    _grant(EDITORS, tables, gone, using)


def _grant(name: str, granted: QuerySet[Permission], gone: QuerySet[Permission], using: str) -> None:
    group, _ = Group.objects.using(using).get_or_create(name=name)
    group.permissions.add(*granted)
    group.permissions.remove(*gone)


def create_first(using: str = "default") -> None:
    """Make the superuser that the settings name, where there is none yet."""
    user = get_user_model()
    name, password = settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD
    manager: Any = user._default_manager.db_manager(using)
    if not (name and password) or manager.filter(is_superuser=True).exists():
        return
    try:
        with transaction.atomic(using):
            manager.create_superuser(**{user.USERNAME_FIELD: name}, password=password)
    except IntegrityError:
        return  # another process was first, or somebody has the name and is no superuser: who that is stays as it is
