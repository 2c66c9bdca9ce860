"""The pages of one table: Django's ModelAdmin, whose writes go through the records layer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from pocketapi.admin import (
    accounts,
    bulk,
    callers,
    columns,
    dependents,
    files,
    filters,
    forms,
    inlines,
    inputs,
    layout,
    pages,
    texts,
    theme,
)
from pocketapi.admin.columns import Column
from pocketapi.config import link
from pocketapi.errors import PocketError
from pocketapi.records import fields, queries, requests, write


class RecordAdmin(theme.ModelAdmin):  # type: ignore[misc]
    """A table of the config in the panel."""

    table: ClassVar[link.Table]
    paginator = pages.Pages
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # each would be counted in the whole table
    list_per_page = 50
    list_max_show_all = 0
    actions = (bulk.change_selected,)
    change_form_template = "pocketapi/panel/record.html"
    change_list_template = "pocketapi/panel/list.html"

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("pocketapi/panel.css",)}
        js = ("pocketapi/panel.js",)

    # What is shown

    @property
    def media(self) -> Any:
        """Django's scripts and ours, with those that find a relation by typing."""
        keys = [field for field in self.table.fields.values() if field.spec.foreign_key]
        found = super().media
        return found + inputs.RelationField(self.table, keys[0], self.admin_site).widget.media if keys else found

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """All rows of the table, those too that a model's own manager leaves out."""
        return self.model._base_manager.defer(*inputs.secrets_of(self.model)).order_by(*self.get_ordering(request))  # type: ignore[no-any-return]

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:  # noqa: ARG002 - Django's signature
        return [self.column(field) for field in layout.listed(self.table)]

    def column(self, field: link.Field, whole: bool = False) -> Column:
        """A field as it is shown."""
        if field in self.table.files:
            return files.FileColumn(self.table, field, self.admin_site, whole)
        return Column(self.table, field, whole)

    def get_ordering(self, request: HttpRequest) -> Sequence[str]:  # noqa: ARG002 - Django's signature
        return [f"-{self.opts.pk.attname}"]

    def get_search_fields(self, request: HttpRequest) -> Sequence[str]:  # noqa: ARG002 - Django's signature
        return layout.searched(self.table)

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:  # noqa: ARG002 - Django's signature
        return filters.of_table(self.table)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Through the index of a full-text search, where the table has one, and else in every text."""
        if not search_term.strip() or not pages.is_indexed(self.table):
            return super().get_search_results(request, queryset, search_term)  # type: ignore[no-any-return]
        return pages.searched(queryset, self.table, search_term, callers.caller_of(request, self.model, "view")), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[Any]:  # noqa: ARG002 - Django's signature
        return pages.RecordList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:  # noqa: ARG002
        """Of an address only our own filters are taken: by lookups of Django's, a password's hash could be guessed."""
        return lookup in {each.parameter_name for each in filters.of_table(self.table)}

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        written, fixed = self.written(request, obj), self.fixed(request, obj)
        found: list[Any] = [(None, {"fields": written})] if written else []
        if fixed:
            found.append((None if not written else "Kept by the database" if obj else None, {"fields": fixed}))
        return found

    def written(self, request: HttpRequest, obj: models.Model | None) -> list[str]:
        """The fields that the user may write, in their order."""
        verb = "add" if obj is None else "change"
        if not callers.may(request, self.model, verb):
            return []
        caller = callers.caller_of(request, self.model, verb)
        insert = "insert" if obj is None else "update"
        password = forms.password_of(self.table)
        return [
            each
            for name, field in self.table.fields.items()
            if (not field.column.secret or name == password)
            and fields.may_write(self.table, field, caller, insert)
            and self.is_open(field, obj)
            for each in ((name, forms.AGAIN) if name == password else (name,))
        ]

    def is_open(self, field: link.Field, obj: models.Model | None) -> bool:
        """Whether a form has a field: stamps set themselves, keys stay, and so does what is generated or not editable."""
        if field.spec.usage in layout.STAMPS or field.spec.auto_increment or field.generated or (field.fixed and obj):
            return False
        if self.table.is_model and (field.spec.type == "file" or not layout.fields_by_column(self.table)[field.name].editable):
            return False
        return obj is None or not layout.is_key(self.table, field)

    def fixed(self, request: HttpRequest, obj: models.Model | None) -> list[Column]:
        """The values that are only shown."""
        written = self.written(request, obj)
        if obj is None:
            return []
        return [self.column(field, whole=True) for name, field in layout.readable(self.table).items() if name not in written]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Sequence[Any]:
        return self.fixed(request, obj)

    def get_form(self, request: HttpRequest, obj: models.Model | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: ARG002
        names = [name for name in self.written(request, obj) if name != forms.AGAIN]
        refusal = getattr(request, forms.REFUSAL, None)
        refused = refusal.error if refusal and not refusal.place else None
        return forms.form_class(self.table, self.model, names, self.admin_site, refused)

    def get_inlines(self, request: HttpRequest, obj: models.Model | None) -> Any:  # noqa: ARG002 - Django's signature
        return inlines.of_table(self.admin_site, self.table)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Django's; a form that was posted without its related rows leaves them as they are."""
        found: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in found and f"{prefix}-TOTAL_FORMS" not in found["data"]:
            found["data"] = {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        readable = layout.readable(self.table)
        return {name: value for name, value in request.GET.items() if name in readable}

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        found: models.Model | None = super().get_object(request, object_id, from_field)
        if found is not None and request.method in ("GET", "HEAD"):
            keys = [name for name, field in self.table.fields.items() if field.spec.foreign_key]
            columns.find_titles(request, self.admin_site, self.table, keys, [found])
        return found

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        obj = kwargs.get("obj")
        if obj is not None:
            context = {
                **context,
                "related": dependents.related(request, self.admin_site, self.table, obj),
                "account": accounts.page_of(request, self.table, obj),
                "account_url": f"{columns.address_of(self.model, obj.pk, self.admin_site)}account/",
            }
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[no-any-return]

    def get_urls(self) -> list[Any]:
        options = self.opts
        view = self.admin_site.admin_view(require_POST(self.account_view))
        name = f"{options.app_label}_{options.model_name}_account"
        file_view = self.admin_site.admin_view(self.file_view, cacheable=True)
        return [
            path("<path:object_id>/change/account/", view, name=name),
            path("<path:object_id>/change/file/<str:field>/", file_view, name=f"{options.app_label}_{options.model_name}_file"),
            *super().get_urls(),
        ]

    def file_view(self, request: HttpRequest, object_id: str, field: str) -> HttpResponseBase:
        """A file of a row, for who may view the row."""
        if not callers.may(request, self.model, "view"):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        try:
            return files.answer(request, self.table, self.uid_text(row), field, callers.caller_of(request, self.model, "view"))
        except (FileNotFoundError, PocketError):
            raise Http404 from None

    # What is written

    def account_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do something to an account, and come back to its page."""
        row = self.get_object(request, unquote(object_id))
        if not callers.may(request, self.model, "change"):
            raise PermissionDenied
        if row is None:
            raise Http404
        try:
            told = accounts.act(request, self.table, row)
            self.log_change(request, row, told)
            messages.success(request, told)
        except PocketError as error:
            messages.error(request, texts.sentence(error))
        return HttpResponseRedirect(columns.address_of(self.model, row.pk, self.admin_site))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Django's page; what the records layer refuses is shown at the fields of the form, and nothing is written."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]
        except PocketError as error:
            if not hasattr(request, forms.REFUSAL):
                setattr(request, forms.REFUSAL, forms.Refusal(error))
        return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def save_model(self, request: HttpRequest, obj: models.Model, form: forms.RecordForm, change: bool) -> None:
        caller = callers.caller_of(request, self.model, "change" if change else "add")
        if not change:
            with files.taken(self.table, form.values) as values:
                ask = requests.Insert((values,), single=True, returning=self.table.primary.name)
                (record,) = write.insert(self.table, lambda: ask, caller)
            key = self.opts.pk.to_python(record[self.table.primary.name])
        else:
            key = obj.pk
            if form.values:
                with files.taken(self.table, form.values) as values:
                    write.edit(self.table, self.uid_text(obj), lambda: requests.Edit(values), caller)
        obj.__dict__.update(self.get_queryset(request).get(pk=key).__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002
        """Write the rows that point to the form's own, which is written."""
        for formset in formsets:
            formset.write()

    def uid_text(self, row: models.Model) -> str:
        """What the records layer knows a row by."""
        return texts.read(self.table.uid, layout.value_of(self.table, row, self.table.uid.name))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        self.delete_rows(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self.delete_rows(request, list(queryset))

    def delete_rows(self, request: HttpRequest, rows: Sequence[models.Model]) -> None:
        """Delete rows as the API does, all or none."""
        caller = callers.caller_of(request, self.model, "delete")
        with self.whole():
            for row in rows:
                write.delete(self.table, partial(requests.Delete, uid=self.uid_text(row)), caller)

    def whole(self) -> AbstractContextManager[None]:
        """A transaction, for what is done to several rows: to all or to none."""
        return transaction.atomic(queries.DATABASE)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes: the rows, and what the database lets go with them."""
        objs = bulk.bounded(objs)
        told: list[str] = [
            format_html('<a href="{}">{}</a>', columns.address_of(self.model, row.pk, self.admin_site), row) for row in objs
        ]
        told += dependents.consequences(request, self.table, objs)
        lacking = set() if callers.may(request, self.model, "delete") else {self.opts.verbose_name}
        return told, {self.opts.verbose_name_plural: len(objs)}, lacking, []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]
        except PocketError as error:
            messages.error(request, texts.sentence(error))
            return HttpResponseRedirect(columns.address_of(self.model, object_id, self.admin_site))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Django's page; an action is done whole or not at all."""
        if request.method != "POST":
            return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]
        try:
            with self.whole():
                return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]
        except PocketError as error:
            messages.error(request, texts.sentence(error))
            return HttpResponseRedirect(request.get_full_path())
