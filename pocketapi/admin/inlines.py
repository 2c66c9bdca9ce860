"""The rows that point to a row, in its form: added, changed and deleted through the records layer, with the row or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms.formsets import formset_factory
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest

from pocketapi.admin import callers, columns, forms, inputs, layout, texts, theme
from pocketapi.config import link
from pocketapi.errors import PocketError
from pocketapi.records.values import FormText
from pocketapi.tables.table import current, model_of

ROWS = 10  # of each table; the others are in its list
MOST = 100  # with those that are added at a time
GONE = "A row of these is no longer there: load the page again."


class RecordFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The newest rows of a table that point to a row. `refusal` is why the records layer did not write them the first time."""

    model: Any
    inline: ClassVar[RecordInline]
    request: ClassVar[HttpRequest]
    refusal: ClassVar[forms.Refusal | None] = None
    edit_only = False

    @classmethod
    def get_default_prefix(cls) -> str:
        return cls.inline.prefix

    @cached_property
    def rows(self) -> list[Any]:
        """The rows that are shown; of what was posted those that it names, whatever was added meanwhile."""
        found: QuerySet[Any] = super().get_queryset()
        if self.is_bound:
            name = self.model._meta.pk.name
            number = min(self.initial_form_count(), ROWS)
            keys = [self.data.get(f"{self.add_prefix(index)}-{name}") for index in range(number)]
            return list(found.filter(pk__in=[key for key in map(self.inline.key, keys) if key is not None]))
        rows = list(found[:ROWS])
        names = [name for name, field in self.inline.table.fields.items() if field.spec.foreign_key]
        columns.find_titles(self.request, self.inline.admin_site, self.inline.table, names, rows)
        return rows

    def get_queryset(self) -> Any:
        return self.rows

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.fields[self.model._meta.pk.name]
        key.queryset = self.model._base_manager.only("pk")

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        if self.refusal and self.refusal.place == form.prefix:
            form.refusal = self.refusal.error
        return form

    def clean(self) -> None:
        """Instead of Django's own validation: what is said of no form that is shown."""
        if self.is_bound and len(self.rows) < len(self.initial_forms):
            raise ValidationError(GONE)
        if self.refusal and not any(self.errors):
            raise ValidationError(texts.sentence(self.refusal.error))

    def write(self) -> None:
        """Delete, change and add rows as their own pages do; what was done is kept for the log."""
        self.new_objects: list[Any] = []
        self.changed_objects: list[Any] = []
        self.deleted_objects: list[Any] = []
        deleted = self.deleted_forms
        for form in self.initial_forms:
            if form in deleted:
                self.attempt(form, self.delete)
        for form in self.initial_forms:
            if form not in deleted and form.has_changed():
                self.attempt(form, self.change)
        for form in self.extra_forms:
            if form not in deleted and form.has_changed():
                self.attempt(form, self.add)

    def attempt(self, form: Any, write: Callable[[Any], None]) -> None:
        """Write the row of a form; where that is refused, tell the request which one it was."""
        try:
            write(form)
        except PocketError as error:
            setattr(self.request, forms.REFUSAL, forms.Refusal(error, form.prefix))
            raise

    def delete(self, form: Any) -> None:
        page = self.inline.page
        page.log_deletions(self.request, [form.instance])
        page.delete_model(self.request, form.instance)
        self.deleted_objects.append(form.instance)

    def change(self, form: Any) -> None:
        page = self.inline.page
        page.save_model(self.request, form.instance, form, change=True)
        page.log_change(self.request, form.instance, page.construct_change_message(self.request, form, None))
        self.changed_objects.append((form.instance, form.changed_data))

    def add(self, form: Any) -> None:
        page = self.inline.page
        form.given = self.inline.pointing(self.instance)
        page.save_model(self.request, form.instance, form, change=False)
        page.log_addition(self.request, form.instance, [{"added": {}}])
        self.new_objects.append(form.instance)


