"""Hypothesis strategies for properties of several tables: their rows, and texts with paths, `exists`, nested records and groups.

Teams form trees and have members; things point to teams in two ways. Some rows and columns are hidden, a vault has no listRule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.evaluator_kinds import ColumnSpec
from tests.evaluator_tables import TableSpec
from tests.evaluator_texts import Templates, fits, grown, several

TEAM_RULE = "open == true | exists(members, team == outer.id & user == auth.uid)"
MEMBER_RULE = "user == auth.uid | team.open"
OPEN = dict.fromkeys(("view", "create", "update", "delete"), "true")
RULES = ", ".join(f"{verb}Rule: 'true'" for verb in OPEN)
YAML = f"""\
appName: Worlds
appUrl: http://localhost:8000
jwtSecret: a-secret-of-the-property-tests-0123456789
tables:
  - name: teams
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: name, type: text, collate: NOCASE}}
      - {{name: open, type: bool}}
      - {{name: size, type: integer}}
      - {{name: parent, type: relation, foreignKey: {{table: teams, column: id}}}}
      - {{name: vault, type: relation, foreignKey: {{table: vaults, column: id}}}}
      - {{name: secret, type: text, noSelect: true}}
    extensions: [{{name: rules, listRule: "{TEAM_RULE}", {RULES}}}]
  - name: members
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: team, type: relation, foreignKey: {{table: teams, column: id}}}}
      - {{name: user, type: text}}
      - {{name: rank, type: integer}}
    extensions: [{{name: rules, listRule: "{MEMBER_RULE}", {RULES}}}]
  - name: vaults
    fields: [{{name: id, type: text, primary: true, usage: record_uid}}, {{name: name, type: text}}]
    extensions: [{{name: rules, viewRule: 'true'}}]
  - name: things
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: name, type: text}}
      - {{name: qty, type: integer}}
      - {{name: price, type: number}}
      - {{name: on_sale, type: bool}}
      - {{name: team, type: relation, foreignKey: {{table: teams, column: id}}}}
      - {{name: other, type: relation, foreignKey: {{table: teams, column: id}}}}
      - {{name: hidden_team, type: relation, noSelect: true, foreignKey: {{table: teams, column: id}}}}
    extensions: [{{name: rules, listRule: 'true', {RULES}}}]
"""
TEXT, INTEGER, NUMBER, BOOL = (ColumnSpec(kind) for kind in ("text", "integer", "number", "bool"))
TABLES: Mapping[str, TableSpec] = {
    "teams": TableSpec(
        {
            "id": TEXT,
            "name": ColumnSpec("text", collation="NOCASE"),
            "open": BOOL,
            "size": INTEGER,
            **dict.fromkeys(("parent", "vault", "secret"), TEXT),
        },
        {"parent": ("teams", "id"), "vault": ("vaults", "id")},
        frozenset({"secret"}),
        {"list": TEAM_RULE, **OPEN},
    ),
    "members": TableSpec(
        {"id": TEXT, "team": TEXT, "user": TEXT, "rank": INTEGER}, {"team": ("teams", "id")}, rules={"list": MEMBER_RULE, **OPEN}
    ),
    "vaults": TableSpec({"id": TEXT, "name": TEXT}, rules={"view": "true"}),
    "things": TableSpec(
        {
            "id": TEXT,
            "name": TEXT,
            "qty": INTEGER,
            "price": NUMBER,
            "on_sale": BOOL,
            **dict.fromkeys(("team", "other", "hidden_team"), TEXT),
        },
        {"team": ("teams", "id"), "other": ("teams", "id"), "hidden_team": ("teams", "id")},
        frozenset({"hidden_team"}),
        {"list": "true", **OPEN},
    ),
}

# Rows

WORDS = (None, "", "a", "A", "b", "Alpha", "alpha", "é", "%s'\"")
TEAM_IDS = ("t0", "t1", "t2", "t3", "t4")


def rows() -> st.SearchStrategy[dict[str, list[dict[str, Any]]]]:
    """The rows of every table, one of some hundred worlds."""
    return st.integers(0, 299).map(rows_of)


def rows_of(number: int) -> dict[str, list[dict[str, Any]]]:
    """A world by its number; keys point to rows that are there, and a team's parent comes before it."""
    dice = Random(number)
    small, sometimes = (None, *range(-3, 4)), (None, True, False)

    def some(count: int, letter: str, **columns: Sequence[Any]) -> list[dict[str, Any]]:
        return [
            {"id": f"{letter}{index}", **{name: dice.choice(values) for name, values in columns.items()}}
            for index in range(count)
        ]

    vaults = some(2, "v", name=WORDS)
    teams = some(5, "t", name=WORDS, open=sometimes, size=small, vault=(None, "v0", "v1"), secret=WORDS)
    for index, team in enumerate(teams):
        team["parent"] = dice.choice((None, *TEAM_IDS[:index]))
    key = (None, *TEAM_IDS)
    members = some(4, "m", team=key, user=("u1", "u2", None), rank=small)
    price = (None, *(quarters / 4 for quarters in range(-8, 9)))
    things = some(6, "x", name=WORDS, qty=small, price=price, on_sale=sometimes, team=key, other=key, hidden_team=key)
    return {"vaults": vaults, "teams": teams, "members": members, "things": things}


