"""Kills a process at each step of a write with files. `python -m tests.api.crashing` prints what is left, a line of JSON a case.

Each case is a process of its own that ends by `os._exit`, without a word to the database or the store.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402 - needs the apps
from django.test import Client  # noqa: E402

from pocketapi.api import records  # noqa: E402
from pocketapi.files import audit, outbox  # noqa: E402
from pocketapi.files.folder import FolderStorage  # noqa: E402
from pocketapi.files.store import Store, store  # noqa: E402
from pocketapi.files.uploads import Upload  # noqa: E402
from pocketapi.records import statements  # noqa: E402
from tests.api.filing import MULTIPART, form  # noqa: E402

DEAD = 9
OLD, NEW = b"the old content", b"the new content"
COVER = [("cover", "new.txt", NEW)]

# step: (where, what, whether the process dies before it)
STEPS: dict[str, tuple[Any, str, bool]] = {
    "while the file comes": (Upload, "finish", True),
    "before it is stored": (Store, "save", True),
    "while it is stored": (FolderStorage, "_link", True),
    "when it is stored": (Store, "save", False),
    "when the row is written": (statements, "run", False),
    "when the write is done": (outbox, "settle", True),
    "before the outbox is read": (outbox, "drain", True),
    "before the old file goes": (Store, "delete", True),
    "when the old file is gone": (Store, "delete", False),
    "when the outbox is empty": (outbox, "drain", False),
    "before the answer": (records, "answer", True),
}


def dying(original: Callable[..., Any], before: bool) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:
        if not before:
            original(*args, **kwargs)
        if original.__name__ == "_link":  # half of it is there
            Path(args[2]).write_bytes(NEW[:5])
        os._exit(DEAD)

    return run


def insert(client: Client, _row: Any) -> Any:
    return client.post("/api/v1/table/papers/insert", form({"values.title": "new"}, [("values.file", "new.txt", NEW)]), MULTIPART)


def insert_many(client: Client, _row: Any) -> Any:
    rows = [{"title": "a", "file": "@filePayload.0"}, {"file": "@filePayload.1"}]
    files = [("@filePayload", "a.txt", NEW), ("@filePayload", "b.txt", NEW)]
    return client.post("/api/v1/table/papers/insert", form({"@jsonPayload": {"values": rows}}, files), MULTIPART)


def replace(client: Client, row: Any) -> Any:
    return client.post(f"/api/v1/table/papers/edit/{row['id']}", form({}, [("file", "new.txt", NEW)]), MULTIPART)


def delete(client: Client, row: Any) -> Any:
    return client.post("/api/v1/table/papers/delete", {"where": f"id == '{row['id']}'"}, "application/json")


VERBS = (insert, insert_many, replace, delete)


def case(verb: Callable[[Client, Any], Any], step: str) -> dict[str, Any]:
    """One death, and what is found after it."""
    client = Client(headers={"Authorization": f"Bearer {os.environ['ADMIN_SERVICE_TOKEN']}"})
    first = form({"values.title": "old", "returning": "*"}, [("values.file", "old.txt", OLD)])
    (row,) = client.post("/api/v1/table/papers/insert", first, MULTIPART).json()
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined] # its threads would not live on in the child
    child = os.fork()
    if not child:
        where, name, before = STEPS[step]
        setattr(where, name, dying(getattr(where, name), before))
        verb(client, row)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    found = audit.audit(lambda *_: None)
    rows = client.get("/api/v1/table/papers/select").json()
    contents = [store().open(f"papers/{each['file']}").content.read().decode() for each in rows if each["file"]]
    waiting = outbox.RemovedFile.objects.count()
    outbox.drain()
    list(audit.sweep(audit.audit(lambda *_: None).orphans, timedelta(0), lambda *_: None))
    last = audit.audit(lambda *_: None)
    report = {
        "verb": verb.__name__,
        "step": step,
        "died": os.waitstatus_to_exitcode(status) == DEAD,
        "missing": len(found.missing),
        "orphans": len(found.orphans),
        "waiting": waiting,
        "contents": sorted(contents),
        "left": len(last.missing) + len(last.orphans),
        "objects": last.objects - len(contents),
    }
    client.post("/api/v1/table/papers/delete", {"where": "true"}, "application/json")
    return report


if __name__ == "__main__":
    for verb in VERBS:
        for step in STEPS:
            sys.stdout.write(json.dumps(case(verb, step)) + "\n")
