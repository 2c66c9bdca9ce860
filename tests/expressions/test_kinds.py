"""Kinds of columns, and signatures of functions."""

from __future__ import annotations

import pytest

from pocketapi.expressions.functions import TEMPLATES
from pocketapi.expressions.kinds import FUNCTIONS, Kind, Takes, kind_of


@pytest.mark.parametrize(
    ("field_type", "storage", "kind"),
    [
        ("bool", "integer", Kind.BOOL),
        ("bool", "boolean", Kind.BOOL),
        ("json", "text", Kind.JSON),
        ("blob", "blob", Kind.BLOB),
        ("date", "timestamp", Kind.TIMESTAMP),
        ("date", "text", Kind.TIMESTAMP),
        ("date", "date", Kind.DAY),
        ("date", "time", Kind.TIME),
        ("text", "text", Kind.TEXT),
        ("relation", "integer", Kind.INTEGER),
        ("number", "real", Kind.NUMBER),
        ("number", "numeric", Kind.NUMBER),
    ],
)
def test_kind_of_a_column(field_type: str, storage: str, kind: Kind) -> None:
    assert kind_of(field_type, storage) is kind


def test_families() -> None:
    assert {kind.family for kind in Kind} == {"text", "number", "bool", "date", "json", "blob", "null"}
    assert [kind for kind in Kind if kind.is_date] == [Kind.TIMESTAMP, Kind.DAY, Kind.TIME]
    assert [kind for kind in Kind if kind.is_number] == [Kind.INTEGER, Kind.NUMBER]


def test_the_last_argument_repeats() -> None:
    assert [FUNCTIONS["strftime"].argument(index) for index in range(4)] == [
        Takes.STATIC_TEXT,
        Takes.DATE,
        Takes.STATIC_TEXT,
        Takes.STATIC_TEXT,
    ]


def test_every_kind_that_may_be_selected_has_a_truth() -> None:
    assert {f"truth {kind.family}" for kind in Kind if kind is not Kind.NULL} <= TEMPLATES.keys()