# Texts

PARTS: Mapping[str, tuple[str, str]] = {
    "word": ("'a'  'A'  'alpha'  ''  'é'", ""),
    "number": ("0  1  2  -1", ""),
    "t": (
        "name  id  team  team.name  other.name  team.parent.name  team.id  other.parent.id  team.vault  team.vault.name",
        "<word>",
    ),
    "i": ("qty  team.size  other.size  team.parent.size  <number>", "(<i> + <i>)  (<i> * 2)  coalesce(<i>, <number>)  abs(<i>)"),
    "b": ("on_sale  team.open  team.parent.open", "(<condition>)"),
    "member": (
        """
            team == outer.team  user == auth.uid  rank > outer.qty  rank <cmp> <number>  team.name == outer.team.name
            outer.team.open  team.open  team == outer.other & user == auth.uid  members.rank == 1  outer.on_sale  team.size > rank
        """,
        "(<member> & <member>)  (<member> | <member>)  !(<member>)  exists(teams, id == outer.team & <team>)",
    ),
    "team": (
        "open  size <cmp> <number>  name == <word>  parent == outer.team  parent.open  name ~ 'a%'  parent == null",
        "(<team> & <team>)  !(<team>)",
    ),
    "above": (
        """
            id == outer.team  parent == outer.team  size > outer.qty  name == outer.name  name == outer.other.name
            outer.team.parent == id
        """,
        "<above> & <team>  <above> & exists(members, team == outer.id & rank <cmp> <number>)",
    ),
    "own": (
        "qty > outer.qty  id != outer.id & team == outer.team  other == outer.id  on_sale & team.name == outer.team.name",
        "",
    ),
    "condition": (
        """
            <t> <cmp> <word>  <t> <eq> <t>  <i> <cmp> <i>  <t> <eq> null  <i> <eq> null  <b>  !<b>  <t> <like> 'a%'
            <t> <in> (<t>, <word>)  team.name <cmp> name  exists(members, <member>)  exists(teams, <above>)  exists(things, <own>)
            exists(vaults, id == outer.team.vault)  exists(members, true)  team.id == other.id  team.parent == other
            exists(members, team == outer.team & user == auth.uid)
        """,
        "(<condition> <junction> <condition>)  !(<condition>)  (<condition>) == <b>",
    ),
    "new": (
        """
            new.team == team  new.qty > qty  new.team.open  new.team.parent == team  new.qty <cmp> <number>  team.open  on_sale
            exists(members, team == outer.team & user == auth.uid)  exists(members, team == new.team & user == auth.uid)
            new.team.name == team.name  exists(members, team == outer.team & rank > outer.qty)  new.other.name == new.team.name
            exists(teams, id == outer.team & exists(members, team == outer.id & rank >= new.qty))  qty == new.qty  !new.team.open
        """,
        "(<new> <junction> <new>)  !(<new>)",
    ),
}
TEMPLATES: Templates = {kind: (several(leaves), several(branches)) for kind, (leaves, branches) in PARTS.items()}
REFUSED = several(
    """
        team.secret == 'a'  hidden_team == 't1'  hidden_team.name == 'a'  exists(teams, secret == 'a')  name.x == 'a'
        exists(members, team == outer.hidden_team)  team.parent.parent.parent.name == 'a'  outer.team == 't1'  new.team.open
        exists(nowhere, true)  exists(members, exists(teams, exists(things, true)))  team.qty == 1  exists(teams)
        exists(teams, qty == 1)  exists(teams, id == outer.nope)  teams.name == 'a'  members(id)  team.name == qty
    """
)


