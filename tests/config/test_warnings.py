"""What is allowed and warned of: an id, a place, and no more than once."""

from __future__ import annotations

import pytest

from pocketapi.config.report import WARNINGS
from tests.config.wrong import HEAD, load_text

ACCOUNTS = "jwtTokenDuration: 60, maxTokenRefresh: 0"
USERS = "name: a, fields: [baseFields, authFields]"
RULES = "{name: rules}"

# (id, the config below its head, the lines and paths of the warnings with the id)
CASES: list[tuple[str, str, list[str]]] = [
    ("W001", "tables: [{name: a, fields: [baseFields]}]", ["3 tables[0]"]),
    ("W001", f"tables: [{{name: a, fields: [baseFields], extensions: [{RULES}]}}]", []),
    (
        "W002",
        f"""tables:
  - name: users
    fields: [baseFields, authFields]
    extensions:
      - {{name: auth, jwtSecret: u, {ACCOUNTS}}}
      - {{name: rules, createRule: role == null, updateRule: role == new.role & meta == meta}}
""",
        ["5 tables[0].fields[11]"],
    ),
    (
        "W002",
        f"""tables:
  - name: users
    fields: [baseFields, authFields]
    extensions: [{{name: auth, jwtSecret: u, {ACCOUNTS}}}, {{name: rules, createRule: null}}]
""",
        [],
    ),
    (
        "W002",
        f"""tables:
  - name: users
    fields: [baseFields, authFields.email, authFields.password, {{name: job, type: text, usage: auth_audience, noInsert: true}}]
    extensions: [{{name: auth, jwtSecret: u, {ACCOUNTS}}}, {{name: rules, createRule: 'true', updateRule: id == auth.uid}}]
""",
        ["5 tables[0].fields[5]"],
    ),
    ("W002", "tables: [{name: a, fields: [baseFields, authFields.role], extensions: [{name: rules, createRule: 'true'}]}]", []),
    (
        "W002",
        f"tables: [{{name: users, fields: [baseFields, authFields], extensions: [{{name: auth, jwtSecret: u, {ACCOUNTS}}}]}}]",
        [],
    ),
    (
        "W003",
        f"""tables:
  - name: a
    fields: [{{name: id, type: integer, primary: true}}, authFields]
    extensions: [{{name: auth, jwtSecret: a, {ACCOUNTS}}}]
  - name: b
    fields: [{{name: id, type: integer, primary: true}}, authFields]
    extensions: [{{name: auth, jwtSecret: b, {ACCOUNTS}}}]
  - name: c
    fields: [baseFields, authFields]
    extensions: [{{name: auth, jwtSecret: c, {ACCOUNTS}}}]
""",
        ["7 tables[1]"],
    ),
    (
        "W004",
        """tables:
  - name: a
    fields:
      - baseFields
      - {name: owner, type: text}
      - {name: slug, type: text, unique: true}
      - {name: state, type: text}
      - {name: other, type: text}
    indexes: [{fields: [state, other]}]
    extensions:
      - name: rules
        listRule: owner == auth.uid & id == auth.uid & slug == 'a' & state in ('a', 'b') & a.other > 'c'
        viewRule: owner == auth.uid
        createRule: created == null
        updateRule: updated == new.updated
""",
        ["7 tables[0].fields[3]", "10 tables[0].fields[6]"],
    ),
    (
        "W004",
        """tables:
  - {name: a, autoIndex: true, fields: [baseFields], extensions: [{name: rules, listRule: created > '2025-01-01'}]}
""",
        [],
    ),
    (
        "W004",
        """tables:
  - name: a
    fields: [baseFields, {name: part, type: text}, {name: long, type: editor}]
    indexes: [{fields: part, where: part != 'x'}]
    extensions: [{name: rules, listRule: part == auth.uid & long == 'a'}]
""",
        ["5 tables[0].fields[3]"],
    ),
    ("W005", "tables: [{name: a, fields: [baseFields, {name: b, type: file}]}]", ["3 tables[0].fields[3]"]),
    ("W005", "tables: [{name: a, fields: [baseFields, {name: b, type: file, mimeTypes: [image/png]}]}]", []),
    ("W007", "tables: [{name: a, model: shop.Item}]", ["3 tables[0].model"]),
    ("W008", "tables: []\njwtAllowedIssuers: [a]", ["4 jwtAllowedIssuers"]),
    (
        "W020",
        "tables: [{name: a, fields: [baseFields], fullTextSearch: {fields: [id], tokenize: porter}}]",
        ["3 tables[0].fullTextSearch"],
    ),
    (
        "W023",
        "tables: []\nauthProviders: [{name: github}]\nallowedRedirectUrls: ['http://a']",
        ["4 authProviders", "5 allowedRedirectUrls"],
    ),
    ("W024", "tables: []\nauthCookie: {name: a}", ["4 authCookie"]),
    ("W025", "tables: []\nemail: {from: a@b.example, mock: true}", ["4 email"]),
    ("W026", "tables: [{name: a, fields: [baseFields, {name: b, type: file}]}]", ["3 tables[0].fields[3].type"]),
    ("W027", "tables: [{name: a, model: shop.Item}]", ["3 tables[0].model"]),
    (
        "W028",
        f"tables: [{{{USERS}, extensions: [{{name: auth, jwtSecret: u, {ACCOUNTS}, otp: true, mfa: totp}}]}}]",
        ["3 tables[0].extensions[0].mfa", "3 tables[0].extensions[0].otp"],
    ),
    (
        "W029",
        f"""tables:
  - name: a
    fields: [baseFields, authFields]
    extensions:
      - {{name: auth, jwtSecret: u, {ACCOUNTS}, emailTemplates: {{passwordReset: {{subject: x}}}}, passwordType: argon2}}
""",
        ["7 tables[0].extensions[0].emailTemplates"],
    ),
    (
        "W031",
        f"tables: [{{{USERS}, extensions: [{{name: auth, jwtSecret: u, {ACCOUNTS}, passwordType: sha256}}]}}]",
        ["3 tables[0].extensions[0].passwordType"],
    ),
    (
        "W032",
        "tables: [{name: a, fields: [baseFields], r2Base: b, autoDeleteR2Files: true}]",
        ["3 tables[0].autoDeleteR2Files", "3 tables[0].r2Base"],
    ),
]


@pytest.mark.parametrize(("code", "text", "places"), CASES)
def test_warnings(code: str, text: str, places: list[str]) -> None:
    found = load_text(HEAD + text + "\n").warnings
    assert sorted(f"{each.line} {each.path}" for identity, each in found if identity == f"pocketapi.{code}") == sorted(places)
    assert all(identity == each.id for identity, each in found)


def test_every_warning_has_a_case() -> None:
    assert set(WARNINGS) - {f"pocketapi.{code}" for code, _, places in CASES if places} == {"pocketapi.W006"}  # in test_wrong.py
