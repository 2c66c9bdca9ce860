"""Files in forms: where they stand, what is refused, and that nothing is stored that no row names."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pocketapi.files.store import store
from pocketapi.models import RemovedFile
from tests.api.answers import run_sql
from tests.api.filing import BOUNDARY, MULTIPART, PDF, PNG, File, Filing, content, form, keys, queries, whole

TXT = b"hello"
COVER: File = ("values.cover", "cover.png", PNG)

# (request, fields, files, the stored names by field)
TAKEN: list[tuple[str, Any, list[File], dict[str, str]]] = [
    ("insert", {"values.title": "a"}, [COVER], {"cover": r"cover_\w{10}\.png"}),
    ("insert", {"values.title": "a"}, [COVER, ("values.paper", "p.txt", TXT)], {"cover": r"cover_\w{10}\.png", "paper": r"p_\w{10}\.txt"}),
    ("insert", {"@jsonPayload": {"values": {"title": "a", "cover": "@filePayload"}}}, [("@filePayload", "x.png", PNG)], {"cover": r"x_\w{10}\.png"}),
    (
        "insert",
        {"@jsonPayload": {"values": {"title": "a", "cover": "@filePayload.1", "paper": "@filePayload.0"}}},
        [("@filePayload", "0.txt", TXT), ("@filePayload", "1.png", PNG)],
        {"cover": r"1_\w{10}\.png", "paper": r"0_\w{10}\.txt"},
    ),
    ("insert", {"@jsonPayload": {"values": {"title": "a"}}}, [("@filePayload[cover]", "k.png", PNG)], {"cover": r"k_\w{10}\.png"}),
    (
        "insert",
        {"@jsonPayload": {"values": {"title": "a", "cover": "@filePayload.one", "paper": "@filePayload"}}},
        [("@filePayload[one]", "k.png", PNG), ("@filePayload", "p.txt", TXT)],
        {"cover": r"k_\w{10}\.png", "paper": r"p_\w{10}\.txt"},
    ),
    ("insert", {"@jsonPayload": {"values": {"title": "a"}}}, [COVER], {"cover": r"cover_\w{10}\.png"}),
    ("insert", {"values.title": "a", "values.paper": "@filePayload"}, [("@filePayload", "p.txt", TXT)], {"paper": r"p_\w{10}\.txt"}),
    ("insert", {"@jsonPayload": {"values": {"title": "@filePayload"}}}, [COVER], {"cover": r"cover_\w{10}\.png"}),
    ("insert", {"values.title": "a", "values.cover": ""}, [("values.paper", "p", TXT)], {"paper": r"p_\w{10}"}),
    ("update", {"where": "id == '{id}'"}, [("setValues.cover", "new.png", PNG)], {"cover": r"new_\w{10}\.png"}),
    ("update", {"where": "id == '{id}'", "set.title": "'x'"}, [("setValues.cover", "n.png", PNG)], {"cover": r"n_\w{10}\.png"}),
    ("update", {"@jsonPayload": {"where": "true", "setValues": {"cover": "@filePayload"}}}, [("@filePayload", "n.png", PNG)], {"cover": r"n_\w{10}\.png"}),
    ("update", {"@jsonPayload": {"where": "true"}}, [("@filePayload[cover]", "n.png", PNG)], {"cover": r"n_\w{10}\.png"}),
    ("edit/{id}", {}, [("cover", "new.png", PNG)], {"cover": r"new_\w{10}\.png"}),
    ("edit/{id}", {"title": "b", "paper": "@null"}, [("cover", "new.png", PNG)], {"cover": r"new_\w{10}\.png"}),
    ("edit/{id}", {"@jsonPayload": {"cover": "@filePayload"}}, [("@filePayload", "n.png", PNG)], {"cover": r"n_\w{10}\.png"}),
    ("edit/{id}", {"@jsonPayload": {}}, [("@filePayload[cover]", "n.png", PNG)], {"cover": r"n_\w{10}\.png"}),
    ("edit/new?or=INSERT", {"title": "b"}, [("cover", "new.png", PNG)], {"cover": r"new_\w{10}\.png"}),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "fields", "files", "names"), TAKEN, ids=range(len(TAKEN)))
def test_files_are_taken_in_each_form(
    stored: Filing, request_: str, fields: Any, files: list[File], names: dict[str, str]
) -> None:
    old = {} if request_ == "insert" else stored.post()
    path = f"POST posts/{request_.format(**old)}"
    returning: dict[str, Any] = {}
    if "edit" in request_:
        path += ("&" if "?" in path else "?") + "returning=*"
    else:
        returning = {"returning": "*"} if "@jsonPayload" not in fields else {}
        fields = {**fields, "@jsonPayload": {**fields["@jsonPayload"], "returning": "*"}} if "@jsonPayload" in fields else fields
    sent = {
        name: (value if isinstance(value, dict) else value.replace("{id}", old.get("id", ""))) for name, value in fields.items()
    }
    found = stored.send(path, {**sent, **returning}, files).expect(200)
    row = found[0] if isinstance(found, list) else found
    for name in ("cover", "paper"):
        if name in names:
            assert re.fullmatch(names[name], row[name])
            kept = content(f"posts/{row[name]}")
            assert kept in (PNG, TXT)
        else:
            assert row[name] is None
    assert whole()
    assert "new?" in request_ or len(keys()) == len(names)  # what was there before is gone
    assert not RemovedFile.objects.exists()


def test_a_batch_brings_many_files(stored: Filing) -> None:
    rows = [{"title": str(number), "paper": f"@filePayload.{number}"} for number in range(20)]
    files: list[File] = [("@filePayload", f"{number}.txt", str(number).encode()) for number in range(20)]
    payload = {"values": rows, "returning": "title,paper"}
    found = stored.send("POST posts/insert", {"@jsonPayload": payload}, files).expect(200)
    assert [content(f"posts/{row['paper']}").decode() for row in found] == [row["title"] for row in found]
    assert len(keys()) == 20


def test_two_fields_may_refer_to_one_file(filing: Filing) -> None:
    rows = [{"title": "1", "paper": "@filePayload"}, {"title": "2", "paper": "@filePayload", "hidden": "@filePayload"}]
    filing.send("POST posts/insert", {"@jsonPayload": {"values": rows}}, [("@filePayload", "a.txt", TXT)]).expect(200)
    assert [content(key) for key in keys()] == [TXT, TXT, TXT]
    assert whole()


def test_somebody_signs_up_with_a_picture(stored: Filing) -> None:
    fields = {"username": "eve", "email": "eve@example.com", "password": "corr3ct-horse", "name": "Eve"}
    found = stored.send("POST users/auth/sign-up", fields, [("avatar", "me.png", PNG)]).expect(200)
    avatar = found["record"]["avatar"]
    assert content(f"users/{avatar}") == PNG
    assert stored.fetch(f"users/{found['record']['id']}/avatar", by=found["token"]).content == PNG
    again = stored.send("POST users/auth/sign-up", fields, [("avatar", "me.png", PNG)])
    assert again.status == 409
    assert keys() == [f"users/{avatar}"]


def test_files_lie_below_their_record_where_the_table_says_so(stored: Filing) -> None:
    fields = {"values.owner": "ann", "returning": "*"}
    (row,) = stored.send("POST notes/insert", fields, [("values.text", "a.txt", TXT)], by="ann").expect(200)
    key = f"private/notes/{row['id']}/{row['text']}"
    assert keys() == [key]
    edited = stored.send(f"POST notes/edit/{row['id']}?returning=*", {}, [("text", "b.txt", b"new")], by="ann").expect(200)
    assert keys() == [f"private/notes/{row['id']}/{edited['text']}"]
    stored.send("POST notes/edit/%20/?or=INSERT", {"owner": "ann"}, [("text", "b.txt", b"new")], by="admin").expect(
        400, {"data": {"id": {}}}
    )
    stored("POST notes/update", {"where": "true", "setValues": {"id": "other"}}, by="admin").expect(
        400, {"data": {"id": {"code": "fixed"}}}
    )
    stored.send("POST notes/insert", fields, [("values.text", "a.txt", TXT)], by="ann").expect(200)
    stored.send("POST notes/update", {"where": "true"}, [("setValues.text", "c.txt", TXT)], by="ann").expect(400)
    assert len(keys()) == 2
    assert whole()
    stored("POST notes/delete", {"where": "true"}, by="ann").expect(200)
    assert keys() == []


def test_an_id_that_climbs_has_no_files(filing: Filing) -> None:
    columns = "INSERT INTO notes (id, owner, text, created, updated) VALUES"
    run_sql(f"{columns} ('a/../b', 'ann', 'x.txt', '2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z')")
    found = filing.send("POST notes/update", {"where": "true"}, [("setValues.text", "a.txt", TXT)], by="ann")
    found.expect(400, {"data": {"id": {"code": "invalid"}}})
    assert filing("GET notes/select", by="ann").body[0]["text"] == "x.txt"
    run_sql("DELETE FROM notes")
    filing.post()
    filing("POST posts/delete", {"where": "true"}).expect(200)
    assert not RemovedFile.objects.exists()


# (request, fields, files, status, part of the message or of the field's)
REFUSED: list[tuple[str, Any, list[File], int, str]] = [
    ("insert", {"values.title": "a"}, [("values.title", "a.txt", TXT)], 400, "given twice"),
    ("insert", {}, [("values.title", "a.txt", TXT)], 400, "takes no file"),
    ("insert", {"values.title": "a"}, [("values.nothing", "a.txt", TXT)], 400, "There is no field nothing"),
    ("insert", {"values.title": "a"}, [("cover", "a.png", PNG)], 400, "There is no parameter cover"),
    ("insert", {"values.title": "a"}, [("where", "a.png", PNG)], 400, "There is no parameter where"),
    ("insert", {"values.title": "a"}, [("returning", "a.png", PNG), COVER], 400, "returning"),
    ("insert", {"values.title": "a"}, [("values", "a.png", PNG)], 400, "given twice"),
    ("insert", {}, [("values", "a.png", PNG)], 400, "values is an object"),
    ("insert", {"values.title": "a"}, [COVER, COVER], 400, "given twice"),
    ("insert", {"values.title": "a", "values.cover": "x"}, [COVER], 400, "given twice"),
    ("insert", {"values.title": "a", "values.cover": "other.png"}, [], 400, "multipart"),
    ("insert", {"values.title": "a", "values.cover": "@filePayload"}, [], 400, "multipart"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.png", TXT)], 400, "text/plain"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.txt", TXT)], 400, "text/plain, and none of image"),
    ("insert", {"values.title": "a"}, [("values.cover", "a", b"MZ\x90\x00")], 400, "octet-stream, and none of image"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.html", PNG)], 400, "its name says text/html"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.png", PNG[:60] + b"<script>")], 400, "something else, too"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.png", b"<html>")], 400, "text/html"),
    ("insert", {"values.title": "a"}, [("values.cover", "a.png", b"")], 400, "octet-stream"),
    ("insert", {"values.title": "a"}, [("values.paper", "a.txt", b"x" * 100_001)], 400, "larger than 100000 bytes"),
    ("insert", {"values.title": "a"}, [("@filePayload", "a.txt", TXT)], 400, "No field takes the file @filePayload.0"),
    ("insert", {"values.title": "a"}, [("@filePayload[x]", "a.txt", TXT)], 400, "No field takes the file @filePayload[x]"),
    ("insert", {"values.title": "a"}, [("@filePayload[paper]", "a.txt", TXT), ("@filePayload[paper]", "a.txt", TXT)], 400, "given twice"),
    ("insert", {"@jsonPayload": {"values": {"title": "a", "paper": "@filePayload.1"}}}, [("@filePayload", "a.txt", TXT)], 400, "not there"),
    ("insert", {"@jsonPayload": {"values": {"title": "a", "paper": "@filePayload.x"}}}, [("@filePayload", "a.txt", TXT)], 400, "not there"),
    ("insert", {"@jsonPayload": {"values": {"title": "a", "paper": "@filePayload.99999999999"}}}, [("@filePayload", "a.txt", TXT)], 400, "not there"),
    ("insert", {"@jsonPayload": {"values": [{"title": "a"}]}}, [("@filePayload[paper]", "a.txt", TXT)], 400, "No field takes"),
    ("insert", {"@jsonPayload": {"values": {"title": "a", "paper": ["@filePayload"]}}}, [("@filePayload", "a.txt", TXT)], 400, "No field takes"),
    ("insert", {"values.title": "denied"}, [COVER], 403, "createRule"),
    ("insert", {"values.title": "a" * 21}, [COVER], 400, "longer than 20"),
    ("insert", {"values.title": "a", "values.slug": "taken"}, [COVER], 409, "already exists"),
    ("insert", {"values.title": "a", "values.owner": "nobody"}, [COVER], 400, "no record of users"),
    ("insert", {"values.title": "a"}, [("values.paper", f"{number}.txt", TXT) for number in range(21)], 413, "20 files"),
    ("update", {"where": "true"}, [("setValues.locked", "a.txt", TXT)], 403, "Cannot update locked field"),
    ("update", {"where": "nothing == 1"}, [("setValues.paper", "a.txt", TXT)], 400, "nothing"),
    ("update", {"where": "true", "set.cover": "'a.png'"}, [], 400, "use setValues"),
    ("update", {"where": "true", "setValues.slug": "x"}, [("set.cover", "a.png", PNG)], 400, "expression"),
    ("edit/nothing", {}, [("cover", "a.png", PNG)], 404, "no such record"),
    ("edit/nothing", {}, [("values.cover", "a.png", PNG)], 400, "There is no field values"),
    ("delete", {"where": "true"}, [("cover", "a.png", PNG)], 400, "There is no parameter cover"),
    ("select", {}, [("cover", "a.png", PNG)], 400, "There is no parameter cover"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "fields", "files", "status", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_refused_leaves_nothing(
    filing: Filing, request_: str, fields: Any, files: list[File], status: int, told: str
) -> None:
    filing.send("POST posts/insert", {"values.title": "there", "values.slug": "taken"}).expect(200)
    found = filing.send(f"POST posts/{request_}", fields, files).expect(status)
    assert told in json.dumps(found)
    assert keys() == []
    assert list((store().path(".incoming") or store().path("")).glob("*")) == []  # type: ignore[union-attr]
    assert [row["title"] for row in filing("GET posts/select").body] == ["there"]


def test_an_update_that_finds_no_row_stores_nothing(filing: Filing) -> None:
    filing.send("POST posts/insert", {"values.title": "kept"}).expect(200)
    for where in ("title == 'none'", "title == 'kept'", "false"):
        filing.send("POST posts/update", {"where": where}, [("setValues.cover", "a.png", PNG)]).expect(200, [])
    assert keys() == []


def test_rows_may_share_a_file_that_goes_with_the_last_of_them(stored: Filing) -> None:
    for number in range(3):
        stored.post(title=str(number))
    stored.send("POST posts/update", {"where": "title < '2'"}, [("setValues.cover", "both.png", PNG)]).expect(200)
    assert len(keys()) == 2
    stored("POST posts/delete", {"where": "title == '0'"}).expect(200)
    assert len(keys()) == 2
    assert whole()
    stored("POST posts/delete", {"where": "title == '1'"}).expect(200)
    assert len(keys()) == 1
    assert whole()


# (the value that is posted, whether the file stays)
CHANGES = [("", True), (None, False), ("@null", False), ("null", False)]


@pytest.mark.parametrize(("value", "stays"), CHANGES)
@pytest.mark.parametrize("form_", ["json", "form", "multipart"])
def test_an_empty_text_leaves_a_file_and_null_removes_it(stored: Filing, value: Any, stays: bool, form_: str) -> None:
    row = stored.post()
    path = f"POST posts/edit/{row['id']}?returning=cover"
    if form_ == "json":
        found = stored(path, {"cover": value})
    elif form_ == "form":
        found = stored(path, f"cover={'@null' if value is None else value}", content_type="application/x-www-form-urlencoded")
    else:
        found = stored.send(path, {"cover": "@null" if value is None else value})
    found.expect(200, {"cover": row["cover"] if stays else None})
    assert keys() == ([f"posts/{row['cover']}"] if stays else [])


def test_a_needed_file_is_demanded_and_stays(filing: Filing) -> None:
    for values in ({"owner": "ann"}, {"owner": "ann", "text": ""}):
        filing("POST notes/insert", {"values": values}, by="ann").expect(400, {"data": {"text": {"code": "required"}}})
    filing("POST notes/insert", {"values": {"owner": "ann", "text": None}}, by="ann").expect(
        400, {"data": {"text": {"code": "null"}}}
    )


def test_rows_share_names_where_the_table_allows_it(stored: Filing) -> None:
    (first,) = stored.send("POST shared/insert", {"returning": "*"}, [("values.file", "a.txt", TXT)]).expect(200)
    (second,) = stored("POST shared/insert", {"values": {"file": first["file"]}, "returning": "*"}).expect(200)
    assert second["file"] == first["file"]
    for name in ("gone.txt", "../users/x", "", "a/b", "x\\y"):
        answer = stored("POST shared/insert", {"values": {"file": name}})
        assert answer.status == (400 if name else 200)
    stored("POST shared/delete", {"where": "file != null"}).expect(200)
    assert keys() == [f"shared/{first['file']}"]
    assert stored.fetch(f"shared/{second['id']}/{first['file']}").status == 404


@pytest.mark.parametrize("mode", ["IGNORE", "FAIL", "REPLACE"])
def test_conflicts_leave_no_orphan_and_take_no_file_that_is_named(stored: Filing, mode: str) -> None:
    before = stored.post(slug="taken")
    rows = [
        {"title": "a", "paper": "@filePayload.0"},
        {"title": "b", "slug": "taken", "paper": "@filePayload.1"},
        {"title": "c", "paper": "@filePayload.2"},
    ]
    files: list[File] = [("@filePayload", f"{name}.txt", name.encode()) for name in "abc"]
    status = stored.send("POST posts/insert", {"@jsonPayload": {"values": rows, "or": mode}}, files).status
    assert status == (409 if mode == "FAIL" else 200)
    left = {"IGNORE": [b"a", b"c", PNG], "FAIL": [b"a", PNG], "REPLACE": [b"a", b"b", b"c"]}[mode]
    assert sorted(content(key) for key in keys()) == sorted(left)
    assert (f"posts/{before['cover']}" in keys()) == (mode != "REPLACE")
    assert whole()


def test_files_go_with_rows_that_a_cascade_deletes(stored: Filing) -> None:
    stored.post(owner="ann")
    stored.post(owner="bob")
    stored.send("POST notes/insert", {"values.owner": "ann"}, [("values.text", "a.txt", TXT)], by="ann").expect(200)
    stored("POST users/delete", {"where": "id == 'ann'"}, by="ann").expect(200)
    assert len(keys()) == 1
    assert whole()


def test_a_cascade_of_raw_sql_is_seen_with_the_next_removal(filing: Filing) -> None:
    filing.post(owner="ann")
    other = filing.post()
    run_sql("DELETE FROM users WHERE id = 'ann'")
    assert len(keys()) == 2
    filing("POST posts/edit/" + other["id"], {"cover": None}).expect(200)
    assert keys() == []


def test_what_lies_in_the_outbox_is_not_believed(filing: Filing) -> None:
    row = filing.post()
    (filing.send("POST shared/insert", {"returning": "*"}, [("values.file", "a.txt", TXT)])).expect(200)
    before = keys()
    for key in (f"posts/{row['cover']}", "posts/../shared/x", "../../etc/passwd", "posts/", "nowhere/a.txt"):
        RemovedFile.objects.create(key=key)
    filing("POST posts/delete", {"where": "title == 'nothing'"}).expect(200)
    assert keys() == before
    assert not RemovedFile.objects.exists()


# (headers of a request whose body is none that is taken, body, status, part of the message)
BODIES = [
    (MULTIPART, form({f"f{number}": "x" for number in range(10_000)}), 413, "large"),
    (MULTIPART, form({}, [(f"values.f{number}", "a", b"") for number in range(10_000)]), 413, "20 files"),
    (MULTIPART, form({}, [COVER])[:-30], 400, "ends within a file"),
    (MULTIPART, form({}, [COVER])[: len(form({}, [COVER])) // 2], 400, "ends within a file"),
    (MULTIPART, b"", 400, "values is required"),
    (MULTIPART, b"x" * 1000, 400, "values is required"),
    (MULTIPART, f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="values.cover"; filename="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--{BOUNDARY}--'.encode(), 400, "base64"),
    ("multipart/form-data", form({}, [COVER]), 400, "boundary"),
    ("multipart/form-data; boundary=é", form({}, [COVER]), 400, "boundary"),
    (MULTIPART, form({"@jsonPayload": "{"}, [("@filePayload", "a", b"x")]), 400, "JSON"),
    (MULTIPART, form({"values.title": "\x00"}, [COVER]), 400, "NUL"),
]  # fmt: skip


@pytest.mark.parametrize(("content_type", "body", "status", "told"), BODIES, ids=range(len(BODIES)))
def test_a_form_that_cannot_be_taken_is_refused(filing: Filing, content_type: str, body: bytes, status: int, told: str) -> None:
    found = filing("POST posts/insert", body, content_type=content_type).expect(status)
    assert told in found["message"]
    assert keys() == []


def test_a_form_that_says_that_it_is_too_large_is_not_read(filing: Filing) -> None:
    filing("POST posts/insert", b"x", content_type=MULTIPART, CONTENT_LENGTH=str(10**12)).expect(413)
    filing("POST shared/insert", b"x", content_type=MULTIPART, CONTENT_LENGTH=str(500 * 1024 * 1024)).expect(413)
    filing("GET posts/select", b"", content_type=MULTIPART, CONTENT_LENGTH="0").expect(200)


def test_a_file_that_was_not_chosen_changes_nothing(filing: Filing) -> None:
    row = filing.post()
    filing.send(f"POST posts/edit/{row['id']}?returning=cover", {"title": "b"}, [("cover", "", b"")]).expect(
        200, {"cover": row["cover"]}
    )


class Reader:
    """A middleware of somebody who reads every form."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        request.POST.get("csrfmiddlewaretoken")
        return self.get_response(request)


