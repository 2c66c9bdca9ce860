"""An S3-compatible bucket as the store: AWS, R2, MinIO and others, through django-storages and boto3."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from django.core.exceptions import ImproperlyConfigured
from storages.backends.s3 import S3Storage

from pocketapi.errors import StoreRefused, StoreUnavailable
from pocketapi.files.store import Opened, Stat, Store

LINK_LIFE = 300  # seconds
CONNECTING, READING, TRIES = 5, 60, 2  # seconds, seconds, and how often a request is made
PART = 8 * 1024 * 1024  # bytes of a part of a large upload; one is in memory at a time
AGAIN = ("SlowDown", "RequestTimeout", "InternalError", "ServiceUnavailable", "RequestTimeTooSkewed")
WRONG_BUCKET = ("NoSuchBucket", "InvalidBucketName", "PermanentRedirect")

logger = logging.getLogger("pocketapi")


class Bucket(Store):
    """Objects of a bucket, streamed."""

    def stat(self, key: str) -> Stat:
        with self.failing():
            found = self._client.head_object(**self._object(key))
            return Stat(found["ContentLength"], found["LastModified"])

    def open(self, key: str, start: int = 0, length: int | None = None) -> Opened:
        part = {} if length is None else {"Range": f"bytes={start}-{start + length - 1}"}
        with self.failing():
            found = self._client.get_object(**self._object(key), **part)
        size = int(found["ContentRange"].rpartition("/")[2]) if part else found["ContentLength"]
        return Opened(Stat(size, found["LastModified"]), found["Body"])

    def listing(self, base: str) -> Iterator[str]:
        within = f"{self.storage.location.strip('/')}/".lstrip("/")
        with self.failing():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.storage.bucket_name, Prefix=f"{within}{base}/"
            )
            for page in pages:
                yield from (each["Key"].removeprefix(within) for each in page.get("Contents", ()))

    def link(self, key: str, headers: Mapping[str, str]) -> str | None:
        asked = {f"Response{name.replace('-', '')}": value for name, value in headers.items()}
        with self.failing():
            return str(
                self._client.generate_presigned_url(
                    "get_object", Params={**self._object(key), **asked}, ExpiresIn=LINK_LIFE, HttpMethod="GET"
                )
            )

    @property
    def _client(self) -> Any:
        return self.storage.connection.meta.client

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.storage.bucket_name, "Key": f"{self.storage.location.strip('/')}/{key}".lstrip("/")}

    @contextmanager
    def failing(self) -> Iterator[None]:
        try:
            with super().failing():
                yield
        except ClientError as error:
            raise _told(error) from error
        except (NoCredentialsError, PartialCredentialsError) as error:
            logger.error("The file store has no credentials: %s", error)
            raise StoreRefused from error
        except (BotoCoreError, Boto3Error) as error:
            logger.error("The file store does not answer: %s", error)
            raise StoreUnavailable from error


def _told(error: ClientError) -> Exception:
    """What the bucket answered, as the error that it means."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status == 404 and code not in WRONG_BUCKET:
        return FileNotFoundError(code)
    logger.error("The file store refused: %s", error)
    return StoreUnavailable() if status >= 500 or status == 429 or code in AGAIN else StoreRefused()


class BucketStorage(S3Storage):  # type: ignore[misc] # it carries no types
    """django-storages' with what R2 and the like need, timeouts, few retries, and one part in memory at a time."""

    store = Bucket

    def get_default_settings(self) -> dict[str, Any]:
        return {
            **super().get_default_settings(),
            "signature_version": "s3v4",
            "file_overwrite": False,
            "transfer_config": TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False),
        }

    def __init__(self, **given: Any) -> None:
        ours = Config(
            connect_timeout=CONNECTING,
            read_timeout=READING,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**given)
        if bool(self.access_key) != bool(self.secret_key):
            raise ImproperlyConfigured("a bucket needs both keys, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.")
        self.client_config: Any = ours.merge(self.client_config)
