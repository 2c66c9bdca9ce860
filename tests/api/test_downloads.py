"""Files on their way out: who gets them, which part, and how a browser must treat them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from pocketapi.files.store import store
from tests.api.answers import run_sql
from tests.api.filing import PNG, Filing, keys

LONG = bytes(range(256)) * 16  # 4096 bytes
FOR_EVER = "public, max-age=31536000, immutable"


def note(filing: Filing, owner: str = "ann") -> Any:
    (row,) = filing.send(
        "POST notes/insert", {"values.owner": owner, "returning": "*"}, [("values.text", "a.txt", b"secret")], by=owner
    ).expect(200)
    return row


def paper(filing: Filing, content: bytes = LONG, name: str = "long.bin") -> str:
    """The path of a new public file."""
    row = filing.post(files=[("values.paper", name, content)])
    return f"posts/{row['id']}/{row['paper']}"


def test_a_file_is_found_by_name_by_field_and_by_both(stored: Filing) -> None:
    row = stored.post(files=[("values.cover", "a.png", PNG), ("values.paper", "b.txt", b"text")])
    for path in (row["cover"], "cover", f"cover/{row['cover']}"):
        got = stored.fetch(f"posts/{row['id']}/{path}")
        assert (got.status, got.content, got.headers["Content-Type"]) == (200, PNG, "image/png")
        assert got.headers["Content-Length"] == str(len(PNG))
        assert got.headers["Content-Disposition"] == f'inline; filename="{row["cover"]}"'
    assert stored.fetch(f"posts/{row['id']}/paper").content == b"text"
    assert stored.fetch(f"posts/{row['id']}/paper/").content == b"text"


# (path, status), of a post with a cover, a hidden file and no paper, and of a table that is closed
WITHOUT = [
    ("posts/{id}/paper", 404),
    ("posts/{id}/hidden", 404),
    ("posts/{id}/{hidden}", 404),
    ("posts/{id}/hidden/{hidden}", 404),
    ("posts/{id}/title", 404),
    ("posts/{id}/id", 404),
    ("posts/{id}/paper/{cover}", 404),
    ("posts/{id}/nothing/{cover}", 404),
    ("posts/{id}/cover/other.png", 404),
    ("posts/{id}/cover/", 200),
    ("posts/{id}/Hi", 404),
    ("posts/nobody/{cover}", 404),
    ("posts/{id}", 404),
    ("posts/{id}/", 404),
    ("posts/{id}/a/b/c", 404),
    ("posts/{id}/..%2f..%2fusers", 404),
    ("posts/{id}/../{cover}", 404),
    ("posts/..%2f{id}/cover", 404),
    ("posts/{id}/cover/..%2f..%2f{cover}", 404),
    ("posts/{id}/%00", 404),
    ("posts/{id}/cover%0d%0aX-Evil:%201", 404),
    ("posts/{id}/.incoming", 404),
    ("posts/{id}/{cover}.thumbs/8x8.png", 404),
    ("posts/{id}/{cover}%00.txt", 404),
    ("posts/{id}/{cover}%0a", 404),
    ("posts/{id}/{cover}%20", 404),
    ("posts/{id}/{cover}::$DATA", 404),
    ("posts/{id}/..%5c{cover}", 404),
    ("posts/{id}/..\\{cover}", 404),
    ("posts/{id}/%252e%252e%252f{cover}", 404),
    ("posts/{id}/%c0%ae%c0%ae%c0%af{cover}", 404),
    ("posts/{id}/cover/..%5c{cover}", 404),
    ("posts/{id}/cover/%252e%252e%252f{cover}", 404),
    ("posts/{id}%00/cover", 404),
    ("posts/..%5c{id}/cover", 404),
    ("posts/%252e%252e%252f{id}/cover", 404),
    ("posts/%c0%ae%c0%ae/cover", 404),
    ("posts%00/{id}/cover", 404),
    ("..%5cposts/{id}/cover", 404),
    ("%252e%252e%252fposts/{id}/cover", 404),
    ("POSTS/{id}/cover", 404),
    ("posts/%2e%2e/{cover}", 404),
    ("..%2fposts/{id}/cover", 404),
    ("nothing/{id}/cover", 404),
    ("users/ann/avatar", 404),
    ("closed/1/file", 403),
    ("closed/1/..%2f..", 403),
    ("closed/x/nothing", 403),
]


@pytest.mark.parametrize(("path", "status"), WITHOUT)
def test_what_is_no_file_of_the_record_is_not_there(filing: Filing, path: str, status: int) -> None:
    row = filing.post(files=[("values.cover", "a.png", PNG), ("values.hidden", "b.txt", b"text")])
    (hidden,) = filing("POST posts/select", {"select": "hidden"}, by="admin").expect(200)
    got = filing.fetch(path.format(**{**row, **hidden}))
    assert got.status == status
    if status != 200:
        assert got.headers["Content-Type"] == "application/json"
        assert "X-Evil" not in got.headers


def test_only_who_may_view_the_record_gets_its_file(stored: Filing) -> None:
    row = note(stored)
    path = f"notes/{row['id']}/{row['text']}"
    for by, status in [("ann", 200), ("bob", 404), (None, 404), ("admin", 200), ("not-a-token", 401)]:
        assert stored.fetch(path, by=by).status == status
    got = stored.fetch(path, by="ann")
    assert (got.content, got.headers["Cache-Control"]) == (b"secret", "private, no-cache")
    stored.user("eve")
    stored(f"POST notes/edit/{row['id']}", {"owner": "bob"}, by="admin").expect(200)
    assert stored.fetch(path, by="ann").status == 404


def test_admins_see_hidden_files_and_closed_tables(filing: Filing) -> None:
    (row,) = filing.send("POST closed/insert", {"returning": "*"}, [("values.file", "a.txt", b"x")], by="admin").expect(200)
    assert filing.fetch(f"closed/{row['id']}/file", by="admin").status == 200
    assert filing.fetch(f"closed/{row['id']}/file").status == 403


def test_another_rows_name_and_an_old_name_are_no_names(stored: Filing) -> None:
    first, second = stored.post(), stored.post()
    assert stored.fetch(f"posts/{first['id']}/{second['cover']}").status == 404
    assert stored.fetch(f"posts/{first['id']}/cover/{second['cover']}").status == 404
    stored.send(f"POST posts/edit/{first['id']}", {}, [("cover", "b.png", PNG)]).expect(200)
    assert stored.fetch(f"posts/{first['id']}/{first['cover']}").status == 404
    stored("POST posts/delete", {"where": f"id == '{second['id']}'"}).expect(200)
    assert stored.fetch(f"posts/{second['id']}/{second['cover']}").status == 404


def test_a_name_that_raw_sql_wrote_climbs_nowhere(filing: Filing, tmp_path: Path) -> None:
    row = filing.post()
    (tmp_path / "media" / "secret").write_text("secret")
    for name in ("../secret", "../../media/secret", "..", "/etc/passwd", f"../posts/{row['cover']}"):
        run_sql("UPDATE posts SET cover = %s", name)
        assert filing.fetch(f"posts/{row['id']}/cover").status == 404


def test_a_file_that_is_gone_from_the_store_is_told(stored: Filing) -> None:
    row = stored.post()
    store().delete(f"posts/{row['cover']}")
    for method in ("GET", "HEAD"):
        assert stored.fetch(f"posts/{row['id']}/cover", method=method).status == 404
    assert stored.fetch(f"posts/{row['id']}/cover", Range="bytes=0-1").status == 404


# (name, content, type, how it is shown)
SHOWN = [
    ("a.png", PNG, "image/png", "inline"),
    ("a.txt", b"x", "text/plain; charset=utf-8", "inline"),
    ("a.pdf", b"%PDF-1.7", "application/pdf", "inline"),
    ("a.html", b"<html>", "text/html; charset=utf-8", "attachment"),
    ("a.HTM", b"<html>", "text/html; charset=utf-8", "attachment"),
    ("a.xhtml", b"<html>", "application/octet-stream", "inline"),
    ("a.svg", b"<svg>", "image/svg+xml", "attachment"),
    ("a.xml", b"<?xml", "text/xml; charset=utf-8", "attachment"),
    ("a.xsl", b"<?xml", "text/xml; charset=utf-8", "attachment"),
    ("a.js", b"alert(1)", "text/plain; charset=utf-8", "inline"),
    ("a.css", b"x", "text/plain; charset=utf-8", "inline"),
    ("a.exe", b"MZ", "application/octet-stream", "inline"),
    ("a", b"<html>", "application/octet-stream", "inline"),
    ("a.unknown", b"<html>", "application/octet-stream", "inline"),
]


@pytest.mark.parametrize(("name", "content", "type_", "shown"), SHOWN)
def test_what_browsers_would_run_comes_to_be_saved(filing: Filing, name: str, content: bytes, type_: str, shown: str) -> None:
    got = filing.fetch(paper(filing, content, name))
    assert (got.status, got.content) == (200, content)
    headers = got.headers
    assert (headers["X-Content-Type-Options"], headers["Content-Security-Policy"]) == ("nosniff", "sandbox")
    assert headers["Content-Type"] == type_
    assert headers["Content-Disposition"].startswith(f"{shown}; filename=")


def test_a_download_may_be_asked_for(filing: Filing) -> None:
    path = paper(filing)
    for query, how in [("download=1", "attachment"), ("download=true", "attachment"), ("download=0", "inline"), ("", "inline")]:
        assert filing.fetch(path, query=query).headers["Content-Disposition"].startswith(how)
    assert filing.fetch("closed/1/file", query="dl=1").status == 403
    for query in ("download=x", "dl=1", "download=1&download=1", "thumb=8x8", "path=x"):
        assert filing.fetch(path, query=query).status == 400


def test_a_name_of_another_system_is_encoded(filing: Filing, tmp_path: Path) -> None:
    (row,) = filing.send("POST shared/insert", {"returning": "*"}, [("values.file", "a.txt", b"x")]).expect(200)
    name = 'häus "x";.txt'
    (tmp_path / "media" / "shared" / name).write_bytes(b"old")
    filing(f"POST shared/edit/{row['id']}", {"file": name}).expect(200)
    got = filing.fetch(f"shared/{row['id']}/file")
    assert got.content == b"old"
    assert got.headers["Content-Disposition"] == "inline; filename*=utf-8''h%C3%A4us%20%22x%22%3B.txt"


def test_caches_may_keep_what_everybody_may_see(filing: Filing) -> None:
    row = filing.post()
    assert filing.fetch(f"posts/{row['id']}/{row['cover']}").headers["Cache-Control"] == FOR_EVER
    assert filing.fetch(f"posts/{row['id']}/cover/{row['cover']}").headers["Cache-Control"] == FOR_EVER
    by_field = filing.fetch(f"posts/{row['id']}/cover").headers
    assert by_field["Cache-Control"] == "public, no-cache"
    assert "Vary" not in by_field
    missing = filing.fetch(f"posts/{row['id']}/nothing").headers
    assert (missing["Cache-Control"], "Vary" in missing) == ("private, no-cache", True)


def test_head_has_everything_but_the_bytes(stored: Filing) -> None:
    path = paper(stored)
    got, head = stored.fetch(path), stored.fetch(path, method="HEAD")
    assert (head.status, head.content) == (200, b"")
    assert {name: head.headers[name] for name in got.headers} == dict(got.headers)
    assert stored.fetch(path, method="HEAD", Range="bytes=0-1").status == 200
    for method in ("POST", "PUT", "DELETE"):
        assert stored.fetch(path, method=method).status == 405


# (Range, the part; None: all; "": none)
RANGES: list[tuple[str, Any]] = [
    ("bytes=0-0", (0, 1)),
    ("bytes=0-9", (0, 10)),
    ("bytes=10-", (10, 4096)),
    ("bytes=-1", (4095, 4096)),
    ("bytes=-5000", (0, 4096)),
    ("bytes=4095-99999", (4095, 4096)),
    ("bytes=0-", (0, 4096)),
    ("BYTES = 1 - 2", (1, 3)),
    ("bytes=0-" + "9" * 5000, (0, 4096)),
    ("bytes=-" + "9" * 5000, (0, 4096)),
    ("bytes=4096-", ""),
    ("bytes=" + "9" * 5000 + "-", ""),
    ("bytes=-0", ""),
    ("bytes=5-4", None),
    ("bytes=-", None),
    ("bytes=0-1,3-4", None),
    ("bytes=" + ",".join(["0-"] * 2000), None),
    ("bytes=a-b", None),
    ("bytes=--1", None),
    ("bytes=1.5-2", None),
    ("bytes=0x1-2", None),
    ("bytes=١-٢", None),
    ("items=0-1", None),
    ("bytes", None),
    ("", None),
]


@pytest.mark.parametrize(("given", "part"), RANGES, ids=range(len(RANGES)))
def test_one_range_is_answered(filing: Filing, given: str, part: Any) -> None:
    got = filing.fetch(paper(filing), Range=given)
    if part is None:
        assert (got.status, got.content) == (200, LONG)
        assert "Content-Range" not in got.headers
    elif part == "":
        assert (got.status, got.headers["Content-Range"]) == (416, "bytes */4096")
        assert got.headers["Content-Type"] == "application/json"
    else:
        start, end = part
        assert (got.status, got.content) == (206, LONG[start:end])
        assert got.headers["Content-Range"] == f"bytes {start}-{end - 1}/4096"
        assert got.headers["Content-Length"] == str(end - start)


def test_a_range_of_a_bucket_is_the_same(stored: Filing) -> None:
    got = stored.fetch(paper(stored), Range="bytes=100-199")
    assert (got.status, got.content, got.headers["Content-Range"]) == (206, LONG[100:200], "bytes 100-199/4096")
    assert stored.fetch(paper(stored), Range="bytes=5000-").status == 416


def test_an_empty_file_has_no_parts(filing: Filing) -> None:
    path = paper(filing, b"", "empty.txt")
    assert (filing.fetch(path).status, filing.fetch(path).content) == (200, b"")
    assert filing.fetch(path, Range="bytes=0-").status == 416


def test_what_the_caller_has_is_not_sent_again(stored: Filing) -> None:
    path = paper(stored)
    first = stored.fetch(path)
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    moment = parsedate_to_datetime(modified)
    later, earlier = (format_datetime(moment + timedelta(seconds=each), usegmt=True) for each in (60, -60))
    assert abs(moment - datetime.now(UTC)) < timedelta(minutes=5)
    cases: list[tuple[dict[str, str], int]] = [
        ({"If_None_Match": tag}, 304),
        ({"If_None_Match": f'"x", W/{tag}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_Modified_Since": modified}, 304),
        ({"If_Modified_Since": later}, 304),
        ({"If_Modified_Since": earlier}, 200),
        ({"If_Modified_Since": "nonsense"}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": later}, 200),
        ({"If_Modified_Since": later, "Range": "bytes=0-1"}, 304),
        ({"If_None_Match": tag, "Range": "bytes=0-1"}, 304),
        ({"If_Range": tag, "Range": "bytes=0-1"}, 206),
        ({"If_Range": modified, "Range": "bytes=0-1"}, 206),
        ({"If_Range": '"other"', "Range": "bytes=0-1"}, 200),
        ({"If_Range": f"W/{tag}", "Range": "bytes=0-1"}, 200),
        ({"If_Range": earlier, "Range": "bytes=0-1"}, 200),
    ]
    for headers, status in cases:
        for method in ("GET", "HEAD"):
            got = stored.fetch(path, method=method, **headers)
            assert (headers, got.status) == (headers, 200 if method == "HEAD" and status == 206 else status)
            if status == 304:
                assert (got.content, got.headers["ETag"]) == (b"", tag)
                assert "Content-Type" not in got.headers


def test_a_known_tag_tells_nothing_to_who_may_not_see(filing: Filing) -> None:
    row = note(filing)
    assert filing.fetch(f"notes/{row['id']}/text", by="bob", If_None_Match="*").status == 404


def test_another_file_has_another_tag(filing: Filing) -> None:
    assert filing.fetch(paper(filing)).headers["ETag"] != filing.fetch(paper(filing)).headers["ETag"]


def test_a_bucket_may_send_itself(filing: Filing, bucket_url: str, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url, "FILES": {"REDIRECT": True}}
    path = paper(filing, b"<html>", "a.html")
    got = filing.fetch(path)
    assert (got.status, got.content, got.headers["Cache-Control"]) == (302, b"", "private, no-store")
    found = httpx.get(got.headers["Location"])
    assert (found.content, found.headers["Content-Type"]) == (b"<html>", "text/html; charset=utf-8")
    assert found.headers["Content-Disposition"].startswith("attachment")
    assert filing.fetch(path, method="HEAD").status == 200


# (the options, the header, its value: with the key)
HANDED = [
    ({"SENDFILE": "X-Accel-Redirect"}, "X-Accel-Redirect", "/media/{key}"),
    ({"SENDFILE": "X-Accel-Redirect", "SENDFILE_ROOT": "/inside"}, "X-Accel-Redirect", "/inside/{key}"),
    ({"SENDFILE": "X-Sendfile"}, "X-Sendfile", "{root}/{key}"),
]


@pytest.mark.parametrize(("options", "header", "value"), HANDED)
def test_the_server_in_front_may_send(
    filing: Filing, options: Any, header: str, value: str, settings: Any, tmp_path: Path
) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "FILES": options}
    path = paper(filing)
    got = filing.fetch(path)
    assert (got.status, got.content) == (200, b"")
    assert got.headers[header] == value.format(key=keys()[0], root=tmp_path / "media")
    assert filing.fetch(path, If_Modified_Since=got.headers["Last-Modified"]).status == 304
    store().delete(keys()[0])
    assert filing.fetch(path).status == 404
