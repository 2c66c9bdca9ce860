"""How processes of the demo project start and end: with a sound config, a broken one, two at once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from project.databases import database
from tests.conftest import HEADER

ROOT = Path(__file__).resolve().parents[2]
SOUND = HEADER + "tables: [{name: notes, fields: [{name: id, type: text, primary: true}]}]\n"
BROKEN = HEADER + "tables: [{name: notes, fields: [{name: id, type: txt, primary: true}]}]\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a project of its own, SQLite and a config."""
    (tmp_path / "pocketapi.yaml").write_text(SOUND)
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "POCKETAPI_CONFIG": str(tmp_path / "pocketapi.yaml"),
        "POCKETAPI_MIGRATIONS_DIR": str(tmp_path / "new" / "pocketapi_migrations"),
        "DJANGO_SETTINGS_MODULE": "project.settings",
    }


def start(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


# (what is started, exit code)
ON_A_BROKEN_CONFIG = [
    (["manage.py", "migrate"], 1),
    (["manage.py", "pocketapi", "migrate"], 1),
    (["manage.py", "runserver", "--noreload", "0"], 1),
    (["manage.py", "check"], 1),
    (["manage.py", "pocketapi", "check"], 1),
    (["manage.py", "pocketapi", "schema"], 0),
    (["-m", "django", "migrate"], 1),
    (["-c", "import project.wsgi"], 3),
    (["-c", "import project.asgi"], 3),
]


@pytest.mark.parametrize(("arguments", "code"), ON_A_BROKEN_CONFIG)
def test_a_broken_config_ends_the_process_well(environment: dict[str, str], arguments: list[str], code: int) -> None:
    Path(environment["POCKETAPI_CONFIG"]).write_text(BROKEN)
    done = start(environment, *arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    if "schema" not in arguments:
        assert "tables[0].fields[0].type" in done.stdout + done.stderr


def test_a_sound_config_is_checked_migrated_and_served(environment: dict[str, str]) -> None:
    assert start(environment, "manage.py", "check").returncode == 0
    assert start(environment, "manage.py", "pocketapi", "migrate").returncode == 0
    assert start(environment, "manage.py", "migrate", "--check").returncode == 0
    assert start(environment, "manage.py", "makemigrations", "--check").returncode == 0
    assert start(environment, "-c", "import project.wsgi").returncode == 0


def test_two_that_migrate_at_once_do_not_clash(environment: dict[str, str]) -> None:
    command = [sys.executable, "manage.py", "pocketapi", "migrate"]
    processes = [subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted("up to date" in words for words in said) == [False, True, True]
    folder = Path(environment["POCKETAPI_MIGRATIONS_DIR"])
    assert sorted(path.name for path in folder.iterdir() if path.suffix) == ["0001_initial.py", "__init__.py"]


def test_two_that_migrate_postgresql_at_once_do_not_clash(environment: dict[str, str], postgresql_server: Any) -> None:
    name = "two_at_once"
    environment["DATABASE_URL"] = f"postgres://postgres@/{name}?host={postgresql_server.get_postmaster_info().socket_dir}"
    try:
        assert start(environment, "manage.py", "pocketapi", "migrate", "--dry-run").returncode == 0
        test_two_that_migrate_at_once_do_not_clash(environment)
    finally:
        postgresql_server.psql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("missing", ["SECRET_KEY"])
def test_what_is_required_is_named(environment: dict[str, str], missing: str) -> None:
    environment[missing] = ""  # empty, and not absent: a .env beside manage.py may name it
    done = start(environment, "manage.py", "check")
    assert done.returncode != 0
    assert missing in done.stderr


# (URL, what DATABASES has)
URLS: list[tuple[str, dict[str, Any]]] = [
    ("sqlite:///db.sqlite3", {"NAME": "/srv/db.sqlite3", "CONN_MAX_AGE": 60}),
    ("sqlite:////var/db.sqlite3", {"NAME": "/var/db.sqlite3", "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20}}),
    ("sqlite://:memory:", {"NAME": ":memory:"}),
    (
        "postgres://u:p%40ss@db:5433/name",
        {"NAME": "name", "USER": "u", "PASSWORD": "p@ss", "HOST": "db", "PORT": 5433, "CONN_MAX_AGE": 0},
    ),
    (
        "postgres://me@/name?host=/run/pg",
        {"NAME": "name", "USER": "me", "HOST": "/run/pg", "ENGINE": "django.db.backends.postgresql"},
    ),
    ("postgres:///name?sslmode=require", {"NAME": "name", "HOST": ""}),
]


@pytest.mark.parametrize(("url", "entry"), URLS)
def test_a_database_url(url: str, entry: dict[str, Any]) -> None:
    found = database(url, Path("/srv"))
    assert {key: found[key] for key in entry} == entry
    assert ("pool" in found["OPTIONS"]) == url.startswith("postgres")


def test_the_tests_have_the_settings_of_the_demo() -> None:
    assert settings.USE_TZ
