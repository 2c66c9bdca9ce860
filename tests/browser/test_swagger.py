"""Swagger UI in a browser: it shows the document, and its Authorize button signs requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright

from tests.api.server import SERVICE, Server
from tests.conftest import HERE

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The tables of configs/desk.yaml, served."""
    folder = tmp_path_factory.mktemp("swagger")
    with Server(folder, HERE / "configs" / "desk.yaml", f"sqlite:///{folder / 'db.sqlite3'}") as running:
        yield running


@pytest.fixture
def page(server: Server) -> Iterator[Page]:
    """The page in a browser that fails on what other servers would have to answer."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        found = browser.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        found.on("request", lambda request: asked.append(request.url))
        found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        found.goto(f"{server.url}/doc/ui")
        yield found
        assert all(url.startswith((server.url.removesuffix("/api/v1"), "data:", "blob:")) for url in asked), asked
        assert not [text for text in complaints if "Content Security Policy" in text], complaints
        browser.close()


def test_the_document_is_shown_and_requests_are_signed(page: Page, server: Server) -> None:
    assert httpx.get(f"{server.url}/settings").status_code == 401
    page.wait_for_selector(".opblock-tag", timeout=30_000)
    assert page.title() == "Desk: swagger"
    assert page.locator(".opblock-tag", has_text="posts").count() == 1
    page.click("button.authorize")
    page.fill("#auth-bearer-value", SERVICE)
    page.click(".auth-btn-wrapper button.authorize >> nth=0")
    page.click("button.btn-done")
    page.click("#operations-tag-database")
    page.click("#operations-database-settings .opblock-summary-control")
    page.click("#operations-database-settings button.execute")
    page.wait_for_selector("#operations-database-settings .live-responses-table .response-col_status", timeout=30_000)
    status = page.locator("#operations-database-settings .live-responses-table tbody .response-col_status").first
    assert status.inner_text().strip().startswith("200")
