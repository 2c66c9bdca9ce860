"""Stores for the tests of this folder."""

from tests.stores import broken_url, bucket_url, s3_server, storage

__all__ = ["broken_url", "bucket_url", "s3_server", "storage"]
