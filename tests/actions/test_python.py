"""Actions from Python: calling them, and functions of the project as actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from pocketapi import checks
from pocketapi.actions import action, registry, run
from pocketapi.errors import BadRequest, Conflict, Forbidden, NotFound, Unauthorized, ValidationFailed
from pocketapi.rules.principal import SYSTEM, Caller, Principal
from pocketapi.tables.table import model_of
from tests.actions.conftest import acting
from tests.api.answers import Api
from tests.conftest import UseConfig

ANN = Principal(uid="ann", sid="s")


@pytest.fixture
def functions() -> Iterator[None]:
    """Registrations that end with the test."""
    kept = dict(registry.FUNCTIONS)
    yield
    registry.FUNCTIONS.clear()
    registry.FUNCTIONS.update(kept)


# (action, parameters, who, the answer or the error)
CASES: list[tuple[str, Any, Any, Any]] = [
    ("click", {"post": "p1"}, None, [[{"clicks": 1}]]),
    ("mine", None, ANN, [[{"id": "p1", "title": "t1"}, {"id": "p2", "title": "t2"}]]),
    ("mine", None, {"uid": "bob"}, [[{"id": "p3", "title": "t3"}]]),
    ("mine", {}, Caller(ANN), [[{"id": "p1", "title": "t1"}, {"id": "p2", "title": "t2"}]]),
    ("mine", {}, SYSTEM, [[]]),
    ("mine", {}, None, Unauthorized),
    ("mine", {}, Principal(admin=True, viewer=True), Forbidden),
    ("click", {}, None, ValidationFailed),
    ("click", {"post": "\0"}, None, ValidationFailed),
    ("typed", {"needed": True, "n": float("nan")}, None, ValidationFailed),
    ("typed", {"needed": True, "i": 2**63}, None, ValidationFailed),
    ("guarded", {}, {"uid": "ann", "roles": ("editor",)}, [[{"n": 3}]]),
    ("guarded", {}, ANN, Forbidden),
    ("keep_code", {"code": "z"}, None, [[{"name": "n"}]]),
    ("two_steps", {"code": "a"}, None, Conflict),
    ("broken", {}, None, BadRequest),
    ("nothing", {}, None, NotFound),
]  # fmt: skip


@pytest.mark.parametrize(("name", "params", "auth", "wanted"), CASES)
def test_an_action_runs_from_python_as_over_http(api: Api, name: str, params: Any, auth: Any, wanted: Any) -> None:
    if isinstance(wanted, type):
        with pytest.raises(wanted):
            run(name, params, auth=auth)
    else:
        assert run(name, params, auth=auth) == wanted


def test_a_function_runs_with_parameters_caller_and_tables(api: Api, functions: None) -> None:
    @action(
        "retitle_mine",
        params={"title": "string", "times": {"type": "integer", "optional": True, "default": 2}},
        require_auth=True,
    )
    def retitle(params: Any, caller: Caller, tables: Any) -> Any:
        """Give all my posts a title.

        And more.
        """
        tables.insert("items", values=[{"name": str(number)} for number in range(params["times"])])
        tables.delete("items", where="name == 'one'")
        changed = tables.update("posts", where="author_id == auth.uid", set={"title": "params.title"}, returning="id, tags")
        return [changed, tables.select("posts", where="note == 'n1'", select="title"), [{"by": caller.principal.uid}]]

    found = [[{"id": "p1", "tags": None}, {"id": "p2", "tags": None}], [{"title": "x"}], [{"by": "ann"}]]
    api("POST /action/retitle_mine", {"title": "x"}, by="ann").expect(200, found)
    api("POST /action/retitle_mine", {"title": 5}, by="ann").expect(400, {"data": {"title": {"code": "invalid"}}})
    api("POST /action/retitle_mine", {"title": "x"}).expect(401)
    assert model_of("items")._default_manager.count() == 4
    described = registry.find("retitle_mine")
    assert described is not None
    assert described.description == "Give all my posts a title."
    assert [each.name for each in registry.every()][-1] == "retitle_mine"


def test_a_function_that_fails_changes_nothing(api: Api, functions: None) -> None:
    @action("half", params={"code": "string"}, apply_table_rules=False, guard="params.code != 'no' & exists(posts, id == 'p3')")
    def half(_params: Any, _caller: Caller, tables: Any) -> Any:
        tables.update("posts", where="id == 'p3'", setValues={"clicks": 9})
        return [tables.insert("items", values={"name": "x", "code": "a"})]

    api("POST /action/half", {"code": "x"}).expect(409, {"data": {"code": {"code": "unique"}}})
    api("POST /action/half", {"code": "no"}).expect(403)
    assert model_of("posts")._default_manager.get(pk="p3").clicks == 0


def test_names_of_functions_are_names_and_unique(functions: None) -> None:
    with pytest.raises(ImproperlyConfigured, match="no name"):
        action("no-name")(lambda _params, _caller, _tables: None)
    first = action("once")(lambda _params, _caller, _tables: None)
    action("once")(first)
    with pytest.raises(ImproperlyConfigured, match="another action"):
        action("once")(lambda _params, _caller, _tables: None)


def test_what_is_wrong_with_actions_of_a_project_has_an_id(use_config: UseConfig, connection: Any, functions: None) -> None:
    use_config(acting())
    assert checks.check_actions() == []
    action("click")(lambda _params, _caller, _tables: None)
    action("odd", guard="auth.rol == 'x'")(lambda _params, _caller, _tables: None)
    assert [message.id for message in checks.check_actions()] == ["pocketapi.E104", "pocketapi.E105"]
    registry.FUNCTIONS.clear()
    other = "postgresql" if connection.vendor == "sqlite" else "sqlite"
    use_config(f"tables: []\nactions: [{{name: a, sql: {{type: QUERY, q: {{{other}: SELECT 1}}}}}}]")
    assert [message.id for message in checks.check_actions()] == ["pocketapi.E106"]
    with pytest.raises(Exception, match="This action has no SQL for"):
        run("a")
