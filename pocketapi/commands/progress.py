"""A progress bar on terminals; elsewhere nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

WIDTH = 30  # characters
EVERY = 50  # steps between two drawings


class Bar:
    """One line that tells how far a command is, and is gone before another line is printed."""

    def __init__(self, out: TextIO) -> None:
        self.out, self.shown = out, out.isatty()

    def show(self, noun: str, done: int, most: int = 0) -> None:
        """Draw the bar: with a known end as far as it is, else the number alone."""
        if self.shown and (done % EVERY == 0 or done in (1, most)):
            filled = WIDTH * done // most if most else 0
            drawn = f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {most} {noun}" if most else f"{done} {noun}"
            self.out.write(f"\r\x1b[K{drawn}")
            self.out.flush()

    def of(self, most: int) -> Callable[[str, int], None]:
        """The bar with a known end."""
        return lambda noun, done: self.show(noun, done, most)

    def clear(self) -> None:
        """Leave the line empty."""
        if self.shown:
            self.out.write("\r\x1b[K")
            self.out.flush()
