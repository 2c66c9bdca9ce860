"""Placeholder replaced in the next commit."""
from dataclasses import dataclass
@dataclass(frozen=True)
class Typed: ...
