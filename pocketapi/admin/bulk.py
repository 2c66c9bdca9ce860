"""The action that changes the same fields of many rows, all or none."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from pocketapi.admin import callers, forms
from pocketapi.conf import settings
from pocketapi.errors import BadRequest, PocketError
from pocketapi.records import requests, write

CHOSEN = "change"  # names of the fields to be changed: what is not named stays, whatever its input holds
APPLY = "apply"


@admin.action(description="Change selected %(verbose_name_plural)s", permissions=["change"])
def change_selected(page: Any, request: HttpRequest, queryset: Any) -> HttpResponse | None:
    """Ask what to change, then change it."""
    rows = bounded(queryset)
    names = [name for name in page.written(request, rows[0]) if name in page.table.columns and not is_secret(page, name)]
    form_class = forms.form_class(page.table, page.model, names, page.admin_site, None)
    if APPLY not in request.POST:
        return asked(page, request, rows, form_class(), ())
    form, chosen = form_class(request.POST), [name for name in request.POST.getlist(CHOSEN) if name in names]
    form.is_valid()
    try:
        if not chosen:
            raise BadRequest("Tick the fields to change.")
        change(page, request, rows, {name: form.cleaned_data[name] for name in chosen})
    except PocketError as error:
        form.refuse(error)
        return asked(page, request, rows, form, chosen)
    messages.success(request, f"Changed {len(rows)} {page.opts.verbose_name_plural}.")
    return None


def bounded(rows: Any) -> list[Any]:
    """The rows of an action. BadRequest where it would be more of them than one request takes."""
    found = list(rows[: settings.MAX_LIMIT + 1])
    if len(found) > settings.MAX_LIMIT:
        raise BadRequest(f"At most {settings.MAX_LIMIT} rows are changed or deleted at a time: select fewer.")
    return found


def is_secret(page: Any, name: str) -> bool:
    """Whether many rows had better not have the same: a password, a file, or what is unique."""
    field = page.table.fields[name]
    return bool(field.column.secret or field.spec.unique or field.spec.type == "file")


def change(page: Any, request: HttpRequest, rows: list[Any], values: dict[str, Any]) -> None:
    """Write values to rows, in one transaction, and log each."""
    caller = callers.caller_of(request, page.model, "change")
    with page.whole():
        for row in rows:
            write.edit(page.table, page.uid_text(row), lambda: requests.Edit(values), caller)
            page.log_change(request, row, [{"changed": {"fields": list(values)}}])


def asked(page: Any, request: HttpRequest, rows: list[Any], form: Any, chosen: Any) -> HttpResponse:
    """The page that asks what to change."""
    context = {
        **page.admin_site.each_context(request),
        "title": f"Change {len(rows)} {page.opts.verbose_name_plural}",
        "opts": page.opts,
        "rows": rows,
        "form": form,
        "fields": [(field, field.name in chosen) for field in form],
        "media": page.media + form.media,
        "checkbox": ACTION_CHECKBOX_NAME,
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "pocketapi/panel/bulk.html", context)