def test_a_form_that_a_middleware_has_read_is_taken(filing: Filing, settings: Any) -> None:
    settings.MIDDLEWARE = ["tests.api.test_uploads.Reader"]
    row = filing.post(files=[COVER, ("values.paper", "a.txt", b"x" * 100_000)])
    assert content(f"posts/{row['cover']}") == PNG
    large: File = ("values.paper", "a.txt", b"x" * 22_000_000)
    filing.send("POST posts/insert", {"values.title": "a"}, [large]).expect(400, {"data": {"paper": {"code": "max_size"}}})
    assert len(keys()) == 2


def test_a_file_beyond_every_limit_is_read_on_and_not_kept(filing: Filing) -> None:
    large: File = ("values.file", "a.bin", b"x" * (20 * 1024 * 1024 + 1))
    for files in ([large], [large, ("values.nothing", "b.txt", TXT)]):
        answer = filing.send("POST shared/insert", {}, files)
        assert (answer.status, "file" in answer.body["data"] or "nothing" in answer.body["data"]) == (400, True)
    assert answer.body["data"]["nothing"]["code"] == "unknown"
    filing.send("POST shared/insert", {}, [("values.file", "a.bin", b"x" * (20 * 1024 * 1024))]).expect(200)
    assert len(keys()) == 1


