"""What a bucket does beside what every store does, and how it fails."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured

from pocketapi.errors import StoreRefused, StoreUnavailable
from pocketapi.files.store import store
from tests.files.objects import TEXT, put


def test_a_link_of_a_bucket_gives_the_object(bucket_url: str, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url}
    put("base/a.html")
    link = store().link("base/a.html", {"Content-Type": "text/html", "Content-Disposition": "attachment"})
    assert link
    found = httpx.get(link)
    assert (found.status_code, found.content) == (200, TEXT)
    assert (found.headers["Content-Type"], found.headers["Content-Disposition"]) == ("text/html", "attachment")
    assert "X-Amz-Expires=300" in link
    assert store().path("base/a.html") is None


def test_a_large_upload_goes_to_a_bucket_in_parts(bucket_url: str, settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url}
    put("base/large", b"x" * (9 * 1024 * 1024))
    assert store().stat("base/large").size == 9 * 1024 * 1024


@pytest.mark.parametrize(
    ("broken_url", "error"),
    [("down", StoreUnavailable), (500, StoreUnavailable), (503, StoreUnavailable), (403, StoreRefused), (401, StoreRefused)],
    indirect=["broken_url"],
)
def test_a_store_that_fails_is_told(broken_url: str, error: type[Exception], settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": broken_url}
    for use in (
        lambda: put("base/a"),
        lambda: store().open("base/a"),
        lambda: list(store().listing("base")),
        lambda: store().delete("a"),
    ):
        with pytest.raises(error):
            use()


def test_a_bucket_that_is_not_there_is_no_missing_file(bucket_url: str, settings: Any) -> None:
    name = bucket_url.partition("/within")[0]
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url.replace(name, f"{name}-gone")}
    with pytest.raises(StoreRefused):
        store().open("base/a")


def test_a_bucket_without_credentials_is_told(bucket_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url}
    with pytest.raises(StoreRefused):
        put("base/a")


def test_half_of_the_credentials_is_a_mistake(bucket_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": bucket_url}
    with pytest.raises(ImproperlyConfigured, match="both keys"):
        store()
