"""Full-text search through the API, on both databases: what each query finds, where `@@` may stand, and what follows a row."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import SERVICE, Api, run_sql
from tests.conftest import UseConfig

OPEN = "{name: rules, listRule: 'true', viewRule: 'true', createRule: 'true', updateRule: 'true', deleteRule: 'true'}"


def searched(tokenize: str, more: str = "") -> str:
    return f"""
tables:
  - name: texts
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: title, type: text}}
      - {{name: body, type: editor}}
      - {{name: views, type: integer}}
    fullTextSearch: {{fields: [title, body], tokenize: {tokenize}{more}}}
    extensions: [{OPEN}]
  - name: others
    fields: [{{name: id, type: integer, primary: true}}, {{name: title, type: text}}]
    extensions: [{OPEN}]
"""


def client(use_config: UseConfig, settings: Any, text: str) -> Api:
    settings.POCKETAPI = {**settings.POCKETAPI, "ADMIN_SERVICE_TOKEN": SERVICE}
    use_config(text)
    return Api()


def fill(api: Api, texts: dict[str, str | tuple[str | None, str | None]]) -> None:
    pairs = {key: (text, None) if isinstance(text, str) else text for key, text in texts.items()}
    rows = [{"id": key, "title": title, "body": body} for key, (title, body) in pairs.items()]
    api("POST texts/insert", {"values": rows}).expect(200)


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def found(api: Api, query: str, left: str = "texts") -> str:
    """The keys of the rows that answer a query."""
    rows = api("POST texts/list", {"where": f"{left} @@ {quoted(query)}", "select": "id"}).expect(200)
    assert rows["total"] == len(rows["items"])
    return "".join(sorted(row["id"] for row in rows["items"]))


WORDS = {
    "a": "Running shoes",
    "b": ("Cooking", "how to run a kitchen"),
    "c": ("The Crème Brûlée of São Tomé", "a long walk; walks are long"),
    "d": ("E-mail me at joe@example.com", "C++ and c#, 3.14 and 1e5"),
    "e": ("Straße, naïve façade — ÅNGSTRÖM İstanbul", "Привет МИР, καλημέρα, 日本語"),
    "f": ("love🤔pizza", "re\u0301sume\u0301 x-ray don't _under_score_"),
    "g": ("possibly assemblies", "the archaeology of runners"),
    "h": ("", ""),
    "i": (None, None),
    "j": ("walk long", "or and not near"),
    "k": ("x" * 700, "y" * 520 + "1 " + "y" * 520 + "2"),
}
# the tokenizer, a query, what it finds
CASES = [
    ("unicode61", "run", "b"),
    ("unicode61", "RUNNING", "a"),
    ("unicode61", "running shoes", "a"),
    ("unicode61", "shoes running", "a"),
    ("unicode61", "running kitchen", ""),
    ("unicode61", "cooking run", "b"),
    ("unicode61", "running OR cooking", "ab"),
    ("unicode61", "running shoes OR run kitchen", "ab"),
    ("unicode61", "running OR OR run", "ab"),
    ("unicode61", "OR run OR", "b"),
    ("unicode61", "or", "j"),
    ("unicode61", "and not near", "j"),
    ("unicode61", "AND", "dj"),
    ("unicode61", "OR", ""),
    ("unicode61", "-run", ""),
    ("unicode61", "-run -cooking", ""),
    ("unicode61", "the -crème", "g"),
    ("unicode61", "the -creme -archaeology", ""),
    ("unicode61", "run OR -cooking", "b"),
    ("unicode61", "walk -\"long walk\"", "j"),
    ("unicode61", "walk -\"walk long\"", "c"),
    ("unicode61", '"long walk"', "c"),
    ("unicode61", '"walk long"', "j"),
    ("unicode61", '"walks long"', ""),
    ("unicode61", '"cooking how"', ""),
    ("unicode61", '"long walk" OR "walk long"', "cj"),
    ("unicode61", '"long walk', "c"),
    ("unicode61", '""', ""),
    ("unicode61", '"', ""),
    ("unicode61", "run*", "abg"),
    ("unicode61", "RUN* -runners", "ab"),
    ("unicode61", "walk -run*", "cj"),
    ("unicode61", "wal*", "cj"),
    ("unicode61", "how to ru*", "b"),
    ("unicode61", "walk. long*", "cj"),
    ("unicode61", "*", ""),
    ("unicode61", "creme brulee", "c"),
    ("unicode61", "CRÈME BRÛLÉE", "c"),
    ("unicode61", "cre\u0300me", "c"),
    ("unicode61", "resume", "f"),
    ("unicode61", "résumé", "f"),
    ("unicode61", "sao tome", "c"),
    ("unicode61", "angstrom", "e"),
    ("unicode61", "Istanbul", "e"),
    ("unicode61", "strasse", ""),
    ("unicode61", "STRAßE", "e"),
    ("unicode61", "мир привет", "e"),
    ("unicode61", "ΚΑΛΗΜΈΡΑ", "e"),
    ("unicode61", "日本*", "e"),
    ("unicode61", "日本", ""),
    ("unicode61", "pizza", "f"),
    ("unicode61", "🤔", ""),
    ("unicode61", "love 🤔 pizza", "f"),
    ("unicode61", "love🤔pizza", "f"),
    ("unicode61", "mail", "d"),
    ("unicode61", "e-mail", "d"),
    ("unicode61", "mail-e", ""),
    ("unicode61", "joe@example.com", "d"),
    ("unicode61", "example.com", "d"),
    ("unicode61", "c", "d"),
    ("unicode61", "C++ C#", "d"),
    ("unicode61", "3.14", "d"),
    ("unicode61", "3", "d"),
    ("unicode61", "1e5", "d"),
    ("unicode61", "1E*", "d"),
    ("unicode61", "don't", "f"),
    ("unicode61", "don", "f"),
    ("unicode61", "under score", "f"),
    ("unicode61", "x-ray", "f"),
    ("unicode61", "a", "bc"),
    ("unicode61", "the", "cg"),
    ("unicode61", "x" * 700, "k"),
    ("unicode61", "x" * 699, ""),
    ("unicode61", "x" * 699 + "*", "k"),
    ("unicode61", "x" * 500 + "*", "k"),
    ("unicode61", "y" * 520 + "1", "k"),
    ("unicode61", "y" * 520 + "3", ""),
    ("unicode61", "y" * 520 + "* -x*", ""),
    ("unicode61", "y" * 520 + "* -" + "x" * 699, "k"),
    ("unicode61", "", ""),
    ("unicode61", "  \t\n", ""),
    ("unicode61", "run\"* AND (", ""),
    ("unicode61", "run) NEAR(2", ""),
    ("unicode61", "^run : {title} + - * ~ \\ / | & ! ' ; --", ""),
    ("unicode61", "(run", "b"),
    ("unicode61", "run)", "b"),
    ("unicode61", "c0 : run", ""),
    ("unicode61", "title:run", ""),
    ("ascii", "run", "b"),
    ("ascii", "creme", ""),
    ("ascii", "Crème", "c"),
    ("ascii", "CRÈME", ""),
    ("ascii", "love", ""),
    ("ascii", "love🤔pizza", "f"),
    ("ascii", "lo*", "cfj"),
    ("ascii", '"long walk"', "c"),
    ("porter", "run", "ab"),
    ("porter", "runs", "ab"),
    ("porter", "walking", "cj"),
    ("porter", '"long walks"', "c"),
    ("porter", '"walks are longed"', "c"),
    ("porter", "kitchens cook", "b"),
    ("porter", "possible", "g"),
    ("porter", "assemble", "g"),
    ("porter", "archaeological", "g"),
    ("porter", "assembl*", "g"),
    ("porter", "walkin*", ""),
    ("porter", "walking*", "cj"),
    ("porter", "cremes", "c"),
    ("porter", "shoe -walk", "a"),
    ("porter", "x" * 700, "k"),
    ("trigram", "unning", "a"),
    ("trigram", "UNNING sho", "a"),
    ("trigram", "g s", ""),
    ("trigram", '"g s"', "a"),
    ("trigram", "ru", ""),
    ("trigram", "run", "abg"),
    ("trigram", "run*", "abg"),
    ("trigram", "run -ing", "g"),
    ("trigram", "run -in", "abg"),
    ("trigram", "unning OR kitch", "ab"),
    ("trigram", "C++", "d"),
    ("trigram", "c++", "d"),
    ("trigram", "(kitchen", ""),
    ("trigram", "creme", ""),
    ("trigram", "CRÈME", "c"),
    ("trigram", "риве", "e"),
    ("trigram", "РИВЕ", "e"),
    ("trigram", "日本語", "e"),
    ("trigram", "e🤔p", "f"),
    ("trigram", "%_%", ""),
    ("trigram", "er_s", "f"),
    ("trigram", "\\\\\\", ""),
    ("trigram", "-run", ""),
    ("trigram", "((", ""),
    ("trigram", "run ((", "abg"),
    ("trigram", "shoeshow", ""),
    ("trigram", '"s\x1fh"', ""),
]  # fmt: skip


@pytest.mark.parametrize("tokenize", ["unicode61", "ascii", "porter", "trigram"])
def test_what_a_query_finds(use_config: UseConfig, settings: Any, tokenize: str) -> None:
    api = client(use_config, settings, searched(tokenize, ", prefix: '2 3'"))
    fill(api, WORDS)
    wrong = [(query, keys, got) for kind, query, keys in CASES if kind == tokenize and (got := found(api, query)) != keys]
    assert not wrong


NOTES = f"""
tables:
  - name: users
    fields: [baseFields, authFields]
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-users-of-these-tests, jwtTokenDuration: 600, maxTokenRefresh: 0}}
      - {{name: rules, listRule: auth.uid == id, updateRule: auth.uid == id & role == new.role & meta == new.meta}}
  - name: notes
    fields:
      - {{name: id, type: text, primary: true, usage: record_uid}}
      - {{name: title, type: text}}
      - {{name: body, type: editor}}
      - {{name: parent, type: relation, foreignKey: {{table: notes, column: id, onDelete: CASCADE}}}}
      - {{name: views, type: integer, default: 0}}
      - {{name: secret, type: text, noSelect: true}}
    fullTextSearch: {{fields: [title, body]}}
    extensions: [{OPEN}]
  - name: public
    fields: [{{name: id, type: text, primary: true}}, {{name: title, type: text}}, {{name: views, type: integer}}]
    fullTextSearch: {{fields: title, tokenize: porter}}
    extensions:
      - name: rules
        listRule: public @@ 'open -draft'
        viewRule: title @@ auth.meta.interest
        createRule: exists(notes, notes @@ 'walk' & id == outer.id)
        updateRule: public @@ 'open'
        deleteRule: "!(public @@ 'keep')"
  - name: off
    fields: [{{name: id, type: text, primary: true}}, {{name: title, type: text}}]
    fullTextSearch: {{fields: title, enabled: false}}
    extensions: [{OPEN}]
  - name: title
    fields: [{{name: id, type: text, primary: true}}, {{name: title, type: text}}, {{name: more, type: text}}]
    fullTextSearch: {{fields: [title, more]}}
    extensions: [{OPEN}]
