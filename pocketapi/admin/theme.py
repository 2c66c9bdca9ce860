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

AdminSite: type[admin.AdminSite]
ModelAdmin: type[admin.ModelAdmin[Any]]
ChangeList: type[PlainChangeList]
LoginForm: type[AdminAuthenticationForm]
UserCreationForm: type[forms.ModelForm[Any]]
UserChangeForm: type[forms.ModelForm[Any]]
PasswordForm: type[forms.Form]

if THEMED:
    from unfold import forms as themed_forms
    from unfold import widgets as themed
    from unfold.admin import ModelAdmin as ThemedModelAdmin
    from unfold.sites import UnfoldAdminSite
    from unfold.views import ChangeList as ThemedChangeList

    ChangeList = ThemedChangeList
    AdminSite, ModelAdmin, LoginForm = UnfoldAdminSite, ThemedModelAdmin, themed_forms.AuthenticationForm
    UserCreationForm, UserChangeForm = themed_forms.UserCreationForm, themed_forms.UserChangeForm
    PasswordForm = themed_forms.AdminPasswordChangeForm
    TextInput, Textarea, Select = (
        themed.UnfoldAdminTextInputWidget,
        themed.UnfoldAdminTextareaWidget,
        themed.UnfoldAdminSelectWidget,
    )
    NullSelect, Checkbox = themed.UnfoldAdminNullBooleanSelectWidget, themed.UnfoldBooleanSwitchWidget
    PasswordInput, FileInput = themed.UnfoldAdminPasswordWidget, themed.UnfoldAdminFileFieldWidget
else:
    ChangeList = PlainChangeList
    AdminSite, ModelAdmin, LoginForm = admin.AdminSite, admin.ModelAdmin, AdminAuthenticationForm
    UserCreationForm, UserChangeForm = accounts.AdminUserCreationForm, accounts.UserChangeForm
    PasswordForm = accounts.AdminPasswordChangeForm
    TextInput, Textarea, Select = plain.AdminTextInputWidget, plain.AdminTextareaWidget, forms.Select
    NullSelect, Checkbox, PasswordInput, FileInput = (
        forms.NullBooleanSelect,
        forms.CheckboxInput,
        forms.PasswordInput,
        plain.AdminFileWidget,
    )

Autocomplete = plain.AutocompleteSelect
