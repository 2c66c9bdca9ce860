"""The fields of the panel's forms, one a type. What is typed goes to the records layer as text, which alone judges it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django import forms
from django.contrib.admin import AdminSite
from django.db import models

from pocketapi.admin import files, layout, texts, theme
from pocketapi.config import link
from pocketapi.expressions import dates
from pocketapi.expressions.kinds import Kind
from pocketapi.records.values import FormText
from pocketapi.tables.table import current, model_of

LINE_ENDS = re.compile(r"\r\n?")
SHORT = 255  # characters that one line holds
DATES = {Kind.TIMESTAMP: "datetime-local", Kind.DAY: "date", Kind.TIME: "time"}
TYPES = {"email": "email", "url": "url"}
HINTS = {
    Kind.TIMESTAMP: "UTC.",
    Kind.JSON: "JSON.",
    Kind.BLOB: "Base64.",
}


def normal(field: link.Field, text: str) -> Any:
    """What is typed in the form in which two of the same are equal."""
    text = LINE_ENDS.sub("\n", text)
    kind = field.column.kind
    try:
        if kind.is_date and text:
            return dates.canonical(kind, zoned(kind, text))
        if kind is Kind.JSON and text:
            return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text
    return text


def zoned(kind: Kind, text: str) -> str:
    """What a browser's input has of a moment, with its zone."""
    return f"{text}Z" if kind is Kind.TIMESTAMP and re.fullmatch(r"[\d-]+T[\d:.]+", text) else text