"""
ROWS = [
    {"id": "a", "title": "walk", "body": "a word of it among very many other words that say nothing", "secret": "walk"},
    {"id": "b", "title": "walk walk walk", "body": "walk", "views": 1},
    {"id": "c", "title": "shoes", "body": "one walk", "parent": "a", "views": 1},
    {"id": "d", "title": "shoes shoes", "body": "swim", "parent": "a"},
    {"id": "e", "title": None, "body": None, "secret": "swim"},
]


@pytest.fixture
def notes(use_config: UseConfig, settings: Any) -> Api:
    api = client(use_config, settings, NOTES)
    api.user("ann", meta={"interest": "open -draft", "words": ["swim", "nothing"], "number": 3})
    api.user("bob")
    api("POST notes/insert", {"values": ROWS}).expect(200)
    return api


# a filter, the rows that fulfil it, the caller
FILTERS: list[tuple[str, str, str | None]] = [
    ("notes @@ 'walk'", "abc", None),
    ("title @@ 'walk'", "ab", None),
    ("notes.title @@ 'walk'", "ab", None),
    ("body @@ 'walk'", "bc", None),
    ("title @@ 'walk' & body @@ 'walk'", "b", None),
    ("title @@ 'shoes' | body @@ 'nothing'", "acd", None),
    ("notes @@ 'shoes walk'", "c", None),
    ("title @@ 'shoes walk'", "", None),
    ("!(notes @@ 'walk')", "de", None),
    ("!(notes @@ 'walk') & notes @@ 'shoes'", "d", None),
    ("(notes @@ 'walk') == true", "abc", None),
    ("notes @@ 'walk' == false", "de", None),
    ("notes @@ 'walk' != (views == 1)", "a", None),
    ("notes @@ 'walk' & views == 0", "a", None),
    ("notes @@ 'walk' | views == 0", "abcde", None),
    ("notes @@ 'walk' & (views == 1 | title @@ 'nothing' | body @@ 'nothing')", "abc", None),
    ('notes @@ "walk"', "abc", None),
    ("notes @@ 5", "", None),
    ("notes @@ null", "", None),
    ("!(notes @@ null)", "abcde", None),
    ("true | notes @@ 'walk'", "abcde", None),
    ("false & notes @@ 'walk'", "", None),
    ("notes @@ auth.uid", "", None),
    ("!(notes @@ auth.uid)", "abcde", None),
    ("notes @@ auth.meta.words", "ad", "ann"),
    ("!(notes @@ auth.meta.words)", "bce", "ann"),
    ("notes @@ auth.meta.nope | views == 1", "bc", "ann"),
    ("notes @@ auth.meta.number", "", "ann"),
    ("notes @@ auth.meta", "", "ann"),
    ("notes @@ auth.verified", "", "ann"),
    ("exists(notes, notes @@ 'swim' & parent == outer.id)", "a", None),
    ("exists(notes, title @@ 'shoes' & body @@ 'walk' & parent == outer.id)", "a", None),
    ("!exists(notes, title @@ 'shoes' & parent == outer.id) & notes @@ 'walk'", "bc", None),
    ("parent.title ~ 'walk' & notes @@ 'shoes'", "cd", None),
    ("exists(public, title @@ 'open')", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("where", "keys", "by"), FILTERS)
def test_where_searches_may_stand(notes: Api, where: str, keys: str, by: str | None) -> None:
    for _ in range(2):
        rows = notes("POST notes/list", {"where": where, "select": "id", "order": "id"}, by).expect(200)
        assert ("".join(row["id"] for row in rows["items"]), rows["total"]) == (keys, len(keys))
    assert len(notes("POST notes/select", {"where": where}, by).expect(200)) == len(keys)
    assert notes("POST notes/select", {"where": where, "select": "count() => n"}, by).expect(200) == [{"n": len(keys)}]


# a filter and the sentence of its 400
REFUSED = [
    ("off", "off @@ 'x'", "`@@`: off has no fullTextSearch, or none that is enabled."),
    ("users", "users @@ 'x'", "`@@`: users has no fullTextSearch, or none that is enabled."),
    ("notes", "views @@ 'x'", "`views` is not in the fullTextSearch of notes: title, body are."),
    ("notes", "id @@ 'x'", "`id` is not in the fullTextSearch of notes: title, body are."),
    ("notes", "secret @@ 'x'", "`secret` is no column of notes"),
    ("notes", "nope @@ 'x'", "`nope` is no column of notes"),
    ("notes", "public @@ 'x'", "`public` is no column of notes"),
    ("notes", "parent.title @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "lower(title) @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "'x' @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "auth.uid @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "title == body @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "(title | body) @@ 'x'", "The left of `@@` is notes, or one of its columns."),
    ("notes", "exists(notes, outer.title @@ 'x')", "The left of `@@` is notes, or one of its columns."),
    ("notes", "notes @@ title", "The right of `@@` is a text or a variable."),
    ("notes", "notes @@ lower('x')", "The right of `@@` is a text or a variable."),
    ("notes", "notes @@ true", "`@@`: true is not text."),
    ("notes", "notes @@ 'a\0b'", "The body has a NUL"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "where", "message"), REFUSED)
def test_where_searches_may_not_stand(notes: Api, table: str, where: str, message: str) -> None:
    found = notes(f"POST {table}/select", {"where": where}, "ann").expect(400)
    assert found["message"].startswith(message)
    assert "NUL" in message or "caret" in found["data"]


def test_a_table_named_as_its_column_is_searched_whole(notes: Api) -> None:
    notes("POST title/insert", {"values": [{"id": "a", "title": "x", "more": "y"}]}).expect(200)
    for where, count in (("title @@ 'y'", 1), ("title.title @@ 'y'", 0), ("title.title @@ 'x'", 1), ("more @@ 'y'", 1)):
        assert len(notes("POST title/select", {"where": where}).expect(200)) == count


# parameters and the keys in their order, where the two databases cannot but agree
ORDERED: list[tuple[dict[str, Any], str]] = [
    ({"where": "notes @@ 'walk'"}, "bac"),
    ({"where": "title @@ 'shoes'"}, "dc"),
    ({"where": "notes @@ 'walk'", "order": "id"}, "abc"),
    ({"where": "notes @@ 'walk'", "order": "-id"}, "cba"),
    ({"where": "notes @@ 'walk'", "limit": 1}, "b"),
    ({"where": "notes @@ 'walk'", "limit": 2, "offset": 2}, "c"),
    ({"where": "notes @@ 'nothing' | id == 'b' | id == 'e'"}, "abe"),
    ({"where": "id != 'x' & !(notes @@ 'swim')"}, "abce"),
    ({"where": "views == 1 | notes @@ 'swim' | title @@ 'shoes'"}, "dcb"),
    ({"where": "notes @@ 'nothing' & notes @@ 'word'"}, "a"),
    ({"where": "notes @@ null | id in ('a', 'b')"}, "ab"),
    ({"where": "notes @@ auth.uid | id in ('b', 'a')"}, "ab"),
    ({"where": "exists(notes, notes @@ 'walk')"}, "abcde"),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "keys"), ORDERED)
def test_the_most_relevant_come_first(notes: Api, parameters: dict[str, Any], keys: str) -> None:
    if parameters == ORDERED[0][0]:  # a long text with the word and a short one: which is first is the database's to say
        found = notes("POST notes/select", parameters).expect(200)
        assert (found[0]["id"], {row["id"] for row in found}) == ("b", set(keys))
        return
    if parameters.get("offset"):
        pages = [notes("POST notes/select", {**parameters, "offset": n, "limit": 1}).expect(200)[0]["id"] for n in range(3)]
        assert sorted(pages) == ["a", "b", "c"]
        return
    for verb in ("select", "list"):
        found = notes(f"POST notes/{verb}", parameters).expect(200)
        assert "".join(row["id"] for row in (found["items"] if verb == "list" else found)) == keys


def test_ties_are_broken_by_the_key_and_pages_never_overlap(notes: Api) -> None:
    notes("POST public/insert", {"values": []}).expect(200)
    rows = [{"id": f"t{n:02}", "title": "same words here"} for n in range(30)]
    notes("POST notes/insert", {"values": rows[::-1]}).expect(200)
    pages = [
        notes("POST notes/select", {"where": "notes @@ 'same'", "select": "id", "limit": 7, "offset": at}).expect(200)
        for at in range(0, 35, 7)
    ]
    assert [row["id"] for page in pages for row in page] == [row["id"] for row in rows]


def test_a_cursor_goes_by_the_key(notes: Api) -> None:
    keys, cursor = "", "*"
    while cursor:
        page = notes("POST notes/list", {"where": "notes @@ 'walk'", "limit": 1, "cursor": cursor}).expect(200, {"total": 3})
        keys, cursor = keys + page["items"][0]["id"], page["next"]
    assert keys == "abc"


# parameters and rows
SELECTED: list[tuple[dict[str, Any], Any]] = [
    (
        {"select": "id, notes @@ 'walk' => hit", "order": "id"},
        [{"id": key, "hit": key in "abc"} for key in "abcde"],
    ),
    ({"select": "id, title @@ 'shoes' => hit", "order": "hit DESC, -id", "limit": 2}, [{"id": "d", "hit": True}, {"id": "c", "hit": True}]),
    ({"select": "notes @@ 'walk' => hit, count() => n", "group": "hit", "order": "n"}, [{"hit": False, "n": 2}, {"hit": True, "n": 3}]),
    ({"select": "views, count() => n", "where": "notes @@ 'walk'", "group": "views", "order": "views"}, [{"views": 0, "n": 1}, {"views": 1, "n": 2}]),
    ({"select": "views", "where": "notes @@ 'walk'", "distinct": True, "order": "views"}, [{"views": 0}, {"views": 1}]),
    ({"select": "id, notes.parent(id, notes @@ 'swim' => wet) => children", "where": "title @@ 'walk'", "order": "id", "limit": 1},
     [{"id": "a", "children": [{"id": "c", "wet": False}, {"id": "d", "wet": True}]}]),
    ({"select": "id, parent(title, title @@ 'walk' => hit) => up", "where": "notes @@ 'swim'"}, [{"id": "d", "up": {"title": "walk", "hit": True}}]),
]  # fmt: skip


@pytest.mark.parametrize(("parameters", "rows"), SELECTED)
def test_searches_in_select_group_and_nested_rows(notes: Api, parameters: dict[str, Any], rows: Any) -> None:
    assert notes("POST notes/select", parameters).expect(200) == rows
    assert notes("POST notes/list", {**parameters, "limit": None}).expect(200)["total"] >= len(rows)


def test_writes_by_search(notes: Api) -> None:
    changed = notes(
        "POST notes/update",
        {"where": "title @@ 'walk'", "setValues": {"title": "swim"}, "returning": "id, title @@ 'swim' => wet"},
    )
    assert sorted(row["id"] for row in changed.expect(200)) == ["a", "b"]
    assert {row["wet"] for row in changed.body} == {True}
    assert found_keys(notes, "title @@ 'swim'") == "ab"
    notes("POST notes/update", {"where": "id == 'e'", "set": {"views": "(notes @@ 'swim') + 1"}}).expect(200)
    assert notes("GET notes/view/e").expect(200)["views"] == 1
    notes("POST notes/edit/e", {"title": "late swim"}).expect(200)
    assert found_keys(notes, "notes @@ 'late'") == "e"
    made = notes("POST notes/insert", {"values": {"id": "f", "title": "new"}, "returning": "id, notes @@ 'new' => hit"})
    assert made.expect(200) == [{"id": "f", "hit": True}]
    notes("POST notes/insert", {"values": {"id": "f", "title": "newer"}, "or": "REPLACE"}).expect(200)
    assert (found_keys(notes, "notes @@ 'new'"), found_keys(notes, "notes @@ 'newer'")) == ("", "f")
    gone = notes("POST notes/delete", {"where": "notes @@ 'walk'", "returning": "id"}).expect(200)
    assert sorted(row["id"] for row in gone) == ["b", "c"]
    assert found_keys(notes, "notes @@ 'walk'") == ""
    notes("POST notes/delete", {"where": "id == 'a'"}).expect(200)
    assert found_keys(notes, "notes @@ 'shoes'") == ""  # went with its parent


def found_keys(api: Api, where: str) -> str:
    return "".join(row["id"] for row in api("POST notes/select", {"where": where, "select": "id", "order": "id"}).expect(200))


def test_rules_search(notes: Api) -> None:
    rows = [("a", "open house"), ("b", "opened drafts"), ("c", "closed"), ("k", "keep open")]
    for key, title in rows:
        run_sql("INSERT INTO public (id, title) VALUES (%s, %s)", key, title)
    assert [row["id"] for row in notes("GET public/select?order=id").expect(200)] == ["a", "k"]
    assert notes("GET public/list", query={"where": "public @@ 'keep'"}).expect(200)["total"] == 1
    assert [notes(f"GET public/view/{key}", by="ann").status for key in "abck"] == [200, 404, 404, 200]
    assert [notes(f"GET public/view/{key}", by="bob").status for key in "abck"] == [404] * 4
    updated = notes("POST public/update", {"where": "true", "setValues": {"views": 7}, "returning": "id"}).expect(200)
    assert sorted(row["id"] for row in updated) == ["a", "b", "k"]
    notes("POST public/edit/c", {"title": "open"}).expect(404)
    assert len(notes("POST public/delete", {"where": "true", "returning": "id"}).expect(200)) == 3
    assert run_sql("SELECT id FROM public") == [("k",)]
    notes("POST public/insert", {"values": {"id": "a", "title": "open"}}).expect(200)
    notes("POST public/insert", {"values": {"id": "d", "title": "open"}}).expect(403)


HOSTILE = [
    "'", '"', "''", '""', '"""', "'; DROP TABLE notes; --", "a' OR '1'='1", "NEAR(walk swim, 2)", "walk NEAR swim", "*", "**", "walk**", "*walk",
    "^walk", "title:walk", "{title body}:walk", "- walk", "-", "--", "-\"", "walk AND", "AND", "NOT", "NOT walk", "walk NOT", "OR OR OR", "(", ")",
    "((((((((((", "walk)", "a:b:c", "+walk", "walk + swim", "walk & swim", "walk | swim", "!walk", "<->", "walk <-> swim", "walk:*", "\\", "\\'", "%", "_",
    "%s", "%(a)s", "{0}", "{{", "$1", "$body$", "?", ":x", "\x01\x1f\x7f", "😀", "👩‍👩‍👧‍👦", "\u200d", "\ufeff", "\U0010ffff", "e\u0301", "\u0301", "İı",
    "ﬁ", "walk\u00a0swim", "日本語 中文", "ا\u064b", "क\u093f", "a" * 3900, "a " * 1900, "-a " * 1300, '"a b" ' * 600, "a* " * 1300, "a OR " * 780,
    "(" * 3900, '"' * 1900, "walk -" + "x " * 1900, "abc OR -def " * 300, '-"a b" c OR ' * 300,
]  # fmt: skip


@pytest.mark.parametrize("tokenize", ["unicode61", "porter", "trigram", "ascii"])
def test_hostile_queries_are_answered(use_config: UseConfig, settings: Any, tokenize: str) -> None:
    api = client(use_config, settings, searched(tokenize))
    fill(
        api, {**{f"w{n}": text for n, text in enumerate(WORDS.values()) if isinstance(text, str)}, "x": "walk swim a b c abc 50%"}
    )
    for query in HOSTILE:
        for left in ("texts", "title"):
            api("POST texts/list", {"where": f"{left} @@ {quoted(query)}"}).expect(200)
    assert run_sql("SELECT count(*) FROM texts") == [(2,)]
