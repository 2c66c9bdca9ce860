"""The dict POCKETAPI: defaults, types, and a check for each way to get it wrong."""

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from pocketapi import checks, conf
from pocketapi.conf import settings as pocket
from pocketapi.config.loader import load
from pocketapi.errors import ConfigError, ConfigProblem
from pocketapi.files import thumbs
from pocketapi.tables import models
from tests.conftest import HERE


def test_defaults_lie_beside_manage_py() -> None:
    with override_settings(POCKETAPI={}, BASE_DIR="/srv/app"):
        assert Path("/srv/app/pocketapi.yaml") == pocket.CONFIG
        assert Path("/srv/app/pocketapi_migrations") == pocket.MIGRATIONS_DIR
        assert (pocket.MAX_LIMIT, pocket.THROTTLE, pocket.STATEMENT_TIMEOUT) == (1000, True, 30)


def test_values_are_kept_and_reload() -> None:
    with override_settings(POCKETAPI={"MAX_LIMIT": 5, "CONFIG": "x.yaml"}):
        assert (5, Path("x.yaml")) == (pocket.MAX_LIMIT, pocket.CONFIG)
        with override_settings(POCKETAPI={"MAX_LIMIT": 6}):
            assert pocket.MAX_LIMIT == 6
        assert pocket.MAX_LIMIT == 5


def test_a_path_without_base_dir_says_what_to_set(settings: Any) -> None:
    settings.POCKETAPI = {}
    if hasattr(settings, "BASE_DIR"):
        del settings.BASE_DIR
    with pytest.raises(ImproperlyConfigured, match=r"CONFIG.*BASE_DIR"):
        _ = pocket.CONFIG


def test_there_is_no_other_setting() -> None:
    with pytest.raises(AttributeError):
        _ = pocket.MAXLIMIT


def test_every_setting_is_typed_and_told() -> None:
    assert set(conf.PocketSettings.__annotations__) == set(conf.SETTINGS)
    assert all(setting.help for setting in conf.SETTINGS.values())


WRONG: list[tuple[Any, list[str]]] = [
    ({}, []),
    ({"MAX_LIMIT": 10}, []),
    ([], ["pocketapi.E100"]),
    ({"MAXLIMIT": 10}, ["pocketapi.E101"]),
    ({"MAX_LIMIT": "10"}, ["pocketapi.E102"]),
    ({"MAX_LIMIT": True}, ["pocketapi.E102"]),
    ({"MAX_LIMIT": -1}, ["pocketapi.E102"]),
    ({"THROTTLE": "off"}, ["pocketapi.E102"]),
    ({"THROTTLE_RATES": {"ip": "30/min", "login-password:identity": "off"}}, []),
    ({"THROTTLE_RATES": {"ip": "30", "sign-up": 5}}, ["pocketapi.E110", "pocketapi.E110"]),
    ({"THROTTLE_RATES": "30/min"}, ["pocketapi.E102"]),
    ({"TRUSTED_PROXIES": ["10.0.0.0/8", "2001:db8::1", "unix"]}, []),
    ({"TRUSTED_PROXIES": 2}, []),
    ({"TRUSTED_PROXIES": ["proxy.example.com"]}, ["pocketapi.E111"]),
    ({"TRUSTED_PROXIES": ["10.0.0.1/8"]}, ["pocketapi.E111"]),
    ({"TRUSTED_PROXIES": -1}, ["pocketapi.E102"]),
    ({"THROTTLE_CACHE": "default"}, []),
    ({"THROTTLE_CACHE": "nothing"}, ["pocketapi.E112"]),
    ({"ADMIN_SERVICE_TOKEN": 5, "FILES": []}, ["pocketapi.E102", "pocketapi.E102"]),
]


@pytest.mark.parametrize(("given", "ids"), WRONG)
def test_what_is_wrong_has_an_id(given: Any, ids: list[str]) -> None:
    with override_settings(POCKETAPI=given, BASE_DIR="/srv/app"):
        assert [message.id for message in checks.check_settings()] == ids


# (POCKETAPI, the ids)
WRONG_FILES: list[tuple[Any, list[str]]] = [
    ({}, []),
    ({"FILES": {"MAX_SIZE": 5, "MAX_FILES": 1, "REDIRECT": True, "SENDFILE": None, "SENDFILE_ROOT": "/x"}}, []),
    ({"FILES": {"SENDFILE": "X-Sendfile"}}, []),
    ({"FILES": {"MAXSIZE": 5, "MAX_FILES": "1", "SENDFILE": "X-Send", "REDIRECT": 1}}, ["pocketapi.E104"] * 4),
    ({"FILES": []}, []),  # E102
    ({"STORAGE": 5}, []),
    ([], []),  # E100
    ({"STORAGE": "s3://bucket?endpoint_url=https://localhost&region_name=auto"}, []),
    ({"STORAGE": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "b"}}}, []),
    ({"STORAGE": "ftp://x"}, ["pocketapi.E105"]),
    ({"STORAGE": "s3://b?endpont_url=x"}, ["pocketapi.E105"]),
    ({"STORAGE": {"BACKEND": "nowhere.Storage"}}, ["pocketapi.E105"]),
    ({"STORAGE": {"OPTIONS": {"colour": 1}}}, ["pocketapi.E105"]),
]


@pytest.mark.parametrize(("given", "ids"), WRONG_FILES)
def test_what_is_wrong_with_files_has_an_id(given: Any, ids: list[str]) -> None:
    with override_settings(POCKETAPI=given, BASE_DIR="/srv/app"):
        assert [message.id for message in checks.check_files()] == ids


def test_thumbs_without_pillow_have_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "CONFIG", load(HERE / "configs" / "files.yaml", debug=False))
    assert checks.check_files() == []
    monkeypatch.setattr(thumbs, "find_spec", lambda _: None)
    (found,) = checks.check_files()
    assert (found.id, "posts.cover" in found.msg) == ("pocketapi.E106", True)


def test_paths_that_hang_on_nothing_have_an_id(settings: Any) -> None:
    settings.POCKETAPI = {"CONFIG": "a", "MEDIA_ROOT": "b"}
    assert [message.id for message in checks.check_settings()] == ["pocketapi.E103"]


def test_the_report_of_the_config_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, warning = (
        ConfigProblem("f", 1, 2, "a", "Wrong.", "pocketapi.E004"),
        ConfigProblem("f", 3, 4, "b", "Doubtful.", "pocketapi.W001"),
    )
    monkeypatch.setattr(models, "REPORT", ConfigError([problem], [warning]))
    found = checks.check_config()
    assert [(message.id, message.is_serious()) for message in found] == [("pocketapi.E004", True), ("pocketapi.W001", False)]
    assert found[0].msg == "f:1:2: a: Wrong."
