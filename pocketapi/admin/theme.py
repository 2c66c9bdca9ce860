"""How the panel looks: as django-unfold has it where that is one of the INSTALLED_APPS, as Django's own admin otherwise."""

from __future__ import annotations

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin import widgets as plain
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.main import ChangeList as PlainChangeList
from django.contrib.auth import forms as accounts

THEMED = apps.is_installed("unfold")

# Classes to derive from, and widgets, by what they are for. Types cannot tell which of the two it will be.
AdminSite: Any = admin.AdminSite
ModelAdmin: Any = admin.ModelAdmin
TabularInline: Any = admin.TabularInline
ChangeList: Any = PlainChangeList
LoginForm: Any = AdminAuthenticationForm
UserCreationForm: Any = accounts.AdminUserCreationForm
PasswordForm: Any = accounts.AdminPasswordChangeForm
TextInput: Any = plain.AdminTextInputWidget
Textarea: Any = plain.AdminTextareaWidget
Select: Any = forms.Select
NullSelect: Any = forms.NullBooleanSelect
Checkbox: Any = forms.CheckboxInput
PasswordInput: Any = forms.PasswordInput
FileInput: Any = plain.AdminFileWidget
Autocomplete: Any = plain.AutocompleteSelect

if THEMED:
    from unfold import forms as themed_forms  # type: ignore[import-untyped]
    from unfold import widgets as themed
    from unfold.admin import ModelAdmin as ThemedModelAdmin  # type: ignore[import-untyped]
    from unfold.admin import TabularInline as ThemedInline
    from unfold.sites import UnfoldAdminSite  # type: ignore[import-untyped]
    from unfold.views import ChangeList as ThemedChangeList  # type: ignore[import-untyped]

    AdminSite, ModelAdmin, ChangeList = UnfoldAdminSite, ThemedModelAdmin, ThemedChangeList
    TabularInline = ThemedInline
    LoginForm, PasswordForm = themed_forms.AuthenticationForm, themed_forms.AdminPasswordChangeForm
    UserCreationForm = themed_forms.UserCreationForm
    TextInput, Textarea = themed.UnfoldAdminTextInputWidget, themed.UnfoldAdminTextareaWidget
    Select, NullSelect = themed.UnfoldAdminSelectWidget, themed.UnfoldAdminNullBooleanSelectWidget
    Checkbox, PasswordInput = themed.UnfoldBooleanSwitchWidget, themed.UnfoldAdminPasswordWidget
    FileInput = themed.UnfoldAdminFileFieldWidget
