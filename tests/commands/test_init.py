"""`init`: what it writes is right, and what is there stays."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from pocketapi.__main__ import main
from pocketapi.commands.init import SECRETS
from pocketapi.config.environment import read_dotenv
from pocketapi.config.loader import load


def init(folder: Path, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    return main(["init", str(folder), *arguments], out), out.getvalue()


def test_what_it_writes_loads(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "app"
    code, text = init(folder)
    assert code == 0
    config = load(folder / "pocketapi.yaml", environ={})
    assert list(config.tables) == ["users", "posts"]
    assert {identity for identity, _ in config.warnings} <= {"pocketapi.W005"}  # the avatar of authFields
    assert f"{folder / 'pocketapi.yaml'} was written" in text


def test_the_secrets_are_fresh_long_and_for_the_owner_only(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        init(folder)
        assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    found = [read_dotenv((folder / ".env").read_text()) for folder in folders]
    assert all(list(each) == list(SECRETS) for each in found)
    values = [value for each in found for value in each.values()]
    assert len(set(values)) == 2 * len(SECRETS)
    assert min(map(len, values)) == 64


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    init(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    code, text = init(tmp_path)
    assert code == 0
    assert "is there already, and was left as it is" in text
    assert "has every secret already" in text
    assert init(tmp_path, "--force")[0] == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_config_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "pocketapi.yaml"
    path.write_text("mine")
    init(tmp_path)
    assert path.read_text() == "mine"
    (tmp_path / "pocketapi.yaml.bak").write_text("older")
    code, text = init(tmp_path, "--force")
    assert code == 0
    assert "was kept as pocketapi.yaml.bak1" in text
    assert (tmp_path / "pocketapi.yaml.bak1").read_text() == "mine"
    assert (tmp_path / "pocketapi.yaml.bak").read_text() == "older"
    assert path.read_text() != "mine"


def test_a_dotenv_file_gets_only_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("JWT_SECRET=mine\nOTHER=kept # without a newline at its end")
    path.chmod(0o644)
    _, text = init(tmp_path)
    found = read_dotenv(path.read_text())
    assert (found["JWT_SECRET"], found["OTHER"]) == ("mine", "kept")
    assert set(found) == {*SECRETS, "OTHER"}
    assert "was given SECRET_KEY, JWT_SECRET_USERS, ADMIN_JWT_SECRET, ADMIN_SERVICE_TOKEN" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(value in text for value in found.values())


@pytest.mark.parametrize("broken", ["folder", "dotenv"])
def test_what_cannot_be_written_is_said(tmp_path: Path, broken: str) -> None:
    if broken == "folder":
        (tmp_path / "file").write_text("")
        code, text = init(tmp_path / "file")
    else:
        (tmp_path / ".env").write_bytes(b"\xff")
        code, text = init(tmp_path)
    assert code == 1
    assert "Nothing more was written" in text
