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
    (
        "W004",
        """tables:
  - name: teams
    fields: [baseFields]
    extensions: [{name: rules, listRule: 'exists(members, team == outer.id & user == auth.uid)'}]
  - name: members
    fields: [baseFields, {name: team, type: text}, {name: user, type: text}]
    extensions: [{name: rules}]
""",
        ["8 tables[1].fields[3]"],
    ),
    (
        "W004",
        """tables:
  - name: teams
    fields: [baseFields]
    extensions: [{name: rules, createRule: 'exists(members, team == outer.id & user == auth.uid)'}]
  - name: members
    fields: [baseFields, {name: team, type: text}, {name: user, type: text}]
    indexes: [{fields: [user, team]}]
    extensions: [{name: rules}]
""",
        [],
    ),
    ("W005", "tables: [{name: a, fields: [baseFields, {name: b, type: file}]}]", ["3 tables[0].fields[3]"]),
    ("W005", "tables: [{name: a, fields: [baseFields, {name: b, type: file, mimeTypes: [image/png]}]}]", []),
    ("W007", "tables: [{name: a, model: shop.Item}]", ["3 tables[0].model"]),
    ("W008", "tables: []\njwtAllowedIssuers: [a]", ["4 jwtAllowedIssuers"]),
    (
        "W009",
        """tables: []
authProviders:
  - {name: github}
  - {name: google, clientSecret: x}
  - {name: corp, clientId: x, clientSecret: x, authorizeUrl: 'https://a', tokenUrl: 'https://a'}
  - {name: other, clientId: x, authorizeUrl: 'https://a', tokenUrl: 'https://a', userinfoUrl: 'https://a'}
  - {name: linkedin, clientId: x}
  - {name: named, issuer: 'https://a', clientId: x}
""",
        ["5 authProviders[0]", "6 authProviders[1]", "7 authProviders[2]", "8 authProviders[3]"],
    ),
    (
        "W010",
        f"""tables: []
authProviders:
  - {{name: a, secret: {"x" * 32}}}
  - {{name: b, secret: {"x" * 32}, clientId: x}}
  - {{name: supabase, secret: {"x" * 32}}}
  - {{name: c, issuer: 'https://a'}}
""",
        ["5 authProviders[0]", "8 authProviders[3]"],
    ),
    (
        "W011",
        f"tables: []\nauthProviders: [{{name: a, clientId: x, secret: short}}, {{name: b, clientId: x, secret: {'x' * 32}}}]",
        ["4 authProviders[0].secret"],
    ),
    (
        "W008",
        "tables: []\nemail: {from: a@b.example, mailgun: {MAILGUN_API_KEY: a, MAILGUN_WEBHOOK_ID: b}}",
        ["4 email.mailgun.MAILGUN_WEBHOOK_ID"],
    ),
]


@pytest.mark.parametrize(("code", "text", "places"), CASES)
def test_warnings(code: str, text: str, places: list[str]) -> None:
    found = load_text(HEAD + text + "\n").warnings
    assert sorted(f"{each.line} {each.path}" for identity, each in found if identity == f"pocketapi.{code}") == sorted(places)
    assert all(identity == each.id for identity, each in found)


def test_every_warning_has_a_case() -> None:
    assert set(WARNINGS) - {f"pocketapi.{code}" for code, _, places in CASES if places} == {"pocketapi.W006"}  # in test_wrong.py
