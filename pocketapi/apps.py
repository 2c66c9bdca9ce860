"""The app of the package's own rows."""

from django.apps import AppConfig


class PocketApiConfig(AppConfig):
    """`pocketapi`: the API, its sessions and its checks."""

    name = "pocketapi"
    verbose_name = "Pocket API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from pocketapi import checks  # noqa: F401, PLC0415 - registering needs the apps loaded
