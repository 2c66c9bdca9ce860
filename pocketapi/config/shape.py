"""A document against schema.py: every unknown, missing or wrong property, said in the words of the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import groupby
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from pocketapi.config import schema
from pocketapi.config.part import Part
from pocketapi.config.report import Path, Report, written
from pocketapi.config.source import scalar

Found = tuple[Path, ErrorDetails]
KINDS = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
}
VARIABLE_KINDS = ("int_type", "float_type", "bool_type")
YAML_1_1 = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def validate(document: Any) -> tuple[schema.Config | None, list[Found]]:
    """The config, or none and the errors by path. Nothing is reported yet."""
    try:
        return schema.Config.model_validate(document, by_alias=True, by_name=False), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, list(_without_other_branches([(_path(each, document), each) for each in found], document))


def convert_variables(errors: Iterable[Found], document: Any, report: Report) -> bool:
    """Variables are text: where a number or a boolean is wanted, their text is read as one. Whether any was."""
    converted = False
    for path, error in errors:
        if error["type"] in VARIABLE_KINDS and written(path) in report.references:
            value = scalar(value_at(document, path))
            value_at(document, path[:-1])[path[-1]] = value
            converted = converted or not isinstance(value, str)
    return converted


def describe(errors: Iterable[Found], document: Any, report: Report) -> None:
    """Reports errors of validate, those of one place together."""
    for path, group in groupby(sorted(errors, key=lambda found: _sortable(found[0])), key=lambda found: found[0]):
        report.error("E003", path, _message(path, [error for _, error in group], document, report))


def _sortable(path: Path) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(step, str), step if isinstance(step, int) else 0, str(step)) for step in path)


def _path(error: ErrorDetails, document: Any) -> Path:
    """Where an error is in the document: pydantic's place without the names of union members."""
    path: list[str | int] = []
    value = document
    for step in error["loc"]:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            path.append(step)
            value = value[step]  # type: ignore[index]
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    if error["type"] in ("union_tag_invalid", "union_tag_not_found"):
        path.append("name")
    return tuple(path)


def value_at(document: Any, path: Path) -> Any:
    """What a document holds at a path; None where there is nothing."""
    for step in path:
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _without_other_branches(errors: list[Found], document: Any) -> Iterator[Found]:
    """Where a union's member took the value in and found fault deeper, what the other members say is left out."""
    paths = {path for path, _ in errors}
    for path, error in errors:
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in paths)
        if not (deeper and error["type"] in (*KINDS, "literal_error") and isinstance(value_at(document, path), dict | list)):
            yield path, error


# Messages


def _message(path: Path, errors: list[ErrorDetails], document: Any, report: Report) -> str:
    error = errors[0]
    match error["type"]:
        case "missing":
            return f"`{path[-1]}` is missing."
        case "extra_forbidden":
            return _unknown(path, document)
        case "union_tag_not_found":
            return f"`name` is missing: {_listed(_tags(error))}."
        case "value_error":
            return f"{_found(path, document, report).capitalize()}: {error['ctx']['error']}."
    if error["type"] == "union_tag_invalid" or (error["type"] == "literal_error" and len(errors) == 1):
        return _none_of(path, error, document, report)
    if error["type"] in ("too_short", "string_too_short"):
        reference = report.references.get(written(path))
        return f"The environment variable {reference[1:]} is empty: give it a value." if reference else "This must not be empty."
    if error["type"] in ("greater_than_equal", "string_pattern_mismatch"):
        return _out_of_range(path, error, document, report)
    expected = list(dict.fromkeys(_expected(each) for each in errors))
    value = value_at(document, path)
    return f"Expected {_listed(expected)}, found {_found(path, document, report)}{_advice(expected, value)}."


