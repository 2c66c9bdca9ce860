"""`admin-token`: what it prints is taken for what it says."""

from __future__ import annotations

import io
import time
from typing import Any

import jwt
import pytest
from django.core.management import CommandError, call_command

from pocketapi.credentials.tokens import principal_of
from tests.conftest import UseConfig

SECRET = "only-for-tests-only-for-tests-of-admins"
TABLES = "tables: [{name: notes, fields: [baseFields]}]\n"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _secret(settings: Any, use_config: UseConfig) -> None:
    use_config(TABLES)
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_JWT_SECRET": SECRET}


def admin_token(*arguments: str) -> str:
    out = io.StringIO()
    call_command("pocketapi", "admin-token", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize("role", ["viewer", "editor", "superadmin"])
def test_the_token_is_of_that_role(role: str) -> None:
    found = principal_of(admin_token("--role", role))
    assert (found.admin, found.superadmin, found.viewer, found.roles) == (True, role == "superadmin", role == "viewer", (role,))


@pytest.mark.parametrize(("arguments", "days"), [((), 1), (("--days", "30"), 30)])
def test_it_is_good_for_as_many_days(arguments: tuple[str, ...], days: int) -> None:
    claims = jwt.decode(admin_token("--role", "editor", *arguments), options={"verify_signature": False})
    assert abs(claims["exp"] - time.time() - days * 86400) < 60


@pytest.mark.parametrize("days", ["0", "-1", "367", "x"])
def test_other_days_are_refused(days: str) -> None:
    with pytest.raises(CommandError, match="--days"):
        admin_token("--role", "editor", "--days", days)


def test_without_the_secret_it_says_so(settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_JWT_SECRET": None}
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("pocketapi", "admin-token", "--role", "editor", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue() == "ADMIN_JWT_SECRET is not set: `manage.py pocketapi init` adds one to .env.\n"