def test_limits_are_settings(filing: Filing, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "FILES": {"MAX_FILES": 1, "MAX_SIZE": 10}}
    filing.send("POST posts/insert", {"values.title": "a"}, [("values.hidden", "a", b"x" * 10)]).expect(200)
    found = filing.send("POST posts/insert", {"values.title": "a"}, [("values.hidden", "a", b"x" * 11)])
    found.expect(400, {"data": {"hidden": {"code": "max_size"}}})
    filing.send("POST posts/insert", {"values.title": "a"}, [COVER, ("values.hidden", "a", b"x")]).expect(413)
    assert len(keys()) == 1


# The names of files and of parts that climb, break lines or quote
NAMES = ["a\r\nX-Evil: 1.txt", "a\nb.txt", 'a"b.txt', 'a\\"b.txt', "a\x00b.txt", "..%5c..%5cx.txt", "%252e%252e%252fx.txt", "..%c0%afx.txt", "\u202etxt.exe", "con", "a.txt::$DATA", "../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "..", ".", "a%0d%0aX-Evil: 1.txt", "%2e%2e%2fx.txt", "a&quot;b.txt", "C:evil.txt", "nul\\x00.txt", "ünï.txt", "x" * 250 + ".txt"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stays_within_the_folder(filing: Filing, name: str) -> None:
    (row,) = filing.send(
        "POST posts/insert", {"values.title": "a", "returning": "*"}, [("values.hidden", name, TXT)], by="admin"
    ).expect(200)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,90}_[A-Za-z0-9]{10}(\.[A-Za-z0-9_-]+)?|[A-Za-z0-9_.-]{12,100}", row["hidden"])
    assert keys() == [f"posts/{row['hidden']}"]
    got = filing.fetch(f"posts/{row['id']}/{row['hidden']}", by="admin")
    assert (got.status, got.content) == (200, TXT)
    assert "X-Evil" not in got.headers