def _expected(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        return f"one of {error['ctx']['expected']}".replace("'", "").replace(" or ", ", ")
    return KINDS.get(error["type"], error["msg"])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _found(path: Path, document: Any, report: Report) -> str:
    """The value in words; what a variable holds is nobody's business."""
    if reference := report.references.get(written(path)):
        return f"the text of {reference}"
    value = value_at(document, path)
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value!r}" if abs(value) < 1e30 else "a number beyond all bounds"
        case str():
            hidden = any("secret" in str(step).lower() for step in path[-1:])
            return "a string" if hidden else f"the string '{value[:40]}{'...' if len(value) > 40 else ''}'"
        case list():
            return "a list"
    return "a mapping"


def _advice(expected: list[str], value: Any) -> str:
    if "true or false" in expected and isinstance(value, str) and value.lower() in YAML_1_1:
        return f": write {YAML_1_1[value.lower()]}"
    if "a string" in expected and isinstance(value, bool | int | float):
        return ": put it in quotes"
    if "a list" in expected and isinstance(value, dict):
        return ": begin each item with `- `"
    if expected == ["an integer"] and isinstance(value, str) and value.strip().isdigit():
        return ": leave the quotes out"
    return ""


def _none_of(path: Path, error: ErrorDetails, document: Any, report: Report) -> str:
    if error["type"] == "union_tag_invalid":
        known = _tags(error)
    else:
        known = [word.strip("' ") for word in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
    value = value_at(document, path)
    near = get_close_matches(value, known, n=1, cutoff=0.7) if isinstance(value, str) else []
    hint = f": did you mean `{near[0]}`?" if near else "."
    return f"Expected one of {', '.join(known)}, found {_found(path, document, report)}{hint}"


def _tags(error: ErrorDetails) -> list[str]:
    expected: str = error.get("ctx", {}).get("expected_tags", "'rules', 'auth', 'crud'")
    return expected.replace("'", "").split(", ")


def _out_of_range(path: Path, error: ErrorDetails, document: Any, report: Report) -> str:
    if error["type"] == "greater_than_equal":
        return f"Expected at least {error['ctx']['ge']}, found {_found(path, document, report)}."
    if path[-1] == "model":
        return f"Expected app_label.Model, found {_found(path, document, report)}."
    return f"Expected a size such as 200x200, 200x0, 0x200 or 200x200f, found {_found(path, document, report)}."


# Unknown properties


def _unknown(path: Path, document: Any) -> str:
    described = {name: info for part in _parts_at(path[:-1], document) for name, info in names_of(part).items()}
    known = sorted(name for name, info in described.items() if info.annotation is not Any)  # Any: of the original, passed over
    name = str(path[-1])
    camel = to_camel(name) if "_" in name else name
    same = [each for each in known if each.lower() in (name.lower(), camel.lower())]
    near = same or get_close_matches(camel, known, n=1, cutoff=0.6)
    return f"There is no property `{name}` here: " + (f"did you mean `{near[0]}`?" if near else f"known are {', '.join(known)}.")


def names_of(part: type[Part]) -> dict[str, Any]:
    """A part's properties as the file has them, and their types."""
    return {(info.alias or name): info for name, info in part.model_fields.items()}


def _parts_at(path: Path, document: Any) -> list[type[Part]]:
    """The parts of the schema that describe the mapping at a path."""
    parts: list[type[Part]] = [schema.Config]
    value = document
    for step in path:
        value = value[step]
        known = [names_of(part)[step].annotation for part in parts if isinstance(step, str) and step in names_of(part)]
        if known:
            parts = [inner for annotation in known for inner in parts_in(annotation)]
        parts = _narrowed(parts, value)
    return parts


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    """The parts that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for inner in get_args(annotation):
        yield from parts_in(inner)


def _narrowed(parts: list[type[Part]], value: Any) -> list[type[Part]]:
    if not isinstance(value, Mapping):
        return parts
    if schema.Table in parts:
        return [schema.ModelTable if "model" in value else schema.Table]
    fitting = [part for part in parts if _is_tagged(part, value.get("name"))]
    return fitting or [part for part in parts if names_of(part).keys() & value.keys()] or parts


def _is_tagged(part: type[Part], name: Any) -> bool:
    if "name" not in part.model_fields:
        return False
    return get_origin(part.model_fields["name"].annotation) is Literal and name in get_args(part.model_fields["name"].annotation)
