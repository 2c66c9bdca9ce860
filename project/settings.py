"""Settings of the demo project, from the environment and from `.env` beside manage.py; the process environment wins."""

import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import environ  # type: ignore[import-untyped]
from corsheaders.defaults import default_headers

from project.databases import database
from project.proxies import proxies

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(str(BASE_DIR / ".env"))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
ASGI_APPLICATION = "project.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
APPEND_SLASH = False
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("PANEL_COOKIES_SECURE", default=False)  # on behind HTTPS
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "static"] if folder.is_dir()]

INSTALLED_APPS = [
    *(["unfold.apps.BasicAppConfig"] if find_spec("unfold") else []),  # before Django's admin, whose templates it replaces
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "pocketapi",
    "pocketapi.tables",
]
CORS_ALLOW_CREDENTIALS = True  # for origins that the config names: project/cors.py
if find_spec("drf_spectacular_sidecar"):  # the files of Swagger UI, for /doc/ui
    INSTALLED_APPS.append("drf_spectacular_sidecar")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
CORS_ALLOW_HEADERS = [*default_headers, "x-authorization", "if-none-match"]
CORS_EXPOSE_HEADERS = ["X-Limit", "X-Next-Cursor", "ETag", "Retry-After"]
MIDDLEWARE = [
    "project.cors.Cors",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "project.middleware.Sessions",
    "project.middleware.Csrf",
    "project.middleware.Users",
    "project.middleware.Messages",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
# Without `collectstatic` the files are served from where they lie.
WHITENOISE_USE_FINDERS = not STATIC_ROOT.is_dir()
warnings.filterwarnings("ignore", message="No directory at")
WHITENOISE_AUTOREFRESH = DEBUG

DATABASES = {"default": database(env.str("DATABASE_URL", default="sqlite:///pocketapi.sqlite3"), BASE_DIR)}
for number, url in enumerate(env.list("DATABASE_REPLICA_URLS", default=[]), start=1):
    DATABASES[f"replica{number}"] = {**database(url, BASE_DIR), "TEST": {"MIRROR": "default"}}

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
SHARED_CACHES = ("RedisCache", "PyMemcacheCache", "PyLibMCCache")  # those that count right for many processes

POCKETAPI: dict[str, Any] = {
    "CONFIG": Path(env.str("POCKETAPI_CONFIG", default=str(BASE_DIR / "pocketapi.yaml"))).absolute(),
    "MIGRATIONS_DIR": Path(env.str("POCKETAPI_MIGRATIONS_DIR", default=str(BASE_DIR / "pocketapi_migrations"))).absolute(),
    "MEDIA_ROOT": Path(env.str("POCKETAPI_MEDIA_ROOT", default=str(BASE_DIR / "media"))).absolute(),
    "MAX_LIMIT": env.int("POCKETAPI_MAX_LIMIT", default=1000),
    "THROTTLE": env.str("POCKETAPI_THROTTLE", default="on").lower() not in ("off", "false", "no", "0"),
    "THROTTLE_CACHE": "default" if CACHES["default"]["BACKEND"].endswith(SHARED_CACHES) else None,
    "TRUSTED_PROXIES": proxies(env.list("POCKETAPI_TRUSTED_PROXIES", default=[])),
    "ADMIN_SERVICE_TOKEN": env.str("ADMIN_SERVICE_TOKEN", default="") or None,
    "ADMIN_JWT_SECRET": env.str("ADMIN_JWT_SECRET", default="") or None,
    "ADMIN_USERNAME": env.str("POCKET_ADMIN_USERNAME", default="") or None,
    "ADMIN_PASSWORD": env.str("POCKET_ADMIN_PASSWORD", default="") or None,
    "EMAIL_BLOCKLIST": env.list("EMAIL_BLOCKLIST", default=[]),
    "STORAGE": env.str("STORAGE_URL", default="") or None,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
