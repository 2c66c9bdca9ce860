"""A process that is killed at any step leaves every row with its file, and every orphan is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.server import PROJECT, Server
from tests.conftest import HERE


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_death_at_any_step_loses_no_file_that_a_row_names(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/db.sqlite3"
    if kind == "postgresql":
        postgresql: Any = request.getfixturevalue("postgresql_server")
        database = f"postgres://postgres@/crashes?host={postgresql.get_postmaster_info().socket_dir}"
        request.addfinalizer(lambda: postgresql.psql("DROP DATABASE IF EXISTS crashes WITH (FORCE)"))
    env = {**Server(tmp_path, HERE / "configs" / "papers.yaml", database).env, "DJANGO_SETTINGS_MODULE": "project.settings"}
    env["ALLOWED_HOSTS"] = "testserver"
    subprocess.run([sys.executable, "manage.py", "pocketapi", "migrate"], cwd=PROJECT, env=env, check=True, capture_output=True)
    found = subprocess.run(
        [sys.executable, "-m", "tests.api.crashing"], check=False, cwd=PROJECT, env=env, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    cases = [json.loads(line) for line in found.stdout.splitlines()]
    assert len(cases) == 44
    assert sum(case["died"] for case in cases) > 30
    for case in cases:
        assert case["missing"] == 0, case
        assert case["left"] == case["objects"] == 0, case
        old, new = "the old content", "the new content"
        assert case["contents"] in OUTCOMES[case["verb"]](old, new), case
    seen = {(case["verb"], case["step"]): case for case in cases}
    assert seen["insert", "when it is stored"]["orphans"] == 1
    assert seen["insert", "while it is stored"]["orphans"] == 1
    assert seen["insert_many", "when it is stored"]["orphans"] == 1
    assert seen["replace", "when it is stored"]["orphans"] == 1
    assert seen["replace", "when the row is written"]["waiting"] == 1
    assert seen["replace", "when the old file is gone"]["orphans"] == 0
    assert seen["delete", "before the old file goes"]["waiting"] == 1


# What the rows hold, by the verb: as before, or as after
OUTCOMES: dict[str, Any] = {
    "insert": lambda old, new: ([old], [new, old]),
    "insert_many": lambda old, new: ([old], [new, new, old]),
    "replace": lambda old, new: ([old], [new]),
    "delete": lambda old, _: ([old], []),
}
