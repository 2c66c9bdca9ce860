"""The whole HTTP surface."""

from django.urls import URLPattern, re_path

from pocketapi.api import actions, auth, docs, records, system
from pocketapi.api.base import Endpoint
from pocketapi.api.errors import not_found

TABLE, UID = r"(?P<table>[^/]+)", r"(?P<uid>[^/]+)"


def route(path: str, view: type[Endpoint], name: str) -> URLPattern:
    """A path, with or without a slash at its end."""
    return re_path(rf"^{path}/?\Z", view.as_view(), name=f"pocketapi-{name}")


urlpatterns = [
    route("health", system.Health, "health"),
    route("doc", docs.Doc, "doc"),
    route("doc/ui", docs.DocUi, "doc-ui"),
    route("settings", system.Settings, "settings"),
    route("setup-db", system.SetupDb, "setup-db"),
    route("migrations", system.Migrations, "migrations"),
    route(f"table/{TABLE}/insert", records.Insert, "insert"),
    route(f"table/{TABLE}/select", records.Select, "select"),
    route(f"table/{TABLE}/list", records.List, "list"),
    route(f"table/{TABLE}/view/{UID}", records.View, "view"),
    route(f"table/{TABLE}/update", records.Update, "update"),
    route(f"table/{TABLE}/edit/{UID}", records.Edit, "edit"),
    route(f"table/{TABLE}/delete", records.Delete, "delete"),
    route(f"table/{TABLE}/auth/sign-up", auth.SignUp, "sign-up"),
    route(f"table/{TABLE}/auth/login-password", auth.LoginPassword, "login-password"),
    route(f"table/{TABLE}/auth/refresh-token", auth.RefreshToken, "refresh-token"),
    route(f"table/{TABLE}/auth/change-password", auth.ChangePassword, "change-password"),
    route(f"table/{TABLE}/auth/logout", auth.Logout, "logout"),
    route("action/(?P<name>[^/]+)", actions.Action, "action"),
    re_path(r"(?s)^.*\Z", not_found),
]
