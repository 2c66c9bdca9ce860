"""Stores for tests: a folder, and a bucket of an S3 server on loopback. Fixtures run every test on both."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of an S3 server."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        yield f"http://127.0.0.1:{port}"
        server.stop()


@pytest.fixture
def bucket_url(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A STORAGE_URL of a new bucket."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{uuid4().hex[:12]}"
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket=name)
    return f"s3://{name}/within?endpoint_url={s3_server}&region_name=us-east-1"


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, settings: Any) -> str:
    """Makes each store the one of the settings in turn; its name."""
    given: dict[str, Any] = {"MEDIA_ROOT": tmp_path / "media"}
    if request.param == "bucket":
        given["STORAGE"] = request.getfixturevalue("bucket_url")
    settings.POCKETAPI = {**settings.POCKETAPI, **given}
    return str(request.param)


class Broken(BaseHTTPRequestHandler):
    """Answers every request with the server's status."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _answer  # noqa: N815 - the names of http.server

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def broken_url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A STORAGE_URL of a server that answers with the status that the test names, or of none (`down`)."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    if request.param == "down":
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            yield f"s3://gone?endpoint_url=http://127.0.0.1:{probe.getsockname()[1]}&region_name=us-east-1"
        return
    server = HTTPServer(("127.0.0.1", 0), Broken)
    server.status = request.param  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"s3://broken?endpoint_url=http://127.0.0.1:{server.server_port}&region_name=us-east-1"
    server.shutdown()
    server.server_close()
    thread.join()
