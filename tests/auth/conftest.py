"""The API's fixtures serve here, too; `desk` is the API over configs/mails.yaml with a mail server behind it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.api.answers import SERVICE, Api
from tests.api.conftest import api
from tests.auth.mailbox import Mailbox
from tests.conftest import HERE, UseConfig

__all__ = ["api"]

MAILS = (HERE / "configs" / "mails.yaml").read_text("utf-8")


@pytest.fixture(scope="session")
def mail_server() -> Iterator[Mailbox]:
    server = Mailbox()
    server.controller.start()
    yield server
    server.controller.stop()


@pytest.fixture
def mailbox(mail_server: Mailbox) -> Mailbox:
    """The mail server, empty."""
    mail_server.clear()
    return mail_server


@pytest.fixture
def desk_with(use_config: UseConfig, mailbox: Mailbox, settings: Any) -> Callable[..., Api]:
    """`desk_with(old=new)` is the API over the config, some of it replaced; mails are sent within the request."""
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE, "MAIL_THREADS": 0}

    def make(changes: dict[str, str] | None = None) -> Api:
        text = MAILS.replace("PORT", str(mailbox.port))
        for old, new in (changes or {}).items():
            assert old in text, old
            text = text.replace(old, new)
        use_config(text)
        found = Api()
        for name in ("ann", "bob"):
            found.user(name)
        found.user("eve", "staff")
        return found

    return make


@pytest.fixture
def desk(desk_with: Callable[..., Api]) -> Api:
    """The API with users `ann` and `bob` and `eve` of the staff."""
    return desk_with()
