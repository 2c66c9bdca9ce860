"""Lists and forms of every type: what is shown, what is written, what is refused and where."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.test.utils import CaptureQueriesContext

from pocketapi.admin import pages as lists
from tests.admin.conftest import SignedIn
from tests.admin.pages import POST, ROOT, errors, make, rows, send, text

pytestmark = pytest.mark.django_db

# (the field, what is typed, what is stored, what the form shows of it afterwards)
TYPED: list[tuple[str, str, Any, str]] = [
    ("title", "  A & <b>  ", "  A & <b>  ", 'value="  A &amp; &lt;b&gt;  "'),
    ("body", "one\r\ntwo", "one\ntwo", "one\ntwo</textarea>"),
    ("kind", "talk", "talk", '<option value="talk" selected>'),
    ("link", "https://example.com/a?b=1&c=2", "https://example.com/a?b=1&c=2", "https://example.com/a?b=1&amp;c=2"),
    ("contact", "ann@example.com", "ann@example.com", 'type="email"'),
    ("published", "on", True, 'name="published" id="id_published" checked'),
    ("pinned", "false", False, '<option value="false" selected>'),
    ("views", "9007199254740993", 9007199254740993, 'value="9007199254740993"'),
    ("rating", "4.5", 4.5, 'value="4.5"'),
    ("tags", '{"b": [1, "ü"]}', {"b": [1, "ü"]}, "&quot;ü&quot;"),
    ("day", "2026-02-03", date(2026, 2, 3), 'value="2026-02-03"'),
    ("clock", "10:20:30.5", time(10, 20, 30, 500000), 'value="10:20:30.500"'),
    ("moment", "2026-02-03T10:20", datetime(2026, 2, 3, 10, 20, tzinfo=UTC), 'value="2026-02-03T10:20:00"'),
    ("bytes", "AAEC", b"\x00\x01\x02", "AAEC</textarea>"),
]


@pytest.mark.parametrize(("name", "typed", "stored", "shown"), TYPED, ids=[case[0] for case in TYPED])
def test_every_type_is_added_shown_and_left_alone(signed_in: SignedIn, name: str, typed: str, stored: Any, shown: str) -> None:
    client = signed_in("ed")
    assert send(client, "posts/add/", **{**POST, name: typed}).status_code == 302
    row = rows("posts").get()
    value = getattr(row, name)
    assert (bytes(value) if isinstance(stored, bytes) else value) == stored
    page = text(client, f"posts/{row.pk}/change/")
    assert shown in page.replace("\r\n", "\n")
    before = rows("posts").values().get()
    assert send(client, f"posts/{row.pk}/change/", **{**POST, "title": row.title, name: typed}).status_code == 302
    assert rows("posts").values().get() == before


# (the field, what is typed, the error at it)
REFUSED: list[tuple[str, str, str]] = [
    ("title", "", "This field is required."),
    ("title", "x" * 101, "This is longer than 100 characters."),
    ("kind", "other", "This is none of news, talk."),
    ("link", "javascript:alert(1)", "This is no URL."),
    ("contact", "nobody", "This is no email address."),
    ("views", "1.5", "This is no integer."),
    ("views", "-1", "This is less than 0."),
    ("rating", "6", "This is more than 5."),
    ("tags", "{", "This text"),
    ("day", "2026-02-30", "This is no ISO 8601 date."),
    ("moment", "yesterday", "This is no ISO 8601 date and time."),
    ("bytes", "!", "This is no base64."),
    ("slug", "taken", "A record with this value already exists."),
    ("author_id", "nobody", "There is no record of people with this id."),
]


@pytest.mark.parametrize(("name", "typed", "error"), REFUSED)
def test_what_the_records_layer_refuses_stands_at_its_field(signed_in: SignedIn, name: str, typed: str, error: str) -> None:
    client = signed_in("ed")
    other = make("posts", id="other", title="Other", slug="taken")
    mine = make("posts", id="mine", title="Mine")
    for path in ("posts/add/", f"posts/{mine.pk}/change/"):
        response = send(client, path, **{**POST, name: typed})
        found = errors(response.content.decode())
        assert response.status_code == 200
        assert len(found) == 1
        assert error in found[0].replace("may not be null", "is required")
    assert [row.title for row in rows("posts")] == ["Mine", "Other"]
    assert other.pk == "other"
    assert not LogEntry.objects.exists()


def test_only_what_changed_is_written_and_named_in_the_log(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    row: Any = make("posts", id="p", title="One", body="kept\nas it is", views=3, updated=datetime(2020, 1, 1, tzinfo=UTC))
    typed = {**POST, "title": "Two", "body": "kept\r\nas it is", "views": "3"}
    with CaptureQueriesContext(connections["default"]) as queries:
        assert send(client, "posts/p/change/", **typed).status_code == 302
    (update,) = [query["sql"] for query in queries if query["sql"].startswith('UPDATE "posts"')]
    assert "body" not in update.split("WHERE")[0]
    row.refresh_from_db()
    assert (row.title, row.body, row.updated.year > 2020) == ("Two", "kept\nas it is", True)
    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Changed Title."


def test_nothing_is_written_where_nothing_changed(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    make("posts", id="p", title="One", updated=datetime(2020, 1, 1, tzinfo=UTC))
    assert send(client, "posts/p/change/", **{**POST, "title": "One"}).status_code == 302
    assert rows("posts").get().updated.year == 2020


def test_what_is_emptied_is_null_and_an_unticked_box_is_false(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    make("posts", id="p", title="One", link="https://example.com", published=True, pinned=True, rating=1.0)
    assert send(client, "posts/p/change/", **{**POST, "title": "One", "pinned": "unknown"}).status_code == 302
    row = rows("posts").get()
    assert (row.link, row.published, row.pinned, row.rating) == (None, False, None, None)


def test_a_form_starts_with_the_defaults_of_the_config_and_what_its_address_says(signed_in: SignedIn) -> None:
    page = text(signed_in("ed"), "posts/add/", title="Given", nonsense="x")
    assert '<option value="news" selected>' in page
    assert 'value="Given"' in page
    assert "What it is about" in page
    assert 'name="created"' not in page


def test_a_value_that_is_no_option_any_more_stays_until_it_is_changed(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    make("posts", id="p", title="One", kind="gone")
    assert '<option value="gone" selected>' in text(client, "posts/p/change/")
    assert send(client, "posts/p/change/", **{**POST, "title": "Two", "kind": "gone"}).status_code == 302
    assert rows("posts").get().kind == "gone"


# Deleting


def test_rows_go_as_the_keys_say(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    post = make("posts", id="p", title="One")
    make("comments", post_id=post.pk, body="Hm")
    page = text(client, "posts/p/delete/")
    assert "1 of comments by post_id: deleted along" in page
    assert client.post("/pocket/pocket_tables/posts/p/delete/", {"post": "yes"}).status_code == 302
    assert not rows("posts").exists()
    assert not rows("comments").exists()
    assert LogEntry.objects.get().object_repr == "One"


@pytest.mark.parametrize("action", [False, True])
def test_what_others_hold_on_to_stays_and_the_page_says_so(signed_in: SignedIn, action: bool) -> None:
    client = signed_in("ed")
    make("posts", id="a", title="Free")
    post = make("posts", id="p", title="Held")
    make("pins", name="top", post_id=post.pk)
    if action:
        posted = {"action": "delete_selected", "_selected_action": ["a", "p"], "post": "yes"}
        response = client.post("/pocket/pocket_tables/posts/", posted, follow=True)
    else:
        response = client.post("/pocket/pocket_tables/posts/p/delete/", {"post": "yes"}, follow=True)
    assert "refer to this one" in response.content.decode()
    assert rows("posts").count() == 2
    assert not LogEntry.objects.exists()


def test_selected_rows_are_deleted(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    for number in range(3):
        make("posts", id=f"p{number}", title=f"Post {number}")
    posted = {"action": "delete_selected", "_selected_action": ["p0", "p2"]}
    assert "Post 0" in client.post("/pocket/pocket_tables/posts/", posted).content.decode()
    assert client.post("/pocket/pocket_tables/posts/", {**posted, "post": "yes"}).status_code == 302
    assert [row.pk for row in rows("posts")] == ["p1"]
    assert LogEntry.objects.count() == 2


# Changing many rows


# (what is posted, the error or none, the kinds afterwards)
BULK: list[tuple[dict[str, Any], str | None, list[str]]] = [
    ({"change": ["kind"], "kind": "talk"}, None, ["talk", "talk", "news"]),
    ({"kind": "talk"}, "Tick the fields to change.", ["news"] * 3),
    ({"change": ["kind"], "kind": "none"}, "This is none of news, talk.", ["news"] * 3),
    ({"change": ["slug", "id"], "slug": "x"}, "Tick the fields to change.", ["news"] * 3),
]


@pytest.mark.parametrize(("posted", "error", "kinds"), BULK)
def test_many_rows_change_alike_or_not_at_all(signed_in: SignedIn, posted: Any, error: str | None, kinds: list[str]) -> None:
    client = signed_in("ed")
    for number in range(3):
        make("posts", id=f"p{number}", title=f"Post {number}")
    chosen = {"action": "change_selected", "_selected_action": ["p0", "p1"]}
    assert "Change 2 posts" in client.post("/pocket/pocket_tables/posts/", chosen).content.decode()
    response = client.post("/pocket/pocket_tables/posts/", {**chosen, **posted, "apply": "1"})
    assert response.status_code == (200 if error else 302)
    assert errors(response.content.decode()) == ([error] if error else [])
    assert [row.kind for row in rows("posts")] == kinds
    assert LogEntry.objects.count() == (0 if error else 2)


# Lists


def test_a_list_shows_columns_by_their_types(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    ann: Any = make("people", id="ann", username="ann", email="ann@example.com", name="Ann <i>", diary="secret diary")
    make("posts", id="p", title="<script>alert(1)</script>", author_id=ann.pk, link="javascript:alert(1)", published=True)
    page = text(client, "posts/")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert '<a href="/pocket/pocket_tables/people/ann/change/">Ann &lt;i&gt;</a>' in page
    assert "icon-yes" in page
    assert "secret diary" not in text(client, "people/")
    assert "secret diary" in text(client, "people/ann/change/")


# (the query, the titles that are found)
FOUND: list[tuple[dict[str, str], list[str]]] = [
    ({}, ["Three", "Two", "One"]),
    ({"q": "tw"}, ["Two"]),
    ({"q": "ann"}, []),
    ({"by-kind": "talk"}, ["Two"]),
    ({"by-kind": "nothing"}, []),
    ({"by-published": "true"}, ["Two"]),
    ({"by-published": "false"}, ["Three", "One"]),
    ({"by-pinned": "~none"}, ["Three", "One"]),
    ({"by-pinned": "~some"}, ["Two"]),
    ({"by-author_id": "ann"}, ["One"]),
    ({"by-author_id": "~none"}, ["Three", "Two"]),
    ({"by-created": "today"}, ["Two", "One"]),
    ({"by-created": "year"}, ["Two", "One"]),
    ({"by-day": "week"}, ["Two"]),
    ({"by-day": "never"}, []),
    ({"where": "views > 1"}, ["Three", "Two"]),
    ({"where": "views > 1 & kind == 'talk'", "by-published": "true", "q": "o"}, ["Two"]),
    ({"where": "author_id.username == 'ann'"}, ["One"]),
    ({"where": "exists(comments, post_id == outer.id & body ~ 'h%')"}, ["Three"]),
    ({"where": "auth.admin"}, ["Three", "Two", "One"]),
    ({"where": "auth.uid == author_id"}, ["Three", "Two"]),
    ({"where": "auth.superadmin | 1 == 2"}, []),
    ({"where": "title == 'a\\'b'"}, []),
    ({"o": "1"}, ["One", "Three", "Two"]),
    ({"o": "-1"}, ["Two", "Three", "One"]),
]


@pytest.mark.parametrize(("query", "titles"), FOUND)
def test_lists_are_searched_filtered_and_sorted(signed_in: SignedIn, query: dict[str, str], titles: list[str]) -> None:
    client = signed_in("ed")
    now = datetime.now(UTC)
    make("people", id="ann", username="ann", email="ann@example.com")
    make("posts", id="1", title="One", author_id="ann", created=now)
    make("posts", id="2", title="Two", kind="talk", published=True, pinned=False, views=2, created=now, day=now.date())
    make("posts", id="3", title="Three", views=3, created=datetime(2020, 1, 1, tzinfo=UTC))
    make("comments", post_id="3", body="Hello")
    response = client.get("/pocket/pocket_tables/posts/", query)
    assert response.status_code == 200
    assert response.context["cl"].where_error is None
    assert [row.title for row in response.context["cl"].result_list] == titles


# (the expression, what the page says, where its caret is)
WRONG: list[tuple[str, str, int]] = [
    ("views >", "", 7),
    ("nothing == 1", "nothing", 0),
    ("password == 'x'", "password", 0),
    ("<script> == 1", "", 0),
]


@pytest.mark.parametrize(("table", "case"), [("people", case) for case in WRONG])
def test_a_wrong_expression_finds_nothing_and_shows_where(signed_in: SignedIn, table: str, case: tuple[str, str, int]) -> None:
    where, named, caret = case
    make("people", id="ann", username="ann", email="ann@example.com")
    response = signed_in("ed").get(f"/pocket/pocket_tables/{table}/", {"where": where})
    found = response.context["cl"]
    assert (response.status_code, found.result_list) == (200, [])
    assert named in found.where_error.message
    assert found.where_error.data["caret"].splitlines()[1].index("^") == caret
    assert 'role="alert"' in response.content.decode()
    assert "<script> ==" not in response.content.decode()


def test_what_the_database_cannot_compute_is_no_failure(signed_in: SignedIn, connection: Any) -> None:
    make("posts", id="p", title="One", views=9)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    response = signed_in("ed").get("/pocket/pocket_tables/posts/", {"where": "views * 9223372036854775807 > 1"})
    assert response.status_code == 200


def test_lists_count_no_further_than_they_must(signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "BOUND", 60)
    client = signed_in("ed")
    for number in range(120):
        make("comments", post_id=make("posts", id=f"p{number}", title=f"P{number}").pk, body="b")
    first = client.get("/pocket/pocket_tables/posts/")
    assert str(first.context["cl"].result_count) == "more than 60"
    assert "more than 60" in first.content.decode()
    for page, number in ((1, 50), (2, 50), (3, 20)):
        found = client.get("/pocket/pocket_tables/posts/", {"p": page})
        assert len(found.context["cl"].result_list) == number
    with CaptureQueriesContext(connections["default"]) as queries:
        client.get("/pocket/pocket_tables/comments/", {"p": 2})
    counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert len(counts) == 1
    assert "LIMIT 61" in counts[0]
    assert len(queries) < 12


# (the address, what is asked of it)
ODD = [
    ("posts/", {"q": "a\x00b"}),
    ("posts/", {"where": "title == 'a\x00b'"}),
    ("posts/", {"by-author_id": "a\x00b"}),
    ("posts/", {"by-author_id": "x" * 5000}),
    ("comments/", {"q": "99999999999999999999"}),
    ("posts/", {"p": "99999999999999999999"}),
    ("posts/", {"p": "x"}),
    ("posts/", {"o": "99.-x"}),
    ("posts/a%00b/change/", {}),
    ("comments/99999999999999999999/change/", {}),
    ("posts/add/", {"title": "a\x00b", "author_id": "a\x00b", "views": "x"}),
    ("/pocket/autocomplete/", {"term": "a\x00b"}),
    ("/pocket/autocomplete/", {"term": "x", "page": "99999999999999999999"}),
]
RELATION = {"app_label": "pocket_tables", "model_name": "posts", "field_name": "author_id"}


@pytest.mark.parametrize(("path", "query"), ODD)
def test_whatever_is_asked_of_a_page_is_no_failure(signed_in: SignedIn, path: str, query: dict[str, str]) -> None:
    client = signed_in("ed")
    make("posts", id="p", title="One")
    asked = {**RELATION, **query} if "autocomplete" in path else query
    response = client.get(path if path.startswith("/") else ROOT + path, asked)
    assert response.status_code in (200, 302, 400, 404)


def test_a_form_with_a_nul_is_no_failure(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    for name in ("title", "author_id", "tags"):
        assert send(client, "posts/add/", **{**POST, name: "a\x00b"}).status_code == 400
    assert not rows("posts").exists()


def test_no_action_takes_more_rows_than_a_request_may(signed_in: SignedIn, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "MAX_LIMIT": 2}
    client = signed_in("ed")
    for number in range(3):
        make("posts", id=f"p{number}", title="Post")
    for action in ("delete_selected", "change_selected"):
        chosen = {"action": action, "_selected_action": ["p0"], "select_across": "1", "post": "yes"}
        response = client.post(f"{ROOT}posts/", chosen, follow=True)
        assert "At most 2 rows are changed or deleted at a time" in response.content.decode()
    assert rows("posts").count() == 3


# (the lookup that an address tries, of which none is taken)
LOOKUPS = ["password__startswith", "password", "username__contains", "diary__contains", "author_id__password__gt", "by-password"]


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_no_lookup_of_an_address_is_an_oracle(signed_in: SignedIn, lookup: str) -> None:
    make("people", id="ann", username="ann", email="ann@example.com", password="argon2$secret")
    for table in ("people", "posts"):
        response = signed_in("vi").get(f"/pocket/pocket_tables/{table}/", {lookup: "a"})
        assert response.status_code in (302, 400)
        assert response.headers.get("Location", "/pocket/pocket_tables/x/?e=1").endswith("e=1")


# Relations


def test_relations_are_found_by_typing(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    for name in ("ann", "bob"):
        make("people", id=name, username=name, email=f"{name}@example.com", name=name.title())
    query = {"app_label": "pocket_tables", "model_name": "posts", "field_name": "author_id", "term": "bo"}
    found = client.get("/pocket/autocomplete/", query).json()
    assert [each["id"] for each in found["results"]] == ["bob"]
    assert signed_in("nil").get("/pocket/autocomplete/", query).status_code == 403
    assert "bob" not in text(client, "posts/add/")


def test_what_points_to_a_row_stands_beside_it(signed_in: SignedIn) -> None:
    client = signed_in("ed")
    make("posts", id="p", title="One")
    make("comments", post_id="p", body="Comment")
    page = text(client, "posts/p/change/")
    assert "/pocket/pocket_tables/comments/?by-post_id=p" in page
    assert "/pocket/pocket_tables/comments/add/?post_id=p" in page
    assert send(client, "comments/add/", post_id="p", body="More").status_code == 302
    assert rows("comments").count() == 2
