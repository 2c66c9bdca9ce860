"""The files of a form and the fields that they are for: by the part's name, or by what the JSON beside them says.

`cover` and `values.cover` are fields. `@filePayload` parts are what `"@filePayload"`, `"@filePayload.1"` and, for the part
`@filePayload[cover]`, `"@filePayload.cover"` stand for in the fields of the JSON that take files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pocketapi.api.multipart import Files
from pocketapi.config import link
from pocketapi.errors import BadRequest
from pocketapi.files.uploads import Upload

PART = re.compile(r"@filePayload(?:\[([^\[\]]+)\])?")
REFERENCE = re.compile(r"@filePayload(?:\.(.+))?")


class Payloads:
    """The `@filePayload` parts of a form, by key and by number."""

    def __init__(self) -> None:
        self.keyed: dict[str, Upload] = {}
        self.listed: list[Upload] = []
        self._used: set[int] = set()

    def add(self, key: str | None, upload: Upload) -> None:
        """A part; keys are unique."""
        if key is None:
            self.listed.append(upload)
        elif key in self.keyed:
            raise BadRequest(f"@filePayload[{key}] is given twice.")
        else:
            self.keyed[key] = upload

    def fill(self, body: dict[str, Any], table: link.Table, wrapper: str) -> None:
        """Put files where the fields of a body refer to them, and those of a field's name where the field is left out."""
        names = [field.name for field in table.files]
        if wrapper and self.keyed and wrapper not in body:
            body[wrapper] = {}
        target = body.get(wrapper) if wrapper else body
        if isinstance(target, dict):
            for name in names:
                if name in self.keyed and name not in target:
                    target[name] = f"@filePayload.{name}"
        for row in target if isinstance(target, list) else [target]:
            if isinstance(row, dict):
                row |= {name: upload for name in names if (upload := self._referred(row.get(name)))}

    def _referred(self, value: Any) -> Upload | None:
        """The file that a value refers to, if it is a reference."""
        match = REFERENCE.fullmatch(value) if isinstance(value, str) and (self.keyed or self.listed) else None
        if match is None:
            return None
        key = match[1] or "0"
        number = int(key) if key.isascii() and key.isdigit() and len(key) < 5 else len(self.listed)
        found = self.keyed.get(key) or next(iter(self.listed[number : number + 1]), None)
        if found is None and match[1] is None and self.keyed:
            found = next(iter(self.keyed.values()))
        if found is None:
            raise BadRequest(f"{value} refers to a part of the form that is not there.")
        self._used.add(id(found))
        return found

    def check_used(self) -> None:
        """Refuse files that nothing refers to: they would be lost."""
        for name, upload in self._every():
            if id(upload) not in self._used:
                raise BadRequest(f'No field takes the file {name}: write "{name.replace("[", ".").rstrip("]")}" where one does.')

    def _every(self) -> Iterator[tuple[str, Upload]]:
        yield from ((f"@filePayload[{key}]", upload) for key, upload in self.keyed.items())
        yield from ((f"@filePayload.{number}", upload) for number, upload in enumerate(self.listed))


def parted(files: Files) -> tuple[Payloads, Files]:
    """The files of a form: those that JSON refers to, and those whose part has the name of a field."""
    payloads, named = Payloads(), []
    for name, upload in files:
        if match := PART.fullmatch(name):
            payloads.add(match[1], upload)
        else:
            named.append((name, upload))
    return payloads, named
