"""Names that files are stored under, and the keys that are made of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pocketapi.config import link, loader
from pocketapi.files import names
from tests.conftest import HERE, load_config

CONFIG: link.Config = loader.load(HERE / "configs" / "files.yaml", debug=False)

# (the sender's name, the form of the stored one)
STORED = [
    ("photo.jpg", r"photo_\w{10}\.jpg"),
    ("My holiday (1).JPG", r"My_holiday_1_\w{10}\.JPG"),
    ("Übung à la carte.pdf", r"Ubung_a_la_carte_\w{10}\.pdf"),
    ("archive.tar.gz", r"archive_tar_\w{10}\.gz"),
    (".htaccess", r"htaccess_\w{10}"),
    ("README", r"README_\w{10}"),
    ("日本.png", r"file_\w{10}\.png"),
    ("a\r\nSet-Cookie: x=1.txt", r"a_Set-Cookie_x_1_\w{10}\.txt"),
    ('"quoted".txt', r"quoted_\w{10}\.txt"),
    ("../../etc/passwd", r"passwd_\w{10}"),
    ("..", r"file_\w{10}"),
    ("", r"file_\w{10}"),
    ("x.", r"x_\w{10}"),
    ("x.p h p", r"x_\w{10}\.p_h_p"),
    ("n" * 300 + ".jpeg", r"n{84}_\w{10}\.jpeg"),
    ("x." + "e" * 300, r"x_\w{10}\.e{16}"),
]


@pytest.mark.parametrize(("name", "form"), STORED)
def test_a_stored_name_is_clean_and_nobody_guesses_it(name: str, form: str) -> None:
    first, second = names.stored_name(name), names.stored_name(name)
    assert re.fullmatch(form, first), first
    assert first != second


@given(st.text(max_size=300))
def test_every_name_becomes_one_that_a_key_may_have(name: str) -> None:
    stored = names.stored_name(name)
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", stored)
    assert len(stored) <= names.LONGEST
    assert names.key_of(CONFIG.tables["posts"], stored, "any") == f"posts/{stored}"


# (table, name, id, the key; None: there is none)
KEYS = [
    ("posts", "a.txt", "../x", "posts/a.txt"),
    ("posts", "a b ü.txt", "1", "posts/a b ü.txt"),
    ("notes", "a.txt", "id-1", "private/notes/id-1/a.txt"),
    ("notes", "a.txt", 7, "private/notes/7/a.txt"),
    ("notes", "a.txt", "..", None),
    ("notes", "a.txt", "a/b", None),
    ("notes", "a.txt", "", None),
    ("notes", "a.txt", None, None),
    ("posts", "", "1", None),
    ("posts", ".", "1", None),
    ("posts", "..", "1", None),
    ("posts", "../users/a", "1", None),
    ("posts", "a\\b", "1", None),
    ("posts", "a\x00b", "1", None),
    ("posts", "a\nb", "1", None),
    ("posts", "n" * 256, "1", None),
]


@pytest.mark.parametrize(("table", "name", "uid", "key"), KEYS)
def test_a_key_climbs_nowhere(table: str, name: str, uid: object, key: str | None) -> None:
    if key is None:
        with pytest.raises(ValueError, match="is no"):
            names.key_of(CONFIG.tables[table], name, uid)
    else:
        assert names.key_of(CONFIG.tables[table], name, uid) == key


# (key, the tables whose it may be)
OWNERS = [
    ("posts/a.txt", [("posts", "", "a.txt")]),
    ("posts/x/a.txt", []),
    ("posts/../users/a.txt", []),
    ("posts/", []),
    ("postsa.txt", []),
    ("private/notes/id/a.txt", [("notes", "id", "a.txt")]),
    ("private/notes/a.txt", []),
    ("private/notes/../a.txt", []),
    ("elsewhere/a.txt", []),
]


@pytest.mark.parametrize(("key", "owners"), OWNERS)
def test_a_key_tells_whose_it_is(key: str, owners: list[tuple[str, str, str]]) -> None:
    assert [(table.name, uid, name) for table, uid, name in names.owners(CONFIG, key)] == owners


def test_a_thumb_belongs_to_its_file() -> None:
    assert names.file_of(f"{names.thumbs_of('posts/a.png')}/8x8.png") == "posts/a.png"
    assert names.file_of("posts/a.png") == "posts/a.png"


def test_a_renamed_table_keeps_its_base(tmp_path: Path) -> None:
    config = load_config("tables: [{name: now, lastName: before, fields: [baseFields, {name: f, type: file}]}]", tmp_path)
    assert config.tables["now"].base == "before"
