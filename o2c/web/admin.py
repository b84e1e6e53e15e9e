"""The admin is a window, not a door: documents are read here and changed by commands only."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Field
from django.http import HttpRequest


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic at run time
    """For documents, books and everything append-only: list and look, nothing else.

    Columns default to the model's own short fields; foreign keys are read with the rows.
    """

    actions = None
    show_full_result_count = False
    list_per_page = 50

    def get_list_display(self, request: HttpRequest) -> Any:
        declared = list(self.list_display)
        return declared if declared != ["__str__"] else ["__str__", *_short_fields(self.model)]

    def get_list_select_related(self, request: HttpRequest) -> list[str] | bool:
        shown = self.get_list_display(request)
        keys = [f.name for f in self.model._meta.fields if f.is_relation and f.name in shown]
        return keys or bool(self.list_select_related)

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # likewise
    """Lines of a document, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _short_fields(model: type[models.Model]) -> list[str]:
    """Up to six fields that fit a column."""
    long = (models.TextField, models.JSONField)
    return [
        field.name
        for field in model._meta.fields
        if isinstance(field, Field) and not isinstance(field, long) and not field.primary_key
    ][:6]
