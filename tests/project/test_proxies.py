"""The environment names proxies, or how many there are."""

from __future__ import annotations

import pytest

from project.proxies import proxies


@pytest.mark.parametrize(
    ("words", "found"),
    [([], []), (["1"], 1), (["10.0.0.1"], ["10.0.0.1"]), (["10.0.0.0/8", "unix"], ["10.0.0.0/8", "unix"])],
)
def test_cases(words: list[str], found: object) -> None:
    assert proxies(words) == found
