"""The shop's pages, and the API beside them."""

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def home(_request: HttpRequest) -> HttpResponse:
    """A page of the shop's own, over a table of the config."""
    entries = apps.get_model("pocket_tables", "entries")
    return HttpResponse(f"{entries.objects.count()} people liked it here.")


urlpatterns = [
    path("", home),
    path("api/v1/", include("pocketapi.urls")),
]