class RecordInline(theme.TabularInline):  # type: ignore[misc]
    """A table whose rows point to those of another by a field."""

    table: ClassVar[link.Table]
    field: ClassVar[link.Field]
    target: ClassVar[link.Table]
    extra = 0
    show_change_link = True

    @property
    def prefix(self) -> str:
        """What the inputs of the rows begin with; no two fields of a config have the same."""
        return f"{self.table.name}-{self.field.name}"

    @property
    def page(self) -> Any:
        """The pages of the table itself."""
        return self.admin_site.get_model_admin(self.model)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.page.get_queryset(request)
        return rows if callers.may(request, self.model, "view") else rows.none()

    def key(self, text: str | None) -> Any:
        """A posted key as rows have it; none where it is no key."""
        try:
            return self.opts.pk.to_python(text)
        except ValidationError:
            return None

    def pointing(self, row: models.Model) -> dict[str, Any]:
        """What makes a new row point to a row."""
        key = self.field.spec.foreign_key
        value = layout.value_of(self.target, row, key.column) if key else None
        return {self.field.name: FormText(texts.read(self.field, value))}

    def is_open(self, request: HttpRequest) -> bool:
        """Whether the user may write here at all: those who may not write the row itself may not here either."""
        return callers.may(request, self.parent_model, "change")

    def names(self, request: HttpRequest) -> list[str]:
        """The fields that are written here: those that tell rows apart, and those that a new one needs."""
        if not self.is_open(request):
            return []
        written = self.page.written(request, self.model()) or self.page.written(request, None)
        useful = {field.name for field in layout.listed(self.table)}
        return [
            name
            for name in written
            if (field := self.table.fields[name]) is not self.field
            and not layout.is_key(self.table, field)
            and (name in useful or inputs.is_required(field))
        ]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.is_open(request) and callers.may(request, self.model, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.is_open(request) and callers.may(request, self.model, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return self.is_open(request) and callers.may(request, self.model, "delete")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 - Django's signature
        return callers.may(request, self.model, "view")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [(None, {"fields": self.names(request) or self.get_readonly_fields(request, obj)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:  # noqa: ARG002 - Django's signature
        if self.names(request):
            return []
        return [self.page.column(field) for field in layout.listed(self.table) if field is not self.field]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        changes, adds = self.has_change_permission(request), self.has_add_permission(request)

        def has_changed(form: Any) -> bool:
            """What the user may not write did not change, whatever is posted."""
            return bool((adds if form.instance._state.adding else changes) and super(edited, form).has_changed())

        base = forms.form_class(self.table, self.model, self.names(request), self.admin_site, None)
        edited: Any = type("InlineForm", (base,), {"has_changed": has_changed})
        edited.base_fields = base.base_fields
        edited._meta.exclude = (self.opts.pk.name,)  # so that Django's templates write it, hidden
        found: Any = formset_factory(
            edited,
            RecordFormSet,
            extra=0,
            max_num=MOST if adds else 0,
            absolute_max=MOST,
            can_delete=self.has_delete_permission(request),
        )
        refusal = getattr(request, forms.REFUSAL, None)
        found.model, found.inline, found.request = self.model, self, request
        found.fk = layout.fields_by_column(self.table)[self.field.name]
        found.refusal = refusal if refusal and refusal.place.startswith(f"{self.prefix}-") else None
        return found


def is_addable(table: link.Table) -> bool:
    """Whether a row can be added without its key being typed."""
    keys = {field.name: field for field in (table.primary, table.uid)}.values()
    return all(
        field.spec.auto_increment or field.default is not None or (field is table.uid and table.spec.auto_set_uid)
        for field in keys
    )


def is_inlined(site: Any, table: link.Table) -> bool:
    """Whether the rows of a table are written where they point to: accounts, models and typed keys have pages of their own."""
    is_plain = table.auth is None and not table.is_model and is_addable(table)
    return is_plain and bool(site.is_made(model_of(table.name)))


def of_table(site: Any, table: link.Table) -> list[type[RecordInline]]:
    """The inlines of a table, one for each field that points to it."""
    return [inline_of(table, other, field) for other, field in layout.pointing(current(), table.name) if is_inlined(site, other)]


def inline_of(target: link.Table, table: link.Table, field: link.Field) -> type[RecordInline]:
    """The inline of the rows that point to a table by a field."""
    named = f"{layout.words(table.name)} by {layout.words(field.name).lower()}"
    found = {"model": model_of(table.name), "table": table, "field": field, "target": target, "verbose_name_plural": named}
    return type(f"{table.name}_{field.name}_inline", (RecordInline,), found)
