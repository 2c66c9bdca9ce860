"""The panel as a site of Django's admin: a section a table, in the config's order, then the accounts of the panel itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import REDIRECT_FIELD_NAME, get_user_model
from django.contrib.auth.models import AbstractUser, Group
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse

from pocketapi.admin import dashboard, layout, people, theme
from pocketapi.admin.login import LoginForm
from pocketapi.admin.records import RecordAdmin
from pocketapi.config import link
from pocketapi.tables import models
from pocketapi.tables.table import model_of

NAME = "pocket"
ICON = "pocketapi/icon.svg"
TABLES = "Tables"
PANEL = "Panel"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'" if theme.THEMED else "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


class Panel(theme.AdminSite):  # type: ignore[misc]
    """The panel. Its pages ask no other host for anything, and none may frame them."""

    index_template = "pocketapi/panel/index.html"
    login_form = LoginForm
    login_template = "pocketapi/panel/login.html"
    site_url = None
    enable_nav_sidebar = True

    def __init__(self) -> None:
        super().__init__(NAME)
        self.tables: dict[Any, str] = {}
        self.made: set[Any] = set()  # the models whose sections are ours

    def show(self, config: link.Config | None) -> None:
        """Have the tables of a config, in its order, and the accounts that sign in here."""
        for model in list(self.made):
            self.unregister(model)
        self.tables = {model_of(name): name for name in config.tables} if config else {}
        for model, name in self.tables.items():
            self.show_table(model, config.tables[name] if config else None)
        user = get_user_model()
        if issubclass(user, AbstractUser) and user not in self._registry:
            self.register(user, people.UserAdmin)
        for model, admin in ((Group, people.GroupAdmin), (LogEntry, people.LogAdmin)):
            if model not in self._registry:
                self.register(model, admin)

    def show_table(self, model: Any, table: Any) -> None:
        """A section for a table. Its rows go by their titles, and it by its own name, where Django would have `linkss`."""
        if not table.is_model:
            model.__str__ = layout.named_by_title(table)
            model._meta.verbose_name_plural = table.name
            model._meta.verbose_name = f"{table.name} record"
        if not self.is_registered(model):
            self.register(model, type(f"{table.name}_admin", (RecordAdmin,), {"table": table}))
            self.made.add(model)

    def is_made(self, model: Any) -> bool:
        """Whether the section of a model is ours, and not one that the project has registered."""
        return model in self.made

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Django's; the section that a project registers for a table takes the place of ours."""
        for model in [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable:
            if model in self.made:
                self.unregister(model)
        super().register(model_or_iterable, admin_class, **options)

    def unregister(self, model_or_iterable: Any) -> None:
        super().unregister(model_or_iterable)
        self.made &= set(self._registry)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        name = models.CONFIG.spec.app_name if models.CONFIG else "Pocket API"
        found = {**super().each_context(request), "site_title": name, "site_header": name, "themed": theme.THEMED}
        found["site_favicons"] = found.get("site_favicons") or [{"rel": "icon", "type": "image/svg+xml", "href": static(ICON)}]
        return found

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        found = dashboard.context(request, self)
        return super().index(request, {**found, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Two groups: the tables, whichever app their models are of, and the rest."""
        apps = self._build_app_dict(request, app_label)
        shown = [model for app in apps.values() for model in app["models"]]
        order = {model: place for place, model in enumerate(dict.fromkeys([*self.tables, *self._registry]))}
        shown.sort(key=lambda model: order[model["model"]])
        groups = {TABLES: [each for each in shown if each["model"] in self.tables]}
        groups[PANEL] = [each for each in shown if each["model"] not in self.tables]
        urls = {app["name"]: app["app_url"] for app in apps.values()}
        first = next(iter(urls.values()), "")
        return [
            {"name": name, "app_label": name.lower(), "app_url": first, "has_module_perms": True, "models": found}
            for name, found in groups.items()
            if found
        ]

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return guarded(super().admin_view(view, cacheable))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Django's, which leads to the first page where the address says nothing else: its form may not say so."""
        if REDIRECT_FIELD_NAME not in {**request.GET, **request.POST}:
            asked = request.GET.copy()
            asked[REDIRECT_FIELD_NAME] = reverse("admin:index", current_app=self.name)
            request.GET = asked  # type: ignore[assignment]
        return guarded(super().login)(request, extra_context)


def guarded(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view whose answers say what a browser may load for them, and who may frame them: nobody."""

    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if has_nul(request):
            raise BadRequest("No text has a NUL.")
        response: HttpResponseBase = view(request, *args, **kwargs)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return update_wrapper(answered, view)


def has_nul(request: HttpRequest) -> bool:
    """Whether an address or a form holds a NUL, which PostgreSQL takes nowhere; forms of users only, others are not read here."""
    asked = [request.GET] if not request.user.is_authenticated else [request.GET, request.POST]
    return "\0" in request.path or any("\0" in text for each in asked for values in each.lists() for text in values[1])


site = Panel()
site.show(models.CONFIG)
