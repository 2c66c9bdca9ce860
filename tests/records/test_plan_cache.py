"""The caches of plans: a warm one answers as a cold one, byte for byte, parses nothing and touches no row."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from hypothesis import given
from hypothesis import strategies as st

from pocketapi.config import link
from pocketapi.errors import BadRequest
from pocketapi.expressions import check, grammar
from pocketapi.records import queries, read, requests
from pocketapi.tables import models as tables
from pocketapi.tables.cache import Cache
from tests import worlds
from tests.conftest import UseConfig, load_config
from tests.expressions.test_properties import search
from tests.records.test_worlds import CALLERS, caller_of, filled, world_of

ORDERS = ("name", "-team.name, qty", "qty DESC, other.name", "-price", "team.open, -id", "qty + 1", "-(on_sale)")
ANONYMOUS = {"uid": None, "admin": False}


@st.composite
def parameters(draw: st.DrawFn) -> dict[str, Any]:
    """The parameters of a list: a page of rows or of groups, by offset or by cursor."""
    found: dict[str, Any] = {"where": draw(st.none() | worlds.texts()), "limit": draw(st.integers(0, 4))}
    if draw(st.booleans()):
        items, group = draw(worlds.groups())
        select = ", ".join(f"{text} => {key}" for key, text in items.items())
        return {**found, "select": select, "group": group, "order": [*items][:1]} if group else {**found, "select": select}
    found |= {"select": draw(st.none() | worlds.items()), "order": draw(st.none() | st.sampled_from(ORDERS))}
    return found | draw(st.sampled_from(({}, {"offset": 1}, {"cursor": "*"})))


def answered(table: link.Table, asked: Mapping[str, Any], caller: Mapping[str, Any]) -> list[bytes]:
    """What list answers, page by page where it goes by cursor: bytes, or the message of a 400."""
    found, cursor = [], asked.get("cursor")
    while len(found) < 4:
        request = requests.read({**asked, "cursor": cursor}, listed=True)
        try:
            with transaction.atomic():
                page = read.list_(table, lambda: request, caller_of(caller))  # noqa: B023 - called at once
        except BadRequest as error:
            return [*found, error.message.encode()]
        found.append(b"%b %d %r" % (page.rows, page.count, page.total))
        cursor = page.following
        if cursor is None:
            break
    return found


def test_a_warm_plan_answers_as_a_cold_one(use_config: UseConfig, connection: BaseDatabaseWrapper) -> None:
    things = use_config(worlds.YAML).tables["things"]

    @search(300, connection)
    @given(worlds.rows(), CALLERS, parameters())
    def holds(rows: dict[str, Any], caller: dict[str, Any], asked: dict[str, Any]) -> None:
        with filled(world_of(rows, caller)):
            first, again = answered(things, asked, caller), answered(things, asked, caller)
            warm = read.PREPARED, read.PLANS
            read.PREPARED, read.PLANS = Cache(), Cache()
            cold = answered(things, asked, caller)
            read.PREPARED, read.PLANS = warm
        assert first == again == cold, asked

    holds()


REQUESTS: list[dict[str, Any]] = [
    {},
    {"where": "qty > 1 & team.name ~ 'a%'", "order": "-team.name, qty", "limit": 2},
    {"where": "exists(members, team == outer.team & rank > 0)", "select": "id, team(name, members(id)) => t"},
    {"select": "team.name => t, count() => n", "group": "t", "order": "-n"},
    {"order": "-price", "cursor": "*", "limit": 2},
]


@pytest.mark.parametrize("asked", REQUESTS)
def test_a_warm_plan_parses_and_compiles_nothing(
    use_config: UseConfig, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    things = use_config(worlds.YAML).tables["things"]
    with filled(world_of(worlds.rows_of(1), ANONYMOUS)):
        cold = answered(things, asked, ANONYMOUS)

        def refuse(*_: object, **__: object) -> None:
            raise AssertionError("A warm plan is ready.")

        for module, name in ((grammar, "_parse"), (check.Checker, "value"), (queries, "compiled")):
            monkeypatch.setattr(module, name, refuse)
        assert len(answered(things, asked, ANONYMOUS)) == len(cold)


def test_a_page_costs_the_same_calls_however_many_rows_it_has(use_config: UseConfig) -> None:
    things = use_config(worlds.YAML).tables["things"]
    model = tables.MODELS["things"]
    model._default_manager.bulk_create(model(id=f"{number:04}", name="n", qty=number, price=number / 4) for number in range(900))

    def calls(limit: int) -> int:
        """The calls of functions, Python's and C's, that a page takes."""
        counted = 0

        def count(_frame: object, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            page = read.select(things, lambda: requests.Read(limit=limit), caller_of(ANONYMOUS))
        finally:
            sys.setprofile(None)
        assert page.count == limit
        return counted

    calls(1)
    assert calls(900) < calls(1) + 100


def test_another_config_forgets_the_rules_of_the_one_before(use_config: UseConfig, tmp_path: Path) -> None:
    use_config(worlds.YAML)
    with filled(world_of(worlds.rows_of(1), ANONYMOUS)):
        for rule, count in (("'true'", 6), ("qty == 99", 0), ("'true'", 6)):
            config = load_config(worlds.YAML.replace("listRule: 'true'", f"listRule: {rule}"), tmp_path)
            tables.install(config)
            assert read.select(config.tables["things"], requests.Read, caller_of(ANONYMOUS)).count == count


def test_the_caches_are_bounded(use_config: UseConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    things = use_config(worlds.YAML).tables["things"]
    monkeypatch.setattr(read, "PREPARED", Cache(5))
    monkeypatch.setattr(read, "PLANS", Cache(5))
    for number in range(20):
        answered(things, {"select": f"id => k{number}"}, ANONYMOUS)
    assert (len(read.PREPARED), len(read.PLANS)) == (5, 5)