@st.composite
def texts(draw: st.DrawFn, kind: str = "condition", *, refusable: bool = False) -> str:
    """Texts of conditions, and of what else there are templates for; about one in twenty is refused where `refusable`."""
    text = grown(draw, kind, draw(st.integers(0, 3)), TEMPLATES)
    if refusable and draw(st.integers(0, 19)) == 19:
        return f"({draw(st.sampled_from(REFUSED))}) & {text}"
    return text if fits(text) else "true"


THINGS = ("id", "name", "qty", "team", "*", "team.name => tn", "qty + 1 => more", "exists(members, team == outer.team) => e")
INNER = {
    "teams": ("id", "name", "size", "parent.name => up", "exists(members, team == outer.id) => any"),
    "members": ("id", "rank", "team.name => of", "user"),
    "things": ("id", "qty", "team.name => of", "price"),
}
RELATIONS = {
    "things": (("team", "teams"), ("other", "teams")),
    "teams": (("parent", "teams"), ("members", "members"), ("things.team", "things"), ("teams.parent", "teams")),
    "members": (("team", "teams"), ("teams", "teams")),
}
REFUSED_ITEMS = (
    "teams(id)",
    "hidden_team(id)",
    "team(secret)",
    "team(things(id))",
    "name(id)",
    "team(parent(parent(parent(id))))",
)


@st.composite
def items(draw: st.DrawFn, table: str = "things", depth: int = 1) -> str:
    """Texts of select with records nested up to three deep."""
    chosen = draw(st.lists(st.sampled_from(THINGS if depth == 1 else INNER[table]), min_size=1, max_size=3, unique=True))
    if "*" in chosen:
        chosen = [each for each in chosen if each == "*" or "=>" in each]
    for relation, target in draw(st.lists(st.sampled_from(RELATIONS[table]), max_size=2, unique=True)) if depth <= 3 else ():
        inside = draw(st.just("") | items(target, depth + 1))
        chosen.append(f"{relation}({inside}) => r{len(chosen)}")
    return ", ".join(chosen)


GROUPS = ("name", "qty", "on_sale", "team", "team.name", "other.parent.name", "qty > 0", "coalesce(team.size, 0)", "team.open")
AGGREGATES = (
    *("count()", "count(name)", "count(team.name)", "sum(qty)", "sum(price)", "avg(qty)", "avg(price)", "min(name)", "max(name)"),
    *(
        "max(team.name)",
        "min(qty)",
        "max(price)",
        "sum(team.size)",
        "sum(qty * 2 + 1)",
        "min(on_sale)",
        "max(team.open)",
        "sum(on_sale)",
    ),
)


@st.composite
def groups(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """The items of a select with aggregates by key, and what it is grouped by."""
    group = draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True))
    aggregates = draw(st.lists(st.sampled_from(AGGREGATES), min_size=1, max_size=3, unique=True))
    return {f"k{number}": text for number, text in enumerate([*group, *aggregates])}, group


SETS: Mapping[str, tuple[str, ...]] = {
    "name": ("team.name", "name || 'x'", "coalesce(name, 'none')", "upper(name)", "null", "'a'"),
    "qty": ("qty + 1", "team.size", "qty * 2 - 1", "length(name)", "coalesce(team.parent.size, qty)", "abs(qty)", "0"),
    "price": ("qty", "price / 2", "price + qty", "1.5"),
    "on_sale": (
        "team.open",
        "qty > 0",
        "!on_sale",
        "exists(members, team == outer.team)",
        "exists(things, qty > outer.qty)",
        "true",
    ),
    "team": ("other", "team.parent", "'t1'", "team.parent.parent", "null", "coalesce(other, team)"),
    "other": ("team", "team.id", "'t2'"),
}


@st.composite
def changes(draw: st.DrawFn) -> dict[str, str]:
    """The expressions of `set` by column."""
    names = draw(st.lists(st.sampled_from(sorted(SETS)), min_size=1, max_size=3, unique=True))
    return {name: draw(st.sampled_from(SETS[name])) for name in names}