@pytest.mark.parametrize(
    "part",
    [
        "values.../../x",
        "values.cover/../x",
        "values.cover%00",
        "values.cover\x00",
        "values.%2e%2e%2fcover",
        "values.cover\\..\\x",
        "values.cover.x",
        "@filePayload[../x]",
        "@filePayload[cover",
        "@filePayload.0",
        "values.__class__",
    ],
)
def test_the_name_of_a_part_leads_nowhere(filing: Filing, part: str) -> None:
    assert filing.send("POST posts/insert", {"values.title": "a"}, [(part, "a.txt", TXT)]).status == 400
    assert keys() == []


@pytest.mark.parametrize(("broken_url", "status"), [("down", 503), (500, 503), (403, 502)], indirect=["broken_url"])
def test_a_store_that_fails_loses_nothing(filing: Filing, broken_url: str, status: int, settings: Any) -> None:
    row = filing.post()
    working = settings.POCKETAPI
    settings.POCKETAPI = {**working, "STORAGE": broken_url}
    filing.send("POST posts/insert", {"values.title": "a"}, [COVER]).expect(status, {"code": status, "data": {}})
    filing.send(f"POST posts/edit/{row['id']}", {}, [("cover", "b.png", PNG)]).expect(status)
    assert filing.fetch(f"posts/{row['id']}/cover").status == status
    filing(f"POST posts/edit/{row['id']}", {"cover": None}).expect(200)  # the file waits until the store is there again
    assert RemovedFile.objects.count() == 1
    settings.POCKETAPI = working
    assert len(filing("GET posts/select").body) == 1
    assert keys() == [f"posts/{row['cover']}"]
    filing("POST posts/delete", {"where": "true"}).expect(200)
    assert keys() == []


def test_a_write_without_files_asks_nothing_more(filing: Filing) -> None:
    filing("POST shared/insert", {"values": {}}).expect(200)
    assert queries(lambda: filing("POST shared/insert", {"values": {}})) <= 3  # with the savepoint of the test's transaction
    with_files = queries(filing.post)
    without = queries(lambda: filing.send("POST posts/insert", {"values.title": "x"}))
    assert with_files - without == 1


def test_pdf_and_texts_are_told_apart(filing: Filing) -> None:
    for name, given, status in [
        ("a.pdf", PDF, 200),
        ("a.csv", b"a,b", 200),
        ("a.txt", PDF, 400),
        ("a.pdf", b"text", 400),
        ("a", PDF, 200),
        ("a.html", b"text", 400),
    ]:
        found = filing.send("POST notes/insert", {"values.owner": "ann"}, [("values.text", name, given)], by="ann")
        assert (name, found.status) == (name, status)
