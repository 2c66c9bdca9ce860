"""What names mean, and the nearest one where a name means nothing."""

from __future__ import annotations

import pytest

from pocketapi.errors import ExpressionError
from pocketapi.expressions.kinds import Kind
from pocketapi.expressions.nodes import Name
from pocketapi.expressions.scope import Column, ColumnName, Scope, VariableName, nearest

COLUMNS = {
    "title": Column("posts", "title", Kind.TEXT),
    "views": Column("posts", "views", Kind.INTEGER),
    "password": Column("posts", "password", Kind.TEXT, secret=True),
    "auth": Column("posts", "auth", Kind.TEXT),
}
ALL = frozenset({"auth", "params", "request", "new"})
SCOPE = Scope("posts", COLUMNS, ALL, frozenset({"least"}))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("title", ColumnName(COLUMNS["title"])),
        ("posts.title", ColumnName(COLUMNS["title"])),
        ("new.title", ColumnName(COLUMNS["title"], "new")),
        ("auth", ColumnName(COLUMNS["auth"])),
        ("auth.uid", VariableName(("auth", "uid"))),
        ("auth.meta.a.b", VariableName(("auth", "meta", "a", "b"))),
        ("auth.jwt.user", VariableName(("auth", "jwt", "user"))),
        ("params.least", VariableName(("params", "least"))),
        ("request.method", VariableName(("request", "method"))),
        ("request.query.q", VariableName(("request", "query", "q"))),
        ("request.headers.x_api_key", VariableName(("request", "headers", "x_api_key"))),
    ],
)
def test_names(name: str, found: object) -> None:
    assert SCOPE.resolve(Name(tuple(name.split(".")))) == found


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("titel", "`titel` is no column of posts: did you mean `title`?"),
        ("Title", "`Title` is no column of posts: did you mean `title`?"),
        ("zzz", "`zzz` is no column of posts."),
        ("password", "`password` is no column of posts."),
        ("pasword", "`pasword` is no column of posts."),
        ("title__exact", "`title__exact` is no column of posts: did you mean `title`?"),
        ("pk", "`pk` is no column of posts."),
        ("posts.vews", "`posts.vews` is no column of posts: did you mean `views`?"),
        ("sers.id", "`sers.id` is no column of posts."),
        ("new.vews", "`new.vews` is no column of posts: did you mean `new`?"),
        ("ath.uid", "`ath.uid` is no column of posts: did you mean `auth`?"),
        ("auth.ui", "There is no `auth.ui`: did you mean `auth.uid`?"),
        ("auth.uid.x", "There is no `auth.uid.x`: did you mean `auth.uid`?"),
        ("auth.zzz", "There is no `auth.zzz`."),
        ("params.lest", "There is no parameter `lest`: did you mean `params.least`?"),
        ("params.least.x", "There is no parameter `least`: did you mean `params.least`?"),
        ("request.metod", "There is no `request.metod`: did you mean `request.method`?"),
        ("request.query", "There is no `request.query`: did you mean `request.query`?"),
        ("request.method.x", "There is no `request.method.x`: did you mean `request.method`?"),
        ("request.headers.cookie", "`request.headers.cookie` is not readable."),
        ("request.headers.authorization", "`request.headers.authorization` is not readable."),
    ],
)
def test_names_that_mean_nothing(name: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        SCOPE.resolve(Name(tuple(name.split(".")), position=3))
    assert (caught.value.message, caught.value.position) == (message, 3)


@pytest.mark.parametrize("name", ["new.title", "outer.title", "params.least", "request.method"])
def test_prefixes_that_a_place_does_not_have_are_no_names(name: str) -> None:
    with pytest.raises(ExpressionError, match="is no column of posts"):
        Scope("posts", COLUMNS, frozenset()).resolve(Name(tuple(name.split("."))))


def test_variables_are_written_with_dots() -> None:
    assert str(VariableName(("auth", "uid"))) == "auth.uid"


def test_nearest() -> None:
    assert nearest("lenght", ["length", "lower"]) == ": did you mean `length`?"
    assert nearest("x", []) == "."
