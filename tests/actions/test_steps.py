"""Actions in steps: expressions, rules, hidden columns, on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from pocketapi.tables.table import model_of
from tests.api.answers import Api

N = {"one": {"name": "one"}, "two": {"name": "two"}, "three": {"name": "three"}}
# (action, parameters, caller, the answer or its status)
CASES: list[tuple[str, dict[str, Any], str | None, Any]] = [
    # SELECT
    ("mine", {}, "ann", [[{"id": "p1", "title": "t1"}, {"id": "p2", "title": "t2"}]]),
    ("everything", {}, None, [[{"id": "p1"}], [{"id": "p1", "hidden": "n1"}]]),
    ("everything", {}, "ann", [[{"id": "p1"}, {"id": "p2"}], [{"hidden": "n1"}, {"hidden": "n2"}]]),
    ("everything", {}, "admin", [[{"note": "n1"}, {"note": "n2"}, {"note": "n3"}], [{"note": "n1", "hidden": "n1"}, {}, {}]]),
    ("everything_unruled", {}, None, [[{"id": "p1"}, {"id": "p2"}, {"id": "p3"}], [{"text": "bare"}]]),
    ("other_rows", {}, "ann", [[]]),
    ("other_rows", {}, "admin", [[{"id": "p1"}, {"id": "p2"}, {"id": "p3"}]]),
    ("other_rows_unruled", {}, None, [[{"id": "p1", "author": {"name": "ann"}, "mail": "ann@example.com"}, {"id": "p2"}, {"id": "p3"}]]),
    ("page", {}, None, [[N["one"], N["three"], N["two"]]]),
    ("page", {"size": 1, "page": 1}, None, [[N["three"]]]),
    ("page", {"size": 0}, None, [[]]),
    ("page", {"size": 1.0}, None, [[N["one"]]]),
    ("page", {"size": -1}, None, 400),
    ("page", {"size": 1.5}, None, 400),
    ("page", {"page": -1}, None, 400),
    ("sums", {}, None, [[{"qty": 2, "many": 2}, {"qty": 1, "many": 1}]]),
    ("spread", {}, None, [[{"qty": 1}, {"qty": 2}]]),
    # INSERT
    ("write_post", {"title": "New"}, "ann", [[{"title": "New.", "published": True, "views": 0, "tags": None, "slug": "new"}]]),
    ("write_post", {"title": "New", "tags": '["a"]', "views": 5}, "ann", [[{"views": 5, "tags": ["a"]}]]),
    ("write_post", {"title": "New", "tags": "no JSON"}, "ann", 400),
    ("write_post", {"title": "New", "views": 1.5}, "ann", 400),
    ("write_post", {"title": "New", "views": 1001}, "ann", 400),
    ("write_post", {"title": "x" * 30}, "ann", 400),
    ("write_post", {"title": "New"}, None, 400),
    ("write_clicks", {}, "ann", 403),
    ("write_clicks_unruled", {"by": "bob"}, None, [[{"title": "a", "clicks": 5}, {"title": "b", "clicks": 0}], [{"clicks": 6, "views": 7}]]),
    ("write_clicks_unruled", {"by": "nobody"}, None, 400),
    ("computed", {"n": 7}, None, [[{"integer": 3, "number": 4.0, "bool": True, "stamp": "2025-03-12T10:00:00.000Z", "day": "2025-03-11", "json": {"a": 1, "b": 7}, "text": "7", "level": 1, "choice": None}]]),
    ("computed", {}, None, [[{"json": {"a": 1, "b": None}, "text": "x"}]]),
    ("keep_code", {"code": "a"}, None, [[]]),
    ("keep_code", {"code": "z"}, None, [[{"name": "n"}]]),
    # UPDATE
    ("retitle", {"post": "p1", "title": "x"}, "ann", [[{"id": "p1", "title": "x"}]]),
    ("retitle", {"post": "p1", "title": "x"}, "bob", [[]]),
    ("retitle", {"post": "p1", "title": "x"}, "editor", [[{"id": "p1", "title": "x"}]]),
    ("retitle", {"post": "p1", "title": "x" * 30}, "ann", 400),
    ("count_by", {"by": 5}, None, [[{"name": "one", "qty": 5}, {"qty": 5}, {"qty": 5}]]),
    ("count_by", {"by": 1.5}, None, 400),
    # DELETE
    ("drop_mine", {"title": "t1"}, "bob", [[]]),
    ("drop_mine", {"title": "t1"}, "ann", [[{"title": "t1"}]]),
    ("drop_mine", {"title": "t' == 't"}, "ann", [[]]),
    # several
    ("two_steps", {"code": "z"}, None, [[], []]),
    ("two_steps", {"code": "a"}, None, 409),
]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "params", "caller", "wanted"), CASES, ids=[f"{case[0]}-{index}" for index, case in enumerate(CASES)]
)
def test_steps_go_through_the_table_layer(api: Api, action: str, params: dict[str, Any], caller: str | None, wanted: Any) -> None:
    answer = api(f"POST /action/{action}", params, by=caller)
    if isinstance(wanted, int):
        answer.expect(wanted)
    else:
        answer.expect(200, wanted)


def test_a_star_in_steps_leaves_hidden_columns_out(api: Api) -> None:
    plain, starred = api("POST /action/everything", {}, by="ann").expect(200)
    assert plain[0].keys() == starred[0].keys() - {"hidden"} == api("GET posts/select", by="ann").body[0].keys()


def test_what_is_wrong_with_a_computed_value_names_its_field(api: Api) -> None:
    api("POST /action/write_post", {"title": "x" * 30, "views": 1.5}, by="ann").expect(
        400, {"data": {"title": {"code": "max_length"}, "views": {"code": "invalid"}}}
    )
    api("POST /action/count_by", {"by": 1.5}).expect(400, {"data": {"qty": {"message": "params.by is no number."}}})


def test_a_second_step_that_fails_undoes_the_first(api: Api) -> None:
    api("POST /action/two_steps", {"code": "a"}).expect(409, {"data": {"code": {"code": "unique"}}})
    assert model_of("items")._default_manager.get(name="one").qty == 1


def test_a_writing_action_under_the_rules_is_denied_as_its_table_denies(api: Api) -> None:
    api("POST /action/write_clicks", {}, by="ann").expect(403, {"message": "Cannot insert clicks field"})
