"""Where the demo project has the API, the panel and the pages that mails lead to."""

from django.urls import include, path

from pocketapi import admin
from project.pages import reset_password, verify_email

urlpatterns = [
    path("api/v1/", include("pocketapi.urls")),
    path("pocket/", admin.site.urls),
    path("verify-email/<str:token>", verify_email, name="verify-email"),
    path("reset-password/<str:token>", reset_password, name="reset-password"),
]
