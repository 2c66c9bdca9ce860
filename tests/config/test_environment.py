"""Variables of the process and of the .env file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pocketapi.config.environment import read_dotenv
from pocketapi.config.loader import load
from pocketapi.errors import ConfigError
from tests.config.wrong import load_text

LINES: list[tuple[str, dict[str, str]]] = [
    ("A=b", {"A": "b"}),
    ("A = b ", {"A": "b"}),
    ("export A=b", {"A": "b"}),
    ("  A=b", {"A": "b"}),
    ("A=", {"A": ""}),
    ("A= # nothing", {"A": ""}),
    ("A=b # why", {"A": "b"}),
    ("A=b#c", {"A": "b#c"}),
    ("A=b=c", {"A": "b=c"}),
    ("A='b # c'", {"A": "b # c"}),
    ('A="b # c" # why', {"A": "b # c"}),
    ('A="b\\nc\\"d\\\\"', {"A": 'b\nc"d\\'}),
    ("A='b\\n'", {"A": "b\\n"}),
    ('A="two\nlines"\nB=c', {"A": "two\nlines", "B": "c"}),
    ("A=b\r\nB=c\r\n", {"A": "b", "B": "c"}),
    ("\ufeffA=b", {"A": "b"}),
    ("# A=b\n\nB=c", {"B": "c"}),
    ("A=b\nA=c", {"A": "c"}),
    ("no variable\n=x\n5=x", {}),
    ("A=it's", {"A": "it's"}),
    ("A=$B", {"A": "$B"}),
]


@pytest.mark.parametrize(("text", "variables"), LINES)
def test_lines_of_a_dotenv_file(text: str, variables: dict[str, str]) -> None:
    assert read_dotenv(text) == variables


CONFIG = "appUrl: http://localhost\njwtSecret: $JWT_SECRET\nappName: $NAME\nversion: $VERSION\ntables: []\n"


def written(folder: Path, dotenv: str) -> Path:
    (folder / "pocketapi.yaml").write_text(CONFIG)
    (folder / ".env").write_text(dotenv)
    return folder / "pocketapi.yaml"


def test_the_process_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, f"JWT_SECRET={'f' * 40}\nNAME=file\nVERSION=3\n")
    config = load(path, environ={"NAME": "process"})
    assert (config.spec.jwt_secret, config.spec.app_name, config.spec.version) == ("f" * 40, "process", 3)
    assert config.references == {"jwtSecret": "$JWT_SECRET", "appName": "$NAME", "version": "$VERSION"}


def test_the_process_environment_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "NAME=file\nVERSION=3\n")
    monkeypatch.setenv("JWT_SECRET", "p" * 40)
    assert load(path).spec.jwt_secret == "p" * 40


def test_text_stays_text_where_text_is_wanted(tmp_path: Path) -> None:
    config = load(written(tmp_path, ""), environ={"JWT_SECRET": "1" * 40, "NAME": "true", "VERSION": "0x10"})
    assert (config.spec.jwt_secret, config.spec.app_name, config.spec.version) == ("1" * 40, "true", 16)


def test_each_missing_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written(tmp_path, "VERSION=three"), environ={})
    assert [each.message.split(":")[0] for each in caught.value.problems] == [
        "The environment variable JWT_SECRET is not set",
        "The environment variable NAME is not set",
        "Expected an integer, found the text of $VERSION.",
    ]


def test_an_empty_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="The environment variable JWT_SECRET is empty: give it a value"):
        load(written(tmp_path, "JWT_SECRET="), environ={"NAME": "n", "VERSION": "3"})


def test_only_a_whole_value_is_a_variable_and_the_issuer_never_is() -> None:
    text = f"appUrl: http://localhost\njwtSecret: {'x' * 40}\njwtIssuer: $db\nappName: a $NAME\ntables: []\n"
    config = load_text(text)
    assert (config.spec.jwt_issuer, config.spec.app_name) == ("$db", "a $NAME")


def test_a_dotenv_file_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    (tmp_path / ".env").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="cannot be read: it must be a UTF-8 text file"):
        load(path, environ={})
