"""The panel's middleware, kept from the API, which has no use of it: its callers have no Django session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

API = "/api/v1/"


class PanelOnly(MiddlewareMixin):
    """Steps aside for the API's paths."""

    def __call__(self, request: HttpRequest) -> Any:
        if request.path.startswith(API):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(PanelOnly, SessionMiddleware):
    """Django's sessions, for the panel."""


class Csrf(PanelOnly, CsrfViewMiddleware):
    """Django's CSRF protection, for the panel; the API's own rules are in its endpoints."""

    def process_view(self, request: HttpRequest, callback: object, callback_args: object, callback_kwargs: object) -> object:  # type: ignore[override]
        if request.path.startswith(API):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)  # type: ignore[arg-type]


class Users(PanelOnly, AuthenticationMiddleware):
    """Django's users, for the panel."""


class Messages(PanelOnly, MessageMiddleware):
    """Django's messages, for the panel."""
