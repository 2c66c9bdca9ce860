"""Tokens for URLs of files: short, of one table, of one session, and good for nothing else."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from unittest import mock

import jwt
import pytest

from pocketapi.credentials import sessions, tokens
from tests.api.filing import Filing


@pytest.fixture
def note(filing: Filing) -> str:
    """The path of a file that only ann may see."""
    fields = {"values.owner": "ann", "returning": "*"}
    (row,) = filing.send("POST notes/insert", fields, [("values.text", "a.txt", b"secret")], by="ann").expect(200)
    return f"notes/{row['id']}/{row['text']}"


def token(filing: Filing, by: str = "ann", table: str = "notes") -> str:
    answer = filing(f"POST {table}/file-token", by=by)
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.expect(200)["token"])


def test_a_token_shows_a_file_to_who_sends_no_header(filing: Filing, note: str) -> None:
    assert filing.fetch(note).status == 404
    assert filing.fetch(note, query=f"token={token(filing)}").content == b"secret"
    assert filing.fetch(note, query=f"token={token(filing, 'bob')}").status == 404
    assert filing.fetch(note, query=f"token={token(filing, 'admin')}").content == b"secret"
    assert filing.fetch(note, query="token=").status == 404
    assert filing.fetch(note, by="bob", query=f"token={token(filing)}").content == b"secret"


def test_a_token_needs_a_caller_and_a_table(filing: Filing) -> None:
    filing("POST notes/file-token").expect(401)
    filing("POST nothing/file-token", by="ann").expect(404)
    filing("GET notes/file-token", by="ann").expect(405)


def test_a_token_is_worth_nothing_elsewhere(filing: Filing, note: str) -> None:
    found = token(filing)
    filing("GET notes/select", by=found).expect(401)
    filing("POST notes/file-token", by=found).expect(401)
    filing("GET notes/select", by=token(filing, "admin")).expect(401)
    filing("POST users/auth/logout", by=found).expect(401)
    assert filing.fetch(note, query=f"token={token(filing, table='posts')}").status == 401
    filing("GET notes/select", query={"token": found}).expect(400)


def test_other_tokens_are_worth_nothing_here(filing: Filing, note: str, settings: Any) -> None:
    service = settings.POCKETAPI["ADMIN_SERVICE_TOKEN"]
    for other in (filing.tokens["ann"], tokens.issue_admin("superadmin"), service, filing.refresh["ann"], "x", "a.b.c", "é"):
        assert filing.fetch(note, query=f"token={other}").status == 401


def test_a_token_lives_for_two_minutes(filing: Filing, note: str) -> None:
    found = token(filing)
    claims = jwt.decode(found, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 120
    later = time.time() + 121
    with mock.patch("jwt.api_jwt.datetime") as clock:
        clock.now.return_value.timestamp.return_value = later
        got = filing.fetch(note, query=f"token={found}")
    assert (got.status, got.error) == (401, "Token expired")


def test_a_token_of_an_admin_outlives_not_its_own(filing: Filing) -> None:
    filing.tokens["short"] = tokens.issue_admin("viewer", timedelta(seconds=30))
    claims = jwt.decode(token(filing, "short"), options={"verify_signature": False})
    assert (claims["exp"] - claims["iat"] <= 30, claims["aud"]) == (True, "viewer")


def test_a_token_ends_with_its_session(filing: Filing, note: str) -> None:
    found = token(filing)
    sessions.end("users", "ann")
    assert filing.fetch(note, query=f"token={found}").status == 401


@pytest.mark.parametrize(
    "change",
    [{"files": "posts"}, {"files": None}, {"sid": None}, {"exp": None}, {"admin": True, "cid": None, "aud": "superadmin"}],
)
def test_a_forged_token_is_none(filing: Filing, note: str, change: dict[str, Any]) -> None:
    claims = jwt.decode(token(filing), options={"verify_signature": False})
    claims = {name: value for name, value in {**claims, **change}.items() if value is not None}
    for key in ("x" * 40, tokens._files_secret("users")):
        forged = jwt.encode(claims, key, algorithm="HS256")
        assert filing.fetch(note, query=f"token={forged}").status == 401
