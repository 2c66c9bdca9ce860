"""The whole HTTP surface. Paths are tried in this order: what is asked for most stands first."""

from django.urls import URLPattern, re_path

from pocketapi.api import actions, auth, docs, files, identities, mail, records, system
from pocketapi.api.base import SERVED, Endpoint
from pocketapi.api.errors import not_found

TABLE, UID, PROVIDER = r"(?P<table>[^/]+)", r"(?P<uid>[^/]+)", r"(?P<provider>[^/]+)"


def route(path: str, view: type[Endpoint], name: str) -> URLPattern:
    """A path, with or without a slash at its end."""
    SERVED[name] = view
    return re_path(rf"^{path}/?\Z", view.as_view(), name=f"pocketapi-{name}")


urlpatterns = [
    route(f"table/{TABLE}/select", records.Select, "select"),
    route(f"table/{TABLE}/list", records.List, "list"),
    route(f"table/{TABLE}/view/{UID}", records.View, "view"),
    route(f"table/{TABLE}/insert", records.Insert, "insert"),
    route(f"table/{TABLE}/update", records.Update, "update"),
    route(f"table/{TABLE}/edit/{UID}", records.Edit, "edit"),
    route(f"table/{TABLE}/delete", records.Delete, "delete"),
    route(f"table/{TABLE}/auth/sign-up", auth.SignUp, "sign-up"),
    route(f"table/{TABLE}/auth/login-password", auth.LoginPassword, "login-password"),
    route(f"table/{TABLE}/auth/refresh-token", auth.RefreshToken, "refresh-token"),
    route(f"table/{TABLE}/auth/change-password", auth.ChangePassword, "change-password"),
    route(f"table/{TABLE}/auth/logout", auth.Logout, "logout"),
    route(f"table/{TABLE}/auth/sessions", auth.Sessions, "sessions"),
    route(f"table/{TABLE}/auth/sessions/revoke", auth.RevokeSessions, "revoke-sessions"),
    route(f"table/{TABLE}/auth/request-password-reset", auth.RequestPasswordReset, "request-password-reset"),
    route(f"table/{TABLE}/auth/confirm-password-reset", auth.ConfirmPasswordReset, "confirm-password-reset"),
    route(f"table/{TABLE}/auth/request-verification", auth.RequestVerification, "request-verification"),
    route(f"table/{TABLE}/auth/confirm-verification", auth.ConfirmVerification, "confirm-verification"),
    route(f"table/{TABLE}/auth/request-otp", auth.RequestOtp, "request-otp"),
    route(f"table/{TABLE}/auth/login-otp", auth.LoginOtp, "login-otp"),
    route(f"table/{TABLE}/auth/enroll-mfa", auth.EnrollMfa, "enroll-mfa"),
    route(f"table/{TABLE}/auth/confirm-mfa", auth.ConfirmMfa, "confirm-mfa"),
    route(f"table/{TABLE}/auth/disable-mfa", auth.DisableMfa, "disable-mfa"),
    route(f"table/{TABLE}/auth/login-mfa", auth.LoginMfa, "login-mfa"),
    route(f"table/{TABLE}/auth/methods", identities.Methods, "methods"),
    route(f"table/{TABLE}/auth/login-token", identities.LoginToken, "login-token"),
    route(f"table/{TABLE}/auth/google-login", identities.GoogleLogin, "google-login"),
    route(f"table/{TABLE}/auth/oauth/{PROVIDER}", identities.OAuth, "oauth"),
    route(f"table/{TABLE}/auth/oauth/{PROVIDER}/callback", identities.OAuthCallback, "oauth-callback"),
    route(f"table/{TABLE}/file-token", files.FileToken, "file-token"),
    route(f"files/{TABLE}/{UID}/(?P<path>.+?)", files.Download, "file"),
    route("health", system.Health, "health"),
    route("doc", docs.Doc, "doc"),
    route("doc/ui", docs.DocUi, "doc-ui"),
    route("settings", system.Settings, "settings"),
    route("setup-db", system.SetupDb, "setup-db"),
    route("migrations", system.Migrations, "migrations"),
    route("pocket", system.Panel, "panel"),
    route("auth/logout", auth.ForgetCookie, "forget-cookie"),
    route("mail/webhook/(?P<provider>[^/]+)", mail.Webhook, "mail-webhook"),
    route("action/(?P<name>[^/]+)", actions.Action, "action"),
    re_path(r"^[\s\S]*\Z", not_found),
]
