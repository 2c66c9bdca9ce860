"""Settings of the tests: SQLite is the default database, PostgreSQL a second one that conftest.py starts."""

import os
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SCRATCH = Path(tempfile.gettempdir()) / f"pocketapi-tests-{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"

SECRET_KEY = "only-for-tests-only-for-tests-only-for-tests"
DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost"]
SHOP_SWAPPED = "shop.Maker"  # tests.shop has a model that stands for another one
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "project.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
    },
    "postgresql": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "pocketapi",
        "USER": "postgres",
        "HOST": "",
        "OPTIONS": {"pool": {"min_size": 1, "max_size": 4, "timeout": 10}},
        "TEST": {"DEPENDENCIES": []},  # it is made without the other one, too, where only its tests run
    },
}

POCKETAPI = {
    "CONFIG": HERE / "configs" / "empty.yaml",
    "MIGRATIONS_DIR": SCRATCH / "pocketapi_migrations",
    "MEDIA_ROOT": SCRATCH / "media",
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular_sidecar",
    "pocketapi",
    "pocketapi.tables",
    "tests.shop",  # behind the tables that it is exposed by: the order does not matter
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE.parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
STATIC_URL = "static/"
