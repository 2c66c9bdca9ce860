"""What is wrong or doubtful in a config, each with its place in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pocketapi.errors import ConfigError, ConfigProblem

Path = tuple[str | int, ...]
Place = tuple[int, int]

ERRORS = {
    "pocketapi.E001": "The file cannot be read, or is no YAML.",
    "pocketapi.E002": "An environment variable that the config names is missing.",
    "pocketapi.E003": "A property is unknown, missing or of the wrong type.",
    "pocketapi.E004": "A name is taken, reserved or impossible.",
    "pocketapi.E005": "A reference leads nowhere, or to something that it cannot refer to.",
    "pocketapi.E006": "Properties contradict each other.",
    "pocketapi.E007": "An expression is wrong.",
    "pocketapi.E008": "A secret is too short or shared.",
    "pocketapi.E009": "A table lacks what its own properties ask for.",
    "pocketapi.E010": "An action is wrong.",
    "pocketapi.E011": "A URL is wrong.",
    "pocketapi.E012": "An identity provider is wrong.",
}
WARNINGS = {
    "pocketapi.W001": "A table has no rules: only admins reach it.",
    "pocketapi.W002": "A role or metadata column is not constrained by createRule and updateRule.",
    "pocketapi.W003": "Two tables of accounts have integer keys: their uids collide in auth.uid.",
    "pocketapi.W004": "A column that rules compare has no index.",
    "pocketapi.W005": "A file field takes every kind of file.",
    "pocketapi.W006": "The jwtSecret is short. Allowed in DEBUG only.",
    "pocketapi.W007": "The columns of an existing model were not checked.",
    "pocketapi.W008": "A property of the original has no meaning here.",
    "pocketapi.W009": "An identity provider lacks what it needs, and signs nobody in.",
    "pocketapi.W010": "The tokens of an identity provider are taken, whomever they were made for.",
    "pocketapi.W011": "The secret of an identity provider is short.",
}


@dataclass
class Places:
    """Line and column, from 1, of what the file holds: of a mapping's keys, of a list's items, of the text of plain strings.

    `origins` has, for a list of fields, the item of the file that each field comes from: scaffolds make several of one.
    """

    keys: dict[Path, Place] = field(default_factory=dict)
    texts: dict[Path, Place] = field(default_factory=dict)
    origins: dict[Path, list[int]] = field(default_factory=dict)

    def of(self, path: Path, position: int | None = None) -> Place:
        """Where a path is, or the nearest thing around it; with a position, that character of its text where it can be told."""
        path = self._in_file(path)
        if position is not None and path in self.texts:
            line, column = self.texts[path]
            return line, column + position
        while path and path not in self.keys:
            path = path[:-1]
        return self.keys.get(path, (0, 0))

    def _in_file(self, path: Path) -> Path:
        origins = self.origins.get(path[:3])
        if origins is None or len(path) < 4 or not isinstance(path[3], int) or path[3] >= len(origins):
            return path
        return (*path[:3], origins[path[3]], *path[4:])


def written(path: Path) -> str:
    """A path as users read it: `tables[1].fields[3].foreignKey.table`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


class Report:
    """Collects the problems and warnings of one file. What lies under a muted path is known to be wrong already."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places = Places()
        self.problems: list[ConfigProblem] = []
        self.warnings: list[ConfigProblem] = []
        self.muted: set[Path] = set()
        self.references: dict[str, str] = {}  # "$NAME" by path

    def error(self, code: str, path: Path, message: str, position: int | None = None) -> None:
        """Something that must be put right; `code` is E001 and so on."""
        if not self._is_muted(path):
            self.problems.append(self._problem(code, path, message, self.places.of(path, position)))

    def warn(self, code: str, path: Path, message: str) -> None:
        """Something to think about; `code` is W001 and so on."""
        if not self._is_muted(path):
            self.warnings.append(self._problem(code, path, message, self.places.of(path)))

    def at(self, place: Place, path: Path, message: str) -> None:
        """A problem of the YAML itself."""
        self.problems.append(self._problem("E001", path, message, place))

    def mute(self, paths: Sequence[Path]) -> None:
        """Says nothing more of what lies under these paths."""
        self.muted.update(paths)

    def conclude(self) -> None:
        """Raises ConfigError where there are problems."""
        if self.problems:
            raise ConfigError(sorted(set(self.problems)), sorted(set(self.warnings)))

    def _is_muted(self, path: Path) -> bool:
        return bool(self.muted) and any(path[:length] in self.muted for length in range(1, len(path) + 1))

    def _problem(self, code: str, path: Path, message: str, place: Place) -> ConfigProblem:
        return ConfigProblem(self.file, *place, written(path), message, f"pocketapi.{code}")
