"""Where the demo project has the API and the panel."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("pocketapi.urls")),
    path("pocket/", admin.site.urls),
]
