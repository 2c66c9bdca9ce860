"""The API pays for none of the panel's middleware; the panel has all of it."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from project import middleware

CLASSES = [middleware.Sessions, middleware.Csrf, middleware.Users, middleware.Messages]


def seen_through(path: str) -> HttpRequest:
    """The request as a view would see it behind the four."""
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    chain = view
    for one in reversed(CLASSES):
        chain = one(chain)  # type: ignore[assignment]
    chain(RequestFactory().get(path))
    return seen[0]


@pytest.mark.parametrize("name", ["session", "user", "_messages"])
def test_the_panel_has_what_it_needs(name: str) -> None:
    assert hasattr(seen_through("/pocket/"), name)


@pytest.mark.parametrize("name", ["session", "user", "_messages"])
def test_the_api_goes_without(name: str) -> None:
    assert not hasattr(seen_through("/api/v1/health"), name)


def test_a_post_to_the_panel_needs_a_csrf_token_and_one_to_the_api_does_not() -> None:
    guard = middleware.Csrf(lambda _request: HttpResponse())
    answers = {
        path: guard.process_view(RequestFactory(enforce_csrf_checks=True).post(path), lambda: None, (), {})
        for path in ("/pocket/", "/api/v1/x")
    }
    assert getattr(answers["/pocket/"], "status_code", None) == 403
    assert answers["/api/v1/x"] is None
