"""The URLs of a project that has the API and no panel."""

from django.urls import include, path

urlpatterns = [path("api/v1/", include("pocketapi.urls"))]
