"""`check`, with and without Django."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from pocketapi.__main__ import main
from pocketapi.conf import settings as pocket
from pocketapi.management.commands.pocketapi import COMMANDS

GOOD = f"appUrl: http://localhost\njwtSecret: {'x' * 40}\ntables: [{{name: notes, fields: [baseFields]}}]\n"
BAD = "appUrl: http://localhost\njwtSecret: short\ntables: [{name: notes, fields: [things]}]\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "pocketapi.yaml"


def check(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    return main(["check", *arguments], out), out.getvalue()


def test_a_good_file(file: Path) -> None:
    file.write_text(GOOD)
    code, text = check(str(file))
    assert code == 0
    warning, closing = text.splitlines()
    assert warning.startswith(f"{file}:3:10: tables[0]: `notes` has no rules")
    assert warning.endswith("(warning pocketapi.W001)")
    assert closing == f"{file}: no problems, 1 warning, 1 table."


def test_a_bad_file(file: Path) -> None:
    file.write_text(BAD)
    code, text = check(str(file))
    assert code == 1
    lines = text.splitlines()
    assert [line.rsplit("(", 1)[1] for line in lines[:-1]] == [
        "error pocketapi.E008)",
        "error pocketapi.E003)",
        "warning pocketapi.W001)",
    ]
    assert lines[-1] == f"{file}: 2 problems, 1 warning."


def test_debug_takes_a_short_secret(file: Path) -> None:
    file.write_text(GOOD.replace("x" * 40, "short"))
    assert check(str(file))[0] == 1
    assert check(str(file), "--debug")[0] == 0


def test_the_file_is_pocketapi_yaml_where_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, text = check()
    assert code == 1
    assert "pocketapi.yaml: There is no such file: `manage.py pocketapi init` writes one" in text


def test_the_secret_of_admins_is_read_where_the_config_reads(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADMIN_JWT_SECRET", raising=False)
    file.write_text(GOOD)
    (file.parent / ".env").write_text(f"ADMIN_JWT_SECRET={'x' * 40}\n")
    code, text = check(str(file))
    assert code == 1
    assert "equals ADMIN_JWT_SECRET" in text


def test_under_manage_py_the_project_says_which_file(file: Path, settings: pytest.FixtureRequest) -> None:
    file.write_text(GOOD)
    settings.POCKETAPI = {**settings.POCKETAPI, "CONFIG": file, "ADMIN_JWT_SECRET": "x" * 40}  # type: ignore[attr-defined]
    assert file == pocket.CONFIG
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("pocketapi", "check", stdout=out)
    assert ended.value.code == 1
    assert out.getvalue().splitlines()[-1] == f"{file}: 1 problem, 1 warning."


def test_under_manage_py_a_file_may_be_named(file: Path) -> None:
    file.write_text(GOOD)
    out = io.StringIO()
    call_command("pocketapi", "check", str(file), stdout=out)
    assert out.getvalue().splitlines()[-1] == f"{file}: no problems, 1 warning, 1 table."


def test_every_command_has_what_the_dispatcher_needs() -> None:
    for name, command in COMMANDS.items():
        assert command.HELP.endswith("."), name
        assert callable(command.run)
        assert callable(command.add_arguments)


def test_without_a_command_both_say_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([], io.StringIO())
    assert "command" in capsys.readouterr().err


def test_no_django_is_imported(file: Path) -> None:
    file.write_text(GOOD)
    program = (
        "import sys, runpy\n"
        f"sys.argv = ['pocketapi', 'check', {str(file)!r}]\n"
        "try:\n    runpy.run_module('pocketapi', run_name='__main__')\n"
        "except SystemExit as ended:\n    assert not ended.code, ended.code\n"
        "import pocketapi.config.redact\n"
        "found = [name for name in sys.modules if name.split('.')[0] in ('django', 'rest_framework')]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no problems" in done.stdout
