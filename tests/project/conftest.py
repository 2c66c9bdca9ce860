"""The fixtures of mails serve here, too."""

from tests.auth.conftest import desk, desk_with, mail_server, mailbox

__all__ = ["desk", "desk_with", "mail_server", "mailbox"]
