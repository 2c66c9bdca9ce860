"""`files`: what it finds, what it removes, and what it leaves alone."""

from __future__ import annotations

import argparse
import io
import os
import time
from datetime import timedelta
from typing import Any

import pytest

from pocketapi.commands import files
from pocketapi.files import audit
from pocketapi.files.store import store
from pocketapi.models import RemovedFile
from tests.api.answers import run_sql
from tests.api.conftest import filing
from tests.api.filing import Filing, keys, picture
from tests.files.objects import put
from tests.stores import broken_url, bucket_url, s3_server, storage

__all__ = ["broken_url", "bucket_url", "filing", "s3_server", "storage"]

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(*arguments: str, out: io.StringIO | None = None) -> tuple[int, list[str]]:
    parser = argparse.ArgumentParser()
    files.add_arguments(parser)
    out = out or io.StringIO()
    code = files.run(parser.parse_args(arguments), out)
    return code, out.getvalue().splitlines()


def test_all_is_well(storage: str, filing: Filing) -> None:
    row = filing.post(files=[("values.cover", "a.png", picture(4, 4))])
    filing.fetch(f"posts/{row['id']}/cover", query="thumb=8x8")
    assert run("--check") == (0, ["2 files, 0 missing, 0 orphans."])
    assert run("--sweep", "--older-than", "0") == (0, ["2 files, 0 missing, 0 orphans."])


def test_orphans_are_reported_and_swept_once_they_are_old(storage: str, filing: Filing) -> None:
    kept = filing.post()
    orphans = ["posts/orphan.txt", "private/notes/gone/a.txt", "posts/sub/dir.txt", "posts/lost.png.thumbs/8x8.png"]
    for key in [*orphans, "posts/orphan.txt.thumbs/8x8.png"]:
        put(key)
    lines = [f"orphan: {key}" for key in sorted(orphans)]
    assert run("--check") == (1, [*lines, "6 files, 0 missing, 4 orphans."])
    assert run("--sweep") == (1, ["6 files, 0 missing, 4 orphans."])
    removed = [f"removed: {key}" for key in sorted(orphans)]
    assert run("--sweep", "--older-than", "0") == (0, [*removed, "6 files, 0 missing, 0 orphans."])
    assert keys() == [f"posts/{kept['cover']}"]


def test_rows_without_their_file_are_reported(storage: str, filing: Filing) -> None:
    row = filing.post()
    store().delete(f"posts/{row['cover']}")
    told = f"missing: posts/{row['cover']}, which posts {row['id']} names"
    assert run("--check") == (1, [told, "0 files, 1 missing, 0 orphans."])
    assert run("--sweep") == (1, [told, "0 files, 1 missing, 0 orphans."])


def test_files_that_stay_without_a_row_are_no_orphans(filing: Filing) -> None:
    (row,) = filing.send("POST shared/insert", {"returning": "*"}, [("values.file", "a.txt", b"x")]).expect(200)
    filing("POST shared/delete", {"where": "true"}).expect(200)
    last = "1 files, 0 missing, 0 orphans, 1 kept without a row (autoDeleteR2Files is off)."
    assert run("--check") == (0, [last])
    assert run("--sweep", "--older-than", "0") == (0, [last])
    assert keys() == [f"shared/{row['file']}"]


def test_the_outbox_is_emptied_first(filing: Filing) -> None:
    filing.post(owner="ann")
    run_sql("DELETE FROM users WHERE id = 'ann'")
    assert run("--check")[0] == 1
    assert run("--sweep") == (0, ["0 files, 0 missing, 0 orphans."])
    assert not RemovedFile.objects.exists()


def test_a_row_that_names_an_orphan_meanwhile_keeps_it(filing: Filing) -> None:
    put("posts/late.txt")
    filing.post(files=[])
    found = audit.audit(lambda *_: None)
    run_sql("UPDATE posts SET paper = 'late.txt'")
    assert found.orphans == ["posts/late.txt"]
    assert list(audit.sweep(found.orphans, timedelta(0), lambda *_: None)) == []
    assert keys() == ["posts/late.txt"]


def test_uploads_that_never_ended_are_swept_after_a_day(filing: Filing) -> None:
    filing.post()
    folder = store().path(audit.SPOOL)
    assert folder is not None
    for name in ("old.upload", "young.upload", "old.other"):
        (folder / name).write_text("x")
        if name.startswith("old"):
            os.utime(folder / name, (time.time() - 90_000,) * 2)
    code, lines = run("--sweep")
    assert (code, lines[0]) == (0, "removed: old.upload, an upload that never ended")
    assert sorted(path.name for path in folder.iterdir()) == ["old.other", "young.upload"]


@pytest.mark.parametrize("broken_url", ["down"], indirect=True)
def test_a_store_that_fails_is_told(filing: Filing, broken_url: str, settings: Any) -> None:
    filing.post()
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": broken_url}
    code, lines = run("--check")
    assert (code, lines[0].startswith("Not finished: The file store is not available")) == (1, True)


def test_a_terminal_sees_how_far_it_is(filing: Filing) -> None:
    filing.post()
    put("posts/orphan.txt")
    out = Terminal()
    assert run("--sweep", "--older-than", "0", out=out)[0] == 0
    for part in (
        "\r\x1b[K1 objects",
        "1 rows",
        "[##############################] 1 of 1 orphans",
        "\r\x1b[Kremoved: posts/orphan.txt\n",
    ):
        assert part in out.getvalue()


@pytest.mark.parametrize(
    "arguments", [[], ["--check", "--sweep"], ["--sweep", "--older-than", "-1"], ["--sweep", "--older-than", "x"]]
)
def test_what_it_does_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(*arguments)
    assert capsys.readouterr().err
