"""Who signs in to the panel, and what they did there: Django's users, groups and log, for superusers alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import admin as accounts
from django.contrib.auth.forms import UserChangeForm as UserForm
from django.http import HttpRequest
from django.utils.html import format_html

from pocketapi.admin import theme

DONE = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}


class SuperusersOnly:
    """Whoever may change accounts could make himself a superuser: nobody else sees them."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return is_superuser(request)

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission


def is_superuser(request: HttpRequest) -> bool:
    """Whether the user may do everything."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class UserChangeForm(UserForm):  # type: ignore[type-arg]
    """Django's form without the password's hash, of which it would show a part."""

    password = None  # type: ignore[assignment]


class UserAdmin(SuperusersOnly, accounts.UserAdmin, theme.ModelAdmin):  # type: ignore[misc,type-arg]
    """The accounts of the panel."""

    form = UserChangeForm
    add_form = theme.UserCreationForm
    change_password_form = theme.PasswordForm
    change_form_template = "pocketapi/panel/user.html"
    fieldsets = (
        (None, {"fields": ("username", "first_name", "last_name", "email")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    autocomplete_fields = ("groups",)
    filter_horizontal = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """No lookup tells of a password, not even superusers."""
        return "password" not in lookup and bool(super().lookup_allowed(lookup, value, request))


class GroupAdmin(SuperusersOnly, accounts.GroupAdmin, theme.ModelAdmin):  # type: ignore[misc]
    """What groups of accounts may do."""


class LogAdmin(theme.ModelAdmin):  # type: ignore[misc]
    """What was changed in the panel, by whom. Nobody changes that."""

    list_display = ("action_time", "user", "action", "content_type", "object_repr", "changes")
    list_filter = ("action_flag",)
    search_fields = ("object_repr", "object_id")
    date_hierarchy = None
    list_select_related = ("user", "content_type")
    show_full_result_count = False
    actions: ClassVar[Any] = None
    list_display_links = None
    ordering = ("-action_time", "-id")

    def action(self, entry: LogEntry) -> str:
        """What was done."""
        return DONE.get(entry.action_flag, "")

    def changes(self, entry: LogEntry) -> str:
        """The names of the fields that changed; their values are in no entry."""
        return format_html("{}", entry.get_change_message())

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return False

    has_delete_permission = has_change_permission
