"""A YAML file as plain values and their places, read by the rules of YAML 1.2: `no` is a string, `0o17` a number.

PyYAML's C composer gives nodes with marks; the values are made here, since its own constructors follow YAML 1.1.
"""

from __future__ import annotations

import math
import re
from itertools import accumulate
from typing import Any

import yaml

from pocketapi.config.report import Path, Place, Report

MAX_DEPTH = 64
MAX_NUMBER = 400  # characters
MAX_ALIASED = 20_000  # values that aliases may repeat
SUSPICIOUS = 2000  # a document nested deeper than this has a line or a run of brackets as long
PREFIX = "tag:yaml.org,2002:"
NULL, BOOL, INT, FLOAT, MERGE = (PREFIX + name for name in ("null", "bool", "int", "float", "merge"))
CORE = {
    NULL: (r"null|Null|NULL|~|", "nN~"),
    BOOL: (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    INT: (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    FLOAT: (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+.0123456789"),
    MERGE: (r"<<", "<"),
}
PATTERNS = {tag: re.compile(rf"(?:{pattern})\Z") for tag, (pattern, _) in CORE.items()}

CoreLoader: Any = type("CoreLoader", (getattr(yaml, "CSafeLoader", yaml.SafeLoader),), {"yaml_implicit_resolvers": {}})
for _tag, (_, _first) in CORE.items():
    CoreLoader.add_implicit_resolver(_tag, PATTERNS[_tag], ["", *_first] if _tag == NULL else list(_first))


class NotReadError(Exception):
    """The text holds no document; the report says why."""


def read(data: bytes, report: Report) -> Any:
    """The document of a file; its places and what is wrong with it go to the report. NotReadError where there is none."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        place = (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        raise _stop(report, place, "The file is not UTF-8: save it with that encoding.") from None
    root = _compose(text, report)
    if root is None:
        raise _stop(report, (1, 1), "The file is empty: `manage.py pocketapi init` writes one to start from.")
    report.places.keys[()] = _start(root)
    return _Values(report).value(root, (), 0)


def scalar(text: str) -> Any:
    """A plain scalar's value: null, a boolean, a number or the text itself."""
    for tag in (NULL, BOOL, INT, FLOAT):
        if PATTERNS[tag].match(text):
            try:
                return _converted(tag, text)
            except ValueError:
                return text
    return text


def _compose(text: str, report: Report) -> Any:
    try:
        _refuse_depth(text, report)
        return yaml.compose(text, Loader=CoreLoader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise _stop(report, place, f"The character {chr(error.character)!r} cannot stand in YAML.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _stop(report, (mark.line + 1, mark.column + 1) if mark else (1, 1), _syntax(error)) from None


def _refuse_depth(text: str, report: Report) -> None:
    """Refuses what would overflow the composer's stack. Only texts that could be so deep are looked at twice."""
    brackets = accumulate((character in "[{") - (character in "]}") for character in text if character in "[]{}")
    if max(map(len, text.splitlines()), default=0) < SUSPICIOUS and max(brackets, default=0) < SUSPICIOUS:
        return
    depth = 0
    for event in yaml.parse(text, Loader=CoreLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _stop(report, _start(event), f"The file is nested deeper than {MAX_DEPTH} levels.")


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem, context = error.problem or "", error.context or ""
    if "another document" in problem:
        return "The file has several documents: keep one, without a `---` below it."
    if "undefined alias" in problem or "undefined alias" in context:
        return "This alias names no anchor above it; a string that starts with `*` needs quotes."
    if "duplicate anchor" in f"{problem} {context}":
        return "This anchor is defined twice: rename one."
    advice = (
        ": indent with spaces, and quote a string that starts with a special character" if "start any token" in problem else ""
    )
    return f"This is not YAML: {' '.join(filter(None, [context, problem]))}{advice}."


def _stop(report: Report, place: Place, message: str) -> NotReadError:
    report.at(place, (), message)
    return NotReadError(message)


def _start(node: Any) -> Place:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _converted(tag: str, text: str) -> Any:
    """A scalar of a core tag; ValueError where it is none."""
    if tag == NULL:
        return None
    if not PATTERNS[tag].match(text):
        raise ValueError(text)
    if len(text) >= MAX_NUMBER:
        raise ValueError(text)
    if tag == BOOL:
        return text.lower() == "true"
    if tag == INT:
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    number = float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if not math.isfinite(number):
        raise ValueError(text)
    return number


class _Values:
    """Turns nodes into values, and notes where they are."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.open: set[int] = set()  # nodes that are being read: an alias to one would never end
        self.seen: set[int] = set()
        self.aliased = 0

    def value(self, node: Any, path: Path, depth: int) -> Any:
        """The node's value."""
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if problem := self._refusal(node, depth):
            return self._refuse(node, path, problem)
        self.seen.add(id(node))
        self.open.add(id(node))
        found = self._mapping(node, path, depth) if isinstance(node, yaml.MappingNode) else self._list(node, path, depth)
        self.open.discard(id(node))
        return found

    def _refusal(self, node: Any, depth: int) -> str | None:
        if id(node) in self.open:
            return "This alias stands inside its own anchor."
        if id(node) in self.seen:
            self.aliased += 1
        if self.aliased > MAX_ALIASED:
            return f"Aliases repeat more than {MAX_ALIASED} collections."
        if depth > MAX_DEPTH:
            return f"The file is nested deeper than {MAX_DEPTH} levels."
        return None if node.tag in (PREFIX + "map", PREFIX + "seq") else f"The tag {_tag_name(node)} has no meaning here."

    def _list(self, node: Any, path: Path, depth: int) -> list[Any]:
        values = []
        for index, item in enumerate(node.value):
            self.report.places.keys[(*path, index)] = _start(item)
            values.append(self.value(item, (*path, index), depth + 1))
        return values

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        first: dict[str, Place] = {}
        for key, item in node.value:
            if key.tag == MERGE:
                merged = {**self._merged(item, path, depth), **merged}
            elif (name := self._key(key, path)) is not None:
                if name in first:
                    self.report.at(
                        _start(key), (*path, name), f"`{name}` stands here twice, first in line {first[name][0]}: keep one."
                    )
                    continue
                first[name] = self.report.places.keys[(*path, name)] = _start(key)
                values[name] = self.value(item, (*path, name), depth + 1)
        return {**merged, **values}

    def _merged(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        """What `<<` brings in; the keys that are written out win."""
        parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, Any] = {}
        for part in parts:
            value = self.value(part, path, depth + 1)
            if isinstance(value, dict):
                found = {**value, **found}
            else:
                self.report.at(_start(part), path, "`<<` merges mappings only.")
        return found

    def _key(self, node: Any, path: Path) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == PREFIX + "str":
            return str(node.value)
        what = f"`{node.value}`: put it in quotes" if isinstance(node, yaml.ScalarNode) else "a list or a mapping"
        self.report.at(_start(node), path, f"A property's name is a string, not {what}.")
        return None

    def _scalar(self, node: Any, path: Path) -> Any:
        if id(node) in self.seen:
            self.aliased += 1
        if node.tag == PREFIX + "str":
            self._note_text(node, path)
            return node.value
        try:
            return _converted(node.tag, node.value)
        except ValueError:
            return self._refuse(node, path, f"{_shortened(node.value)} is no number that a config can hold.")
        except KeyError:
            told = f"The tag {_tag_name(node)} has no meaning here: write the value, in quotes where it is text."
            return self._refuse(node, path, told)

    def _refuse(self, node: Any, path: Path, message: str) -> None:
        self.report.at(_start(node), path, message)
        if path:
            self.report.mute([path])  # what is missing there is told already

    def _note_text(self, node: Any, path: Path) -> None:
        """Notes where the text starts, if it stands in one line as it is."""
        line, column = _start(node)
        width = node.end_mark.column + 1 - column
        if node.end_mark.line + 1 == line and width - len(node.value) in (0, 2):
            self.report.places.texts[path] = (line, column + (width - len(node.value)) // 2)


def _tag_name(node: Any) -> str:
    return str(node.tag).replace(PREFIX, "!!")


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."
