"""The panel: Django's admin over the tables of the config. `path("pocket/", pocketapi.admin.site.urls)` mounts it."""

from pocketapi.admin.panel import site

__all__ = ["site"]