class RecordField(forms.Field):
    """A field of a row. It takes every text: the records layer says what is wrong with it."""

    def __init__(self, field: link.Field, widget: forms.Widget, **kwargs: Any) -> None:
        self.field = field
        super().__init__(
            required=is_required(field), widget=widget, label=layout.words(field.name), help_text=hint(field), **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        """A stored value as text; what was posted stays as it is."""
        return value if isinstance(value, str | bool) else texts.shown(self.field, value)

    def to_python(self, value: Any) -> Any:
        """What the records layer is given; nothing stands for null."""
        if value is None or isinstance(value, bool):
            return value
        text = zoned(self.field.column.kind, LINE_ENDS.sub("\n", str(value)))
        return FormText(text) if text or self.keeps_empty else None

    @property
    def keeps_empty(self) -> bool:
        """Whether the empty text is a value: where null is none, and a new row has it by default."""
        default = self.field.default
        return self.field.blank or (self.field.not_null and isinstance(default, link.LiteralDefault) and default.value == "")

    def validate(self, value: Any) -> None:
        """Left to the records layer."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = initial if isinstance(initial, str) else texts.shown(self.field, initial)
        if isinstance(self.widget, forms.CheckboxInput):
            return bool(initial) != bool(data)
        if isinstance(self.widget, forms.NullBooleanSelect):
            return bool({None, initial, data} - {None, initial}) or (data is None and initial is not None)
        return bool(normal(self.field, before) != normal(self.field, str(data if data is not None else "")))


class RelationInput(theme.Autocomplete):  # type: ignore[misc]
    """Finds a row by typing. `titles` are those that are known of the keys that are chosen: none for what may not be viewed."""

    titles: Mapping[str, str] | None = None

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        if self.titles is None:
            return super().optgroups(name, value, attr)
        chosen = [str(key) for key in value if key not in (None, "")]
        options = [] if self.is_required else [self.create_option(name, "", "", selected=False, index=0)]
        options += [self.create_option(name, key, self.titles.get(key, key), selected=True, index=1) for key in chosen]
        return [(None, options, 0)]


class RelationField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A key to another table. The row that it points to is looked for by who writes, and shown by its title."""

    def __init__(self, table: link.Table, field: link.Field, site: AdminSite) -> None:
        self.field = field
        found: Any = layout.fields_by_column(table)[field.name]
        remote: Any = found.remote_field
        super().__init__(
            remote.model._base_manager.defer(*secrets_of(remote.model)),
            required=is_required(field),
            to_field_name=remote.field_name,
            widget=RelationInput(found, site),
            label=layout.words(field.name),
            help_text=hint(field),
        )

    def to_python(self, value: Any) -> Any:
        return FormText(value) if value else None

    def validate(self, value: Any) -> None:
        """Left to the records layer."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str("" if initial is None else initial) != str(data or "")


@cache
def secrets_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns of a model that no page reads: passwords and salts."""
    table = next((table for table in current().tables.values() if model_of(table.name) is model), None)
    if table is None:
        return ()
    return tuple(layout.attribute(table, name) for name, field in table.fields.items() if field.column.secret)


def is_required(field: link.Field) -> bool:
    """Whether a form marks a field as one that needs a value. The records layer asks for it."""
    return field.not_null and field.default is None and field.column.kind is not Kind.BOOL and field.spec.usage != "record_uid"


def hint(field: link.Field) -> str:
    """What the form says below a field."""
    spec, parts = field.spec, []
    if spec.usage == "record_uid" and current().tables[field.column.table].spec.auto_set_uid:
        parts.append("Left empty, one is made.")
    if spec.description:
        parts.append(re.sub(r"(?<=\w)\Z", ".", spec.description.strip()))
    if told := HINTS.get(field.column.kind):
        parts.append(told)
    if spec.max_length:
        parts.append(f"At most {spec.max_length} characters.")
    if spec.min is not None or spec.max is not None:
        low, high = ("" if bound is None else str(bound) for bound in (spec.min, spec.max))
        parts.append(f"From {low} to {high}." if low and high else f"At least {low}." if low else f"At most {high}.")
    if spec.mime_types:
        parts.append(f"One of {', '.join(spec.mime_types)}.")
    return " ".join(parts)


# The input of each type


def input_of(table: link.Table, field: link.Field, site: AdminSite) -> forms.Field:
    """The form's field for a field of a table."""
    if field.spec.foreign_key:
        return RelationField(table, field, site)
    if field.spec.type == "file":
        return files.FileField(field, site, label=layout.words(field.name), help_text=hint(field))
    return RecordField(field, widget_of(table, field))


def widget_of(table: link.Table, field: link.Field) -> Any:
    """The widget for a type: options first, since any type may have them."""
    spec, kind = field.spec, field.column.kind
    if spec.options and kind is not Kind.BOOL:
        return OptionSelect(choices=[("", "–"), *((str(option), str(option)) for option in spec.options)])
    make = WIDGETS.get(kind, text_widget)
    return make(table, field)


class OptionSelect(theme.Select):  # type: ignore[misc]
    """A select that also shows a stored value which is no option any more, so that nothing changes by itself."""

    choices: Any

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        options: list[tuple[str, str]] = list(self.choices)
        self.choices = [*options, *((each, each) for each in value if each not in dict(options))]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = options


class Editor(theme.Textarea):  # type: ignore[misc]
    """Rich text over lines of HTML, in a frame that runs nothing of what is stored."""

    class Media:
        js = ("pocketapi/editor.js",)


def bool_widget(_table: link.Table, field: link.Field) -> Any:
    """A switch, or three choices where null is one."""
    return theme.Checkbox() if field.not_null else theme.NullSelect()


def number_widget(_table: link.Table, field: link.Field) -> Any:
    """A number, whole or not."""
    step = "1" if field.column.kind is Kind.INTEGER else "any"
    return theme.TextInput(attrs={"type": "number", "step": step, "inputmode": "decimal"})


def date_widget(_table: link.Table, field: link.Field) -> Any:
    """The browser's own picker, to the millisecond."""
    kind = field.column.kind
    attrs = {"type": DATES[kind]} | ({} if kind is Kind.DAY else {"step": "0.001"})
    return theme.TextInput(attrs=attrs)


def text_widget(table: link.Table, field: link.Field) -> Any:
    """A line for what is short or names the row, lines for the rest."""
    spec = field.spec
    short = spec.type in TYPES or field is layout.title_of(table) or layout.is_key(table, field) or spec.usage or spec.unique
    if spec.type == "editor":
        return Editor(attrs={"rows": 10, "data-pocket-editor": ""})
    if short or (spec.max_length or SHORT + 1) <= SHORT:
        return theme.TextInput(attrs={"type": TYPES.get(spec.type, "text"), "autocomplete": "off"})
    return theme.Textarea(attrs={"rows": 4})


def json_widget(_table: link.Table, _field: link.Field) -> Any:
    """Lines that say at once whether they are JSON."""
    return theme.Textarea(attrs={"rows": 8, "data-pocket-json": "", "spellcheck": "false"})


def blob_widget(_table: link.Table, _field: link.Field) -> Any:
    """Lines for base64."""
    return theme.Textarea(attrs={"rows": 4, "spellcheck": "false"})


WIDGETS: dict[Kind, Callable[[link.Table, link.Field], Any]] = {
    Kind.BOOL: bool_widget,
    Kind.INTEGER: number_widget,
    Kind.NUMBER: number_widget,
    Kind.TIMESTAMP: date_widget,
    Kind.DAY: date_widget,
    Kind.TIME: date_widget,
    Kind.JSON: json_widget,
    Kind.BLOB: blob_widget,
}


class PasswordField(forms.CharField):
    """A new password. It is never shown, neither as it was typed nor as it is stored."""

    def __init__(self, label: str, help_text: str = "") -> None:
        widget = theme.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(required=False, strip=False, widget=widget, label=label, help_text=help_text)
