"""Who may run an action, with which parameters, and in which order it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.answers import Api

COUNT = [[{"n": 3}]]
# (action and query string, body, caller, status, what the answer has)
CASES: list[tuple[str, Any, str | None, int, Any]] = [
    # the path and the method
    ("POST /action/nothing", "{broken", "forged", 404, {"message": "There is no action nothing."}),
    ("GET /action/mine", None, "forged", 405, None),
    ("POST /action/mine/", {}, "ann", 200, None),
    # the token, the viewer
    ("POST /action/guarded", "{broken", "forged", 401, {"message": "Invalid token"}),
    ("POST /action/mine", "{broken", "viewer", 403, {"message": "A viewer may only read."}),
    ("POST /action/find", {}, "viewer", 403, None),
    # requireAuth, before parameters
    ("POST /action/mine", {"x": 1}, None, 401, {"message": "Authentication required"}),
    ("POST /action/mine", "{broken", None, 401, None),
    ("POST /action/mine", {}, "forged", 401, {"message": "Invalid token"}),
    ("POST /action/mine", {}, "", 401, {"message": "Invalid token"}),
    ("POST /action/mine", {}, "editor", 200, [[]]),
    ("POST /action/mine", {}, "admin", 200, [[]]),
    # parameters, before the guard
    ("POST /action/guarded", "{broken", None, 400, None),
    ("POST /action/guarded", "[]", None, 400, None),
    ("POST /action/guarded", {"word": 5}, None, 400, None),
    ("POST /action/guarded?word=open", {}, None, 400, {"message": "There is no parameter word in the query string: send it in the body."}),
    ("POST /action/mine", {"x": 1}, "ann", 400, {"data": {"x": {"code": "unknown"}}}),
    ("POST /action/guarded", {"worm": "open"}, None, 400, {"data": {"worm": {"message": "There is no parameter worm: did you mean `word`?"}}}),
    # the guard, for admins too
    ("POST /action/guarded", {}, None, 403, {"message": "The guard of guarded does not let you."}),
    ("POST /action/guarded", None, None, 403, None),
    ("POST /action/guarded", {"word": "x"}, "ann", 403, None),
    ("POST /action/guarded", {"word": "x"}, "admin", 403, None),
    ("POST /action/guarded", {}, "editor", 200, COUNT),
    ("POST /action/guarded", {"word": "open"}, None, 200, COUNT),
    ("POST /action/guarded?door=open", {}, None, 200, COUNT),
    ("POST /action/guarded?door=shut", {}, None, 403, None),
    ("POST /action/for_authors", {"note": "n3"}, "bob", 200, COUNT),
    ("POST /action/for_authors", {"note": "n3"}, "ann", 403, None),
    ("POST /action/for_authors", {"note": "' | true | '"}, "ann", 403, None),
    ("POST /action/for_authors", {"note": "n3"}, None, 403, None),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "body", "caller", "status", "wanted"), CASES)
def test_the_first_reason_to_refuse_is_told(
    api: Api, request_: str, body: Any, caller: str | None, status: int, wanted: Any
) -> None:
    api(request_, body, by=caller).expect(status, wanted)


REQUIRED, INVALID = {"code": "required"}, {"code": "invalid"}
DEFAULTS = {"s": None, "n": 1.5, "i": None, "b": None, "needed": True}
# (parameters beside `needed: true`, what a step sees of them, or what is wrong)
PARAMETERS: list[tuple[dict[str, Any], Any]] = [
    ({}, DEFAULTS),
    ({"s": None, "n": None}, DEFAULTS),
    ({"s": "", "n": 0, "i": -5, "b": False}, {"s": "", "n": 0, "i": -5, "b": False}),
    ({"s": "ä\n'\"\\", "n": 2.5e10, "i": 2**63 - 1}, {"s": "ä\n'\"\\", "n": 2.5e10, "i": 2**63 - 1}),
    ({"i": 5.0}, {"i": 5}),
    ({"s": 5, "n": "5", "i": "5", "b": 1}, {"s": INVALID, "n": INVALID, "i": INVALID, "b": INVALID}),
    ({"s": True, "n": True, "i": True, "b": "true"}, {"s": INVALID, "n": INVALID, "i": INVALID, "b": INVALID}),
    ({"s": [], "n": {}, "i": 1.5, "b": []}, {"s": INVALID, "n": INVALID, "i": INVALID, "b": INVALID}),
    ({"i": 1e300}, {"i": INVALID}),
    ({"needed": None, "more": 1, "s": 1}, {"needed": REQUIRED, "more": {"code": "unknown"}, "s": INVALID}),
]


@pytest.mark.parametrize(("params", "wanted"), PARAMETERS)
def test_parameters_are_of_their_type_and_every_mistake_is_told(api: Api, params: dict[str, Any], wanted: Any) -> None:
    answer = api("POST /action/typed", {"needed": True, **params})
    if any(isinstance(value, dict) for value in wanted.values()):
        answer.expect(400, {"message": "Validation error", "data": wanted})
        assert answer.body["data"].keys() == wanted.keys()
    else:
        answer.expect(200, [[wanted]])


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_a_text_that_no_database_holds_is_refused(api: Api, text: str) -> None:
    api("POST /action/typed", f'{{"needed": true, "s": "{text}"}}').expect(400)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(("form", "wanted"), [
    ("needed=1&s=5&n=2.5&i=5&b=false", {"s": "5", "n": 2.5, "i": 5, "b": False, "needed": True}),
    ("needed=maybe&n=x&i=1.5", {"needed": INVALID, "n": INVALID, "i": INVALID}),
    ("needed=1&s=&values.x=1", {"values": {"code": "unknown"}}),
])  # fmt: skip
def test_a_form_is_text_and_is_converted(api: Api, form: str, wanted: Any) -> None:
    answer = api("POST /action/typed", form, content_type=FORM)
    if answer.status == 400:
        answer.expect(400, {"data": wanted})
    else:
        answer.expect(200, [[wanted]])
