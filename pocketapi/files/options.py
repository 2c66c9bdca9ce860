"""POCKETAPI["FILES"]: limits, and who sends the bytes of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketapi.conf import NAME, Setting, settings
from pocketapi.expressions.scope import nearest

SENDERS = ("X-Accel-Redirect", "X-Sendfile")
OPTIONS = {
    option.name: option
    for option in (
        Setting("MAX_SIZE", (int,), 20 * 1024 * 1024, "the most bytes of a file whose field has no maxSize"),
        Setting("MAX_FILES", (int,), 20, "the most files that one request brings"),
        Setting("REDIRECT", (bool,), default=False, help="whether downloads are sent on to a signed URL of the bucket"),
        Setting("SENDFILE", (str, type(None)), None, "the header by which the server in front is told to send a file"),
        Setting("SENDFILE_ROOT", (str,), "/media/", "with X-Accel-Redirect: the server's internal path of MEDIA_ROOT"),
    )
}


@dataclass(frozen=True)
class Options:
    """The options as they stand."""

    max_size: int
    max_files: int
    redirect: bool
    sendfile: str | None
    sendfile_root: str


def options() -> Options:
    """The options with their defaults."""
    given = settings.FILES
    return Options(**{name.lower(): given.get(name, option.default) for name, option in OPTIONS.items()})


def problems(given: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the options of a project."""
    place = f"{NAME}['FILES']"
    for name, value in given.items():
        option = OPTIONS.get(name)
        if option is None:
            yield f"{place} has no option `{name}`{nearest(str(name), OPTIONS)}"
        elif problem := option.problem(value):
            yield problem.replace(f"{NAME}['{name}']", f"{place}['{name}']")
        elif name == "SENDFILE" and value not in (None, *SENDERS):
            yield f"{place}['SENDFILE'] is {' or '.join(SENDERS)}."
