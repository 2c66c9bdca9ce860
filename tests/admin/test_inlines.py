"""The rows that point to a row, in its form: what is written of them, by whom, and that all of it is or nothing."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pocketapi.admin import inlines
from tests.admin.conftest import SignedIn, client_of
from tests.admin.pages import POST, errors, make, rows, send, text

pytestmark = pytest.mark.django_db
PREFIX = "comments-post_id"


def posted(*lines: dict[str, Any], initial: int | None = None, prefix: str = PREFIX) -> dict[str, Any]:
    """What a browser sends of related rows: those with an `id` are there already."""
    known = sum(1 for line in lines if "id" in line) if initial is None else initial
    found: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(lines), f"{prefix}-INITIAL_FORMS": known}
    for number, line in enumerate(lines):
        found |= {f"{prefix}-{number}-{name}": value for name, value in line.items()}
    return found


def bodies() -> list[tuple[str, str]]:
    """The posts of all comments, and their texts."""
    return list(rows("comments").order_by("body").values_list("post_id", "body"))


@pytest.fixture
def client(signed_in: SignedIn) -> Client:
    """An editor, before a post with two comments and another one with one."""
    found = signed_in("ed")
    make("posts", id="p", title="One")
    make("posts", id="q", title="Two")
    for number, (post, body) in enumerate((("p", "first"), ("p", "second"), ("q", "third")), 1):
        make("comments", id=number, post_id=post, body=body)
    if connections["default"].vendor == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence('comments', 'id'), 10)")
    return found


def test_rows_are_changed_deleted_and_added_with_the_row_they_point_to(client: Client) -> None:
    page = text(client, "posts/p/change/")
    assert 'value="second"' in page
    assert "third" not in page
    lines = posted({"id": 2, "body": "changed"}, {"id": 1, "body": "first", "DELETE": "on"}, {"body": "new"}, {"body": ""})
    assert send(client, "posts/p/change/", **{**POST, "title": "Uno"}, **lines).status_code == 302
    assert bodies() == [("p", "changed"), ("p", "new"), ("q", "third")]
    assert rows("posts").get(pk="p").title == "Uno"
    told = [(entry.object_repr, entry.get_change_message()) for entry in LogEntry.objects.order_by("id")]
    assert told[:3] == [("first", ""), ("changed", "Changed Body."), ("new", "Added.")]
    assert told[3][0] == "Uno"
    assert told[3][1].startswith("Changed Title. Added comments record")


def test_a_row_is_added_together_with_those_that_point_to_it(client: Client) -> None:
    assert send(client, "posts/add/", **POST, **posted({"body": "new"})).status_code == 302
    made = rows("posts").get(title="First")
    assert (made.pk, "new") in bodies()


# (the lines, the errors, in how many fields)
REFUSED: list[tuple[list[dict[str, Any]], str]] = [
    ([{"id": 2, "body": ""}], "This field"),
    ([{"id": 2, "body": "changed"}, {"id": 1, "body": ""}], "This field"),
    ([{"id": 2, "body": "changed"}, {"id": 3, "body": "stolen"}], inlines.GONE),
    ([{"id": 2, "body": "changed"}, {"id": 99, "body": "nothing"}], inlines.GONE),
    ([{"id": 2, "body": "changed"}, {"id": "x", "body": "nothing"}], inlines.GONE),
]


@pytest.mark.parametrize(("lines", "error"), REFUSED)
def test_what_is_refused_stands_at_its_row_and_nothing_is_written(client: Client, lines: Any, error: str) -> None:
    before = bodies()
    response = send(client, "posts/p/change/", **{**POST, "title": "Uno"}, **posted(*lines))
    assert response.status_code == 200
    found = errors(response.content.decode())
    assert [each for each in found if each.startswith(error)], found
    assert bodies() == before
    assert rows("posts").get(pk="p").title == "One"
    assert not LogEntry.objects.exists()


def test_what_the_row_itself_is_refused_for_leaves_those_that_point_to_it(client: Client) -> None:
    before = bodies()
    response = send(client, "posts/p/change/", **{**POST, "views": "-1"}, **posted({"id": 2, "body": "changed"}))
    assert errors(response.content.decode()) == ["This is less than 0."]
    assert 'value="changed"' in response.content.decode()
    assert bodies() == before


def test_a_row_that_others_hold_on_to_is_not_deleted(client: Client) -> None:
    make("people", id="ann", username="ann", email="ann@example.com")
    rows("posts").filter(pk="p").update(author_id="ann")
    make("pins", name="top", post_id="p")
    lines = posted({"id": "p", "title": "One", "kind": "news", "views": "0", "DELETE": "on"}, prefix="posts-author_id")
    response = send(client, "people/ann/change/", username="anna", email="ann@example.com", **lines)
    assert "refer to" in " ".join(errors(response.content.decode()))
    assert rows("people").get().username == "ann"
    assert rows("posts").count() == 2


def test_rows_that_were_added_meanwhile_move_none(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlines, "ROWS", 2)
    lines = posted({"id": 2, "body": "changed"}, {"id": 1, "body": "first"})
    for number in range(20, 23):
        make("comments", id=number, post_id="p", body="late")
    page = text(client, "posts/p/change/")
    assert page.count('value="late"') == 2
    assert 'value="second"' not in page
    assert "The form has the newest of them" in page
    assert "/pocket/pocket_tables/comments/?by-post_id=p" in page
    assert send(client, "posts/p/change/", **{**POST, "title": "One"}, **lines).status_code == 302
    assert [body for _, body in bodies()] == ["changed", "first", "late", "late", "late", "third"]


def test_rows_whose_key_is_typed_are_added_on_their_own_page(client: Client) -> None:
    make("pins", name="top", post_id="p")
    page = text(client, "posts/p/change/")
    assert "/pocket/pocket_tables/pins/top/change/" in page
    assert "/pocket/pocket_tables/pins/add/?post_id=p" in page
    send(client, "posts/p/change/", **{**POST, "title": "One"}, **posted({"name": "new"}, prefix="pins-post_id"))
    assert rows("pins").count() == 1


def test_a_page_asks_the_database_the_same_for_one_row_as_for_ten(client: Client) -> None:
    for name in ("ann", "bob"):
        make("people", id=name, username=name, email=f"{name}@example.com")
    make("posts", id="1", title="T", author_id="ann")
    for number in range(10):
        make("posts", id=f"b{number}", title="T", author_id="bob")
    counts = []
    for name in ("ann", "ann", "bob"):
        with CaptureQueriesContext(connections["default"]) as queries:
            text(client, f"people/{name}/change/")
        counts.append(len(queries))
    assert counts[1] == counts[2] < 25


# Who may


def staff(*granted: str) -> Client:
    """Somebody with a few permissions."""
    user = User.objects.create_user("some", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="pocket_tables", codename__in=granted))
    return client_of("some")


LINES = posted({"id": 2, "body": "forged"}, {"id": 1, "body": "first", "DELETE": "on"}, {"body": "forged too"})
# (the permissions, what is left of the comments of the post)
MAY: list[tuple[tuple[str, ...], list[str]]] = [
    (("view_posts", "view_comments"), ["first", "second"]),
    (("view_posts", "view_comments", "change_comments", "add_comments", "delete_comments"), ["first", "second"]),
    (("change_posts",), ["first", "second"]),
    (("change_posts", "view_comments"), ["first", "second"]),
    (("change_posts", "view_comments", "change_comments"), ["first", "forged"]),
    (("change_posts", "view_comments", "delete_comments"), ["second"]),
    (("change_posts", "view_comments", "add_comments"), ["first", "forged too", "second"]),
]


@pytest.mark.parametrize(("granted", "left"), MAY, ids=["-".join(case[0]) for case in MAY])
def test_only_what_the_user_may_is_written(client: Client, granted: tuple[str, ...], left: list[str]) -> None:
    some = staff(*granted)
    if "view_posts" in granted or "change_posts" in granted:
        page = text(some, "posts/p/change/")
        assert ("second" in page) == ("view_comments" in granted)
    response = send(some, "posts/p/change/", **{**POST, "title": "One"}, **LINES)
    assert response.status_code in (302, 403)
    assert [body for post, body in bodies() if post == "p"] == left
    assert LogEntry.objects.exists() == ("change_posts" in granted)


def test_a_viewer_sees_related_rows_and_no_inputs(client: Client) -> None:
    page = text(client_of("vi"), "posts/p/change/")
    assert "second" in page
    assert f'name="{PREFIX}-0-body"' not in page
    assert "DELETE" not in page


def test_a_relation_whose_table_may_not_be_viewed_is_shown_by_its_key(client: Client) -> None:
    make("people", id="ann", username="ann", email="ann@example.com", name="Ann Secret")
    rows("posts").filter(pk="p").update(author_id="ann")
    assert "Ann Secret" in text(client, "posts/p/change/")
    page = text(staff("change_posts"), "posts/p/change/")
    assert "Ann Secret" not in page
    assert '<option value="ann" selected>ann</option>' in html.unescape(page)
