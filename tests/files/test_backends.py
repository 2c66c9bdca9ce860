"""Which store the settings name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from pocketapi.files import store as stores
from pocketapi.files.store import store
from tests.files.objects import TEXT, put, upload

# (what the settings say, the class and options, or the word of the error)
STORAGES: list[tuple[Any, Any]] = [
    ("file:///srv/files%20of", (stores.FOLDER, {"location": "/srv/files of"})),
    (
        "s3://bucket?endpoint_url=https://x.r2.cloudflarestorage.com&region_name=auto",
        (stores.BUCKET, {"bucket_name": "bucket", "location": "", "endpoint_url": "https://x.r2.cloudflarestorage.com", "region_name": "auto"}),
    ),
    (
        "s3://key:se%2Fcret@Bucket.x/a/b/",
        (stores.BUCKET, {"bucket_name": "Bucket.x", "location": "a/b", "access_key": "key", "secret_key": "se/cret"}),
    ),
    ({"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "b"}}, (stores.BUCKET, {"bucket_name": "b"})),
    ({"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": "/x"}}, (stores.FOLDER, {"location": "/x"})),
    ({"BACKEND": "django.core.files.storage.InMemoryStorage"}, ("django.core.files.storage.InMemoryStorage", {})),
    ("s3://", "s3://bucket"),
    ("ftp://x", "s3://bucket"),
    ("s3://b?endpoint=x", "endpoint_url"),
    ({"BACKENDS": "x"}, "BACKEND"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "found"), STORAGES, ids=range(len(STORAGES)))
def test_the_settings_name_a_store(given: Any, found: Any) -> None:
    if isinstance(found, str):
        with pytest.raises(ImproperlyConfigured, match=found):
            stores.backend_of(given)
    else:
        assert stores.backend_of(given) == found


def test_any_storage_of_django_is_a_store(settings: Any) -> None:
    settings.POCKETAPI = {**settings.POCKETAPI, "STORAGE": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    put("base/a")
    found = store().open("base/a", 5, 10)
    assert found.content.read() == TEXT[5:15]
    assert list(store().listing("base")) == ["base/a"]
    assert store().link("base/a", {}) is None
    assert store().path("base/a") is None
    received = upload(TEXT)
    store().save("base/b", received.open())
    received.close()
    store().delete("base/a")
    assert list(store().listing("base")) == ["base/b"]
