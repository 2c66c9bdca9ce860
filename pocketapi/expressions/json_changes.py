"""json_set, json_insert, json_replace and json_patch: in Python for SQLite, and as SQL for PostgreSQL.

A path sets what is there, a new key of an object, or the next item of an array. Missing parents are made where their place is
free; a path through anything else, or past the end of an array, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pocketapi.expressions import json_paths
from pocketapi.expressions.json_paths import Path
from pocketapi.expressions.templates import Template

CREATING = ("json_set", "json_insert")
OVERWRITING = ("json_set", "json_replace")


def changed(name: str, document: Any, path: Path, value: Any) -> Any:
    """A JSON value with another put at a path of it."""
    if not path:
        return value if name in OVERWRITING else document
    step, rest = path[0], path[1:]
    if _has(document, step):
        inner = value if not rest and name in OVERWRITING else changed(name, document[step], rest, value)
        return _with(document, step, inner)
    if name not in CREATING or not _free(document, step) or not _buildable(rest):
        return document
    return _with(document, step, _built(rest, value))


def _has(document: Any, step: str | int) -> bool:
    if isinstance(step, str):
        return isinstance(document, dict) and step in document
    return isinstance(document, list) and step < len(document)


def _free(document: Any, step: str | int) -> bool:
    """Whether a step that is not there may be added."""
    return isinstance(document, dict) if isinstance(step, str) else isinstance(document, list) and step == len(document)


def _buildable(path: Path) -> bool:
    """Whether new parents can hold a path: a new array has a first item only."""
    return all(isinstance(step, str) or step == 0 for step in path)


def _built(path: Path, value: Any) -> Any:
    for step in reversed(path):
        value = {step: value} if isinstance(step, str) else [value]
    return value


def _with(document: Any, step: Any, value: Any) -> Any:
    if isinstance(document, dict):
        return {**document, step: value}
    return [*document[:step], value, *document[step + 1 :]]


def merged(document: Any, patch: Any) -> Any:
    """RFC 7396: an object's members replace those of the document, null removes them."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


# On PostgreSQL

ANYWAY = "'{{}}', true"  # no variables; errors of a path are silent
KEYS = "jsonb_each(CASE jsonb_typeof({0}) WHEN 'object' THEN {0} ELSE '{{}}' END)"
PATCH = f"""(WITH RECURSIVE part(path, value) AS (
 SELECT ARRAY[key], value FROM {KEYS.replace("{0}", "{1}")}
 UNION ALL SELECT part.path || each.key, each.value FROM part, {KEYS.replace("{0}", "part.value")} AS each
), step AS (SELECT row_number() OVER (ORDER BY path) AS number, path, value FROM part), done(number, document) AS (
 SELECT 0::bigint, CASE jsonb_typeof({{0}}) WHEN 'object' THEN {{0}} ELSE '{{{{}}}}' END
 UNION ALL SELECT step.number, CASE jsonb_typeof(step.value) WHEN 'null' THEN done.document #- step.path
  WHEN 'object' THEN CASE WHEN jsonb_typeof(done.document #> step.path) = 'object' THEN done.document
   ELSE jsonb_set(done.document, step.path, '{{{{}}}}') END
  ELSE jsonb_set(done.document, step.path, step.value) END
 FROM done JOIN step ON step.number = done.number + 1
) SELECT CASE WHEN {{0}} IS NULL THEN NULL WHEN jsonb_typeof({{1}}) = 'object'
 THEN (SELECT document FROM done ORDER BY number DESC LIMIT 1) ELSE {{1}} END)""".replace("\n", "")
JSON_PATCH = Template("pocket_json_patched({0}, {1})", PATCH)


@dataclass(frozen=True)
class Change:
    """A change by a literal path: its template, and the texts that follow the document and the value as arguments."""

    template: Template
    texts: tuple[str, ...]


def change(name: str, path: Path) -> Change:
    """json_set, json_insert or json_replace: the document is the first argument, the value the second."""
    texts = [name, json_paths.sqlite(path)]
    places: list[_Place] = []
    for length in range(1, len(path) + 1):
        first = 2 + len(texts)
        places.append(_Place(path[length - 1], f"{{{first}}}::jsonpath", f"{{{first + 1}}}::text[]", f"{{{first + 2}}}"))
        texts += [json_paths.postgresql(path[:length]), json_paths.postgresql_array(path[:length]), str(path[length - 1])]
    sqlite = "pocket_json_changed({2}, {0}, {3}, COALESCE({1}, 'null'))"
    return Change(Template(sqlite, _case(name, places)), tuple(texts))


@dataclass(frozen=True)
class _Place:
    """A step of a path, and the arguments that hold the path to it: as jsonpath, as array, and the step itself."""

    step: str | int
    jsonpath: str
    array: str
    key: str

    @property
    def found(self) -> str:
        return f"jsonb_path_query_first({{0}}, {self.jsonpath}, {ANYWAY})"

    @property
    def there(self) -> str:
        return f"(jsonb_path_exists({{0}}, {self.jsonpath}, {ANYWAY}) IS TRUE)"

    def free(self, parent: str) -> str:
        """Whether the step may be added to a parent."""
        if isinstance(self.step, str):
            return f"jsonb_typeof({parent}) = 'object' AND NOT {self.there}"
        return f"CASE jsonb_typeof({parent}) WHEN 'array' THEN jsonb_array_length({parent}) = {self.step} END"

    def holding(self, value: str) -> str:
        """A new parent that holds a value at the step."""
        return f"jsonb_build_object({self.key}, {value})" if isinstance(self.step, str) else f"jsonb_build_array({value})"


def _case(name: str, places: list[_Place]) -> str:
    value = "COALESCE({1}, 'null'::jsonb)"
    if not places:
        return "CASE WHEN {0} IS NOT NULL THEN NULLIF({1}, 'null'::jsonb) END" if name in OVERWRITING else "{0}"
    cases = [
        f"WHEN {places[-1].there} THEN " + (f"jsonb_set({{0}}, {places[-1].array}, {value})" if name in OVERWRITING else "{0}")
    ]
    for index in range(len(places) - 1, -1, -1) if name in CREATING else ():
        parent = places[index - 1].found if index else "{0}"
        cases.append(f"WHEN {places[index].free(parent)} THEN jsonb_set({{0}}, {places[index].array}, {value})")
        if not _buildable((places[index].step,)):
            break
        value = places[index].holding(value)
    return f"CASE {' '.join(cases)} ELSE {{0}} END"
