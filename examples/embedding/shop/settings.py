"""The shop's settings; what pocketapi needs is marked."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "shop.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "pocketapi",  # the API
    "pocketapi.tables",  # the tables of pocketapi.yaml
    "shop",  # the shop itself: where it stands does not matter
]

# The API's settings; docs/settings.md has them all.
POCKETAPI = {
    "CONFIG": BASE_DIR / "pocketapi.yaml",
    "MIGRATIONS_DIR": BASE_DIR / "pocketapi_migrations",
    "MAX_LIMIT": 200,
}
