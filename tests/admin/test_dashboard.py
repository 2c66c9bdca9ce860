"""The first page: what it tells of tables, accounts and room, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from pocketapi.admin import dashboard, groups, site
from pocketapi.credentials import sessions
from pocketapi.credentials.sessions import Device
from tests.admin.conftest import SignedIn, client_of, routes, sign_up
from tests.admin.pages import make, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(signed_in: SignedIn, settings: Any, tmp_path: Path) -> SignedIn:
    """The same clients, with seven accounts, two sessions of which one is of nobody, and a file of 2048 bytes."""
    settings.POCKETAPI = {**settings.POCKETAPI, "MEDIA_ROOT": tmp_path}
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "file").write_bytes(b"x" * 2048)
    for number in range(7):
        name = f"user{number}"
        created = datetime(2026, 1, number + 1, tzinfo=UTC)
        make("people", id=name, username=name, email=f"{name}@example.com", name="<i>" if number == 6 else "", created=created)
    for user in ("user3", "gone"):
        sessions.open_session("people", user, Device("Firefox <b>", "192.0.2.1"))
    return signed_in


def test_the_first_page_tells_of_tables_accounts_and_room(shown: SignedIn) -> None:
    page = text(shown("root"), "/pocket/")
    assert '<td class="pocket-number">7</td>' in page
    assert "Who writes" in page
    assert '<a href="/pocket/pocket_tables/people/user6/change/">&lt;i&gt;</a>' in page
    assert "user2/change/" in page
    assert "user1/change/" not in page  # five are shown
    assert '<a href="/pocket/pocket_tables/people/user3/change/">user3</a>' in page
    assert "Firefox &lt;b&gt;" in page
    assert "gone" in page
    assert "2.0\xa0KB" in page
    assert "Pending migrations" in page or "pocketapi migrate" not in page


# (who, whether there are tables, accounts, room, and links to add)
TOLD = [("root", True, True, True), ("ed", True, False, True), ("vi", True, False, False), ("nil", False, False, False)]


@pytest.mark.parametrize(("name", "tables", "room", "adds"), TOLD)
def test_nobody_is_told_what_he_may_not_view(shown: SignedIn, name: str, tables: bool, room: bool, adds: bool) -> None:
    page = text(shown(name), "/pocket/")
    assert ("user6" in page) == tables
    assert ("posts/" in page) == tables
    assert ("In use" in page) == room
    assert ("posts/add/" in page) == adds


def test_a_folder_of_too_many_files_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (tmp_path / str(number)).write_text("x")
    assert dashboard.folder_bytes(tmp_path) == 3
    monkeypatch.setattr(dashboard, "MOST_FILES", 2)
    assert dashboard.folder_bytes(tmp_path) is None


def test_accounts_without_a_time_of_creation_are_no_sign_ups(mounted: Any) -> None:
    secret = "only-for-tests-only-for-tests-only-for-people"
    mounted(f"""
    tables:
      - name: people
        fields:
          - {{name: id, type: text, primary: true, usage: record_uid}}
          - authFields.email
          - authFields.email_verified
          - authFields.password
        extensions: [{{name: auth, jwtSecret: {secret}, jwtTokenDuration: 60, maxTokenRefresh: 0}}]
    """)
    sign_up()
    make("people", id="ann", email="ann@example.com")
    assert "ann@example.com" not in text(client_of("vi"), "/pocket/")


def test_without_a_config_there_is_a_page_all_the_same(signed_in: SignedIn, settings: Any) -> None:
    client: Client = signed_in("root")
    site.show(None)
    settings.ROOT_URLCONF = routes()
    with pytest.MonkeyPatch.context() as patch:  # undone before another config takes the place of this one
        patch.setattr("pocketapi.tables.models.CONFIG", None)
        groups.keep()
        assert "There is no table that you may view." in text(client, "/pocket/")
