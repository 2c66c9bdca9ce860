"""The app of the package's own rows."""

from django.apps import AppConfig, apps
from django.utils.module_loading import autodiscover_modules


class PocketApiConfig(AppConfig):
    """`pocketapi`: the API, its sessions and its checks."""

    name = "pocketapi"
    verbose_name = "Pocket API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pocketapi import checks  # noqa: F401, PLC0415 - registering needs the apps loaded
        from pocketapi.actions import registry  # noqa: PLC0415 - so do the functions of projects

        autodiscover_modules(registry.MODULE)
        if apps.is_installed("django.contrib.admin"):
            from pocketapi.admin import groups  # noqa: PLC0415 - so does the panel, which is there where Django's admin is

            groups.register()
