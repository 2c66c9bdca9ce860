"""Several tables through the whole path of reads and updates, against the reference evaluator: see tests/evaluator_tables.py."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import assume, given
from hypothesis import strategies as st

from pocketapi.config import link, rules
from pocketapi.config.report import Report
from pocketapi.errors import BadRequest
from pocketapi.expressions import grammar
from pocketapi.expressions.fold import TRUE
from pocketapi.expressions.scope import Rows
from pocketapi.records import read, requests, updates, write
from pocketapi.rules.principal import Caller, Principal
from pocketapi.tables import models as tables
from tests import worlds
from tests.conftest import UseConfig
from tests.evaluator import Refused, Unspecified
from tests.evaluator_answers import check, grouped, selected, updated
from tests.evaluator_tables import TableEvaluator, World
from tests.expressions.test_properties import search
from tests.expressions.things import alike, as_json
from tests.generators import ANONYMOUS

CALLERS = st.sampled_from([ANONYMOUS, {**ANONYMOUS, "uid": "u1"}, {**ANONYMOUS, "uid": "u2"}, {**ANONYMOUS, "admin": True}])


@pytest.fixture
def config(use_config: UseConfig) -> link.Config:
    return use_config(worlds.YAML)


def forget() -> None:
    """Empties the caches of what rules make of requests."""
    for module, name in ((read, "PREPARED"), (read, "PLANS"), (updates, "UPDATES"), (updates, "STATEMENTS")):
        getattr(module, name).__init__()


@contextmanager
def filled(world: World) -> Iterator[None]:
    """The world's rows in the database, for a while."""
    with transaction.atomic():
        for name in ("vaults", "teams", "members", "things"):
            model = tables.MODELS[name]
            model._default_manager.bulk_create(model(**row) for row in world.rows[name])
        yield
        transaction.set_rollback(True)


def caller_of(variables: Mapping[str, Any]) -> Caller:
    return Caller(Principal(uid=variables["uid"], admin=variables["admin"], sid=variables["uid"] and "session"))


def world_of(rows: Mapping[str, Any], caller: Mapping[str, Any]) -> World:
    return World(worlds.TABLES, rows, caller)


def refused(ask: Callable[[], Any]) -> Any:
    """An answer, or None for a 400, which changes nothing."""
    try:
        with transaction.atomic():
            return ask()
    except BadRequest:
        return None


def selected_by(table: link.Table, caller: Mapping[str, Any], **parameters: Any) -> Any:
    page = refused(lambda: read.list_(table, lambda: requests.read(parameters, listed=True), caller_of(caller)))
    return page and json.loads(read.answer(page, listed=True))


def ruled(config: link.Config, verb: str, text: str) -> link.Table:
    """The table of things with another rule."""
    table, report = config.tables["things"], Report("rule")
    found = rules._row_rule(
        verb, text, "things", table.columns, (), report, lambda name: everything(config, name), table.searched
    )
    assert found, report.problems
    forget()
    return replace(table, rules={**(table.rules or {}), verb: found})


def everything(config: link.Config, name: str) -> Rows | None:
    """Another table as the config's own rules see it: every row and column."""
    table = config.tables.get(name)
    return table and Rows(name, table.columns, TRUE, table.searched, table.primary.name)


def test_filters_see_what_the_caller_may(config: link.Config, connection: BaseDatabaseWrapper) -> None:
    @search(300, connection)
    @given(worlds.rows(), CALLERS, worlds.texts(refusable=True))
    def holds(rows: dict[str, Any], caller: dict[str, Any], where: str) -> None:
        world = world_of(rows, caller)
        with filled(world):
            answer = selected_by(config.tables["things"], caller, where=where, select="id")
        try:
            check(world, "things", where)
            wanted = [row["id"] for row in rows["things"] if TableEvaluator(world, "things", row).holds(parsed(where))]
        except Refused:
            assert answer is None, f"{where} is accepted"
            return
        except Unspecified:
            assume(False)
        assert answer is not None, f"{where} is refused"
        assert [row["id"] for row in answer["items"]] == wanted, where
        assert answer["total"] == len(wanted)

    holds()


def test_rules_see_everything(config: link.Config, connection: BaseDatabaseWrapper) -> None:
    @search(250, connection)
    @given(worlds.rows(), CALLERS, worlds.texts())
    def holds(rows: dict[str, Any], caller: dict[str, Any], rule: str) -> None:
        assume(not caller["admin"])
        world = world_of(rows, caller)
        try:
            wanted = [row["id"] for row in rows["things"] if world.fulfils(rule, "things", row)]
        except Unspecified:
            assume(False)
        with filled(world):
            answer = selected_by(ruled(config, "list", rule), caller, select="id")
        assert [row["id"] for row in answer["items"]] == wanted, rule
        assert answer["total"] == len(wanted)

    holds()


