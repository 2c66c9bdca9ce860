"""What may be shown of a config."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pocketapi.config.redact import is_secret, redacted
from pocketapi.config.report import Path
from tests.config.wrong import load_text

TEXT = """
appUrl: http://localhost
jwtSecret: $JWT_SECRET
version: $VERSION
tables:
  - name: users
    fields: [baseFields, authFields]
    extensions: [{name: auth, jwtSecret: hush-table, jwtTokenDuration: 60, maxTokenRefresh: 0}]
authProviders:
  - {name: a, clientId: public, clientSecret: hush-client, userinfoHeaders: {X-Key: hush-header}, userinfoUrl: 'https://u:hush@a.example/'}
  - {name: b, secret: {kty: oct, k: hush-jwk}}
  - {name: c, clientSecret: $CLIENT}
email:
  from: a@b.example
  smtp: {url: 'smtp://u:hush-mail@host'}
  mailgun: {MAILGUN_API_KEY: hush-key, MAILGUN_API_SERVER: eu.mailgun.org}
  resend: {RESEND_API_KEY: $RESEND}
actions: [{name: go, sql: {type: QUERY, q: $QUERY}}]
"""
ENVIRON = {
    "JWT_SECRET": "hush-global" * 4,
    "VERSION": "3",
    "CLIENT": "hush-oauth",
    "RESEND": "hush-resend",
    "QUERY": "SELECT 'hush'",
}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    return redacted(load_text(TEXT, environ=ENVIRON))


def test_no_secret_is_shown(shown: dict[str, Any]) -> None:
    assert "hush" not in json.dumps(shown)


def test_variables_are_shown_by_name(shown: dict[str, Any]) -> None:
    assert shown["jwtSecret"] == "$JWT_SECRET"
    assert shown["version"] == "$VERSION"
    assert shown["authProviders"][2]["clientSecret"] == "$CLIENT"
    assert shown["actions"][0]["sql"][0]["q"] == "$QUERY"


def test_literal_secrets_are_starred(shown: dict[str, Any]) -> None:
    assert shown["tables"][0]["extensions"][0]["jwtSecret"] == "***"
    assert shown["authProviders"][1]["secret"] == {"kty": "***", "k": "***"}
    assert shown["authProviders"][0]["userinfoUrl"] == "https://***@a.example/"
    assert shown["authProviders"][1]["clientSecret"] is None


def test_the_rest_is_there_with_its_defaults(shown: dict[str, Any]) -> None:
    assert shown["appName"] == "Pocket App"
    assert shown["jwtIssuer"] == "$db"
    assert shown["email"]["mailgun"]["MAILGUN_API_SERVER"] == "eu.mailgun.org"
    assert shown["authProviders"][0]["clientId"] == "public"
    users = shown["tables"][0]
    assert [field["name"] for field in users["fields"]][:3] == ["id", "created", "updated"]
    assert users["extensions"][0]["passwordType"] == "argon2"
    assert users["fields"][1]["default"] == {"q": "CURRENT_TIMESTAMP"}


SECRETS: list[tuple[Path, bool]] = [
    (("jwtSecret",), True),
    (("tables", 0, "extensions", 1, "jwtSecret"), True),
    (("tables", 0, "name"), False),
    (("authProviders", 0, "tokenUrl"), False),
    (("authProviders", 0, "authorizeParams", "api_key"), True),
    (("email", "smtp", "password"), True),
    (("email", "smtp", "host"), False),
    (("email", "smtp", "host_password"), True),
    (("email", "from"), False),
    (("email", "variables", "key"), False),
]


@pytest.mark.parametrize(("path", "secret"), SECRETS)
def test_which_paths_hold_secrets(path: Path, secret: bool) -> None:
    assert is_secret(path) is secret
