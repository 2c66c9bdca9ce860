"""Who may do what in the panel, by whichever way, and what no page and no entry of the log ever holds."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.core import mail
from django.test import Client
from django.urls import reverse

from pocketapi.admin import groups
from pocketapi.credentials import passwords, sessions
from pocketapi.credentials.sessions import Device
from pocketapi.models import Session
from tests.admin.conftest import WORD, SignedIn
from tests.admin.pages import PERSON, POST, ROOT, errors, make, rows, send, text

pytestmark = pytest.mark.django_db
HASH = "argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$hashhashhashhashhashhash"

# (the path, what is posted): each way to write
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("posts/add/", POST),
    ("posts/p/change/", {**POST, "title": "Hacked"}),
    ("posts/p/delete/", {"post": "yes"}),
    ("posts/", {"action": "delete_selected", "_selected_action": ["p"], "post": "yes"}),
    ("posts/", {"action": "change_selected", "_selected_action": ["p"], "change": ["title"], "title": "Hacked", "apply": "1"}),
    ("people/ann/change/", {**PERSON, "username": "hacked"}),
    ("people/ann/change/account/", {"action": "revoke-all"}),
    ("people/ann/change/account/", {"action": "reset"}),
]


def state() -> list[Any]:
    """What writes would change."""
    return [*rows("posts").values_list("pk", "title"), *rows("people").values_list("pk", "username"), Session.objects.count()]


def fill() -> None:
    """A post, and an account that is signed in."""
    make("posts", id="p", title="One")
    make("people", id="ann", username="ann", email="ann@example.com", password=HASH)
    sessions.open_session("people", "ann", Device("Firefox <b>", "192.0.2.1"))


@pytest.mark.parametrize(("path", "posted"), WRITES)
@pytest.mark.parametrize("name", ["vi", "nil", ""])
def test_who_may_not_write_writes_by_no_way(signed_in: SignedIn, path: str, posted: dict[str, Any], name: str) -> None:
    fill()
    client = signed_in(name) if name else Client()
    before = state()
    response = client.post(ROOT + path, posted)
    assert response.status_code in (200, 302, 403)
    assert state() == before
    assert not LogEntry.objects.exists()
    assert not mail.outbox
    if not name:
        assert response.headers["Location"].startswith("/pocket/login/")


# (who, the path, the status)
SEEN = [
    ("vi", "posts/", 200),
    ("vi", "posts/p/change/", 200),
    ("vi", "posts/add/", 403),
    ("vi", "posts/p/delete/", 403),
    ("vi", "people/ann/change/", 200),
    ("nil", "posts/", 403),
    ("nil", "posts/p/change/", 403),
    ("ed", "posts/p/delete/", 200),
    ("ed", "posts/nobody/change/", 302),
    ("ed", "/pocket/auth/user/", 403),
    ("ed", "/pocket/auth/user/add/", 403),
    ("ed", "/pocket/auth/group/", 403),
    ("ed", "/pocket/admin/logentry/", 403),
    ("root", "/pocket/auth/user/", 200),
    ("root", "/pocket/auth/group/", 200),
    ("root", "/pocket/admin/logentry/", 200),
    ("root", "/pocket/admin/logentry/add/", 403),
    ("root", "/pocket/pocket_tables/", 200),
    ("root", "/pocket/nothing/", 404),
    ("root", "people/ann/change/account/", 405),
]


@pytest.mark.parametrize(("name", "path", "status"), SEEN)
def test_who_sees_what(signed_in: SignedIn, name: str, path: str, status: int) -> None:
    fill()
    assert signed_in(name).get(path if path.startswith("/") else ROOT + path).status_code == status


def test_a_viewer_sees_values_and_no_inputs(signed_in: SignedIn) -> None:
    fill()
    client = signed_in("vi")
    page = text(client, "posts/p/change/")
    assert "One" in page
    assert 'name="title"' not in page
    page = text(client, "people/ann/change/")
    assert "Firefox &lt;b&gt;" in page
    assert Session.objects.get().pk not in page
    assert 'type="password"' not in page
    assert "change_selected" not in text(client, "posts/")


def test_the_groups_follow_the_tables(signed_in: SignedIn) -> None:
    signed_in("root")
    viewers, editors = Group.objects.get(name=groups.VIEWERS), Group.objects.get(name=groups.EDITORS)
    assert {each.codename for each in viewers.permissions.all()} == {
        f"view_{name}" for name in ("people", "posts", "comments", "pins")
    }
    assert editors.permissions.count() == 16
    own = Permission.objects.get(codename="view_session", content_type__app_label="pocketapi")
    viewers.permissions.add(own)
    groups.keep()
    assert own in viewers.permissions.all()


# Passwords


def test_a_password_is_hashed_ends_sessions_and_is_in_no_page(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    assert errors(send(client, "people/add/", **PERSON).content.decode()) == []
    ann = rows("people").get()
    assert passwords.verified("an unusual one", ann.password)
    sessions.open_session("people", ann.pk, Device())
    typed = {**PERSON, "password": "another unusual one", "password-again": "another unusual one"}
    assert send(client, f"people/{ann.pk}/change/", **typed).status_code == 302
    changed = rows("people").get()
    assert passwords.verified("another unusual one", changed.password)
    assert not Session.objects.exists()
    pages = [
        text(client, path)
        for path in ("people/", f"people/{ann.pk}/change/", f"people/{ann.pk}/history/", f"people/{ann.pk}/delete/")
    ]
    pages.append(text(signed_in("root"), "/pocket/admin/logentry/"))
    secrets = (changed.password, changed.password.rsplit("$", 1)[1], "unusual", "argon2")
    assert not [secret for page in pages for secret in secrets if secret in page]
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("id")] == ["Added.", "Changed Password."]


# (what is typed as the password, and again, the error)
PASSWORDS = [
    ("short", "short", "A password has 8 to 255 characters."),
    ("an unusual one", "an unusual two", "The two passwords differ."),
    ("an unusual one", "", "The two passwords differ."),
    ("password123", "password123", "This password is too common."),
]


@pytest.mark.parametrize(("password", "again", "error"), PASSWORDS)
def test_a_bad_password_is_refused_and_not_shown_again(signed_in: SignedIn, password: str, again: str, error: str) -> None:
    client = signed_in("ed")
    make("people", id="ann", username="ann", email="ann@example.com", password=HASH)
    response = send(client, "people/ann/change/", **{**PERSON, "password": password, "password-again": again})
    assert errors(response.content.decode()) == [error]
    assert password not in response.content.decode()
    assert rows("people").get().password == HASH


def test_an_empty_password_stays_as_it_is(signed_in: SignedIn) -> None:
    make("people", id="ann", username="ann", email="ann@example.com", password=HASH)
    typed = {**PERSON, "username": "anna", "email_verified": "on", "password": "", "password-again": ""}
    assert send(signed_in("ed"), "people/ann/change/", **typed).status_code == 302
    ann = rows("people").get()
    assert (ann.username, ann.email_verified, ann.password) == ("anna", True, HASH)


# Accounts


def test_sessions_are_revoked_one_by_one_or_all(signed_in: SignedIn) -> None:
    fill()
    client = signed_in("ed")
    sessions.open_session("people", "ann", Device("Other"))
    sessions.open_session("people", "bob", Device("Bob's"))
    sid = Session.objects.get(user_agent="Other").pk
    bobs = Session.objects.get(user="bob").pk
    for posted, left in (
        ({"action": "revoke", "session": bobs}, 3),
        ({"action": "revoke", "session": sid}, 2),
        ({"action": "revoke", "session": sid}, 2),
        ({"action": "nothing"}, 2),
        ({"action": "revoke-all"}, 1),
    ):
        assert send(client, "people/ann/change/account/", **posted).status_code == 302
        assert Session.objects.count() == left
    assert [entry.get_change_message() for entry in LogEntry.objects.order_by("id")] == [
        "Ended a session.",
        "Ended all sessions.",
    ]
    assert send(client, "people/nobody/change/account/", action="revoke-all").status_code == 404
    assert "no such action" in text(client, "people/ann/change/")


def test_mails_are_sent_that_the_account_may_get(signed_in: SignedIn, capsys: pytest.CaptureFixture[str]) -> None:
    fill()
    client = signed_in("ed")
    for action, told in (
        ("verification", "Sent a verification mail."),
        ("verification", "A mail was sent already"),
        ("reset", "Sent a password reset mail."),
    ):
        response = client.post(f"{ROOT}people/ann/change/account/", {"action": action}, follow=True)
        assert told in response.content.decode()
    assert capsys.readouterr().out.count("To: ann@example.com") == 2
    assert "token" not in "".join(entry.change_message.lower() for entry in LogEntry.objects.all())
    make("people", id="bob", username="bob", email="bob@example.com", email_verified=True)
    response = client.post(f"{ROOT}people/bob/change/account/", {"action": "verification"}, follow=True)
    assert "No verification mail can be sent" in response.content.decode()
    response = client.post(f"{ROOT}posts/p/change/account/", {"action": "revoke-all"}, follow=True)
    assert "no such action" in response.content.decode()


# Signing in


def test_the_panel_locks_a_user_whose_password_is_guessed_at(signed_in: SignedIn) -> None:
    signed_in("root")
    client = Client()
    for _ in range(10):
        client.post("/pocket/login/", {"username": "root", "password": "wrong"})
    page = client.post("/pocket/login/", {"username": "root", "password": WORD})
    assert page.status_code == 200
    assert "Too many tries" in page.content.decode()
    assert Client().post("/pocket/login/", {"username": "ed", "password": WORD}).status_code == 302


# (the address, where it leads)
LED = [
    ("", "/pocket/"),
    ("?next=/pocket/pocket_tables/posts/", "/pocket/pocket_tables/posts/"),
    ("?next=//evil.example/", "/accounts/profile/"),
]


@pytest.mark.parametrize(("query", "place"), LED)
def test_signing_in_leads_to_where_the_user_wanted(signed_in: SignedIn, query: str, place: str) -> None:
    signed_in("root")
    response = Client().post(f"/pocket/login/{query}", {"username": "ed", "password": WORD})
    assert (response.status_code, response.headers["Location"]) == (302, place)


def test_a_right_password_opens_the_lock(signed_in: SignedIn) -> None:
    signed_in("root")
    for _ in range(12):
        assert Client().post("/pocket/login/", {"username": "root", "password": WORD}).status_code == 302


def test_pages_load_nothing_from_elsewhere_and_are_in_no_frame(signed_in: SignedIn) -> None:
    client = signed_in("root")
    for path in ("/pocket/", "/pocket/pocket_tables/posts/", "/pocket/login/"):
        response = client.get(path)
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Frame-Options"] == "DENY"


def test_forms_need_their_token(signed_in: SignedIn) -> None:
    signed_in("root")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="root"))
    for path in ("posts/add/", "people/ann/change/account/", "posts/"):
        assert client.post(ROOT + path, POST).status_code == 403


def test_users_of_the_panel_show_no_hash(signed_in: SignedIn) -> None:
    root = User.objects.get(username="root") if signed_in("root") else None
    assert root is not None
    client = signed_in("root")
    page = text(client, f"/pocket/auth/user/{root.pk}/change/")
    assert root.password.rsplit("$", 1)[1] not in page
    assert "md5" not in page
    assert "Set a new password" in page
    new = {"password1": "an unusual one", "password2": "an unusual one", "usable_password": "true"}
    assert client.post(f"/pocket/auth/user/{root.pk}/password/", new).status_code == 302
    assert client.get("/pocket/auth/user/", {"password__startswith": "m"}).status_code in (302, 400)


# The way there


def test_the_api_leads_to_the_panel(signed_in: SignedIn) -> None:
    signed_in("root")
    for path in ("/api/v1/pocket", "/api/v1/pocket/"):
        response = Client().get(path, headers={"authorization": "Bearer nonsense"})
        assert (response.status_code, response.headers["Location"]) == (302, "/pocket/")
    assert reverse("pocket:index") == "/pocket/"


def test_without_a_panel_there_is_no_way(connection: Any, settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.admin.unmounted"
    response = Client().get("/api/v1/pocket/")
    assert (response.status_code, response.json()["code"]) == (404, 404)


# The first superuser

# (the name, the password, how many superusers there are before, the names of superusers afterwards)
FIRST = [
    ("chief", WORD, 0, ["chief"]),
    ("chief", None, 0, []),
    (None, WORD, 0, []),
    ("chief", WORD, 1, ["root"]),
    ("ed", WORD, 0, []),
]


@pytest.mark.parametrize(("name", "password", "before", "after"), FIRST)
def test_the_settings_make_the_first_superuser(
    connection: Any, settings: Any, name: str | None, password: str | None, before: int, after: list[str]
) -> None:
    User.objects.create_user("ed", password=WORD)
    if before:
        User.objects.create_superuser("root", password=WORD)
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_USERNAME": name, "ADMIN_PASSWORD": password}
    groups.create_first()
    groups.create_first()
    assert [user.username for user in User.objects.filter(is_superuser=True)] == after