def test_nested_records_are_those_that_the_caller_may_see(config: link.Config, connection: BaseDatabaseWrapper) -> None:
    @search(250, connection)
    @given(worlds.rows(), CALLERS, worlds.items(), st.sampled_from((*[""] * 19, *worlds.REFUSED_ITEMS)))
    def holds(rows: dict[str, Any], caller: dict[str, Any], select: str, more: str) -> None:
        world = world_of(rows, caller)
        select = f"{select}, {more} => last" if more else select
        with filled(world):
            answer = selected_by(config.tables["things"], caller, select=select)
            ask = requests.view({"select": select})
            view = refused(lambda: read.view(config.tables["things"], "x0", lambda: ask, caller_of(caller)))
            edit = requests.edit({"on_sale": rows["things"][0]["on_sale"]}, {"returning": select})
            row = refused(lambda: write.edit(config.tables["things"], "x0", lambda: edit, caller_of(caller)))
        try:
            wanted = [selected(world, "things", select, row) for row in rows["things"]]
        except Refused:
            assert answer is view is row is None, f"{select} is accepted"
            return
        assert answer is not None, f"{select} is refused"
        assert alike(answer["items"], plain(wanted)), select
        assert alike(json.loads(view), plain(wanted[0])), select
        assert read.render.dumps(row) == view

    holds()


def test_groups_and_aggregates(config: link.Config, connection: BaseDatabaseWrapper) -> None:
    @search(250, connection)
    @given(worlds.rows(), CALLERS, worlds.groups(), worlds.texts())
    def holds(rows: dict[str, Any], caller: dict[str, Any], chosen: tuple[dict[str, str], list[str]], where: str) -> None:
        world, (items, group) = world_of(rows, caller), chosen
        try:
            found = [row for row in rows["things"] if TableEvaluator(world, "things", row).holds(parsed(where))]
        except Unspecified:
            assume(False)
        wanted = plain(grouped(world, "things", found, items, group))
        select = ", ".join(f"{text} => {key}" for key, text in items.items())
        with filled(world):
            answer = selected_by(config.tables["things"], caller, where=where, select=select, group=group or None)
        assert answer is not None, f"{select} is refused"
        assert answer["total"] == len(wanted)
        assert alike(in_order(answer["items"]), in_order(wanted)), (select, where)

    holds()


def test_updates_read_the_rows_as_they_were_and_rules_the_new_ones(config: link.Config, connection: BaseDatabaseWrapper) -> None:
    @search(300, connection)
    @given(worlds.rows(), CALLERS, worlds.texts("condition"), worlds.texts("new"), worlds.changes())
    def holds(rows: dict[str, Any], caller: dict[str, Any], where: str, rule: str, changes: dict[str, str]) -> None:
        world = world_of(rows, caller)
        try:
            wanted = updated(world, "things", where, changes, None if caller["admin"] else rule)
        except Unspecified:
            assume(False)
        table = ruled(config, "update", rule)
        ask = requests.update({"where": where, "set": changes, "returning": "*"})
        with filled(world):
            answer = refused(lambda: write.update(table, lambda: ask, caller_of(caller)))
            stored = {row["id"]: row for row in tables.MODELS["things"]._default_manager.values()}
        assert answer is not None, f"{changes} is refused"
        found = {row["id"]: row for row in json.loads(read.render.dumps(answer))}
        assert alike(found, seen(wanted, caller)), (where, rule, changes)
        assert alike(stored, {row["id"]: plain(wanted.get(row["id"], row)) for row in rows["things"]})

    holds()


def parsed(text: str) -> Any:
    return grammar.parse(text)


def seen(rows: Mapping[str, Any], caller: Mapping[str, Any]) -> Any:
    """Rows without what is hidden from the caller."""
    hidden = () if caller["admin"] else worlds.TABLES["things"].hidden
    return {key: {name: as_json(value) for name, value in row.items() if name not in hidden} for key, row in rows.items()}


def plain(value: Any) -> Any:
    """An answer as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else as_json(value)


def in_order(rows: Any) -> list[Any]:
    return sorted(rows, key=lambda row: json.dumps([float(each) if type(each) is int else each for each in row.values()]))
