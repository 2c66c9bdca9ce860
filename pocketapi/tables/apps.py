"""The app of the user's tables."""

from django.apps import AppConfig


class TablesConfig(AppConfig):
    """`pocket_tables`: the models that the config describes."""

    name = "pocketapi.tables"
    label = "pocket_tables"
    verbose_name = "Tables"
    default_auto_field = "django.db.models.BigAutoField"
