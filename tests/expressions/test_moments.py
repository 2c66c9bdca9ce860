"""Modifiers and formats as SQL; test_functions.py has what they answer."""

from __future__ import annotations

import pytest

from pocketapi.expressions.moments import ABSURD, formatted, result, step


@pytest.mark.parametrize(
    ("modifier", "sqlite"),
    [
        ("+1 days", "'+1 days'"),
        ("-3 second", "'-3 seconds'"),
        ("2 years", "'+24 months'"),
        ("+90 minutes", "'+90 minutes'"),
        ("start of month", "'start of month'"),
    ],
)
def test_step(modifier: str, sqlite: str) -> None:
    assert step(modifier).sqlite.endswith(f", {sqlite})")


@pytest.mark.parametrize("modifier", ["+10000000000000 days", "-120001 months", "+10001 years", f"+{'9' * 500} seconds"])
def test_steps_beyond_every_date(modifier: str) -> None:
    assert step(modifier) is ABSURD


def test_formats_hold_no_text_of_the_client() -> None:
    template, texts = formatted("it's %Y{0}%%")
    assert texts == ["it's %Y{0}%%", "it's ", "{0}"]
    assert template.postgresql.count("{2}") == 1
    assert "it's" not in template.postgresql


def test_only_a_changed_moment_may_be_too_early() -> None:
    assert "0001" not in result("date", changed=False).sqlite
    assert "0001" in result("date", changed=True).sqlite
    assert "0001" in result("datetime", changed=True).sqlite
