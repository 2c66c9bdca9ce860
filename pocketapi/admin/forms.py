"""The form of a row: it holds what is typed and what the records layer said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import AdminSite
from django.db import models

from pocketapi.admin import columns, inputs, layout, texts
from pocketapi.admin.files import FileField, StoredFile
from pocketapi.config import link
from pocketapi.errors import PocketError
from pocketapi.expressions.kinds import Kind
from pocketapi.records import fields
from pocketapi.records.values import FormText

AGAIN = "password-again"  # no field of a config has such a name
HINT = "8 to 255 characters, none of the common ones. Of an account that exists, left empty it stays as it is."
DIFFER = "The two passwords differ."


REFUSAL = "pocket_refusal"  # what a request has that was refused


@dataclass(frozen=True)
class Refusal:
    """What the records layer said of the row of a form; `place` is the form's prefix."""

    error: PocketError
    place: str = ""


class RecordForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is typed of one row. `refusal` is why the records layer did not write it the first time."""

    table: ClassVar[link.Table]
    refusal: PocketError | None = None
    given: Mapping[str, Any] = MappingProxyType({})  # what is written beside what was typed

    def __init__(
        self, data: Any = None, files: Any = None, *, initial: Any = None, instance: models.Model | None = None, **options: Any
    ) -> None:
        stored = initial_of(self.table, list(self.base_fields), instance)
        for name, field in self.base_fields.items():
            if isinstance(field, FileField) and stored.get(name) and instance is not None:
                stored[name] = StoredFile.of(self.table, self.table.fields[name], instance, field.site)
        super().__init__(data, files, initial={**stored, **(initial or {})}, instance=instance, **options)
        titles: columns.Titles | None = getattr(instance, columns.KEPT, None)
        for name, field in self.fields.items():
            if titles is not None and isinstance(field, inputs.RelationField):
                field.widget.titles = {str(key): title for key, (_, title) in titles.get(name, {}).items()}

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        password = password_of(self.table)
        if password and cleaned.get(password) != cleaned.get(AGAIN):
            self.add_error(AGAIN, DIFFER)
        return cleaned

    def _post_clean(self) -> None:
        """Instead of Django's own validation, which would be a second one: what the records layer refused."""
        if self.refusal:
            self.refuse(self.refusal)

    def refuse(self, error: PocketError) -> None:
        """Show an error of the records layer at the fields that it names."""
        named = texts.by_field(error)
        for name, told in named.items():
            place = self.place_of(name)
            self.add_error(place, told if place else f"{layout.words(name)}: {told}")
        if not named:
            self.add_error(None, error.message)

    def place_of(self, name: str) -> str | None:
        """The form's field for a field of the table, if there is one."""
        confirm, _ = fields.proofs(self.table)
        name = AGAIN if name == confirm else name
        return name if name in self.fields else None

    @property
    def values(self) -> dict[str, Any]:
        """What is to be written: of a row that exists what has changed, of a new one what is there."""
        is_new = self.instance._state.adding
        names = list(self.base_fields) if is_new else self.changed_data
        found = {name: self.cleaned_data[name] for name in names if name in self.table.fields and name in self.cleaned_data}
        if is_new:
            found = {name: value for name, value in found.items() if value is not None and value != ""}
        return with_proof(self.table, {**found, **self.given})

    @cached_property
    def changed_data(self) -> list[str]:
        """The fields that changed; a password that is typed again is one field."""
        return [name for name in self.fields if name != AGAIN and self[name]._has_changed()]  # type: ignore[attr-defined]


def with_proof(table: link.Table, values: dict[str, Any]) -> dict[str, Any]:
    """Values with the password repeated, where the table asks for that; an empty one is none."""
    password = password_of(table)
    if password is None or password not in values:
        return values
    if not values[password]:
        return {name: value for name, value in values.items() if name != password}
    confirm, _ = fields.proofs(table)
    return {**values, **({confirm: values[password]} if confirm else {})}


def password_of(table: link.Table) -> str | None:
    """The name of an account's password."""
    field = table.with_usage("auth_password") if table.auth else None
    return field.name if field else None


def initial_of(table: link.Table, names: Sequence[str], row: models.Model | None) -> dict[str, Any]:
    """What a form shows at first: the row's values, or the defaults of a new one."""
    readable = layout.readable(table)
    known = [name for name in names if name in readable]
    if row is not None and row.pk is not None:
        return {name: layout.value_of(table, row, name) for name in known}
    defaults = {name: readable[name].default for name in known}
    return {
        name: default_shown(readable[name], default.value)
        for name, default in defaults.items()
        if isinstance(default, link.LiteralDefault)
    }


def default_shown(field: link.Field, value: Any) -> Any:
    """A default of the config as a form shows it."""
    return FormText(value) if field.column.kind is Kind.BLOB or field.column.kind.is_date else texts.shown(field, value)


def form_class(
    table: link.Table, model: type[models.Model], names: Sequence[str], site: AdminSite, refusal: PocketError | None
) -> type[RecordForm]:
    """The form for the fields that a caller may write, in their order."""
    readable, password = layout.readable(table), password_of(table)
    found: dict[str, forms.Field] = {}
    for name in names:
        if name in readable:
            found[name] = inputs.input_of(table, table.fields[name], site)
        elif name == password:
            found[name] = inputs.PasswordField("Password", HINT)
            found[AGAIN] = inputs.PasswordField("Password again")
    meta = type("Meta", (), {"model": model, "fields": ()})
    made: Any = type("RecordForm", (RecordForm,), {"table": table, "refusal": refusal, "Meta": meta})
    made.base_fields = found  # and not attributes of the class, which fields of a config may be called like
    return made  # type: ignore[no-any-return]
