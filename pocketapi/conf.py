"""The dict `POCKETAPI` of Django's settings: one table of what it may hold, and typed access to it.

    from pocketapi.conf import settings as pocket
    pocket.MAX_LIMIT

Values are read when first asked for and kept until Django says that a setting changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

NAME = "POCKETAPI"


@dataclass(frozen=True)
class Beside:
    """A default that is a path beside manage.py."""

    name: str


@dataclass(frozen=True)
class Setting:
    """One key of the dict: the types it takes, its default, and what it is for."""

    name: str
    types: tuple[type, ...]
    default: Any
    help: str

    def problem(self, value: object) -> str | None:
        """What is wrong with a value, if anything."""
        taken = isinstance(value, self.types) and not (isinstance(value, bool) and bool not in self.types)
        if not taken:
            return f"{NAME}['{self.name}'] must be {self.kinds}, not {type(value).__name__}."
        return f"{NAME}['{self.name}'] must not be negative." if isinstance(value, (int, float)) and value < 0 else None

    @property
    def kinds(self) -> str:
        return " or ".join("None" if kind is type(None) else kind.__name__ for kind in self.types)


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("CONFIG", (str, Path), Beside("pocketapi.yaml"), "path of the config file"),
        Setting("MIGRATIONS_DIR", (str, Path), Beside("pocketapi_migrations"), "folder of the migrations of the config's tables"),
        Setting("MEDIA_ROOT", (str, Path), Beside("media"), "folder of stored files, where STORAGE names no other store"),
        Setting("MAX_LIMIT", (int,), 1000, "most rows that one request reads, and that the panel changes at a time"),
        Setting("THROTTLE", (bool,), default=True, help="whether requests are counted and limited"),
        Setting("THROTTLE_RATES", (dict,), {}, "rates by scope that replace the defaults, such as {'login-password': '10/min'}"),
        Setting("THROTTLE_CACHE", (str, type(None)), None, "the entry of CACHES that counts for all processes; none: a table"),
        Setting("ADMIN_SERVICE_TOKEN", (str, type(None)), None, "a token that acts as an admin; none: no such token"),
        Setting("ADMIN_JWT_SECRET", (str, type(None)), None, "signs the tokens of admins; none: no such tokens"),
        Setting(
            "ADMIN_USERNAME", (str, type(None)), None, "who becomes the panel's first superuser at `migrate`, with ADMIN_PASSWORD"
        ),
        Setting("ADMIN_PASSWORD", (str, type(None)), None, "the first superuser's password; without both nobody becomes one"),
        Setting("STORAGE", (dict, str, type(None)), None, "where files are stored: a URL, or BACKEND and OPTIONS as in STORAGES"),
        Setting("FILES", (dict,), {}, "limits and options of files"),
        Setting("TRUSTED_PROXIES", (list, tuple, int), (), "proxies whose X-Forwarded-For is believed: addresses, or how many"),
        Setting("EMAIL_BLOCKLIST", (list, tuple), (), "domains whose addresses may not sign up, beside a few throwaway ones"),
        Setting("MAIL_THREADS", (int,), 2, "threads of each process that send mails; 0: mails go out within the request"),
        Setting("STATEMENT_TIMEOUT", (int, float), 30, "seconds after which PostgreSQL ends a statement; 0 is never"),
    )
}


class PocketSettings:
    """The dict's values by name, with defaults."""

    CONFIG: Path
    MIGRATIONS_DIR: Path
    MEDIA_ROOT: Path
    MAX_LIMIT: int
    THROTTLE: bool
    THROTTLE_RATES: dict[str, str]
    THROTTLE_CACHE: str | None
    ADMIN_SERVICE_TOKEN: str | None
    ADMIN_JWT_SECRET: str | None
    ADMIN_USERNAME: str | None
    ADMIN_PASSWORD: str | None
    STORAGE: dict[str, Any] | str | None
    FILES: dict[str, Any]
    TRUSTED_PROXIES: list[str] | tuple[str, ...] | int
    EMAIL_BLOCKLIST: list[str] | tuple[str, ...]
    MAIL_THREADS: int
    STATEMENT_TIMEOUT: float
    reloads = 0  # how often they were read anew

    def __getattr__(self, name: str) -> Any:
        if name not in SETTINGS:
            raise AttributeError(f"{NAME} has no setting {name}")
        setting = SETTINGS[name]
        value = given().get(name, setting.default)
        if isinstance(value, Beside):
            value = base_dir(name) / value.name
        elif Path in setting.types:
            value = Path(value)
        self.__dict__[name] = value
        return value

    def reload(self) -> None:
        """Forgets every value, so that it is read again."""
        reloads = self.reloads + 1
        self.__dict__.clear()
        self.reloads = reloads


def given() -> Mapping[str, Any]:
    """The dict as the project wrote it."""
    value = getattr(django_settings, NAME, {})
    if not isinstance(value, Mapping):
        raise ImproperlyConfigured(f"{NAME} must be a dict, not {type(value).__name__}.")
    return value


def base_dir(name: str) -> Path:
    """The project's BASE_DIR, which the default of a path hangs on."""
    found = getattr(django_settings, "BASE_DIR", None)
    if found is None:
        default = SETTINGS[name].default.name
        raise ImproperlyConfigured(f"Set {NAME}['{name}'], or BASE_DIR, beside which its default `{default}` lies.")
    return Path(found)


settings = PocketSettings()


def _reload(*, setting: str, **_: object) -> None:
    if setting in (NAME, "BASE_DIR"):
        settings.reload()


setting_changed.connect(_reload, dispatch_uid="pocketapi.conf")
