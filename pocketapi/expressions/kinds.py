"""The kinds that values have, and what each function takes and gives. No Django here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a value is. The three date kinds are one to users."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    DAY = "day"
    TIME = "time"
    JSON = "json"
    BLOB = "blob"
    NULL = "null"

    @property
    def family(self) -> str:
        """The kind's name for users: text, number, bool, date, json, blob."""
        return FAMILIES.get(self, self.value)

    @property
    def is_number(self) -> bool:
        return self in (Kind.INTEGER, Kind.NUMBER)

    @property
    def is_date(self) -> bool:
        return self in (Kind.TIMESTAMP, Kind.DAY, Kind.TIME)


FAMILIES = {
    Kind.INTEGER: "number",
    Kind.TIMESTAMP: "date",
    Kind.DAY: "date",
    Kind.TIME: "date",
}

STORAGE_KINDS = {
    "text": Kind.TEXT,
    "integer": Kind.INTEGER,
    "int": Kind.INTEGER,
    "real": Kind.NUMBER,
    "float": Kind.NUMBER,
    "numeric": Kind.NUMBER,
}
DATE_KINDS = {
    "timestamp": Kind.TIMESTAMP,
    "datetime": Kind.TIMESTAMP,
    "text": Kind.TIMESTAMP,
    "date": Kind.DAY,
    "time": Kind.TIME,
}
UNORDERED = (Kind.JSON, Kind.BLOB)


def kind_of(field_type: str, storage: str) -> Kind:
    """The kind of a column of a field type stored as a sqlType."""
    match field_type:
        case "bool":
            return Kind.BOOL
        case "json":
            return Kind.JSON
        case "blob":
            return Kind.BLOB
        case "date":
            return DATE_KINDS[storage]
        case _:
            return STORAGE_KINDS[storage]


class Takes(Enum):
    """What an argument of a function may be."""

    TEXT = "text"
    TEXT_OR_NUMBER = "text or number"
    NUMBER = "number"
    INTEGER = "integer"
    JSON = "json"
    DATE = "date, text or number"
    ANY = "any"  # any kind; one shared by all arguments where the function gives what it takes
    STATIC_TEXT = "literal text"  # read when the expression is compiled
    JSON_VALUE = "json value"  # anything that JSON can hold


@dataclass(frozen=True, slots=True)
class Signature:
    """A function: its arguments (the last one repeats up to `most`), its result, whether it is an aggregate."""

    takes: tuple[Takes, ...]
    gives: Kind | None  # None: the kind of its arguments
    least: int
    most: int
    aggregate: bool = False

    def argument(self, index: int) -> Takes:
        return self.takes[min(index, len(self.takes) - 1)]


MANY = 100

FUNCTIONS: dict[str, Signature] = {
    "lower": Signature((Takes.TEXT,), Kind.TEXT, 1, 1),
    "upper": Signature((Takes.TEXT,), Kind.TEXT, 1, 1),
    "length": Signature((Takes.TEXT,), Kind.INTEGER, 1, 1),
    "substring": Signature((Takes.TEXT, Takes.INTEGER, Takes.INTEGER), Kind.TEXT, 2, 3),
    "replace": Signature((Takes.TEXT, Takes.TEXT, Takes.TEXT), Kind.TEXT, 3, 3),
    "concat": Signature((Takes.TEXT_OR_NUMBER,), Kind.TEXT, 1, MANY),
    "trim": Signature((Takes.TEXT,), Kind.TEXT, 1, 1),
    "coalesce": Signature((Takes.ANY,), None, 1, MANY),
    "abs": Signature((Takes.NUMBER,), None, 1, 1),
    "round": Signature((Takes.NUMBER, Takes.INTEGER), Kind.NUMBER, 1, 2),
    "min": Signature((Takes.ANY,), None, 1, MANY),
    "max": Signature((Takes.ANY,), None, 1, MANY),
    "count": Signature((Takes.ANY,), Kind.INTEGER, 0, 1, aggregate=True),
    "sum": Signature((Takes.NUMBER,), None, 1, 1, aggregate=True),
    "avg": Signature((Takes.NUMBER,), Kind.NUMBER, 1, 1, aggregate=True),
    "date": Signature((Takes.DATE, Takes.STATIC_TEXT), Kind.DAY, 1, MANY),
    "time": Signature((Takes.DATE, Takes.STATIC_TEXT), Kind.TIME, 1, MANY),
    "datetime": Signature((Takes.DATE, Takes.STATIC_TEXT), Kind.TIMESTAMP, 1, MANY),
    "unixepoch": Signature((Takes.DATE, Takes.STATIC_TEXT), Kind.INTEGER, 1, MANY),
    "strftime": Signature((Takes.STATIC_TEXT, Takes.DATE, Takes.STATIC_TEXT), Kind.TEXT, 2, MANY),
    "json_contains": Signature((Takes.JSON, Takes.JSON_VALUE), Kind.BOOL, 2, 2),
    "json_length": Signature((Takes.JSON,), Kind.INTEGER, 1, 1),
    "json_set": Signature((Takes.JSON, Takes.STATIC_TEXT, Takes.JSON_VALUE), Kind.JSON, 3, 3),
    "json_insert": Signature((Takes.JSON, Takes.STATIC_TEXT, Takes.JSON_VALUE), Kind.JSON, 3, 3),
    "json_replace": Signature((Takes.JSON, Takes.STATIC_TEXT, Takes.JSON_VALUE), Kind.JSON, 3, 3),
    "json_patch": Signature((Takes.JSON, Takes.JSON), Kind.JSON, 2, 2),
}
